package feature

import (
	"math"
	"slices"

	"lendleaf/core/schema"
)

// Learn takes from the training part what the features need: records of the
// plan's schema, and whether each had the positive outcome.
func (p *Plan) Learn(records []schema.Record, positive []bool) Learned {
	learned := Learned{Typical: map[string]int64{}, Rates: map[string][]float64{}}
	for i := range p.schema.Fields {
		if f := &p.schema.Fields[i]; f.Optional {
			learned.Typical[f.Name] = typicalOf(f, i, records)
		}
	}
	for i, spec := range p.specs {
		if spec.Kind == Rate {
			field := p.columns[i].field
			labels := len(p.schema.Fields[field].Labels)
			learned.Rates[spec.Field] = ratesOf(labels, field, learned.Typical[spec.Field], records, positive)
		}
	}
	return learned
}

// typicalOf is the most frequent label (the first of equals) or the lower median.
func typicalOf(f *schema.Field, i int, records []schema.Record) int64 {
	var present []int64
	for _, r := range records {
		if r[i] != schema.Missing {
			present = append(present, r[i])
		}
	}
	if len(present) == 0 {
		return 0
	}
	if f.Kind == schema.Number {
		slices.Sort(present)
		return present[(len(present)-1)/2]
	}
	counts := make([]int, len(f.Labels))
	for _, v := range present {
		counts[v]++
	}
	return int64(slices.Index(counts, slices.Max(counts)))
}

func ratesOf(labels, field int, typical int64, records []schema.Record, positive []bool) []float64 {
	rows, positives := make([]int, labels), make([]int, labels)
	allPositives := 0
	for i, r := range records {
		v := r[field]
		if v == schema.Missing {
			v = typical
		}
		rows[v]++
		if positive[i] {
			positives[v]++
			allPositives++
		}
	}
	ofAll := float64(allPositives) / math.Max(1, float64(len(records)))
	rates := make([]float64, labels)
	for v := range rates {
		rates[v] = ofAll
		if rows[v] > 0 {
			rates[v] = float64(positives[v]) / float64(rows[v])
		}
	}
	return rates
}
