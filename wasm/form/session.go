package form

import (
	"math"
	"slices"
	"strconv"

	"lendleaf/core"
	"lendleaf/wasm/transfer"
)

// Session is the work on one applicant: the first answer, which stands, and what
// was tried since with other values.
type Session struct {
	model *core.Model

	First   *Answer  // nil before the first prediction
	Tried   *Answer  // an exploration, or nil
	Faults  []Fault  // of the last attempt
	Changed []Change // how the form differs from the first answer, in form order
}

// Change is a field that holds something else than what the first answer is for.
type Change struct{ Field, Text, From, To string }

// Offer is a label that always went with another field's, where the form holds
// none or a different one.
type Offer struct {
	Field    string
	Sentence string // "With Kiel in the data:", before the label
	Label    string // as people read it
}

// NewSession begins without an applicant.
func NewSession(m *core.Model) *Session { return &Session{model: m} }

// Model is the one that scores.
func (s *Session) Model() *core.Model { return s.model }

// Predict scores an applicant, unless something is wrong: see Faults. Once there
// is an answer, and the form has changed, it is an exploration, and the first
// answer stays.
func (s *Session) Predict(typed *Applicant, when string) {
	if s.Faults = typed.inFormOrder(s.model.Schema()); len(s.Faults) > 0 {
		return
	}
	a := answer(s.model, typed.record)
	a.When = when
	s.Compare(typed)
	if len(s.Changed) == 0 { // also where there is no first answer
		s.First, s.Tried = a, nil
		return
	}
	a.Changes = slices.Clone(s.Changed)
	a.Difference = difference(a.share - s.First.share)
	a.Scale.First = s.First.Scale.At
	s.Tried = a
}

// difference writes how far one probability is from another.
func difference(by float64) string {
	points := strconv.FormatFloat(math.Abs(by)*100, 'f', 1, 64)
	switch {
	case points == "0.0":
		return "as in the first answer"
	case by > 0:
		return points + " points more than in the first answer"
	}
	return points + " points less than in the first answer"
}

// Compare looks how what is typed differs from the first answer's applicant. It
// returns whether that is news.
func (s *Session) Compare(typed *Applicant) (news bool) {
	before := s.Changed
	s.Changed = s.changes(typed)
	return !slices.Equal(before, s.Changed)
}

func (s *Session) changes(typed *Applicant) []Change {
	if s.First == nil {
		return nil
	}
	var list []Change
	fields := s.model.Schema()
	for _, c := range fields.Form {
		i := fields.Index(c.Field)
		f := &fields.Fields[i]
		was, is := s.First.record[i], typed.record[i]
		switch {
		case typed.wrong(f.Name):
			list = append(list, Change{f.Name, f.Text, shown(f, was), typed.texts[i]})
		case is != was:
			list = append(list, Change{f.Name, f.Text, shown(f, was), shown(f, is)})
		}
	}
	return list
}

// Waiting says whether the form holds changes that are not scored yet.
func (s *Session) Waiting() bool {
	return len(s.Changed) > 0 && (s.Tried == nil || !slices.Equal(s.Tried.Changes, s.Changed))
}

// Accept makes the exploration the answer, which what is typed now is compared
// with.
func (s *Session) Accept(typed *Applicant) {
	if s.Tried == nil {
		return
	}
	a := *s.Tried
	a.Changes, a.Difference, a.Scale.First = nil, "", ""
	s.First, s.Tried, s.Faults = &a, nil, nil
	s.Compare(typed)
}

// Back drops the exploration, and returns what the form held for the first
// answer, for each field in API order.
func (s *Session) Back() []string {
	s.Tried, s.Changed, s.Faults = nil, nil, nil
	fields := s.model.Schema().Fields
	values := make([]string, len(fields))
	if s.First == nil {
		return values
	}
	for i, n := range s.First.record {
		values[i] = fields[i].Display(n)
	}
	return values
}

// Clear begins anew.
func (s *Session) Clear() { *s = Session{model: s.model} }

// JSON writes an applicant as the API takes it. It is not ok if something is
// wrong: see Faults.
func (s *Session) JSON(typed *Applicant) (text string, ok bool) {
	if s.Faults = typed.inFormOrder(s.model.Schema()); len(s.Faults) > 0 {
		return "", false
	}
	return transfer.JSON(s.model.Schema(), typed.record), true
}

// Offers lists the labels that go with what is typed.
func (s *Session) Offers(typed *Applicant) []Offer {
	var offers []Offer
	fields := s.model.Schema().Fields
	record := typed.record
	for i := range fields {
		for j := range fields {
			label, ok := s.model.Implies(i, int(record[i]), j)
			if !ok || record[j] == int64(label) {
				continue
			}
			text := fields[j].Labels[label].Text
			offers = append(offers, Offer{fields[j].Name, "With " + fields[i].Display(record[i]) + " in the data:", text})
		}
	}
	return offers
}
