package measure

import (
	"cmp"
	"context"
	"math/rand/v2"
	"slices"

	"lendleaf/core"
	"lendleaf/core/dataset"
	"lendleaf/core/metrics"
	"lendleaf/core/quality"
	"lendleaf/core/schema"
)

// importance deals a field's values out anew among the rows, some times, and
// takes the mean of what AUC-PR loses.
func importance(ctx context.Context, model *core.Model, s *dataset.Scored, seed uint64) ([]quality.Importance, error) {
	const times = 5
	whole, err := metrics.AveragePrecision(s.Probabilities, s.Positive)
	if err != nil {
		return nil, err
	}
	var list []quality.Importance
	for field, f := range model.Schema().Fields {
		lost := 0.0
		for time := range uint64(times) {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			records := dealt(s.Records, field, rand.New(rand.NewPCG(seed, uint64(field)*times+time)))
			without, err := metrics.AveragePrecision(probabilities(model, records), s.Positive)
			if err != nil {
				return nil, err
			}
			lost += whole - without
		}
		list = append(list, quality.Importance{Field: f.Name, Text: f.Text, Drop: round(lost / times)})
	}
	slices.SortStableFunc(list, func(a, b quality.Importance) int { return cmp.Compare(b.Drop, a.Drop) })
	return list, nil
}

// dealt copies records with one field's values in another order.
func dealt(records []schema.Record, field int, r *rand.Rand) []schema.Record {
	order := r.Perm(len(records))
	copies := make([]schema.Record, len(records))
	for i, record := range records {
		copies[i] = slices.Clone(record)
		copies[i][field] = records[order[i]][field]
	}
	return copies
}
