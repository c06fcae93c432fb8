package metrics_test

import (
	"encoding/json"
	"math"
	"os"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"lendleaf/core/metrics"
)

const delta = 1e-12

var names = metrics.Names{Positive: "Broken", Negative: "Whole"}

// example is one case of testdata/metrics.json, which testdata/metrics.py made.
type example struct {
	Name              string
	Probabilities     []float64
	Positive          []bool
	Threshold         float64
	Report            metrics.Report
	Brier             float64
	Chosen            *float64
	Thresholds        []float64
	Precision, Recall []float64
	FalsePositiveRate []float64 `json:"false_positive_rate"`
	TruePositiveRate  []float64 `json:"true_positive_rate"`
}

func eachExample(t *testing.T, check func(t *testing.T, e example)) {
	t.Helper()
	text, err := os.ReadFile("testdata/metrics.json")
	require.NoError(t, err)
	var file struct{ Cases []example }
	require.NoError(t, json.Unmarshal(text, &file))
	require.Len(t, file.Cases, 13)
	for _, e := range file.Cases {
		t.Run(e.Name, func(t *testing.T) { check(t, e) })
	}
}

func TestEvaluateIsScikitLearns(t *testing.T) {
	eachExample(t, func(t *testing.T, e example) {
		r, err := metrics.Evaluate(e.Probabilities, e.Positive, e.Threshold, names)
		require.NoError(t, err)
		assert.Equal(t, e.Report.N, r.N)
		assert.InDelta(t, e.Report.AUCPR, r.AUCPR, delta)
		assert.InDelta(t, e.Report.Accuracy, r.Accuracy, delta)
		if assert.Equal(t, e.Report.ROCAUC == nil, r.ROCAUC == nil) && r.ROCAUC != nil {
			assert.InDelta(t, *e.Report.ROCAUC, *r.ROCAUC, delta)
		}
		require.Len(t, r.Classes, 2)
		sameClass(t, e.Report.Classes["Broken"], r.Classes["Broken"])
		sameClass(t, e.Report.Classes["Whole"], r.Classes["Whole"])
		sameClass(t, e.Report.Macro, r.Macro)
		sameClass(t, e.Report.Weighted, r.Weighted)
	})
}

func sameClass(t *testing.T, want, got metrics.Class) {
	t.Helper()
	assert.InDelta(t, want.Precision, got.Precision, delta)
	assert.InDelta(t, want.Recall, got.Recall, delta)
	assert.InDelta(t, want.F1, got.F1, delta)
	assert.Equal(t, want.Support, got.Support)
}

func TestFiguresAreScikitLearns(t *testing.T) {
	eachExample(t, func(t *testing.T, e example) {
		ap, err := metrics.AveragePrecision(e.Probabilities, e.Positive)
		require.NoError(t, err)
		assert.InDelta(t, e.Report.AUCPR, ap, delta)

		brier, err := metrics.Brier(e.Probabilities, e.Positive)
		require.NoError(t, err)
		assert.InDelta(t, e.Brier, brier, delta)

		auc, err := metrics.ROCAUC(e.Probabilities, e.Positive)
		chosen, errChosen := metrics.ChooseThreshold(e.Probabilities, e.Positive, metrics.BestF1)
		if e.Chosen == nil {
			assert.ErrorIs(t, err, metrics.ErrOneClass)
			assert.ErrorIs(t, errChosen, metrics.ErrOneClass)
			return
		}
		require.NoError(t, err)
		assert.InDelta(t, *e.Report.ROCAUC, auc, delta)
		require.NoError(t, errChosen)
		assert.Equal(t, *e.Chosen, chosen)
	})
}

func TestCurveIsScikitLearns(t *testing.T) {
	eachExample(t, func(t *testing.T, e example) {
		curve, err := metrics.Curve(e.Probabilities, e.Positive)
		require.NoError(t, err)
		require.Len(t, curve, len(e.Thresholds))
		for i, p := range curve {
			assert.Equal(t, e.Thresholds[i], p.Threshold)
			assert.InDelta(t, e.Precision[i], p.Precision(), delta)
			if e.Chosen == nil {
				continue // without positives scikit-learn sets the curve's recall to 1
			}
			assert.InDelta(t, e.Recall[i], p.Recall(), delta)
			assert.InDelta(t, e.FalsePositiveRate[i], p.FalsePositiveRate(), delta)
			assert.InDelta(t, e.TruePositiveRate[i], p.Recall(), delta)
		}
	})
}

