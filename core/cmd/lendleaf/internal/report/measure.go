package report

import (
	"cmp"
	"context"
	"math/rand/v2"
	"slices"

	"lendleaf/core"
	"lendleaf/core/dataset"
	"lendleaf/core/metrics"
	"lendleaf/core/modelfile"
	"lendleaf/core/schema"
)

// part is a model with a part of the data that it was not trained on.
type part struct {
	model         *core.Model
	records       []schema.Record
	positive      []bool
	probabilities []float64
}

func newPart(m *modelfile.Model, data *dataset.Data, rows []int) (*part, error) {
	model, err := core.New(m)
	if err != nil {
		return nil, err
	}
	p := &part{model: model}
	p.records, p.positive = data.Rows(rows)
	p.probabilities = p.score(p.records)
	return p, nil
}

func (p *part) score(records []schema.Record) []float64 {
	probabilities := make([]float64, 0, len(records))
	for _, s := range p.model.AppendScores(nil, records) {
		probabilities = append(probabilities, s.Probability)
	}
	return probabilities
}

// measure looks at the test part of the model's own split.
func measure(ctx context.Context, m *modelfile.Model, data *dataset.Data, o Options) (Split, error) {
	fields, err := m.Definition.Indexes(m.Training.Group)
	if err != nil {
		return Split{}, err
	}
	test := data.Parts(fields).Test
	p, err := newPart(m, data, test)
	if err != nil {
		return Split{}, err
	}
	groups := dataset.Groups(p.records, dataset.All(len(m.Definition.Fields)))
	s := Split{Threshold: m.Threshold, Rows: len(test), People: slices.Max(append(groups, -1)) + 1, Calibration: m.Calibration}
	if s.Figures, err = metrics.Measure(p.probabilities, p.positive, m.Threshold); err != nil {
		return s, err
	}
	if s.Low, s.High, err = metrics.Bootstrap(p.probabilities, p.positive, groups, m.Threshold, o.Draws, o.Seed); err != nil {
		return s, err
	}
	curve, err := metrics.Curve(p.probabilities, p.positive)
	if err != nil {
		return s, err
	}
	if s.Importance, err = p.importance(ctx, s.Figures.AUCPR, o.Seed); err != nil {
		return s, err
	}
	last := curve[len(curve)-1].Confusion
	s.BaseRate = round(last.Precision())
	s.Figures, s.Low, s.High = roundFigures(s.Figures), roundFigures(s.Low), roundFigures(s.High)
	s.Curve, s.Thresholds = thin(curve), thresholds(curve, o.Cost)
	s.Scores, s.Rates = p.scores(), p.rates()
	return s, nil
}

// thin keeps every point of a curve that a picture could show.
func thin(curve []metrics.Point) []CurvePoint {
	const steps = 250
	var kept []CurvePoint
	before := -1
	for i, p := range curve {
		at := int(p.Recall()*steps) + int(p.FalsePositiveRate()*steps)
		if at == before && i < len(curve)-1 {
			continue
		}
		before = at
		kept = append(kept, CurvePoint{round(p.Precision()), round(p.Recall()), round(p.FalsePositiveRate())})
	}
	return kept
}

// thresholds looks at each hundredth.
func thresholds(curve []metrics.Point, cost float64) []ThresholdPoint {
	all := curve[len(curve)-1].Confusion
	rows := float64(all.TruePositives + all.FalsePositives)
	at := metrics.Confusion{FalseNegatives: all.TruePositives, TrueNegatives: all.FalsePositives}
	points := make([]ThresholdPoint, 99)
	for i := 98; i >= 0; i-- {
		threshold := float64(i+1) / 100
		for len(curve) > 0 && curve[0].Threshold >= threshold {
			at, curve = curve[0].Confusion, curve[1:]
		}
		lost := float64(at.FalsePositives) + float64(cost*float64(at.FalseNegatives))
		points[i] = ThresholdPoint{threshold, round(at.Precision()), round(at.Recall()), round(lost / rows)}
	}
	return points
}

// scores counts rows by twentieths of the probability.
func (p *part) scores() []Bin {
	const bins = 20
	counts := make([]Bin, bins)
	for i := range counts {
		counts[i].From = float64(i) / bins
	}
	for i, probability := range p.probabilities {
		b := &counts[min(int(probability*bins), bins-1)]
		if p.positive[i] {
			b.Positives++
		} else {
			b.Negatives++
		}
	}
	return counts
}

// rates divides the rows into tenths.
func (p *part) rates() []Rate {
	order := dataset.All(len(p.probabilities))
	slices.SortFunc(order, func(a, b int) int {
		return cmp.Or(cmp.Compare(p.probabilities[a], p.probabilities[b]), cmp.Compare(a, b))
	})
	var rates []Rate
	for tenth := range 10 {
		rows := order[len(order)*tenth/10 : len(order)*(tenth+1)/10]
		if len(rows) == 0 {
			continue
		}
		sum, positives := 0.0, 0
		for _, row := range rows {
			sum += p.probabilities[row]
			if p.positive[row] {
				positives++
			}
		}
		n := float64(len(rows))
		rates = append(rates, Rate{round(sum / n), round(float64(positives) / n), len(rows)})
	}
	return rates
}

// importance deals a field's values out anew among the rows, some times, and
// takes the mean of what AUC-PR loses.
func (p *part) importance(ctx context.Context, whole float64, seed uint64) ([]Importance, error) {
	const times = 5
	var list []Importance
	for field, f := range p.model.Schema().Fields {
		lost := 0.0
		for time := range uint64(times) {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			records := dealt(p.records, field, rand.New(rand.NewPCG(seed, uint64(field)*times+time)))
			without, err := metrics.AveragePrecision(p.score(records), p.positive)
			if err != nil {
				return nil, err
			}
			lost += whole - without
		}
		list = append(list, Importance{f.Name, f.Text, round(lost / times)})
	}
	slices.SortStableFunc(list, func(a, b Importance) int { return cmp.Compare(b.Drop, a.Drop) })
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
