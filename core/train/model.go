package train

import (
	"context"
	"fmt"

	"lendleaf/core/baseline"
	"lendleaf/core/dataset"
	"lendleaf/core/definition"
	"lendleaf/core/feature"
	"lendleaf/core/forest"
	"lendleaf/core/modelfile"
	"lendleaf/core/novelty"
	"lendleaf/core/schema"
)

// Model trains a model on the training part of data. Rates, typical values and
// forest come from that part only. Its errors wrap ErrTrain; that of ctx too
// once it is done.
func Model(ctx context.Context, d *definition.Definition, data *dataset.Data, plan Plan) (*modelfile.Model, error) {
	if err := plan.Check(d.Features.Len()); err != nil {
		return nil, err
	}
	parts, people, err := plan.parts(d, data)
	if err != nil {
		return nil, err
	}
	if err := plan.Threshold.checkRows(data, parts.Validation); err != nil {
		return nil, err
	}
	records, positive := data.Rows(parts.Training)
	f, err := fit(ctx, d, records, positive, plan.Options)
	if err != nil {
		return nil, err
	}
	validation, test := data.Score(parts.Validation, f.probabilities), data.Score(parts.Test, f.probabilities)
	threshold, err := plan.Threshold.on(validation)
	if err != nil {
		return nil, err
	}
	rates, err := calibrate(parts.Training, validation, test, people)
	if err != nil {
		return nil, err
	}
	m, err := modelfile.New(modelfile.Content{
		Definition:  d,
		Learned:     f.learned,
		Threshold:   threshold,
		Training:    plan.training(data, len(records), positives(positive)),
		Calibration: rates,
		Novelty:     novelty.Learn(d.Schema, records),
		Baseline:    baseline.Learn(d.Schema, records),
		Forest:      f.forest,
	})
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrTrain, err)
	}
	return m, nil
}

// fitted is a forest with the features that it was trained on.
type fitted struct {
	learned  feature.Learned
	features *feature.Set
	forest   *forest.Forest
	engine   *forest.Engine
}

// fit learns features from records and trains a forest on them.
func fit(ctx context.Context, d *definition.Definition, records []schema.Record, positive []bool, o Options) (*fitted, error) {
	f := &fitted{learned: d.Features.Learn(records, positive)}
	var err error
	if f.features, err = d.Features.Set(f.learned); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrTrain, err)
	}
	if f.forest, err = Fit(ctx, Vectors(f.features, records), f.features.Len(), positive, o); err != nil {
		return nil, err
	}
	if f.engine, err = forest.Compile(f.forest); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrTrain, err)
	}
	return f, nil
}

// probabilities are those of the positive outcome.
func (f *fitted) probabilities(records []schema.Record) []float64 {
	return f.engine.AppendProbabilities(nil, Vectors(f.features, records))
}

// Vectors computes the features of records, one vector behind the other.
func Vectors(set *feature.Set, records []schema.Record) []int64 {
	n := set.Len()
	vectors := make([]int64, len(records)*n)
	for i, r := range records {
		set.Vector(vectors[i*n:(i+1)*n], r)
	}
	return vectors
}

// positives counts.
func positives(positive []bool) int {
	n := 0
	for _, p := range positive {
		n += count01(p)
	}
	return n
}
