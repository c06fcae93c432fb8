package measure

import (
	"context"
	"fmt"

	"lendleaf/core"
	"lendleaf/core/dataset"
	"lendleaf/core/modelfile"
	"lendleaf/core/quality"
	"lendleaf/core/schema"
	"lendleaf/core/train"
)

// Options say how thoroughly to measure.
type Options struct {
	Threshold train.Threshold // how that by person is chosen
	Draws     int             // samples behind an interval
	Seed      uint64          // of samples and of values dealt out anew
	Cost      float64         // what a missed positive costs, in wrongly predicted ones
	Sizes     []train.Options // settings to compare with the model's own
}

// Report measures a model on the data that it was trained on, at the random
// split, and beside it one that is trained alike, split by person: rows that are
// equal in all fields are one person's. Its errors are ErrOtherData and those of
// packages train and metrics.
func Report(ctx context.Context, m *modelfile.Model, data *dataset.Data, o Options) (*quality.Report, error) {
	own, err := sizeOf(m, data)
	if err != nil {
		return nil, err
	}
	r := &quality.Report{
		Model: quality.Model{
			Hash: m.Hash, Bytes: own.Bytes, Training: m.Training, Threshold: m.Threshold,
			Positive: m.Definition.Target.Positive.Name,
		},
		Cost: o.Cost,
	}
	plan := planOf(m, o)
	plan.Group = fieldNames(m.Definition.Schema)
	stranger, err := train.Model(ctx, m.Definition, data, plan)
	if err != nil {
		return nil, err
	}
	if r.ByPerson, err = testPart(ctx, stranger, data, o); err != nil {
		return nil, fmt.Errorf("by person: %w", err)
	}
	if r.Random, err = testPart(ctx, m, data, o); err != nil {
		return nil, fmt.Errorf("random split: %w", err)
	}
	if r.Sizes, err = sizes(ctx, m, own, data, o); err != nil {
		return nil, err
	}
	return r, nil
}

// testPart measures a model on the test part of its own split.
func testPart(ctx context.Context, m *modelfile.Model, data *dataset.Data, o Options) (quality.Split, error) {
	model := core.New(m)
	parts, err := Parts(model, data)
	if err != nil {
		return quality.Split{}, err
	}
	return Split(ctx, model, Score(model, data, parts.Test), o)
}

// planOf is how the model was trained.
func planOf(m *modelfile.Model, o Options) train.Plan {
	p := m.Training.Parameters
	return train.Plan{
		Options: train.Options{
			Trees: p.Trees, Depth: p.Depth, Features: p.Features, MaxLeaves: p.MaxLeaves, MinLeaf: p.MinLeaf, Seed: p.Seed,
		},
		Split: modelfile.SplitReference, Threshold: o.Threshold,
	}
}

func fieldNames(s *schema.Schema) []string {
	names := make([]string, len(s.Fields))
	for i, f := range s.Fields {
		names[i] = f.Name
	}
	return names
}
