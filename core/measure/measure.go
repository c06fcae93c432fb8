// Package measure is where models are measured: it has a model score a part of
// the data once, judges what came out, and trains the models that a measure
// takes beside the one at hand. Package metrics has the arithmetic, package
// quality the shape of what is written.
package measure

import (
	"errors"
	"fmt"
	"math"

	"lendleaf/core"
	"lendleaf/core/dataset"
	"lendleaf/core/metrics"
	"lendleaf/core/quality"
	"lendleaf/core/schema"
)

// ErrOtherData says that the parts of a model's split cannot be taken of data
// that it was not trained on.
var ErrOtherData = errors.New("the model was trained on other data, so its split means nothing here")

// Score has a model score rows of the data.
func Score(model *core.Model, data *dataset.Data, rows []int) *dataset.Scored {
	return data.Score(rows, func(records []schema.Record) []float64 { return probabilities(model, records) })
}

func probabilities(model *core.Model, records []schema.Record) []float64 {
	list := make([]float64, 0, len(records))
	for _, s := range model.AppendScores(nil, records) {
		list = append(list, s.Probability)
	}
	return list
}

// Parts divides the data as it was for the model's training. Its errors are
// ErrOtherData, and those of a group that the model has no fields for.
func Parts(model *core.Model, data *dataset.Data) (dataset.Parts, error) {
	training := model.Training()
	if training.Data.SHA256 != data.SHA256 {
		return dataset.Parts{}, ErrOtherData
	}
	group, err := model.Schema().Indexes(training.Group)
	if err != nil {
		return dataset.Parts{}, err
	}
	return data.Parts(group), nil
}

// Evaluate measures a model on parts of the data, by the names of quality. Its
// errors are those of package metrics.
func Evaluate(model *core.Model, data *dataset.Data, parts map[string][]int) (*quality.Evaluation, error) {
	target := model.Schema().Target
	e := &quality.Evaluation{Splits: map[string]*metrics.Report{}}
	e.Model.Hash, e.Model.Threshold = model.Hash(), model.Threshold()
	for name, rows := range parts {
		s := Score(model, data, rows)
		report, err := metrics.Evaluate(s.Probabilities, s.Positive, model.Threshold(),
			metrics.Names{Positive: target.Positive.Name, Negative: target.Negative.Name})
		if err != nil {
			return nil, fmt.Errorf("%s part: %w", name, err)
		}
		e.Splits[name] = report
	}
	return e, nil
}

// round keeps six decimals, so that the last bits of a sum never show.
func round(x float64) float64 { return math.Round(x*1e6) / 1e6 }
