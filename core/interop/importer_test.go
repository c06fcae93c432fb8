package interop_test

import (
	"bytes"
	"encoding/csv"
	"os"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"lendleaf/core"
	"lendleaf/core/definition"
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
