package interop_test

import (
	"bytes"
	"encoding/csv"
	"math"
	"os"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"lendleaf/core"
	"lendleaf/core/definition"
	"lendleaf/core/feature"
	"lendleaf/core/forest"
	"lendleaf/core/interop"
	"lendleaf/core/modelfile"
	"lendleaf/core/schema"
)

// kilns is testdata/kilns.json, which is about kilns to show that nothing knows
// what the fields are.
func kilns(t testing.TB) *definition.Definition {
	t.Helper()
	d, err := definition.Parse(readFile(t, "testdata/kilns.json"))
	require.NoError(t, err)
	return d
}

// changed is kilns with one field declared otherwise.
func changed(t testing.TB, field string, change func(*schema.FieldSpec)) *definition.Definition {
	t.Helper()
	d := kilns(t)
	spec := d.Spec()
	change(&spec.Fields[d.Index(field)])
	d, err := definition.Compile(spec)
	require.NoError(t, err)
	return d
}

func readFile(t testing.TB, name string) []byte {
	t.Helper()
	file, err := os.ReadFile(name)
	require.NoError(t, err)
	return file
}

func importKilns(t testing.TB) *modelfile.Model {
	t.Helper()
	m, err := interop.Import(bytes.NewReader(readFile(t, "testdata/kilns.dump")), kilns(t))
	require.NoError(t, err)
	return m
}

// testdata/kilns.csv holds records, and what scikit-learn says of them.
func TestProbabilitiesAreScikitLearns(t *testing.T) {
	content := importKilns(t)
	model := core.New(content)
	assert.Equal(t, 0.4, model.Threshold())
	rows, err := csv.NewReader(bytes.NewReader(readFile(t, "testdata/kilns.csv"))).ReadAll()
	require.NoError(t, err)
	require.Len(t, rows, 400)
	positives := 0
	for i, row := range rows {
		record := make(schema.Record, 4)
		for j := range record {
			record[j], err = strconv.ParseInt(row[j], 10, 64)
			require.NoError(t, err)
		}
		want, err := strconv.ParseFloat(row[4], 64)
		require.NoError(t, err)
		got := model.Score(record)
		assert.InDelta(t, want, got.Probability, 1e-9, "row %d", i)
		assert.Equal(t, want >= 0.4, got.Positive, "row %d", i)
		if got.Positive {
			positives++
		}
	}
	assert.Greater(t, positives, 20)
	assert.Less(t, positives, 380)
}

func TestMissingFieldsTakeTheDumpsValue(t *testing.T) {
	model := core.New(importKilns(t))
	differ := false
	for heat := int64(-2000); heat <= 8000; heat += 50 {
		missing := model.Score(schema.Record{heat, 40000, schema.Missing, 1})
		assert.Equal(t, model.Score(schema.Record{heat, 40000, 1, 1}), missing)
		differ = differ || missing != model.Score(schema.Record{heat, 40000, 2, 1})
	}
	assert.True(t, differ)
}

func TestImportedForestIsSimpleAndKeepsItsFacts(t *testing.T) {
	m := importKilns(t)
	assert.Equal(t, forest.Simplify(m.Forest), m.Forest)
	require.NoError(t, m.Forest.Check())
	assert.Equal(t, modelfile.Parameters{Trees: 9, Depth: 8, Features: 2, MinLeaf: 1, Seed: 3}, m.Training.Parameters)
	assert.Equal(t, "RandomForestClassifier of scikit-learn 1.6.1", m.Training.Source)
	assert.Equal(t, []float64{0.3, 0.1, 0.25, 0.3, 0.5}, m.Learned.Rates["site"])
}

func TestImportedModelIsWritten(t *testing.T) {
	m := importKilns(t)
	file, err := modelfile.Encode(m)
	require.NoError(t, err)
	read, err := modelfile.Decode(file)
	require.NoError(t, err)
	assert.Equal(t, m.Forest, read.Forest)
}

