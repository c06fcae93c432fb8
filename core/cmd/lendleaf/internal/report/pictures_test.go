package report

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"lendleaf/core/cmd/lendleaf/internal/chart"
	"lendleaf/core/quality"
)

// small is a report whose pictures can be worked out by hand.
func small() *Report {
	r := &quality.Report{}
	r.Model.Positive = "Broken"
	r.ByPerson = quality.Split{
		Summary:    quality.Summary{Threshold: 0.25, BaseRate: 0.3},
		Curve:      []quality.CurvePoint{{Precision: 0.5, Recall: 0.4, FalsePositiveRate: 0.1}, {Precision: 0.3, Recall: 1, FalsePositiveRate: 1}},
		Thresholds: []quality.ThresholdPoint{{Threshold: 0.01, Precision: 0.3, Recall: 0.9, Cost: 0.7}},
		Scores:     []quality.Bin{{From: 0, Positives: 1, Negatives: 4}, {From: 0.5, Positives: 3, Negatives: 0}},
		Rates:      []quality.Rate{{Probability: 0.2, Rate: 0.1, Rows: 5}},
		Importance: []quality.Importance{{Field: "a", Text: "A", Drop: 0.2}, {Field: "b", Text: "B", Drop: -0.1}},
	}
	r.Random = quality.Split{
		Summary:    quality.Summary{Threshold: 0.46, BaseRate: 0.9},
		Curve:      []quality.CurvePoint{{Precision: 1, Recall: 0.8, FalsePositiveRate: 0.2}},
		Importance: []quality.Importance{{Field: "b", Text: "B", Drop: 0.6}, {Field: "a", Text: "A", Drop: 0.5}},
	}
	r.Sizes = []quality.Size{{Bytes: 66_000, Validation: 0.61}, {Bytes: 331_500, Validation: 0.63, Shipped: true}}
	return &Report{Report: r}
}

func TestCurves(t *testing.T) {
	r := small()
	c := r.precisionRecall()
	assert.Equal(t, []chart.Series{
		{Name: byPerson, Colour: chart.Accent, Shape: chart.Line, Points: []chart.Point{{X: 0.4, Y: 0.5}, {X: 1, Y: 0.3}}},
		{Name: random, Colour: chart.Quiet, Shape: chart.Line, Points: []chart.Point{{X: 0.8, Y: 1}}},
		{Name: "no skill", Colour: chart.Quiet, Shape: chart.Reference, Points: []chart.Point{{X: 0, Y: 0.3}, {X: 1, Y: 0.3}}},
	}, c.Series)
	assert.Equal(t, chart.Axis{Label: "recall: share of Broken that is found", Holds: []float64{0, 1}}, c.X)

	c = r.roc()
	assert.Equal(t, []chart.Point{{}, {X: 0.1, Y: 0.4}, {X: 1, Y: 1}}, c.Series[0].Points)
	assert.Equal(t, []chart.Point{{}, {X: 0.2, Y: 0.8}}, c.Series[1].Points)
	assert.Equal(t, []chart.Point{{}, {X: 1, Y: 1}}, c.Series[2].Points)

	c = r.calibration()
	assert.Equal(t, []chart.Point{{X: 0.2, Y: 0.1}}, c.Series[0].Points)
	assert.Equal(t, []chart.Point{{}, {X: 1, Y: 1}}, c.Series[2].Points)
}

// Each outcome's rows are shares of its own: 1 and 3 of 4, and 4 and 0 of 4.
func TestScoresAreSharesOfAnOutcome(t *testing.T) {
	r := small()
	c := r.scores("", r.ByPerson)
	assert.Equal(t, "Broken", c.Series[0].Name)
	assert.Equal(t, []chart.Point{{X: 0, Y: 0.25}, {X: 0.5, Y: 0.25}, {X: 0.5, Y: 0.75}, {X: 1, Y: 0.75}}, c.Series[0].Points)
	assert.Equal(t, []chart.Point{{X: 0, Y: 1}, {X: 0.5, Y: 1}, {X: 0.5, Y: 0}, {X: 1, Y: 0}}, c.Series[1].Points)
	assert.Equal(t, []chart.Mark{{Name: "threshold, 0.25", X: 0.25}}, c.Marks)
}

func TestThresholds(t *testing.T) {
	r := small()
	c := r.thresholds("", r.ByPerson)
	got := map[string][]chart.Point{}
	for _, s := range c.Series {
		got[s.Name] = s.Points
	}
	assert.Equal(t, map[string][]chart.Point{
		"recall": {{X: 0.01, Y: 0.9}}, "precision": {{X: 0.01, Y: 0.3}}, "cost": {{X: 0.01, Y: 0.7}},
	}, got)
	assert.Equal(t, []chart.Mark{{Name: "threshold, 0.46", X: 0.46}}, r.thresholds("", r.Random).Marks)
}

// Both splits' bars stand at the same names, in the order of the random split.
func TestImportance(t *testing.T) {
	c := small().importance()
	assert.Equal(t, []string{"B", "A"}, c.Y.Names)
	assert.Equal(t, []chart.Point{{X: -0.1, Y: 0}, {X: 0.2, Y: 1}}, c.Series[0].Points)
	assert.Equal(t, []chart.Point{{X: 0.6, Y: 0}, {X: 0.5, Y: 1}}, c.Series[1].Points)
}

func TestSizes(t *testing.T) {
	c := small().sizes()
	assert.True(t, c.X.Log)
	assert.Equal(t, []chart.Point{{X: 66, Y: 0.61}}, c.Series[0].Points)
	assert.Equal(t, []chart.Point{{X: 331.5, Y: 0.63}}, c.Series[1].Points)
}

func TestNinePictures(t *testing.T) {
	pictures := small().Pictures()
	assert.Len(t, pictures, 9)
	seen := map[string]string{}
	for name, picture := range pictures {
		assert.Empty(t, seen[string(picture)], "%s is drawn twice", name)
		seen[string(picture)] = name
	}
}
