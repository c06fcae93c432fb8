package metrics_test

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"lendleaf/core/metrics"
)

// informed makes rows whose probability says something about the outcome, and
// repeats each so many times, as one group.
func informed(people, times int) (probabilities []float64, positive []bool, groups []int) {
	r := rand.New(rand.NewPCG(3, 4))
	for person := range people {
		p := float64(r.IntN(101)) / 100
		outcome := r.Float64() < 0.2+0.5*p
		for range times {
			probabilities = append(probabilities, p)
			positive = append(positive, outcome)
			groups = append(groups, 7*person)
		}
	}
	return probabilities, positive, groups
}

// NumPy draws people, or rows as if each were one, and scikit-learn measures them:
// of 6,000 samples, 95 % lie in the intervals. An interval of 90 % is narrower by
// 0.01 to 0.02 at either end.
func TestBootstrapIsNumPys(t *testing.T) {
	type ends struct{ Low, High []float64 } // of AUC-PR, recall and Gini
	var rows struct {
		Probabilities []float64
		Positive      []bool
		People        []int
		Threshold     float64
		ByPerson      ends `json:"by_person"`
		ByRow         ends `json:"by_row"`
	}
	read(t, "intervals", &rows)
	alone := make([]int, len(rows.People))
	for i := range alone {
		alone[i] = i
	}
	for name, c := range map[string]struct {
		groups []int
		want   ends
	}{"by person": {rows.People, rows.ByPerson}, "by row": {alone, rows.ByRow}} {
		low, high, err := metrics.Bootstrap(rows.Probabilities, rows.Positive, c.groups, rows.Threshold, 4000, 1)
		require.NoError(t, err)
		assert.InDeltaSlice(t, c.want.Low, []float64{low.AUCPR, low.Recall, *low.Gini}, 0.008, name)
		assert.InDeltaSlice(t, c.want.High, []float64{high.AUCPR, high.Recall, *high.Gini}, 0.008, name)
	}
}

func TestMeasureAboveEveryProbability(t *testing.T) {
	f, err := metrics.Measure([]float64{0.1, 0.9}, []bool{false, true}, 0.95)
	require.NoError(t, err)
	assert.Zero(t, f.Recall)
	assert.Equal(t, 0.5, f.Accuracy)
}

func TestBootstrapHoldsTheFigureAndIsTheSameAgain(t *testing.T) {
	p, y, groups := informed(400, 1)
	f, err := metrics.Measure(p, y, 0.4)
	require.NoError(t, err)
	low, high, err := metrics.Bootstrap(p, y, groups, 0.4, 400, 1)
	require.NoError(t, err)
	for name, v := range map[string][3]float64{
		"AUC-PR": {low.AUCPR, f.AUCPR, high.AUCPR}, "ROC AUC": {*low.ROCAUC, *f.ROCAUC, *high.ROCAUC},
		"recall": {low.Recall, f.Recall, high.Recall}, "Brier": {low.Brier, f.Brier, high.Brier},
	} {
		assert.Less(t, v[0], v[1], name)
		assert.Less(t, v[1], v[2], name)
	}
	assert.Nil(t, low.KS, "samples have more than the rows")
	assert.Nil(t, high.KS)
	assert.Less(t, *low.Slope, *f.Slope)
	assert.Greater(t, *high.Slope, *f.Slope)
	low2, high2, err := metrics.Bootstrap(p, y, groups, 0.4, 400, 1)
	require.NoError(t, err)
	assert.Equal(t, [2]metrics.Figures{low, high}, [2]metrics.Figures{low2, high2})
}

// Ten equal rows of a person say no more than one.
func TestBootstrapDrawsGroupsNotRows(t *testing.T) {
	p, y, groups := informed(100, 1)
	low, high, err := metrics.Bootstrap(p, y, groups, 0.4, 300, 1)
	require.NoError(t, err)
	p, y, groups = informed(100, 10)
	lowTen, highTen, err := metrics.Bootstrap(p, y, groups, 0.4, 300, 1)
	require.NoError(t, err)
	assert.InDelta(t, *high.ROCAUC-*low.ROCAUC, *highTen.ROCAUC-*lowTen.ROCAUC, 1e-9)

	alone := make([]int, len(groups))
	for i := range alone {
		alone[i] = i
	}
	lowRows, highRows, err := metrics.Bootstrap(p, y, alone, 0.4, 300, 1)
	require.NoError(t, err)
	assert.Less(t, *highRows.ROCAUC-*lowRows.ROCAUC, (*high.ROCAUC-*low.ROCAUC)/2)
}

