package measure

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"lendleaf/core"
	"lendleaf/core/dataset"
	"lendleaf/core/metrics"
	"lendleaf/core/modelfile"
	"lendleaf/core/quality"
	"lendleaf/core/train"
)

// sizes sets the model's own size beside those of others, trained on the same
// rows.
func sizes(ctx context.Context, shipped *modelfile.Model, own quality.Size, data *dataset.Data, o Options) ([]quality.Size, error) {
	own.Shipped = true
	list := []quality.Size{own}
	for _, options := range o.Sizes {
		plan := planOf(shipped, o)
		plan.Options = options
		m, err := train.Model(ctx, shipped.Definition, data, plan)
		if err != nil {
			return nil, err
		}
		s, err := sizeOf(m, data)
		if err != nil {
			return nil, fmt.Errorf("%d trees: %w", options.Trees, err)
		}
		list = append(list, s)
	}
	slices.SortStableFunc(list, func(a, b quality.Size) int { return cmp.Compare(a.Bytes, b.Bytes) })
	return list, nil
}

func sizeOf(m *modelfile.Model, data *dataset.Data) (quality.Size, error) {
	file, err := modelfile.Encode(m)
	if err != nil {
		return quality.Size{}, err
	}
	model := core.New(m)
	parts, err := Parts(model, data)
	if err != nil {
		return quality.Size{}, err
	}
	validation, err := area(Score(model, data, parts.Validation))
	if err != nil {
		return quality.Size{}, err
	}
	test, err := area(Score(model, data, parts.Test))
	if err != nil {
		return quality.Size{}, err
	}
	p := m.Training.Parameters
	return quality.Size{
		Trees: p.Trees, MaxLeaves: p.MaxLeaves, Features: p.Features, Nodes: m.Forest.Nodes(), Bytes: len(file),
		Validation: validation, Test: test,
	}, nil
}

// area is AUC-PR.
func area(s *dataset.Scored) (float64, error) {
	area, err := metrics.AveragePrecision(s.Probabilities, s.Positive)
	if err != nil {
		return 0, err
	}
	return round(area), nil
}
