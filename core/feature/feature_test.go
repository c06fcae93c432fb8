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
	s := &schema.Schema{
		Fields: []schema.Field{
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
	}
	require.NoError(t, s.Check())
	return s
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
	set, err := feature.Compile(machines(t), specs(), learned())
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

func TestSetTellsHowFeaturesAreMade(t *testing.T) {
	set, err := feature.Compile(machines(t), specs(), learned())
	require.NoError(t, err)
	assert.Nil(t, set.Table(0))
	assert.Equal(t, []int64{0, 1, 0, 0}, set.Table(1))
	assert.Equal(t, []int64{0, 2, 0, 2}, set.Table(2))
	assert.Equal(t, []int64{2, 1, 2, 0}, set.Table(3))
	assert.Equal(t, 2, set.Field(5))
	assert.EqualValues(t, int64(schema.Missing), set.Typical(0))
	assert.EqualValues(t, 1, set.Typical(2))
	assert.EqualValues(t, 55, set.Typical(3))
}

func TestCompileRefuses(t *testing.T) {
	type inputs struct {
		specs   []feature.Spec
		learned feature.Learned
	}
	for name, spoil := range map[string]func(in *inputs){
		"no feature":          func(in *inputs) { in.specs = nil },
		"a name twice":        func(in *inputs) { in.specs[1].Name = "hours" },
		"unknown field":       func(in *inputs) { in.specs[0].Field = "colour" },
		"unknown kind":        func(in *inputs) { in.specs[3].Kind = "mean" },
		"a number's unknown":  func(in *inputs) { in.specs[0].Kind = "mean" },
		"plain of a choice":   func(in *inputs) { in.specs[3].Kind = feature.Plain },
		"rate of a number":    func(in *inputs) { in.specs[0].Kind = feature.Rate },
		"plain with label":    func(in *inputs) { in.specs[0].Label = "north" },
		"rate with classes":   func(in *inputs) { in.specs[3].Classes = []feature.LabelClass{} },
		"indicator, no label": func(in *inputs) { in.specs[1].Label = "" },
		"unknown label":       func(in *inputs) { in.specs[1].Label = "South" },
		"class, no classes":   func(in *inputs) { in.specs[2].Classes = nil },
		"class of no label":   func(in *inputs) { in.specs[2].Classes[0].Labels[0] = "up" },
		"class of two":        func(in *inputs) { in.specs[2].Classes[0].Labels[0] = "south" },
		"label in no class":   func(in *inputs) { in.specs[2].Classes[0].Labels = []string{"north"} },
		"no rates":            func(in *inputs) { delete(in.learned.Rates, "site") },
		"too few rates":       func(in *inputs) { in.learned.Rates["site"] = []float64{0.5, 0.5, 0.5} },
		"rate above 1":        func(in *inputs) { in.learned.Rates["site"][3] = 1.5 },
		"rate below 0":        func(in *inputs) { in.learned.Rates["site"][0] = -0.5 },
		"rate NaN":            func(in *inputs) { in.learned.Rates["site"][2] = math.NaN() },
		"nothing typical":     func(in *inputs) { delete(in.learned.Typical, "oil") },
		"typical if required": func(in *inputs) { in.learned.Typical["hours"] = 3 },
		"typical no label":    func(in *inputs) { in.learned.Typical["oil"] = 2 },
		"typical negative":    func(in *inputs) { in.learned.Typical["oil"] = -1 },
		"typical missing":     func(in *inputs) { in.learned.Typical["load"] = schema.Missing },
	} {
		in := inputs{specs(), learned()}
		spoil(&in)
		_, err := feature.Compile(machines(t), in.specs, in.learned)
		assert.ErrorIs(t, err, feature.ErrFeature, name)
	}
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
	}, feature.Learn(machines(t), specs(), records, positive))
}

func TestLearnPrefersTheFirstOfEquallyFrequentLabels(t *testing.T) {
	records := []schema.Record{{0, 0, 1, 0}, {0, 0, 0, 0}}
	assert.EqualValues(t, 0, feature.Learn(machines(t), specs(), records, make([]bool, 2)).Typical["oil"])
}

func TestLearnOfNothing(t *testing.T) {
	s := machines(t)
	learned := feature.Learn(s, specs(), nil, nil)
	assert.Equal(t, map[string]int64{"oil": 0, "load": 0}, learned.Typical)
	_, err := feature.Compile(s, specs(), learned)
	assert.NoError(t, err)
}

func BenchmarkVector(b *testing.B) {
	set, err := feature.Compile(machines(b), specs(), learned())
	require.NoError(b, err)
	v, r := make(feature.Vector, set.Len()), schema.Record{12, 0, schema.Missing, 70}
	b.ReportAllocs()
	for b.Loop() {
		set.Vector(v, r)
	}
}