// Of two models, each sample is measured by both: what they share cancels out, and
// what one has more is found.
func TestBootstrapDifference(t *testing.T) {
	probabilities, positive, groups := informed(300, 2)
	flat := make([]float64, len(positive))
	for i := range flat {
		flat[i] = 0.5
	}
	same := metrics.Scored{Probabilities: probabilities, Threshold: 0.5}
	low, high, err := metrics.BootstrapDifference(same, same, positive, groups, 200, 1)
	require.NoError(t, err)
	assert.Zero(t, low.AUCPR)
	assert.Zero(t, high.Brier)
	low, high, err = metrics.BootstrapDifference(metrics.Scored{Probabilities: flat, Threshold: 0.6}, same, positive, groups, 400, 1)
	require.NoError(t, err)
	// A flat score has a ROC AUC of 0.5 in every sample.
	alone, above, err := metrics.Bootstrap(probabilities, positive, groups, 0.5, 400, 1)
	require.NoError(t, err)
	assert.InDelta(t, *alone.ROCAUC-0.5, *low.ROCAUC, 1e-12)
	assert.InDelta(t, *above.ROCAUC-0.5, *high.ROCAUC, 1e-12)
	assert.InDelta(t, alone.Recall, low.Recall, 1e-12, "of a recall of 0")
	assert.Nil(t, low.KS)
	assert.Nil(t, high.KS)
	assert.Nil(t, low.Slope, "a flat score has no line")
	for _, bad := range []metrics.Scored{{}, {Probabilities: probabilities[:1]}} {
		_, _, err = metrics.BootstrapDifference(bad, same, positive, groups, 1, 1)
		require.ErrorIs(t, err, metrics.ErrRows)
		_, _, err = metrics.BootstrapDifference(same, bad, positive, groups, 1, 1)
		require.ErrorIs(t, err, metrics.ErrRows)
	}
	_, _, err = metrics.BootstrapDifference(same, same, positive, groups, 0, 1)
	require.ErrorIs(t, err, metrics.ErrRows)
	_, _, err = metrics.BootstrapDifference(same, same, make([]bool, len(positive)), groups, 1, 1)
	require.ErrorIs(t, err, metrics.ErrOneClass)
}

func TestBootstrapRefuses(t *testing.T) {
	two, both := []float64{0.5, 0.4}, []bool{true, false}
	for name, c := range map[string]struct {
		groups []int
		draws  int
	}{"no groups": {nil, 10}, "no draws": {[]int{0, 0}, 0}, "negative draws": {[]int{0, 0}, -1}} {
		_, _, err := metrics.Bootstrap(two, both, c.groups, 0.5, c.draws, 1)
		require.ErrorIs(t, err, metrics.ErrRows, name)
	}
	low, high, err := metrics.Bootstrap(two, both, []int{0, 0}, 0.5, 1, 1)
	require.NoError(t, err, "one person, one draw")
	assert.Equal(t, low, high)
	assert.Nil(t, low.Slope, "both outcomes are told apart")
	_, _, err = metrics.Bootstrap([]float64{0.5}, []bool{true}, []int{0}, 0.5, 10, 1)
	require.ErrorIs(t, err, metrics.ErrOneClass)
	_, err = metrics.Measure([]float64{2}, []bool{true}, 0.5)
	require.ErrorIs(t, err, metrics.ErrProbability)
}

func BenchmarkBootstrap(b *testing.B) {
	p, y, groups := informed(4000, 6)
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := metrics.Bootstrap(p, y, groups, 0.4, 10, 1); err != nil {
			b.Fatal(err)
		}
	}
}
