package train_test

import (
	"context"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"lendleaf/core/calibration"
	"lendleaf/core/dataset"
	"lendleaf/core/definition"
	"lendleaf/core/modelfile"
	"lendleaf/core/schema"
	"lendleaf/core/train"
)

// wells is a made-up definition of one number.
const wells = `{"name": "wells", "fields": [{"name": "depth", "text": "Depth", "noun": "depth", "kind": "number", "step": 1}],
	"form": [{"field": "depth", "input": "number"}],
	"target": {"columns": ["dry"], "positive": {"name": "Dry", "spellings": ["1"]}, "negative": {"name": "Wet", "spellings": ["0"]}},
	"features": [{"name": "depth", "field": "depth", "kind": "plain"}]}`

// calibrated trains on wells of n depths, each seen so many times, whose chance
// of being dry rises with the depth or does not.
func calibrated(t *testing.T, n, times int, rising bool, seed uint64) (*calibration.Calibration, int) {
	t.Helper()
	d, err := definition.Parse([]byte(wells))
	require.NoError(t, err)
	r := rand.New(rand.NewPCG(7, seed))
	data := &dataset.Data{}
	for depth := range n {
		chance := 0.5
		if rising {
			chance = float64(depth) / float64(n)
		}
		for range times {
			data.Records = append(data.Records, schema.Record{int64(depth)})
			data.Positive = append(data.Positive, r.Float64() < chance)
		}
	}
	m, err := train.Model(context.Background(), d, data, train.Plan{
		Options:   train.Options{Trees: 10, Features: 1, MinLeaf: 20, Jobs: 1},
		Split:     modelfile.SplitReference,
		Threshold: train.Given(0.5),
	})
	require.NoError(t, err)
	require.NotNil(t, m.Calibration)
	require.NotNil(t, m.Novelty)
	counted := 0
	for _, s := range m.Calibration.Steps {
		counted += s.Rows
	}
	return m.Calibration, counted
}

func TestCalibrationHoldsWhereThereIsSomethingToKnow(t *testing.T) {
	c, counted := calibrated(t, 4000, 1, true, 7)
	assert.Equal(t, 400, counted, "the validation part")
	assert.Equal(t, 400, c.Rows, "the test part")
	assert.True(t, c.Holds(), "%v is not below %v", c.Brier, c.BaseBrier)
	assert.Greater(t, c.Rate(1), c.Rate(0))
}

func TestCalibrationDoesNotHoldWhereThereIsNothing(t *testing.T) {
	c, _ := calibrated(t, 4000, 1, false, 7)
	assert.False(t, c.Holds(), "%v is below %v", c.Brier, c.BaseBrier)
}

// Chance alone may let it hold now and then, but not more often than it should.
func TestCalibrationOfNoiseSeldomHolds(t *testing.T) {
	held := 0
	for seed := range uint64(40) {
		c, _ := calibrated(t, 1000, 1, false, seed)
		require.Positive(t, c.Margin)
		if c.Holds() {
			held++
		}
	}
	assert.LessOrEqual(t, held, 4)
}

// Nobody is left to count where everybody is in the training part too.
func TestCalibrationCountsStrangersOnly(t *testing.T) {
	c, counted := calibrated(t, 40, 100, true, 7)
	assert.Zero(t, counted)
	assert.Zero(t, c.Rows)
	assert.False(t, c.Holds())

	// With three rows of each, some are in one part only.
	c, counted = calibrated(t, 4000, 3, true, 7)
	assert.Greater(t, counted, 0)
	assert.Less(t, counted, 1200/4, "most are in training too")
	assert.True(t, slices.IsSortedFunc(c.Steps, func(a, b calibration.Step) int {
		return a.Positives*b.Rows - b.Positives*a.Rows
	}))
}
