package measure

import (
	"context"
	"slices"

	"lendleaf/core"
	"lendleaf/core/dataset"
	"lendleaf/core/metrics"
	"lendleaf/core/quality"
)

// Split measures a model on a part that it has scored. Rows that are equal in
// all fields are one person's. Its errors are those of package metrics; that of
// ctx once it is done.
func Split(ctx context.Context, model *core.Model, s *dataset.Scored, o Options) (quality.Split, error) {
	summary, err := summarize(model, s, o)
	if err != nil {
		return quality.Split{}, err
	}
	curve, err := metrics.Curve(s.Probabilities, s.Positive)
	if err != nil {
		return quality.Split{}, err
	}
	importance, err := importance(ctx, model, s, o.Seed)
	if err != nil {
		return quality.Split{}, err
	}
	return quality.Split{
		Summary: summary, Curve: thin(curve), Thresholds: thresholds(curve, o.Cost),
		Scores: bins(s), Rates: rates(s), Calibration: model.Calibration(), Importance: importance,
	}, nil
}

// summarize takes the figures, and their intervals by drawing people.
func summarize(model *core.Model, s *dataset.Scored, o Options) (quality.Summary, error) {
	figures, err := metrics.Measure(s.Probabilities, s.Positive, model.Threshold())
	if err != nil {
		return quality.Summary{}, err
	}
	people := dataset.Groups(s.Records, dataset.All(len(model.Schema().Fields)))
	low, high, err := metrics.Bootstrap(s.Probabilities, s.Positive, people, model.Threshold(), o.Draws, o.Seed)
	if err != nil {
		return quality.Summary{}, err
	}
	return quality.Summary{
		Threshold: model.Threshold(), Rows: len(s.Rows), People: slices.Max(people) + 1, BaseRate: round(s.BaseRate()),
		Figures: figures.Map(round), Low: low.Map(round), High: high.Map(round),
	}, nil
}
