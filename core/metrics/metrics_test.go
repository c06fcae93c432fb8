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
	Chosen            *float64
	Thresholds        []float64
	Precision, Recall []float64
	FalsePositiveRate []float64 `json:"false_positive_rate"`
	TruePositiveRate  []float64 `json:"true_positive_rate"`
}

// read reads a member of testdata/metrics.json, which testdata/metrics.py made.
func read(t *testing.T, member string, v any) {
	t.Helper()
	text, err := os.ReadFile("testdata/metrics.json")
	require.NoError(t, err)
	var file map[string]json.RawMessage
	require.NoError(t, json.Unmarshal(text, &file))
	require.NoError(t, json.Unmarshal(file[member], v))
}

func eachExample(t *testing.T, check func(t *testing.T, e example)) {
	t.Helper()
	var cases []example
	read(t, "cases", &cases)
	require.Len(t, cases, 20)
	for _, e := range cases {
		t.Run(e.Name, func(t *testing.T) { check(t, e) })
	}
}

func TestEvaluateIsScikitLearns(t *testing.T) {
	eachExample(t, func(t *testing.T, e example) {
		r, err := metrics.Evaluate(e.Probabilities, e.Positive, e.Threshold, names)
		require.NoError(t, err)
		assert.Equal(t, e.Report.N, r.N)
		sameFigures(t, e.Report.Figures, r.Figures)
		require.Len(t, r.Classes, 2)
		sameClass(t, e.Report.Classes["Broken"], r.Classes["Broken"])
		sameClass(t, e.Report.Classes["Whole"], r.Classes["Whole"])
		sameClass(t, e.Report.Macro, r.Macro)
		sameClass(t, e.Report.Weighted, r.Weighted)
	})
}

func sameFigures(t *testing.T, want, got metrics.Figures) {
	t.Helper()
	for name, v := range map[string][2]float64{
		"AUC-PR": {want.AUCPR, got.AUCPR}, "precision": {want.Precision, got.Precision}, "recall": {want.Recall, got.Recall},
		"F1": {want.F1, got.F1}, "accuracy": {want.Accuracy, got.Accuracy}, "Brier": {want.Brier, got.Brier},
	} {
		assert.InDelta(t, v[0], v[1], delta, name)
	}
	sameOrNone(t, "ROC AUC", want.ROCAUC, got.ROCAUC, delta)
	sameOrNone(t, "Gini", want.Gini, got.Gini, delta)
	sameOrNone(t, "KS", want.KS, got.KS, delta)
	sameOrNone(t, "slope", want.Slope, got.Slope, 1e-6)
	sameOrNone(t, "intercept", want.Intercept, got.Intercept, 1e-6)
}

func sameOrNone(t *testing.T, name string, want, got *float64, delta float64) {
	t.Helper()
	if want == nil {
		assert.Nil(t, got, name)
		return
	}
	if assert.NotNil(t, got, name) {
		assert.InDelta(t, *want, *got, delta, name)
	}
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
		assert.InDelta(t, e.Report.Brier, brier, delta)

		figures, err := metrics.Measure(e.Probabilities, e.Positive, e.Threshold)
		require.NoError(t, err)
		sameFigures(t, e.Report.Figures, figures)

		auc, err := metrics.ROCAUC(e.Probabilities, e.Positive)
		chosen, errChosen := metrics.ChooseThreshold(e.Probabilities, e.Positive, metrics.BestF1)
		if e.Chosen == nil {
			assert.ErrorIs(t, err, metrics.ErrOneClass)
			assert.ErrorIs(t, errChosen, metrics.ErrOneClass)
			assert.Zero(t, auc)
			assert.Zero(t, chosen)
			return
		}
		require.NoError(t, err)
		assert.InDelta(t, *e.Report.ROCAUC, auc, delta)
		require.NoError(t, errChosen)
		assert.Equal(t, *e.Chosen, chosen)
	})
}

// Where some probabilities are far off, the climb to the likeliest line has to be
// careful.
func TestLinesAreStatsmodels(t *testing.T) {
	var lines []struct {
		Probabilities    []float64
		Positives, Rows  []int
		Slope, Intercept float64
	}
	read(t, "lines", &lines)
	require.Len(t, lines, 2)
	for _, l := range lines {
		var probabilities []float64
		var positive []bool
		for i, p := range l.Probabilities {
			for row := range l.Rows[i] {
				probabilities, positive = append(probabilities, p), append(positive, row < l.Positives[i])
			}
		}
		f, err := metrics.Measure(probabilities, positive, 0.5)
		require.NoError(t, err)
		sameOrNone(t, "slope", &l.Slope, f.Slope, 1e-6)
		sameOrNone(t, "intercept", &l.Intercept, f.Intercept, 1e-6)
	}
}

