package feature_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"lendleaf/core/feature"
	"lendleaf/core/schema"
)

// machines has a number, a required choice and an optional field of each kind.
func machines(t testing.TB) *schema.Schema {
	t.Helper()
	s, err := schema.Compile(schema.Spec{
		Fields: []schema.FieldSpec{
			{Name: "hours", Text: "Hours", Noun: "hours", Kind: schema.Number, Step: 1},
			{Name: "site", Text: "Site", Noun: "site", Kind: schema.Choice, Labels: []schema.Label{
				{Name: "north", Text: "North"}, {Name: "south", Text: "South"}, {Name: "east", Text: "East"}, {Name: "west", Text: "West"},
			}},
			{Name: "oil", Text: "Oil", Noun: "oil", Kind: schema.Choice, Optional: true, Labels: []schema.Label{
				{Name: "thin", Text: "Thin"}, {Name: "thick", Text: "Thick"},
			}},
			{Name: "load", Text: "Load", Noun: "load", Kind: schema.Number, Optional: true, Step: 0.01},
		},
		Form: []schema.Control{
			{Field: "hours", Input: schema.NumberInput}, {Field: "site", Input: schema.SelectInput},
			{Field: "oil", Input: schema.SelectInput}, {Field: "load", Input: schema.NumberInput},
		},
		Target: schema.Target{
			Columns:  []string{"failed"},
			Positive: schema.Outcome{Name: "Fails", Spellings: []string{"1"}},
			Negative: schema.Outcome{Name: "Holds", Spellings: []string{"0"}},
		},
	})
	require.NoError(t, err)
	return s
}

func plan(t testing.TB) *feature.Plan {
	t.Helper()
	p, err := feature.Compile(machines(t), specs())
	require.NoError(t, err)
	return p
}

func specs() []feature.Spec {
	return []feature.Spec{
		{Name: "hours", Field: "hours", Kind: feature.Plain},
		{Name: "in_the_south", Field: "site", Kind: feature.Indicator, Label: "south"},
		{Name: "coast", Field: "site", Kind: feature.Class, Classes: []feature.LabelClass{
			{Name: "far", Labels: []string{"east", "north"}}, {Name: "none", Labels: nil}, {Name: "near", Labels: []string{"west", "south"}},
		}},
		{Name: "site_rate", Field: "site", Kind: feature.Rate},
		{Name: "thick", Field: "oil", Kind: feature.Indicator, Label: "thick"},
		{Name: "oil_rate", Field: "oil", Kind: feature.Rate},
		{Name: "load", Field: "load", Kind: feature.Plain},
	}
}

func learned() feature.Learned {
	return feature.Learned{
		Typical: map[string]int64{"oil": 1, "load": 55},
		Rates:   map[string][]float64{"site": {0.5, 0.25, 0.5, 0.125}, "oil": {1, 0}},
	}
}

func TestVector(t *testing.T) {
	const open = schema.Missing
	set, err := plan(t).Set(learned())
	require.NoError(t, err)
	require.Equal(t, 7, set.Len())
	v := make(feature.Vector, set.Len())
	for _, c := range []struct {
		record schema.Record
		want   feature.Vector
	}{
		{schema.Record{12, 0, 0, 70}, feature.Vector{12, 0, 0, 2, 0, 1, 70}},
		{schema.Record{1 << 53, 1, 1, -70}, feature.Vector{1 << 53, 1, 2, 1, 1, 0, -70}},
		{schema.Record{-3, 2, open, 0}, feature.Vector{-3, 0, 0, 2, 1, 0, 0}},
		{schema.Record{0, 3, 0, open}, feature.Vector{0, 0, 2, 0, 0, 1, 55}},
	} {
		set.Vector(v, c.record)
		assert.Equal(t, c.want, v, "%v", c.record)
	}
	r := schema.Record{12, 0, open, open}
	assert.Zero(t, testing.AllocsPerRun(100, func() { set.Vector(v, r) }))
}

// A rate feature is the place of a label's rate among the different ones, which
// equal rates share: 0, 0.25 (twice), 1.
func TestEqualRatesShareARank(t *testing.T) {
	l := learned()
	l.Rates["site"] = []float64{0.25, 1, 0, 0.25}
	set, err := plan(t).Set(l)
	require.NoError(t, err)
	assert.Equal(t, []int64{1, 2, 0, 1}, set.Table(3))
}

