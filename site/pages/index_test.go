package pages

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"lendleaf/core/schema"
)

// People read grouped digits, browsers plain ones.
func TestBoundsAreGroupedInHintsOnly(t *testing.T) {
	low, high := 10310.5, 9_999_938.0
	for _, c := range []struct {
		min, max *float64
		hint     string
	}{{&low, &high, "10,310.5 to 9,999,938"}, {&low, nil, "10,310.5 or more"}, {nil, &high, "9,999,938 or less"}, {nil, nil, ""}} {
		assert.Equal(t, c.hint, newControl(&schema.Field{FieldSpec: schema.FieldSpec{Kind: schema.Number, Min: c.min, Max: c.max}}, schema.NumberInput).Hint)
	}
	assert.Equal(t, "9999938", bound(&high))
}