func TestImportLeavesTheDefinitionAlone(t *testing.T) {
	d := kilns(t)
	h := smallHeader()
	delete(h, "typical")
	m, err := interop.Import(bytes.NewReader(pack(t, h, smallTree()...)), d)
	require.NoError(t, err)
	assert.True(t, d.Field("clay").Optional)
	assert.False(t, m.Definition.Field("clay").Optional, "nothing stands in for it")
}

// A mean of 24.5 bricks stands in for missing ones in the pipeline, where no
// record can hold it: rounded, it would score otherwise.
func TestTypicalNumbersAreNotRounded(t *testing.T) {
	for text, want := range map[string]bool{"24": true, "24.0": true, "24.5": false, "": false} {
		d := changed(t, "bricks", func(f *schema.FieldSpec) { f.Optional = true })
		h := smallHeader()
		h["typical"] = object{"clay": "red", "bricks": text}
		m, err := interop.Import(bytes.NewReader(pack(t, h, smallTree()...)), d)
		if text == "" {
			require.ErrorIs(t, err, interop.ErrMismatch)
			continue
		}
		require.NoError(t, err)
		assert.Equal(t, want, m.Definition.Field("bricks").Optional, text)
	}
}

// A pipeline names its fields as the data does.
func TestRatesByTheNameOfAColumn(t *testing.T) {
	d := changed(t, "site", func(f *schema.FieldSpec) { f.Columns = []string{"Site of the kiln"} })
	h := smallHeader()
	h["rates"] = object{"SITE-OF-THE-KILN": h["rates"].(object)["site"]}
	m, err := interop.Import(bytes.NewReader(pack(t, h, smallTree()...)), d)
	require.NoError(t, err)
	assert.Equal(t, []float64{0.5, 0.1, 0.1, 0.2, 1}, m.Learned.Rates["site"])
}

// Here two fields have rates, each its own.
func TestRatesOfTwoFields(t *testing.T) {
	d := kilns(t)
	spec := d.Spec()
	spec.Features = append(spec.Features, feature.Spec{Name: "clay_rate", Field: "clay", Kind: feature.Rate})
	d, err := definition.Compile(spec)
	require.NoError(t, err)
	h := smallHeader()
	h["inputs"] = append(h["inputs"].([]object), object{"feature": "clay_rate"})
	h["rates"].(object)["clay"] = object{"red": 0.3, "blue": 0.2, "white": 0.4}
	m, err := interop.Import(bytes.NewReader(pack(t, h, smallTree()...)), d)
	require.NoError(t, err)
	assert.Equal(t, map[string][]float64{"clay": {0.3, 0.2, 0.4}, "site": {0.5, 0.1, 0.1, 0.2, 1}}, m.Learned.Rates)
}

// Wherever the fields stand: here the first is the one of which there are rates,
// or a typical value.
func TestFieldsStandInAnyOrder(t *testing.T) {
	for _, first := range []string{"site", "clay"} {
		d := kilns(t)
		spec := d.Spec()
		at := d.Index(first)
		spec.Fields[0], spec.Fields[at] = spec.Fields[at], spec.Fields[0]
		d, err := definition.Compile(spec)
		require.NoError(t, err)
		m, err := interop.Import(bytes.NewReader(pack(t, smallHeader(), smallTree()...)), d)
		require.NoError(t, err, first)
		assert.Equal(t, []float64{0.5, 0.1, 0.1, 0.2, 1}, m.Learned.Rates["site"])
		assert.Equal(t, map[string]int64{"clay": 0}, m.Learned.Typical)
	}
}

func TestRatesOfZero(t *testing.T) {
	h := smallHeader()
	h["rates"].(object)["site"].(object)["east"] = 0
	m, err := interop.Import(bytes.NewReader(pack(t, h, smallTree()...)), kilns(t))
	require.NoError(t, err)
	assert.Zero(t, m.Learned.Rates["site"][1])
}