func TestSetTellsHowFeaturesAreMade(t *testing.T) {
	set, err := plan(t).Set(learned())
	require.NoError(t, err)
	assert.Nil(t, set.Table(0))
	assert.Equal(t, []int64{0, 1, 0, 0}, set.Table(1))
	assert.Equal(t, []int64{0, 2, 0, 2}, set.Table(2))
	assert.Equal(t, []int64{2, 1, 2, 0}, set.Table(3))
	assert.Equal(t, 2, set.Field(5))
	assert.EqualValues(t, int64(schema.Missing), set.Typical(0))
	assert.EqualValues(t, 1, set.Typical(2))
	assert.EqualValues(t, 55, set.Typical(3))

	first := []feature.Spec{{Name: "in_the_north", Field: "site", Kind: feature.Indicator, Label: "north"}}
	p, err := feature.Compile(machines(t), first)
	require.NoError(t, err)
	set, err = p.Set(feature.Learned{Typical: learned().Typical})
	require.NoError(t, err)
	assert.Equal(t, []int64{1, 0, 0, 0}, set.Table(0))
}

func TestCompileRefuses(t *testing.T) {
	for name, spoil := range map[string]func(specs []feature.Spec) []feature.Spec{
		"no feature":          func(s []feature.Spec) []feature.Spec { return nil },
		"a name twice":        func(s []feature.Spec) []feature.Spec { s[1].Name = "hours"; return s },
		"unknown field":       func(s []feature.Spec) []feature.Spec { s[0].Field = "colour"; return s },
		"unknown kind":        func(s []feature.Spec) []feature.Spec { s[3].Kind = "mean"; return s },
		"a number's unknown":  func(s []feature.Spec) []feature.Spec { s[0].Kind = "mean"; return s },
		"plain of a choice":   func(s []feature.Spec) []feature.Spec { s[3].Kind = feature.Plain; return s },
		"rate of a number":    func(s []feature.Spec) []feature.Spec { s[0].Kind = feature.Rate; return s },
		"plain with label":    func(s []feature.Spec) []feature.Spec { s[0].Label = "north"; return s },
		"rate with classes":   func(s []feature.Spec) []feature.Spec { s[3].Classes = []feature.LabelClass{}; return s },
		"indicator, no label": func(s []feature.Spec) []feature.Spec { s[1].Label = ""; return s },
		"unknown label":       func(s []feature.Spec) []feature.Spec { s[1].Label = "South"; return s },
		"class, no classes":   func(s []feature.Spec) []feature.Spec { s[2].Classes = nil; return s },
		"class of no label":   func(s []feature.Spec) []feature.Spec { s[2].Classes[0].Labels[0] = "up"; return s },
		"class of two": func(s []feature.Spec) []feature.Spec {
			s[2].Classes[0].Labels = append(s[2].Classes[0].Labels, "south")
			return s
		},
		"label in no class": func(s []feature.Spec) []feature.Spec { s[2].Classes[0].Labels = []string{"north"}; return s },
		"first in no class": func(s []feature.Spec) []feature.Spec { s[2].Classes[0].Labels = []string{"east"}; return s },
	} {
		p, err := feature.Compile(machines(t), spoil(specs()))
		assert.ErrorIs(t, err, feature.ErrFeature, name)
		assert.Nil(t, p, name)
	}
}

func TestSetRefuses(t *testing.T) {
	for name, spoil := range map[string]func(l feature.Learned){
		"no rates":            func(l feature.Learned) { delete(l.Rates, "site") },
		"too few rates":       func(l feature.Learned) { l.Rates["site"] = []float64{0.5, 0.5, 0.5} },
		"rate above 1":        func(l feature.Learned) { l.Rates["site"][3] = 1.5 },
		"rate below 0":        func(l feature.Learned) { l.Rates["site"][0] = -0.5 },
		"rate NaN":            func(l feature.Learned) { l.Rates["site"][2] = math.NaN() },
		"nothing typical":     func(l feature.Learned) { delete(l.Typical, "oil") },
		"typical if required": func(l feature.Learned) { l.Typical["hours"] = 3 },
		"typical no label":    func(l feature.Learned) { l.Typical["oil"] = 2 },
		"typical negative":    func(l feature.Learned) { l.Typical["oil"] = -1 },
		"typical missing":     func(l feature.Learned) { l.Typical["load"] = schema.Missing },
	} {
		l := learned()
		spoil(l)
		set, err := plan(t).Set(l)
		assert.ErrorIs(t, err, feature.ErrFeature, name)
		assert.Nil(t, set, name)
	}
}

