package report

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"lendleaf/core/dataset"
	"lendleaf/core/metrics"
	"lendleaf/core/modelfile"
	"lendleaf/core/train"
)

// sizes sets the model beside others of other sizes, trained on the same rows.
func sizes(ctx context.Context, shipped *modelfile.Model, data *dataset.Data, o Options) ([]Size, error) {
	own, err := sizeOf(shipped, data)
	if err != nil {
		return nil, err
	}
	own.Shipped = true
	list := []Size{own}
	for _, options := range o.Sizes {
		plan := planOf(shipped, o)
		plan.Options = options
		m, err := train.Model(ctx, &shipped.Definition, data, plan)
		if err != nil {
			return nil, err
		}
		s, err := sizeOf(m, data)
		if err != nil {
			return nil, fmt.Errorf("%d trees: %w", options.Trees, err)
		}
		list = append(list, s)
	}
	slices.SortStableFunc(list, func(a, b Size) int { return cmp.Compare(a.Bytes, b.Bytes) })
	return list, nil
}

func sizeOf(m *modelfile.Model, data *dataset.Data) (Size, error) {
	file, err := modelfile.Encode(m)
	if err != nil {
		return Size{}, err
	}
	p := m.Training.Parameters
	s := Size{Trees: p.Trees, MaxLeaves: p.MaxLeaves, Features: p.Features, Nodes: m.Forest.Nodes(), Bytes: len(file)}
	parts := data.Parts(nil)
	if s.Validation, err = areaOn(m, data, parts.Validation); err != nil {
		return s, err
	}
	s.Test, err = areaOn(m, data, parts.Test)
	return s, err
}

func areaOn(m *modelfile.Model, data *dataset.Data, rows []int) (float64, error) {
	p, err := newPart(m, data, rows)
	if err != nil {
		return 0, err
	}
	area, err := metrics.AveragePrecision(p.probabilities, p.positive)
	return round(area), err
}
