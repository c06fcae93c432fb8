// Package form is what the page knows without a browser: it reads what was
// typed, scores it, and puts the answer into words. What the form holds is read
// and parsed once for an event, as an Applicant.
package form

import (
	"strconv"

	"lendleaf/core"
	"lendleaf/core/calibration"
	"lendleaf/core/schema"
)

// Probability is one outcome's, in percent.
type Probability struct {
	Outcome string // "No Default"
	ID      string // of its element: "probability-no-default"
	Percent string // with one decimal: "18.2%"
}

// Input is one field of an applicant as it was scored.
type Input struct{ Field, Text, Value string }

// Answer is what the page shows after a prediction.
type Answer struct {
	Prediction    string // the outcome
	Comparison    string // where the probability lies: "Below the threshold of 46%"
	Scale         Scale
	Probabilities []Probability // of the positive outcome, then of the negative
	Meaning       string        // how often applicants who scored alike had the positive outcome, or that nobody knows
	Differences   []string      // how the applicant is unlike the training data
	Assumed       []string      // what stands in for fields left open: "Car Ownership: No"
	Inputs        []Input       // in form order
	When          string        // the day and the time
	Changes       []Change      // of an exploration: how it differs from the first answer
	Difference    string        // of an exploration: how its probability does

	record schema.Record
	share  float64 // the positive outcome's probability
}

func answer(m *core.Model, r schema.Record) *Answer {
	score := m.Score(r)
	target := m.Schema().Target
	return &Answer{
		Prediction: m.Outcome(score),
		Comparison: comparison(score.Probability, m.Threshold()),
		Scale:      scale(score.Probability, m.Threshold()),
		Probabilities: []Probability{
			probability(target.Positive.Name, score.Probability),
			probability(target.Negative.Name, 1-score.Probability),
		},
		Meaning:     meaning(m.Calibration(), target.Positive.Name, score.Probability),
		Differences: m.Differences(r),
		Assumed:     assumed(m, r),
		Inputs:      inputs(m.Schema(), r),
		record:      r,
		share:       score.Probability,
	}
}

func comparison(p, threshold float64) string {
	where := "Below"
	switch {
	case p > threshold:
		where = "Above"
	case p == threshold:
		where = "At"
	}
	return where + " the threshold of " + Percent(threshold, -1)
}

func inputs(s *schema.Schema, r schema.Record) []Input {
	list := make([]Input, len(s.Form))
	for i, c := range s.Form {
		f := s.Field(c.Field)
		list[i] = Input{f.Name, f.Text, shown(f, r[s.Index(c.Field)])}
	}
	return list
}

// shown is a field's value as people read it.
func shown(f *schema.Field, n int64) string {
	if n == schema.Missing {
		return "not given"
	}
	return f.Display(n)
}

// meaning puts a calibration into words, if it holds. It may be nil.
func meaning(c *calibration.Calibration, positive string, p float64) string {
	if !c.Holds() {
		return "How many applicants with such a score end as " + positive + " is not known: on people who are new to it, this model does no better than one number for everybody."
	}
	return "Of 100 such applicants who were new to the model, about " + strconv.Itoa(int(c.Rate(p)*100+0.5)) + " ended as " + positive + "."
}

func probability(outcome string, p float64) Probability {
	return Probability{outcome, "probability-" + Slug(outcome), Percent(p, 1)}
}

func assumed(m *core.Model, r schema.Record) []string {
	var list []string
	s := m.Schema()
	for _, c := range s.Form {
		i := s.Index(c.Field)
		if r[i] == schema.Missing {
			f := &s.Fields[i]
			list = append(list, f.Text+": "+f.Display(m.Typical(i)))
		}
	}
	return list
}

// Percent writes a share with so many decimals; -1 stands for as many as it
// takes.
func Percent(share float64, decimals int) string {
	percent := share * 100
	if decimals < 0 { // 0.07·100 is not quite 7 in floats
		percent, _ = strconv.ParseFloat(strconv.FormatFloat(percent, 'g', 12, 64), 64)
	}
	return strconv.FormatFloat(percent, 'f', decimals, 64) + "%"
}

// Slug makes an element's id of an outcome's name: "No Default" is "no-default".
func Slug(name string) string {
	id := []byte{}
	for _, c := range []byte(name) {
		switch {
		case 'A' <= c && c <= 'Z':
			id = append(id, c+'a'-'A')
		case 'a' <= c && c <= 'z' || '0' <= c && c <= '9':
			id = append(id, c)
		default:
			id = append(id, '-')
		}
	}
	return string(id)
}
