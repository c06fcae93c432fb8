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

// Ten values have a bin each, of which the last is for what is above all cuts.
// Of eleven, in 110 applicants, each bin has those from one tenth of them to the
// next: the largest value has none of its own.
func TestTenValuesAndEleven(t *testing.T) {
	of := func(values int64) baseline.Bins {
		var list []int64
		for range 10 {
			for v := range values {
				list = append(list, 5*v)
			}
		}
		return baseline.Learn(oneField, column(list...))[0]
	}
	assert.Equal(t, baseline.Bins{
		Cuts: []int64{0, 5, 10, 15, 20, 25, 30, 35, 40}, Counts: []int{10, 10, 10, 10, 10, 10, 10, 10, 10, 10},
	}, of(10))
	// Tenths of 110 begin at 11, 22 …, where values are 5, 10 … 45.
	assert.Equal(t, baseline.Bins{
		Cuts: []int64{5, 10, 15, 20, 25, 30, 35, 40, 45}, Counts: []int{20, 10, 10, 10, 10, 10, 10, 10, 10, 10},
	}, of(11))
}

// The last tenth of twenty applicants begins at the largest value but one: that is
// a cut.
func TestTheLargestValueButOneMayBeACut(t *testing.T) {
	var values []int64
	for i := range int64(20) {
		values = append(values, i)
	}
	b := baseline.Learn(oneField, column(values...))[0]
	assert.Equal(t, []int64{2, 4, 6, 8, 10, 12, 14, 16, 18}, b.Cuts)
	assert.Equal(t, []int{3, 2, 2, 2, 2, 2, 2, 2, 2, 1}, b.Counts)
}

// The largest value is most applicants' and no cut: no bin would be left above.
func TestTheLargestValueIsNoCut(t *testing.T) {
	values := make([]int64, 0, 100)
	for i := range int64(20) {
		values = append(values, i)
	}
	for len(values) < 100 {
		values = append(values, 20)
	}
	b := baseline.Learn(oneField, column(values...))[0]
	assert.Equal(t, []int64{10}, b.Cuts) // 10 of 100 are below it
	assert.Equal(t, []int{11, 89}, b.Counts)
}

func TestFieldsDoNotMix(t *testing.T) {
	two := &schema.Schema{Fields: []schema.Field{{FieldSpec: schema.FieldSpec{Name: "depth"}}, {FieldSpec: schema.FieldSpec{Name: "width"}}}}
	b := baseline.Learn(two, []schema.Record{{1, 7}, {2, schema.Missing}, {2, 7}})
	assert.Equal(t, baseline.Baseline{{Cuts: []int64{1}, Counts: []int{1, 2}}, {Cuts: []int64{}, Counts: []int{2}, Missing: 1}}, b)
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

// Twelve values make nine cuts: those at 12·i/10, rounded down, from 0 on. The
// last two of them have a bin each.
func TestTheSecondLargestValueMayBeACut(t *testing.T) {
	b := baseline.Learn(oneField, column(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11))
	assert.Equal(t, baseline.Baseline{{Cuts: []int64{1, 2, 3, 4, 6, 7, 8, 9, 10}, Counts: []int{2, 1, 1, 1, 2, 1, 1, 1, 1, 1}}}, b)
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

// Nine tenths say 50, and one person says more.
func TestTheLargestValueHasABin(t *testing.T) {
	values := []int64{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 99}
	for range 100 {
		values = append(values, 50)
	}
	b := baseline.Learn(oneField, column(values...))
	assert.Equal(t, baseline.Baseline{{Cuts: []int64{50}, Counts: []int{111, 1}}}, b)
}
