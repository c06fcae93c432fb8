package dataset

import "lendleaf/core/schema"

// Scored is some rows with what a model says of them: one element for each row.
type Scored struct {
	Rows          []int // positions in the Data
	Records       []schema.Record
	Positive      []bool
	Probabilities []float64 // of the positive outcome
}

// Score picks rows and has a model score them. All that is measured of the rows
// is measured on what it returns.
func (d *Data) Score(rows []int, model func(records []schema.Record) []float64) *Scored {
	s := &Scored{Rows: rows}
	s.Records, s.Positive = d.Rows(rows)
	s.Probabilities = model(s.Records)
	return s
}

// Where keeps the rows that are to be kept.
func (s *Scored) Where(keep func(row int) bool) *Scored {
	kept := &Scored{}
	for i, row := range s.Rows {
		if keep(row) {
			kept.Rows = append(kept.Rows, row)
			kept.Records = append(kept.Records, s.Records[i])
			kept.Positive = append(kept.Positive, s.Positive[i])
			kept.Probabilities = append(kept.Probabilities, s.Probabilities[i])
		}
	}
	return kept
}

// BaseRate is the share of positives. There must be a row.
func (s *Scored) BaseRate() float64 {
	positives := 0
	for _, p := range s.Positive {
		if p {
			positives++
		}
	}
	return float64(positives) / float64(len(s.Positive))
}
