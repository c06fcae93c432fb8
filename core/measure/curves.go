package measure

import (
	"cmp"
	"slices"

	"lendleaf/core/dataset"
	"lendleaf/core/metrics"
	"lendleaf/core/quality"
)

// thin keeps every point of a curve that a picture could show.
func thin(curve []metrics.Point) []quality.CurvePoint {
	const steps = 250
	var kept []quality.CurvePoint
	before := -1
	for _, p := range curve {
		at := int(p.Recall()*steps) + int(p.FalsePositiveRate()*steps) // the last point is alone at the end of both
		if at == before {
			continue
		}
		before = at
		kept = append(kept, quality.CurvePoint{
			Precision: round(p.Precision()), Recall: round(p.Recall()), FalsePositiveRate: round(p.FalsePositiveRate()),
		})
	}
	return kept
}

// thresholds looks at each hundredth.
func thresholds(curve []metrics.Point, cost float64) []quality.ThresholdPoint {
	points := make([]quality.ThresholdPoint, 0, 99)
	for _, p := range metrics.Hundredths(curve) {
		rows := p.TruePositives + p.FalsePositives + p.FalseNegatives + p.TrueNegatives
		lost := float64(p.FalsePositives) + float64(cost*float64(p.FalseNegatives))
		points = append(points, quality.ThresholdPoint{
			Threshold: p.Threshold, Precision: round(p.Precision()), Recall: round(p.Recall()), Cost: round(lost / float64(rows)),
		})
	}
	return points
}

// bins counts rows by twentieths of the probability.
func bins(s *dataset.Scored) []quality.Bin {
	const twentieths = 20
	counts := make([]quality.Bin, twentieths)
	for i := range counts {
		counts[i].From = float64(i) / twentieths
	}
	for i, probability := range s.Probabilities {
		b := &counts[min(int(probability*twentieths), twentieths-1)]
		if s.Positive[i] {
			b.Positives++
		} else {
			b.Negatives++
		}
	}
	return counts
}

// rates divides the rows into tenths.
func rates(s *dataset.Scored) []quality.Rate {
	order := dataset.All(len(s.Probabilities))
	slices.SortFunc(order, func(a, b int) int {
		return cmp.Or(cmp.Compare(s.Probabilities[a], s.Probabilities[b]), cmp.Compare(a, b))
	})
	var rates []quality.Rate
	for tenth := range 10 {
		rows := order[len(order)*tenth/10 : len(order)*(tenth+1)/10]
		if len(rows) == 0 {
			continue
		}
		sum, positives := 0.0, 0
		for _, row := range rows {
			sum += s.Probabilities[row]
			if s.Positive[row] {
				positives++
			}
		}
		n := float64(len(rows))
		rates = append(rates, quality.Rate{Probability: round(sum / n), Rate: round(float64(positives) / n), Rows: len(rows)})
	}
	return rates
}
