package measure_test

import (
	"bytes"
	"context"
	"math"
	"os"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"lendleaf/core"
	"lendleaf/core/dataset"
	"lendleaf/core/measure"
	"lendleaf/core/metrics"
	"lendleaf/core/modelfile"
	"lendleaf/core/quality"
	"lendleaf/core/schema"
	"lendleaf/core/train"
)

func readFile(t testing.TB, name string) []byte {
	t.Helper()
	text, err := os.ReadFile(name)
	require.NoError(t, err)
	return text
}

// machines is the made-up second model, as its file holds it and ready to score,
// with its data.
func machines(t testing.TB) (*modelfile.Model, *core.Model, *dataset.Data) {
	t.Helper()
	file, err := modelfile.Decode(readFile(t, "../testdata/machines.lendleaf"))
	require.NoError(t, err)
	model := core.New(file)
	data, err := dataset.Read(bytes.NewReader(readFile(t, "../testdata/machines.csv")), model.Schema())
	require.NoError(t, err)
	return file, model, data
}

func options() measure.Options {
	return measure.Options{Threshold: train.BestF1, Draws: 80, Seed: 42, Cost: 5}
}

func TestScoreIsTheModels(t *testing.T) {
	_, model, data := machines(t)
	rows := []int{7, 1199, 0, 7}
	s := measure.Score(model, data, rows)
	assert.Equal(t, rows, s.Rows)
	for i, row := range rows {
		assert.Equal(t, data.Records[row], s.Records[i])
		assert.Equal(t, data.Positive[row], s.Positive[i])
		assert.Equal(t, model.Score(data.Records[row]).Probability, s.Probabilities[i])
	}
}

func TestPartsAreThoseOfTheTraining(t *testing.T) {
	_, model, data := machines(t)
	parts, err := measure.Parts(model, data)
	require.NoError(t, err)
	assert.Equal(t, dataset.Reference(1200), parts)
	other := *data
	other.SHA256 = "of other data"
	_, err = measure.Parts(model, &other)
	require.ErrorIs(t, err, measure.ErrOtherData)
}

func TestEvaluateCountsWhatTheModelPredicts(t *testing.T) {
	_, model, data := machines(t)
	parts := map[string][]int{quality.Train: dataset.All(700), quality.Test: {900, 901, 902, 903, 904, 905, 906, 907, 908, 909}}
	e, err := measure.Evaluate(model, data, parts)
	require.NoError(t, err)
	assert.Equal(t, model.Hash(), e.Model.Hash)
	assert.Equal(t, model.Threshold(), e.Model.Threshold)
	require.Len(t, e.Splits, 2)
	for name, rows := range parts {
		right, found, positives := 0, 0, 0
		for _, row := range rows {
			predicted := model.Score(data.Records[row]).Positive
			if predicted == data.Positive[row] {
				right++
			}
			if data.Positive[row] {
				positives++
				if predicted {
					found++
				}
			}
		}
		r := e.Splits[name]
		assert.Equal(t, len(rows), r.N)
		assert.InDelta(t, float64(right)/float64(len(rows)), r.Accuracy, 1e-12)
		class := r.Classes[model.Schema().Target.Positive.Name]
		assert.Equal(t, positives, class.Support)
		assert.InDelta(t, float64(found), class.Recall*float64(positives), 1e-12)
		assert.Equal(t, len(rows)-positives, r.Classes[model.Schema().Target.Negative.Name].Support)
	}

	_, err = measure.Evaluate(model, data, map[string][]int{quality.Validation: nil})
	require.ErrorContains(t, err, "validation part")
}

func TestSplitMeasuresAPart(t *testing.T) {
	_, model, data := machines(t)
	rows := append(dataset.All(400), 5, 5, 17) // one person three times, another twice
	positives := 0
	for _, row := range rows {
		if data.Positive[row] {
			positives++
		}
	}
	s, err := measure.Split(context.Background(), model, measure.Score(model, data, rows), options())
	require.NoError(t, err)
	assert.Equal(t, 403, s.Rows)
	assert.Equal(t, 400, s.People)
	assert.InDelta(t, float64(positives)/403, s.BaseRate, 5e-7)
	assert.Equal(t, model.Threshold(), s.Threshold)
	assert.Equal(t, model.Calibration(), s.Calibration)
	assert.Less(t, s.Low.AUCPR, s.Figures.AUCPR)
	assert.Greater(t, s.High.AUCPR, s.Figures.AUCPR)
	assert.InDelta(t, s.Figures.AUCPR, float64(int(s.Figures.AUCPR*1e6+0.5))/1e6, 1e-15, "six decimals")
	require.Len(t, s.Importance, 6)
	assert.True(t, slices.IsSortedFunc(s.Importance, func(a, b quality.Importance) int {
		return int(1e6*b.Drop) - int(1e6*a.Drop)
	}))
	assert.Greater(t, s.Importance[0].Drop, 0.1)
	assert.Less(t, s.Importance[0].Drop, s.Figures.AUCPR, "AUC-PR cannot lose more than all")
	assert.InDelta(t, 0, s.Importance[5].Drop, 0.1, "the least useful field tells next to nothing")

	done, stop := context.WithCancel(context.Background())
	stop()
	_, err = measure.Split(done, model, measure.Score(model, data, rows), options())
	require.ErrorIs(t, err, context.Canceled)
}

