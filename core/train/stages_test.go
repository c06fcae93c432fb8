package train

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"lendleaf/core/calibration"
	"lendleaf/core/dataset"
	"lendleaf/core/schema"
)

// Two rows are equal but for their outcomes; the other one is negative. As there
// are two negatives to a positive, that weighs as much as both.
func TestEqualRowsOfBothOutcomesGrowALeaf(t *testing.T) {
	rows := newTable([]int64{0, 0, 1}, 1, []bool{false, true, false})
	g := newGrower(rows, Options{Features: 1, MinLeaf: 1})
	g.draws, g.drawn = treeDraws(1, 0), [][2]uint32{{1, 1}, {1, 0}}
	nodes := g.growDrawn(t.Context())
	require.Len(t, nodes, 3)
	assert.Equal(t, 0.5, nodes[0].value, "2 of 2 + 2")
	assert.Equal(t, int64(0), nodes[0].cut)
	assert.Equal(t, 2.0/3, nodes[nodes[0].left].value, "2 of 1 + 2")
	assert.Zero(t, nodes[nodes[0].right].value)
}

// Persons by their numbers: 0 and 1 are trained on, 2 to 4 are met in the
// validation part, 5 and 6 in the test part alone. Person 0 is in the validation
// part too, 1 and 2 in the test part: their rows count nowhere.
func TestCalibrateByHand(t *testing.T) {
	people := []int{0, 1, 0, 2, 2, 3, 4, 1, 2, 5, 6, 6}
	validation := &dataset.Scored{
		Rows:          []int{2, 3, 4, 5, 6},
		Probabilities: []float64{0.9, 0.2, 0.2, 0.4, 0.6},
		Positive:      []bool{true, false, true, false, true},
	}
	test := &dataset.Scored{
		Rows:          []int{7, 8, 9, 10, 11},
		Probabilities: []float64{0.1, 0.2, 0.3, 0.7, 0.6},
		Positive:      []bool{true, true, false, true, false},
	}
	for _, s := range []*dataset.Scored{validation, test} {
		s.Records = make([]schema.Record, len(s.Rows))
	}
	c, err := calibrate([]int{0, 1}, validation, test, people)
	require.NoError(t, err)
	// At 0.2 one of two is positive, at 0.4 none of one: pooled, one of three.
	assert.Equal(t, []calibration.Step{{From: 0.2, Rows: 3, Positives: 1}, {From: 0.6, Rows: 1, Positives: 1}}, c.Steps)
	assert.Equal(t, 3, c.Rows, "persons 5 and 6")
	// Their rates are 1/3, 1 and 1, their outcomes 0, 1 and 0.
	assert.InDelta(t, (1.0/9+0+1)/3, c.Brier, 1e-12)
	// Half of those counted are positive: each outcome is half away from that.
	assert.InDelta(t, 0.25, c.BaseBrier, 1e-12)
	// Squared errors less 1/4 are -5/36, and for the other person -1/4 and 3/4; their
	// mean is 13/108, so both persons deviate by 7/27 from what their rows would give.
	// A normal variable exceeds 1.644854 standard errors in one case of twenty.
	assert.InDelta(t, 1.644854*math.Sqrt(2)*7/27/3, c.Margin, 1e-4)
	require.NoError(t, c.Check())
}

func TestNobodyToCountOrToMeasureOn(t *testing.T) {
	one := &dataset.Scored{Rows: []int{1}, Probabilities: []float64{0.5}, Positive: []bool{true}, Records: make([]schema.Record, 1)}
	other := &dataset.Scored{Rows: []int{2}, Probabilities: []float64{0.5}, Positive: []bool{true}, Records: make([]schema.Record, 1)}
	for name, c := range map[string]struct {
		validation, test *dataset.Scored
		people           []int
	}{
		"all are known":           {one, other, []int{0, 0, 0}},
		"the test part's are":     {one, other, []int{0, 1, 1}},
		"there is no test part":   {one, &dataset.Scored{}, []int{0, 1, 2}},
		"there is none to choose": {&dataset.Scored{}, other, []int{0, 1, 2}},
	} {
		got, err := calibrate([]int{0}, c.validation, c.test, c.people)
		require.NoError(t, err, name)
		assert.Equal(t, &calibration.Calibration{Steps: []calibration.Step{}}, got, name)
	}
}

// Positives have the first, the third and the fifth probability.
func TestThresholdsByHand(t *testing.T) {
	validation := &dataset.Scored{
		Probabilities: []float64{0.9, 0.8, 0.7, 0.6, 0.3, 0.1},
		Positive:      []bool{true, false, true, false, true, false},
	}
	for choice, want := range map[Threshold]float64{
		Given(0.123):       0.123,
		RecallAtLeast(0.1): 0.90, // one of three positives
		RecallAtLeast(0.5): 0.70, // two
		RecallAtLeast(1):   0.30, // all
		BestF1:             0.11, // from 0.3 on 3 of 5 predictions are right and all positives found: F1 is 0.75
		{}:                 0.11,
	} {
		got, err := choice.on(validation)
		require.NoError(t, err)
		assert.Equal(t, want, got, "%v", choice)
	}
}
