package docs

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"lendleaf/core/schema"
)

func TestWhatFieldsTake(t *testing.T) {
	low, high := 2.5, 70.0
	number := func(min, max *float64, optional bool) schema.FieldSpec {
		return schema.FieldSpec{Kind: schema.Number, Min: min, Max: max, Optional: optional}
	}
	labels := make([]schema.Label, 3)
	for want, f := range map[string]schema.FieldSpec{
		"number from 2.5 to 70": number(&low, &high, false),
		"number from 2.5":       number(&low, nil, false),
		"number up to 70":       number(nil, &high, false),
		"number":                number(nil, nil, false),
		"number from 2.5 to 70, or null, or left out": number(&low, &high, true),
		"one of 3 labels":                       {Kind: schema.Choice, Labels: labels},
		"one of 3 labels, or null, or left out": {Kind: schema.Choice, Labels: labels, Optional: true},
	} {
		assert.Equal(t, want, takes(schema.Field{FieldSpec: f}))
	}
}