func TestOrderOfRowsDoesNotMatter(t *testing.T) {
	eachExample(t, func(t *testing.T, e example) {
		want, err := metrics.Evaluate(e.Probabilities, e.Positive, e.Threshold, names)
		require.NoError(t, err)
		slices.Reverse(e.Probabilities)
		slices.Reverse(e.Positive)
		got, err := metrics.Evaluate(e.Probabilities, e.Positive, e.Threshold, names)
		require.NoError(t, err)
		assert.Equal(t, want, got)
	})
}

func TestThresholdIsTheSmallestOfTheBest(t *testing.T) {
	chosen, err := metrics.ChooseThreshold([]float64{0.7, 0.2, 0.6}, []bool{true, false, true}, metrics.BestF1)
	require.NoError(t, err)
	assert.Equal(t, 0.21, chosen, "all from 0.21 to 0.60 are perfect")
	chosen, err = metrics.ChooseThreshold([]float64{0.001, 0.002}, []bool{true, false}, metrics.BestF1)
	require.NoError(t, err)
	assert.Equal(t, 0.01, chosen, "none finds the positive")
	chosen, err = metrics.ChooseThreshold([]float64{0.29, 0.28}, []bool{true, false}, metrics.BestF1)
	require.NoError(t, err)
	assert.Equal(t, 0.29, chosen, "a probability equal to the threshold is positive")
}

func TestFaultyInput(t *testing.T) {
	for _, c := range []struct {
		probabilities []float64
		positive      []bool
		want          error
	}{
		{nil, nil, metrics.ErrRows},
		{[]float64{0.5}, nil, metrics.ErrRows},
		{[]float64{0.5}, []bool{true, false}, metrics.ErrRows},
		{[]float64{0.5, math.NaN()}, []bool{true, false}, metrics.ErrProbability},
		{[]float64{0.5, -0.1}, []bool{true, false}, metrics.ErrProbability},
		{[]float64{0.5, 1.1}, []bool{true, false}, metrics.ErrProbability},
		{[]float64{0.5, math.Inf(1)}, []bool{true, false}, metrics.ErrProbability},
	} {
		_, err := metrics.Curve(c.probabilities, c.positive)
		assert.ErrorIs(t, err, c.want)
		_, err = metrics.AveragePrecision(c.probabilities, c.positive)
		assert.ErrorIs(t, err, c.want)
		_, err = metrics.ROCAUC(c.probabilities, c.positive)
		assert.ErrorIs(t, err, c.want)
		_, err = metrics.ChooseThreshold(c.probabilities, c.positive, metrics.BestF1)
		assert.ErrorIs(t, err, c.want)
		_, err = metrics.Brier(c.probabilities, c.positive)
		assert.ErrorIs(t, err, c.want)
		_, err = metrics.Evaluate(c.probabilities, c.positive, 0.5, names)
		assert.ErrorIs(t, err, c.want)
	}
}

func TestReportAsJSON(t *testing.T) {
	r, err := metrics.Evaluate([]float64{0.9, 0.1, 0.4, 0.6}, []bool{true, false, true, false}, 0.5, names)
	require.NoError(t, err)
	text, err := json.Marshal(r)
	require.NoError(t, err)
	class := `{"precision":0.5,"recall":0.5,"f1":0.5,"support":2}`
	mean := `{"precision":0.5,"recall":0.5,"f1":0.5,"support":4}`
	assert.JSONEq(t, `{"n":4,"auc_pr":0.8333333333333333,"roc_auc":0.75,"accuracy":0.5,"classes":{"Broken":`+class+
		`,"Whole":`+class+`},"macro":`+mean+`,"weighted":`+mean+`}`, string(text))

	r, err = metrics.Evaluate([]float64{0.9}, []bool{true}, 0.5, names)
	require.NoError(t, err)
	text, err = json.Marshal(r)
	require.NoError(t, err)
	assert.Contains(t, string(text), `"roc_auc":null`)
}

func BenchmarkEvaluate(b *testing.B) {
	const n = 252_000
	probabilities, positive := make([]float64, n), make([]bool, n)
	for i := range n {
		probabilities[i] = float64(i*7919%10_007) / 10_007
		positive[i] = i*31%8 == 0
	}
	for b.Loop() {
		_, err := metrics.Evaluate(probabilities, positive, 0.29, names)
		require.NoError(b, err)
	}
}

func TestChooseThresholdForRecall(t *testing.T) {
	probabilities, positive := []float64{0.9, 0.7, 0.6, 0.3, 0.2}, []bool{true, false, true, true, false}
	for recall, want := range map[float64]float64{0.3: 0.9, 0.6: 0.6, 0.7: 0.3, 1: 0.3} {
		chosen, err := metrics.ChooseThreshold(probabilities, positive, metrics.RecallAtLeast(recall))
		require.NoError(t, err)
		assert.Equal(t, want, chosen, "recall of %v", recall)
	}
}