// The one of all inputs, fields or labels that is wrong is named.
func TestFaultsNameWhatIsWrong(t *testing.T) {
	input := func(h object, i int) object { return h["inputs"].([]object)[i] }
	rates := func(h object) object { return h["rates"].(object) }
	for named, change := range map[string]func(h object){
		`no feature "cold"`:                          func(h object) { input(h, 0)["feature"] = "cold" },
		`no feature for the label "green" of "clay"`: func(h object) { input(h, 2)["label"] = "green" },
		`"east"`:   func(h object) { delete(rates(h)["site"].(object), "east") },
		`"moon"`:   func(h object) { rates(h)["site"].(object)["moon"] = 0.1 },
		`"planet"`: func(h object) { rates(h)["planet"] = object{"red": 0.1} },
	} {
		h := smallHeader()
		change(h)
		_, err := interop.Import(bytes.NewReader(pack(t, h, smallTree()...)), kilns(t))
		require.ErrorIs(t, err, interop.ErrMismatch)
		assert.ErrorContains(t, err, named)
	}
}

// The number is a name: clay "7" is the fourth label.
func TestATypicalLabelMayBeANumber(t *testing.T) {
	d := changed(t, "clay", func(f *schema.FieldSpec) { f.Labels = append(f.Labels, schema.Label{Name: "7", Text: "Seven"}) })
	h := smallHeader()
	h["typical"] = object{"clay": "7"}
	for _, i := range []int{2, 3} {
		delete(h["inputs"].([]object)[i], "categories")
	}
	m, err := interop.Import(bytes.NewReader(pack(t, h, smallTree()...)), d)
	require.NoError(t, err)
	assert.Equal(t, map[string]int64{"clay": 3}, m.Learned.Typical)
}

// What nobody needs, as the field is required, does not make it optional.
func TestATypicalValueOfARequiredField(t *testing.T) {
	h := smallHeader()
	h["typical"] = object{"clay": "red", "bricks": "24"}
	m, err := interop.Import(bytes.NewReader(pack(t, h, smallTree()...)), kilns(t))
	require.NoError(t, err)
	assert.False(t, m.Definition.Field("bricks").Optional)
	assert.Equal(t, map[string]int64{"clay": 0}, m.Learned.Typical)
}

// Fewer than no bricks stand in for nothing.
func TestTypicalNumbersAreInTheRange(t *testing.T) {
	d := changed(t, "bricks", func(f *schema.FieldSpec) { f.Optional = true })
	h := smallHeader()
	h["typical"] = object{"clay": "red", "bricks": "-3"}
	_, err := interop.Import(bytes.NewReader(pack(t, h, smallTree()...)), d)
	assert.ErrorIs(t, err, interop.ErrMismatch)
}

// The second input, bricks, is not scaled: 10 bricks are on the left of 10, as a
// number equal to a threshold is, and 11 are on its right.
func TestEqualGoesLeft(t *testing.T) {
	m, err := interop.Import(bytes.NewReader(pack(t, smallHeader(), dumpNode{Left: 1, Right: 2, Feature: 1, Threshold: 10}, leaf(0.25), leaf(1))), kilns(t))
	require.NoError(t, err)
	assert.Equal(t, []int64{10}, m.Forest.Cuts[1])
	model := core.New(m)
	assert.Equal(t, 0.25, model.Score(schema.Record{0, 10, 0, 0}).Probability)
	assert.Equal(t, 1.0, model.Score(schema.Record{0, 11, 0, 0}).Probability)
}

// Heat goes from -20 to 80, which are (-20-20)/10 = -4 and (80-20)/10 = 6 before
// the forest. A split that all of them pass on one side is left out.
func TestSplitsThatDivideNothingAreLeftOut(t *testing.T) {
	for threshold, want := range map[float64][]float64{
		math.Inf(-1): {1}, -4.001: {1}, -4: {0.25, 1}, 5.999: {0.25, 1}, 6: {0.25}, 1e300: {0.25},
	} {
		tree := smallTree()
		tree[0].Threshold = threshold
		m, err := interop.Import(bytes.NewReader(pack(t, smallHeader(), tree...)), kilns(t))
		require.NoError(t, err)
		assert.Equal(t, want, m.Forest.Values, "%v", threshold)
		assert.Len(t, m.Forest.Trees[0], 2*len(want)-1, "%v", threshold)
	}
}
