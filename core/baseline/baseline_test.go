package baseline_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"lendleaf/core/baseline"
	"lendleaf/core/schema"
)

func column(values ...int64) []schema.Record {
	var records []schema.Record
	for _, v := range values {
		records = append(records, schema.Record{v})
	}
	return records
}

var oneField = &schema.Schema{Fields: []schema.Field{{FieldSpec: schema.FieldSpec{Name: "depth", Kind: schema.Number}}}}

func TestFewValuesHaveABinEach(t *testing.T) {
	b := baseline.Learn(oneField, column(4, 2, 2, 9, schema.Missing, 4, 4))
	assert.Equal(t, baseline.Baseline{{Cuts: []int64{2, 4}, Counts: []int{2, 3, 1}, Missing: 1}}, b)
	require.NoError(t, b.Check(oneField))
	for v, bin := range map[int64]int{-5: 0, 2: 0, 3: 1, 4: 1, 5: 2, 1 << 60: 2, schema.Missing: 3} {
		assert.Equal(t, bin, b[0].Of(v), v)
	}
	assert.Equal(t, []int{2, 3, 1, 1}, b[0].AppendCounts(nil))
	assert.Equal(t, 4, b[0].Len())
}

func TestManyValuesShareTenBins(t *testing.T) {
	var values []int64
	for i := range int64(1000) {
		values = append(values, i*i)
	}
	b := baseline.Learn(oneField, column(values...))
	require.NoError(t, b.Check(oneField))
	require.Len(t, b[0].Counts, 10)
	for _, n := range b[0].Counts {
		assert.InDelta(t, 100, n, 1)
	}
}

// Most applicants have one value, and more than ten others exist.
func TestAFrequentValueIsOneBin(t *testing.T) {
	values := make([]int64, 900)
	for i := range int64(100) {
		values = append(values, i)
	}
	b := baseline.Learn(oneField, column(values...))
	require.NoError(t, b.Check(oneField))
	assert.Equal(t, []int64{0}, b[0].Cuts)
	assert.Equal(t, []int{901, 99}, b[0].Counts)
}

func TestNobodyIsABaselineToo(t *testing.T) {
	b := baseline.Learn(oneField, nil)
	require.NoError(t, b.Check(oneField))
	assert.Equal(t, baseline.Baseline{{Cuts: []int64{}, Counts: []int{0}}}, b)
}

func TestCheckRefusesWhatCannotBe(t *testing.T) {
	for _, b := range []baseline.Baseline{
		{},
		{{Cuts: nil, Counts: []int{1}}},
		{{Cuts: []int64{1}, Counts: []int{1}}},
		{{Cuts: []int64{1, 1}, Counts: []int{1, 1, 1}}},
		{{Cuts: []int64{1}, Counts: []int{1, -1}}},
		{{Cuts: []int64{}, Counts: []int{1}, Missing: -1}},
		{{Cuts: []int64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, Counts: make([]int, 11)}},
	} {
		require.ErrorIs(t, b.Check(oneField), baseline.ErrBaseline)
	}
}