// The report sets the model itself beside one that is trained alike on other
// people, and beside other sizes.
func TestReport(t *testing.T) {
	file, model, data := machines(t)
	o := options()
	p := file.Training.Parameters
	o.Sizes = []train.Options{
		{Trees: 2, Features: 3, MinLeaf: 3, MaxLeaves: 40, Seed: 42},
		{Trees: p.Trees * 3, Depth: p.Depth, Features: p.Features, MaxLeaves: p.MaxLeaves, MinLeaf: p.MinLeaf, Seed: p.Seed},
	}
	r, err := measure.Report(context.Background(), file, data, o)
	require.NoError(t, err)
	assert.Equal(t, quality.Model{
		Hash: model.Hash(), Bytes: len(readFile(t, "../testdata/machines.lendleaf")), Training: model.Training(), Positive: "Failure Within A Month", Threshold: model.Threshold(),
	}, r.Model)
	assert.Equal(t, 5.0, r.Cost)

	random, err := measure.Split(context.Background(), model, measure.Score(model, data, dataset.Reference(1200).Test), o)
	require.NoError(t, err)
	assert.Equal(t, random, r.Random)

	// No two machines are equal in all fields, so 120 of 1,200 people are tested on.
	assert.Equal(t, 120, r.ByPerson.People)
	assert.NotEqual(t, r.Random.Scores, r.ByPerson.Scores)

	require.Len(t, r.Sizes, 3)
	var trees []int
	for _, s := range r.Sizes {
		trees = append(trees, s.Trees)
		assert.Equal(t, s.Trees == 10, s.Shipped)
	}
	assert.Equal(t, []int{2, 10, 30}, trees, "by size")
	own := r.Sizes[1]
	assert.Equal(t, r.Random.Figures.AUCPR, own.Test)
	assert.Equal(t, len(readFile(t, "../testdata/machines.lendleaf")), own.Bytes)
	assert.Equal(t, file.Forest.Nodes(), own.Nodes)
	assert.NotEqual(t, own.Validation, own.Test)

	other := *data
	other.SHA256 = "of other data"
	o.Threshold = train.Given(2) // seen later
	_, err = measure.Report(context.Background(), file, &other, o)
	require.ErrorIs(t, err, measure.ErrOtherData)
}

func TestWhatCannotBeMeasured(t *testing.T) {
	file, model, data := machines(t)
	_, err := measure.Split(context.Background(), model, measure.Score(model, data, nil), options())
	require.ErrorIs(t, err, metrics.ErrRows)

	noSamples, badThreshold, badSize := options(), options(), options()
	noSamples.Draws = 0
	badThreshold.Threshold = train.Given(2)
	badSize.Sizes = []train.Options{{Trees: 0}}
	oneClass := &dataset.Data{Records: data.Records, Positive: slices.Clone(data.Positive), SHA256: data.SHA256}
	for _, row := range dataset.Reference(1200).Test {
		oneClass.Positive[row] = true
	}
	few := &dataset.Data{Records: data.Records[:3], Positive: data.Positive[:3], SHA256: data.SHA256}
	grouped := *file
	grouped.Training.Group = []string{"colour"}
	unwritable := *file
	unwritable.Learned.Rates = map[string][]float64{"hours": {math.NaN()}}
	for name, c := range map[string]struct {
		file  *modelfile.Model
		data  *dataset.Data
		o     measure.Options
		want  error
		where string
	}{
		"no samples behind intervals": {file, data, noSamples, metrics.ErrRows, "by person: "},
		"a test part of one outcome":  {file, oneClass, options(), metrics.ErrOneClass, "random split: "},
		"a threshold above 1":         {file, data, badThreshold, train.ErrTrain, ""},
		"a size of no trees":          {file, data, badSize, train.ErrTrain, ""},
		"nobody to validate on":       {file, few, options(), metrics.ErrRows, ""},
		"a group of no field":         {&grouped, data, options(), schema.ErrSchema, ""},
		"a model that has no file":    {&unwritable, data, options(), modelfile.ErrContent, ""},
	} {
		r, err := measure.Report(context.Background(), c.file, c.data, c.o)
		assert.ErrorIs(t, err, c.want, name)
		assert.ErrorContains(t, err, c.where, name)
		assert.Nil(t, r, name)
	}
	_, err = measure.Parts(core.New(&grouped), data)
	require.Error(t, err)
}
