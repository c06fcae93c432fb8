package calibration_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"lendleaf/core/calibration"
)

func TestFitPoolsWhatDoesNotRise(t *testing.T) {
	got := calibration.Fit([]calibration.Step{
		{From: 0.1, Rows: 4, Positives: 1},
		{From: 0.2, Rows: 4, Positives: 3}, // more than the next two: pooled with them
		{From: 0.3, Rows: 4, Positives: 2},
		{From: 0.4, Rows: 4, Positives: 1},
		{From: 0.5, Rows: 2, Positives: 1}, // as many as those: pooled too
		{From: 0.6, Rows: 5, Positives: 5},
	})
	assert.Equal(t, []calibration.Step{
		{From: 0.1, Rows: 4, Positives: 1}, {From: 0.2, Rows: 14, Positives: 7}, {From: 0.6, Rows: 5, Positives: 5},
	}, got)
	assert.Empty(t, calibration.Fit(nil))
}

// No rising sequence of a few levels comes nearer to the outcomes.
func TestFitIsNearest(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		points := make([]calibration.Step, 4)
		for i := range points {
			rows := 1 + r.IntN(5)
			points[i] = calibration.Step{From: float64(i) / 4, Rows: rows, Positives: r.IntN(rows + 1)}
		}
		c := calibration.Calibration{Steps: calibration.Fit(points)}
		require.NoError(t, c.Check())
		best := distance(points, func(i int) float64 { return c.Rate(points[i].From) })
		for code := range 11 * 11 * 11 * 11 {
			levels := []int{code % 11, code / 11 % 11, code / 121 % 11, code / 1331}
			if levels[0] <= levels[1] && levels[1] <= levels[2] && levels[2] <= levels[3] {
				require.LessOrEqual(t, best, distance(points, func(i int) float64 { return float64(levels[i]) / 10 })+1e-9)
			}
		}
	}
}

// distance is the squared error of rates for all rows.
func distance(points []calibration.Step, rate func(i int) float64) float64 {
	sum := 0.0
	for i, p := range points {
		q := rate(i)
		sum += float64(p.Positives)*(1-q)*(1-q) + float64(p.Rows-p.Positives)*q*q
	}
	return sum
}

func TestRate(t *testing.T) {
	c := calibration.Calibration{Steps: []calibration.Step{{From: 0.2, Rows: 10, Positives: 1}, {From: 0.5, Rows: 4, Positives: 2}}}
	for p, want := range map[float64]float64{0: 0.1, 0.2: 0.1, 0.49: 0.1, 0.5: 0.5, 1: 0.5} {
		assert.Equal(t, want, c.Rate(p), "%v", p)
	}
}

func TestHolds(t *testing.T) {
	steps := []calibration.Step{{From: 0, Rows: 10, Positives: 1}}
	var none *calibration.Calibration
	assert.False(t, none.Holds())
	assert.True(t, (&calibration.Calibration{Steps: steps, Rows: 9, Brier: 0.1, BaseBrier: 0.2}).Holds())
	assert.False(t, (&calibration.Calibration{Steps: steps, Rows: 9, Brier: 0.2, BaseBrier: 0.2}).Holds())
	assert.True(t, (&calibration.Calibration{Steps: steps, Rows: 9, Brier: 0.1, BaseBrier: 0.2, Margin: 0.09}).Holds())
	assert.False(t, (&calibration.Calibration{Steps: steps, Rows: 9, Brier: 0.1, BaseBrier: 0.2, Margin: 0.11}).Holds())
	assert.False(t, (&calibration.Calibration{Rows: 9, Brier: 0.1, BaseBrier: 0.2}).Holds())
	assert.False(t, (&calibration.Calibration{Steps: steps, Brier: 0.1, BaseBrier: 0.2}).Holds(), "measured on nobody")
	assert.True(t, (&calibration.Calibration{Steps: steps, Rows: 1, Brier: 0.1, BaseBrier: 0.2}).Holds())
	assert.False(t, (&calibration.Calibration{Steps: steps}).Holds())
}

func TestCheckTakesTheEndsOfTheRange(t *testing.T) {
	for _, c := range []calibration.Calibration{
		{}, {Brier: 1, BaseBrier: 1, Margin: 1},
		{Steps: []calibration.Step{{From: 0, Rows: 1}, {From: 1, Rows: 1, Positives: 1}}, Rows: 1},
	} {
		assert.NoError(t, c.Check())
	}
}

func TestCheckRefuses(t *testing.T) {
	for name, c := range map[string]calibration.Calibration{
		"no rows":               {Steps: []calibration.Step{{From: 0.1}}},
		"more than all":         {Steps: []calibration.Step{{From: 0.1, Rows: 1, Positives: 2}}},
		"no probability":        {Steps: []calibration.Step{{From: 1.5, Rows: 1}}},
		"from does not rise":    {Steps: []calibration.Step{{From: 0.1, Rows: 9, Positives: 1}, {From: 0.1, Rows: 2, Positives: 2}}},
		"rates do not rise":     {Steps: []calibration.Step{{From: 0.1, Rows: 2, Positives: 1}, {From: 0.2, Rows: 4, Positives: 2}}},
		"none positive of less": {Steps: []calibration.Step{{From: 0.1, Rows: 1, Positives: -1}}},
		"below 0":               {Steps: []calibration.Step{{From: -0.1, Rows: 1}}},
		"above 1":               {Steps: []calibration.Step{{From: 1.05, Rows: 1}}},
		"no number":             {Steps: []calibration.Step{{From: math.NaN(), Rows: 1}}},
		"rows below 0":          {Rows: -1},
		"Brier below 0":         {Brier: -0.1},
		"Brier above 1":         {Brier: 1.05},
		"Brier no number":       {Brier: math.NaN()},
		"base below 0":          {BaseBrier: -0.1},
		"base above 1":          {BaseBrier: 1.05},
		"base no number":        {BaseBrier: math.NaN()},
		"margin below 0":        {Margin: -0.1},
		"margin above 1":        {Margin: 1.05},
		"margin no number":      {Margin: math.NaN()},
	} {
		assert.ErrorIs(t, c.Check(), calibration.ErrCalibration, name)
	}
}
