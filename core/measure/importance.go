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

// dealings is how often the values of a field are dealt out anew.
const dealings = 5

// importance says what AUC-PR loses when the values of a field are dealt out anew
// among the rows, for each field, the largest loss first.
func importance(ctx context.Context, model *core.Model, s *dataset.Scored, seed uint64) ([]quality.Importance, error) {
	whole, err := metrics.AveragePrecision(s.Probabilities, s.Positive)
	if err != nil {
		return nil, err
	}
	var list []quality.Importance
	for i, f := range model.Schema().Fields {
		rest, err := without(ctx, model, s, i, seed)
		if err != nil {
			return nil, err
		}
		list = append(list, quality.Importance{Field: f.Name, Text: f.Text, Drop: round(whole - rest)})
	}
	slices.SortStableFunc(list, func(a, b quality.Importance) int { return cmp.Compare(b.Drop, a.Drop) })
	return list, nil
}

// without is the mean AUC-PR when a field's values are those of other rows.
func without(ctx context.Context, model *core.Model, s *dataset.Scored, field int, seed uint64) (float64, error) {
	sum := 0.0
	for time := range dealings {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		area, err := metrics.AveragePrecision(probabilities(model, dealt(s.Records, field, draws(seed, field, time))), s.Positive)
		if err != nil {
			return 0, err
		}
		sum += area
	}
	return sum / dealings, nil
}

// draws are other ones for each field and each time.
func draws(seed uint64, field, time int) *rand.Rand {
	return rand.New(rand.NewPCG(seed, uint64(field*dealings+time)))
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
