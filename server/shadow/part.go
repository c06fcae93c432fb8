package shadow

import (
	"time"

	"lendleaf/core"
	"lendleaf/core/schema"
	"lendleaf/server/record"
)

// part is some applicants of one pair who are scored together.
type part struct {
	pair    *Pair
	of      []answered
	records []schema.Record // the challenger's
	numbers schema.Record   // the records'
	scores  []core.Score
	bytes   int64 // held by batches that are done once these applicants are
}

// answered is what the champion said of an applicant.
type answered struct {
	batch *record.Batch
	*record.Prediction
}

// add adds an applicant, unless the challenger does not take them.
func (p *part) add(b *record.Batch, of *record.Prediction) bool {
	width := len(p.pair.fields)
	if cap(p.numbers) < together*width {
		p.numbers = make(schema.Record, 0, together*width)
	}
	start := len(p.numbers)
	r := p.numbers[start : start+width : start+width]
	if !p.pair.translate(r, of.Record) {
		return false
	}
	p.numbers = p.numbers[:start+width]
	p.records = append(p.records, r)
	p.of = append(p.of, answered{b, of})
	return true
}

func (p *part) score() {
	p.scores = p.pair.challenger.AppendScores(p.scores[:0], p.records)
	if o := p.pair.observer; o != nil {
		o.Scored(p.records, p.scores)
		for i, of := range p.of {
			o.Compared(of.Score, p.scores[i])
		}
	}
}

// batches are what is to be recorded: for each request, the challenger's answers.
func (p *part) batches() (all []*record.Batch) {
	var last *record.Batch // the champion's
	for i, of := range p.of {
		if of.batch != last {
			last = of.batch
			all = append(all, &record.Batch{
				ID: last.ID, Start: last.Start, Latency: time.Since(last.Start), Size: last.Size, Model: p.pair.challenger, Challenger: true,
			})
		}
		b := all[len(all)-1]
		b.Predictions = append(b.Predictions, record.Prediction{Place: of.Place, Score: p.scores[i]})
	}
	return all
}

func (p *part) clear() {
	clear(p.of) // whose batches are done
	p.of, p.records, p.numbers = p.of[:0], p.records[:0], p.numbers[:0]
}