// Specs may change after they were compiled, and so may the copy that a plan
// gives back: the plan stays as it is.
func TestPlansDoNotChange(t *testing.T) {
	from := specs()
	p, err := feature.Compile(machines(t), from)
	require.NoError(t, err)
	assert.Equal(t, specs(), p.Specs())
	for _, of := range [][]feature.Spec{from, p.Specs()} {
		of[0].Name, of[2].Classes[0].Name, of[2].Classes[0].Labels[0] = "x", "x", "x"
		assert.Equal(t, specs(), p.Specs())
	}
	assert.Equal(t, 7, p.Len())
}

func TestLearn(t *testing.T) {
	const open = schema.Missing
	records := []schema.Record{
		{1, 0, 1, 30}, {2, 0, open, 10}, {3, 1, 0, open}, {4, 0, 0, 20}, {5, 1, 1, 40}, {6, 0, 0, open},
	}
	positive := []bool{true, false, true, true, true, false}
	assert.Equal(t, feature.Learned{
		Typical: map[string]int64{"oil": 0, "load": 20}, // the lower of the two in the middle
		Rates:   map[string][]float64{"site": {0.5, 1, 4.0 / 6, 4.0 / 6}, "oil": {2.0 / 4, 1}},
	}, plan(t).Learn(records, positive))
}

// A missing label counts as the typical one, which is thick here: of the two
// thin ones half were positive, of the three thick and two missing ones three.
func TestLearnCountsMissingLabelsAsTypical(t *testing.T) {
	const open, thin, thick = schema.Missing, 0, 1
	records := []schema.Record{
		{0, 0, thin, 0}, {0, 0, thin, 0}, {0, 0, thick, 0}, {0, 0, thick, 0}, {0, 0, thick, 0}, {0, 0, open, 0}, {0, 0, open, 0},
	}
	got := plan(t).Learn(records, []bool{true, false, true, false, false, true, true})
	assert.EqualValues(t, thick, got.Typical["oil"])
	assert.Equal(t, []float64{1. / 2, 3. / 5}, got.Rates["oil"])
}

func TestLearnPrefersTheFirstOfEquallyFrequentLabels(t *testing.T) {
	records := []schema.Record{{0, 0, 1, 0}, {0, 0, 0, 0}}
	assert.EqualValues(t, 0, plan(t).Learn(records, make([]bool, 2)).Typical["oil"])
}

// Of 1, 2, 3, 4, 5 the median is 3. Of the labels 0, 0, 1, 2, 2, 2 the most
// frequent is 2, and the lower median would be 1.
func TestTypicalIsAMedianNumberOrTheMostFrequentLabel(t *testing.T) {
	spec := machines(t).Spec()
	spec.Fields[2].Labels = append(spec.Fields[2].Labels, schema.Label{Name: "old", Text: "Old"})
	s, err := schema.Compile(spec)
	require.NoError(t, err)
	p, err := feature.Compile(s, specs())
	require.NoError(t, err)
	records := []schema.Record{{0, 0, 2, 5}, {0, 0, 0, 4}, {0, 0, 2, 3}, {0, 0, 1, 2}, {0, 0, 0, 1}, {0, 0, 2, schema.Missing}}
	learned := p.Learn(records, []bool{false, false, false, true, false, false})
	assert.Equal(t, map[string]int64{"oil": 2, "load": 3}, learned.Typical)
	assert.Equal(t, []float64{0, 1, 0}, learned.Rates["oil"], "one record is enough for a rate")
}

func TestLearnOfNothing(t *testing.T) {
	p := plan(t)
	learned := p.Learn(nil, nil)
	assert.Equal(t, map[string]int64{"oil": 0, "load": 0}, learned.Typical)
	_, err := p.Set(learned)
	assert.NoError(t, err)
}

func BenchmarkVector(b *testing.B) {
	set, err := plan(b).Set(learned())
	require.NoError(b, err)
	v, r := make(feature.Vector, set.Len()), schema.Record{12, 0, schema.Missing, 70}
	b.ReportAllocs()
	for b.Loop() {
		set.Vector(v, r)
	}
}
