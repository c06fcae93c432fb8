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

// Each kind of control says what it wants. Whoever searches a long list finds it
// in the order of what is read.
func TestControls(t *testing.T) {
	labels := []schema.Label{{Name: "b", Text: "Berlin"}, {Name: "z", Text: "Aachen"}, {Name: "a", Text: "Zwickau"}}
	for _, c := range []struct {
		field schema.FieldSpec
		input schema.Input
		hint  string
		order string
	}{
		{schema.FieldSpec{Kind: schema.Choice, Labels: labels}, schema.SearchInput, "Type to search 3 entries", "zba"},
		{schema.FieldSpec{Kind: schema.Choice, Labels: labels, Optional: true}, schema.SearchInput, "Type to search 3 entries", "zba"},
		{schema.FieldSpec{Kind: schema.Choice, Labels: labels}, schema.SelectInput, "Select one", "bza"},
		{schema.FieldSpec{Kind: schema.Choice, Labels: labels, Optional: true}, schema.SelectInput, "May be left open", "bza"},
		{schema.FieldSpec{Kind: schema.Number, Optional: true}, schema.NumberInput, "", ""},
	} {
		made := newControl(&schema.Field{FieldSpec: c.field}, c.input)
		assert.Equal(t, c.hint, made.Hint)
		order := ""
		for _, l := range made.Labels {
			order += l.Name
		}
		assert.Equal(t, c.order, order)
		assert.Equal(t, c.input, made.Input)
	}
	assert.Equal(t, "b", labels[0].Name, "the model's own list stays as it is")
}
