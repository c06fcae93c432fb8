package form

import (
	"math"
	"slices"
	"strconv"

	"lendleaf/core"
	"lendleaf/core/schema"
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

// Predict scores what the form holds. Once there is an answer, and the form has
// changed, it is an exploration, and the first answer stays.
func (s *Session) Predict(read func(field string) string, when string) {
	a := Predict(s.model, read)
	s.Faults = a.Faults
	if len(a.Faults) > 0 {
		return
	}
	a.When = when
	s.Compare(read)
	if s.First == nil || len(s.Changed) == 0 {
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

// Compare looks how the form differs from the first answer. It returns whether
// that is news.
func (s *Session) Compare(read func(field string) string) (news bool) {
	before := s.Changed
	s.Changed = nil
	if s.First != nil {
		s.Changed = s.changes(read)
	}
	return !slices.Equal(before, s.Changed)
}

func (s *Session) changes(read func(field string) string) []Change {
	var list []Change
	fields := s.model.Schema()
	for _, c := range fields.Form {
		i := fields.Index(c.Field)
		f := &fields.Fields[i]
		typed := read(c.Field)
		n, fault := f.Parse(f.Read(typed))
		if fault == schema.NoFault && n == s.First.record[i] {
			continue
		}
		to := typed
		if fault == schema.NoFault {
			to = shown(f, n)
		}
		list = append(list, Change{f.Name, f.Text, shown(f, s.First.record[i]), to})
	}
	return list
}

// Waiting says whether the form holds changes that are not scored yet.
func (s *Session) Waiting() bool {
	return len(s.Changed) > 0 && (s.Tried == nil || !slices.Equal(s.Tried.Changes, s.Changed))
}

// Accept makes the exploration the answer.
func (s *Session) Accept(read func(field string) string) {
	if s.Tried == nil {
		return
	}
	a := *s.Tried
	a.Changes, a.Difference, a.Scale.First = nil, "", ""
	s.First, s.Tried, s.Faults = &a, nil, nil
	s.Compare(read)
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
		if n != schema.Missing {
			values[i] = fields[i].Display(n)
		}
	}
	return values
}

// Clear begins anew.
func (s *Session) Clear() { *s = Session{model: s.model} }

// JSON writes what the form holds as the API takes it. It is not ok if something
// is wrong with it: see Faults.
func (s *Session) JSON(read func(field string) string) (text string, ok bool) {
	record, faults := parse(s.model.Schema(), read)
	s.Faults = inFormOrder(s.model.Schema(), faults)
	if len(faults) > 0 {
		return "", false
	}
	return transfer.JSON(s.model.Schema(), record), true
}

// Offers lists the labels that go with what the form holds.
func (s *Session) Offers(read func(field string) string) []Offer {
	var offers []Offer
	fields := s.model.Schema().Fields
	record, _ := parse(s.model.Schema(), read) // a field at fault holds nothing
	for i := range fields {
		for j := range fields {
			if record[i] == schema.Missing {
				break
			}
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