func TestMapChangesEachFigure(t *testing.T) {
	ptr := func(x float64) *float64 { return &x }
	f := metrics.Figures{
		AUCPR: 1, ROCAUC: ptr(2), Precision: 3, Recall: 4, F1: 5, Accuracy: 6, Brier: 7, Gini: ptr(8), KS: ptr(9), Slope: ptr(10), Intercept: ptr(11),
	}
	assert.Equal(t, metrics.Figures{
		AUCPR: 10, ROCAUC: ptr(20), Precision: 30, Recall: 40, F1: 50, Accuracy: 60, Brier: 70, Gini: ptr(80), KS: ptr(90), Slope: ptr(100), Intercept: ptr(110),
	}, f.Map(func(x float64) float64 { return 10 * x }))
	assert.Equal(t, 2.0, *f.ROCAUC, "it changes a copy")
	assert.Equal(t, metrics.Figures{AUCPR: 1, Precision: 1, Recall: 1, F1: 1, Accuracy: 1, Brier: 1},
		metrics.Figures{}.Map(func(x float64) float64 { return x + 1 }), "what is not defined stays so")
}

func TestHundredths(t *testing.T) {
	curve, err := metrics.Curve([]float64{0.995, 0.99, 0.5, 0.005}, []bool{true, false, true, false})
	require.NoError(t, err)
	points := metrics.Hundredths(curve)
	require.Len(t, points, 99)
	two := metrics.Confusion{TruePositives: 1, FalsePositives: 1, FalseNegatives: 1, TrueNegatives: 1}
	three := metrics.Confusion{TruePositives: 2, FalsePositives: 1, TrueNegatives: 1}
	for hundredth, want := range map[int]metrics.Confusion{99: two, 98: two, 51: two, 50: three, 49: three, 1: three} {
		assert.Equal(t, metrics.Point{Threshold: float64(hundredth) / 100, Confusion: want}, points[hundredth-1])
	}
	curve, err = metrics.Curve([]float64{0.5}, []bool{true})
	require.NoError(t, err)
	assert.Equal(t, metrics.Confusion{FalseNegatives: 1}, metrics.Hundredths(curve)[50].Confusion)
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

func TestTheHighestThresholdsAreTried(t *testing.T) {
	for want, probabilities := range map[float64][]float64{0.99: {0.995, 0.985}, 0.98: {0.985, 0.975}, 0.97: {0.975, 0.965}} {
		chosen, err := metrics.ChooseThreshold(probabilities, []bool{true, false}, metrics.BestF1)
		require.NoError(t, err)
		assert.Equal(t, want, chosen)
	}
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
		for _, figure := range []func([]float64, []bool) (float64, error){
			metrics.AveragePrecision, metrics.ROCAUC, metrics.Brier,
			func(p []float64, y []bool) (float64, error) { return metrics.ChooseThreshold(p, y, metrics.BestF1) },
		} {
			x, err := figure(c.probabilities, c.positive)
			assert.ErrorIs(t, err, c.want)
			assert.Zero(t, x)
		}
		_, err = metrics.Evaluate(c.probabilities, c.positive, 0.5, names)
		assert.ErrorIs(t, err, c.want)
		_, err = metrics.Measure(c.probabilities, c.positive, 0.5)
		assert.ErrorIs(t, err, c.want)
		_, _, err = metrics.Bootstrap(c.probabilities, c.positive, make([]int, len(c.positive)), 0.5, 1, 1)
		assert.ErrorIs(t, err, c.want)
	}
}

// By hand: 3 of 4 pairs are in order, so ROC AUC is 0.75 and Gini 0.5. At 0.5 one
// of two is found and one of two wrongly suspected; the gap is widest, 0.5, at
// 0.9 and at 0.4. Logits are ±ln 9 and ±ln 1.5 in both classes.
func TestReportAsJSON(t *testing.T) {
	r, err := metrics.Evaluate([]float64{0.9, 0.1, 0.4, 0.6}, []bool{true, false, true, false}, 0.5, names)
	require.NoError(t, err)
	require.NotNil(t, r.Slope)
	r.Slope, r.Intercept = nil, nil
	text, err := json.Marshal(r)
	require.NoError(t, err)
	class := `{"precision":0.5,"recall":0.5,"f1":0.5,"support":2}`
	mean := `{"precision":0.5,"recall":0.5,"f1":0.5,"support":4}`
	assert.JSONEq(t, `{"n":4,"auc_pr":0.8333333333333333,"roc_auc":0.75,"precision":0.5,"recall":0.5,"f1":0.5,"accuracy":0.5,
		"brier":0.185,"gini":0.5,"ks":0.5,"calibration_slope":null,"calibration_intercept":null,
		"classes":{"Broken":`+class+`,"Whole":`+class+`},"macro":`+mean+`,"weighted":`+mean+`}`, string(text))

	r, err = metrics.Evaluate([]float64{0.9}, []bool{true}, 0.5, names)
	require.NoError(t, err)
	text, err = json.Marshal(r)
	require.NoError(t, err)
	for _, name := range []string{"roc_auc", "gini", "ks", "calibration_slope", "calibration_intercept"} {
		assert.Contains(t, string(text), `"`+name+`":null`)
	}
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
	high, err := metrics.ChooseThreshold([]float64{0.995, 0.1, 0.2}, []bool{true, false, true}, metrics.RecallAtLeast(0.5))
	require.NoError(t, err)
	assert.Equal(t, 0.99, high, "the highest of all")
	for recall, want := range map[float64]float64{0.3: 0.9, 0.6: 0.6, 0.7: 0.3, 1: 0.3} {
		chosen, err := metrics.ChooseThreshold(probabilities, positive, metrics.RecallAtLeast(recall))
		require.NoError(t, err)
		assert.Equal(t, want, chosen, "recall of %v", recall)
	}
}
