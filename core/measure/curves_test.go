package measure

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"lendleaf/core/dataset"
	"lendleaf/core/metrics"
	"lendleaf/core/quality"
	"lendleaf/core/schema"
)

// six rows, of which those at 0.9, 0.5 and 0.05 had the positive outcome.
func six() *dataset.Scored {
	return &dataset.Scored{
		Rows:          []int{3, 4, 5, 6, 7, 8},
		Probabilities: []float64{0.9, 0.05, 0.5, 0.7, 0.5, 0},
		Positive:      []bool{true, true, true, false, false, false},
	}
}

func curveOf(t *testing.T, s *dataset.Scored) []metrics.Point {
	t.Helper()
	curve, err := metrics.Curve(s.Probabilities, s.Positive)
	require.NoError(t, err)
	return curve
}

func TestThinKeepsAllOfAShortCurve(t *testing.T) {
	third := 0.333333
	assert.Equal(t, []quality.CurvePoint{
		{Precision: 1, Recall: third},
		{Precision: 0.5, Recall: third, FalsePositiveRate: third},
		{Precision: 0.5, Recall: 0.666667, FalsePositiveRate: 0.666667},
		{Precision: 0.6, Recall: 1, FalsePositiveRate: 0.666667},
		{Precision: 0.5, Recall: 1, FalsePositiveRate: 1},
	}, thin(curveOf(t, six())))
}

// 1,000 rows rank one positive before each negative: 1,000 points, of which 250
// steps in each direction can be told apart, the first and the last among them.
func TestThinLeavesOutWhatCannotBeSeen(t *testing.T) {
	s := &dataset.Scored{}
	for i := range 1000 {
		s.Probabilities = append(s.Probabilities, 1-float64(i)/1000)
		s.Positive = append(s.Positive, i%2 == 0)
	}
	kept := thin(curveOf(t, s))
	assert.Len(t, kept, 501)
	assert.Equal(t, quality.CurvePoint{Precision: 1, Recall: 0.002}, kept[0])
	assert.Equal(t, quality.CurvePoint{Precision: 0.5, Recall: 1, FalsePositiveRate: 1}, kept[len(kept)-1])
}

func TestThresholdsCost(t *testing.T) {
	points := thresholds(curveOf(t, six()), 5)
	require.Len(t, points, 99)
	for hundredth, want := range map[int]quality.ThresholdPoint{
		1:  {Threshold: 0.01, Precision: 0.6, Recall: 1, Cost: 0.333333},        // two wrong of six rows
		5:  {Threshold: 0.05, Precision: 0.6, Recall: 1, Cost: 0.333333},        // at least 0.05 is positive
		6:  {Threshold: 0.06, Precision: 0.5, Recall: 0.666667, Cost: 1.166667}, // one missed for 5, and two wrong
		50: {Threshold: 0.50, Precision: 0.5, Recall: 0.666667, Cost: 1.166667},
		51: {Threshold: 0.51, Precision: 0.5, Recall: 0.333333, Cost: 1.833333}, // two missed, one wrong
		90: {Threshold: 0.90, Precision: 1, Recall: 0.333333, Cost: 1.666667},   // two missed
		91: {Threshold: 0.91, Cost: 2.5},                                        // all three
		99: {Threshold: 0.99, Cost: 2.5},
	} {
		assert.Equal(t, want, points[hundredth-1])
	}
}

func TestBinsAreTwentieths(t *testing.T) {
	s := six()
	s.Probabilities[0] = 1 // belongs to the last bin
	got := bins(s)
	require.Len(t, got, 20)
	want := make([]quality.Bin, 20)
	for i := range want {
		want[i].From = float64(i) / 20
	}
	want[0].Negatives, want[1].Positives, want[14].Negatives, want[19].Positives = 1, 1, 1, 1
	want[10].Positives, want[10].Negatives = 1, 1
	assert.Equal(t, want, got)
}

func TestRatesAreOfTenths(t *testing.T) {
	s := &dataset.Scored{}
	for i := range 25 { // from the highest probability to the lowest
		s.Probabilities = append(s.Probabilities, float64(25-i)/25)
		s.Positive = append(s.Positive, i < 4)
	}
	got := rates(s)
	require.Len(t, got, 10)
	// Tenths of 25 rows have 2 and 3 in turn.
	assert.Equal(t, quality.Rate{Probability: 0.06, Rate: 0, Rows: 2}, got[0])
	assert.Equal(t, quality.Rate{Probability: 0.16, Rate: 0, Rows: 3}, got[1])
	// The last two tenths are the rows at 0.84 and 0.88, and 0.92 to 1.
	assert.Equal(t, quality.Rate{Probability: 0.86, Rate: 0.5, Rows: 2}, got[8])
	assert.Equal(t, quality.Rate{Probability: 0.96, Rate: 1, Rows: 3}, got[9])

	few := rates(&dataset.Scored{Probabilities: []float64{0.5, 0.25, 0.75}, Positive: []bool{false, true, false}})
	assert.Equal(t, []quality.Rate{{Probability: 0.25, Rate: 1, Rows: 1}, {Probability: 0.5, Rows: 1}, {Probability: 0.75, Rows: 1}}, few)
}

// What is dealt out is the same values of one field, in another order; nothing
// else changes, and nothing in the records themselves.
func TestDealtChangesOneFieldsOrder(t *testing.T) {
	var records []schema.Record
	for i := range int64(50) {
		records = append(records, schema.Record{i, 100 + i, 200 + i})
	}
	copies := dealt(records, 1, draws(7, 1, 0))
	var values []int64
	moved := 0
	for i, c := range copies {
		assert.Equal(t, schema.Record{int64(i), c[1], 200 + int64(i)}, c)
		assert.Equal(t, schema.Record{int64(i), 100 + int64(i), 200 + int64(i)}, records[i])
		values = append(values, c[1])
		if c[1] != 100+int64(i) {
			moved++
		}
	}
	assert.Greater(t, moved, 40)
	for i := range int64(50) {
		assert.Contains(t, values, 100+i)
	}
	assert.NotEqual(t, copies, dealt(records, 1, draws(8, 1, 0)), "the seed matters")
	assert.NotEqual(t, copies, dealt(records, 1, draws(7, 1, 1)), "no time is like another")
}

// Whoever measures the same model again finds the same importance: for each field
// there are five sequences of draws, and no two share one.
func TestDrawsAreFixed(t *testing.T) {
	for _, c := range []struct {
		field, time int
		sequence    uint64
	}{{0, 0, 0}, {0, 4, 4}, {1, 0, 5}, {3, 2, 17}} {
		assert.Equal(t, rand.New(rand.NewPCG(7, c.sequence)).Perm(20), draws(7, c.field, c.time).Perm(20))
	}
	assert.Equal(t, 5, dealings)
}
