package shadow

import (
	"errors"
	"fmt"
	"reflect"

	"lendleaf/core"
	"lendleaf/core/schema"
	"lendleaf/server/record"
)

// ErrFields says that a model cannot score what is sent to another one.
var ErrFields = errors.New("the challenger cannot score the champion's applicants")

// Pair is a champion and its challenger.
type Pair struct {
	scorer     *Scorer
	challenger *core.Model
	observer   Observer // or nil
	width      int      // of the champion's records
	fields     []field
}

// field takes a value of the champion's to the challenger's.
type field struct {
	from, to *schema.Field
	at       int  // in the champion's record
	same     bool // a value of the one is one of the other
}

// Pair prepares to have a challenger score what a champion answers. Each of its
// fields must be one of the champion's, of the same kind, and it must predict the
// same outcomes. Its error wraps ErrFields.
func (s *Scorer) Pair(champion, challenger *core.Model, o Observer) (*Pair, error) {
	was, is := champion.Schema(), challenger.Schema()
	if was.Target.Positive.Name != is.Target.Positive.Name || was.Target.Negative.Name != is.Target.Negative.Name {
		return nil, fmt.Errorf("%w: it predicts %q or %q", ErrFields, is.Target.Positive.Name, is.Target.Negative.Name)
	}
	p := &Pair{scorer: s, challenger: challenger, observer: o, width: len(was.Fields)}
	for i := range is.Fields {
		to := &is.Fields[i]
		at := was.Index(to.Name)
		if at < 0 || was.Fields[at].Kind != to.Kind {
			return nil, fmt.Errorf("%w: its field %q is none of them", ErrFields, to.Name)
		}
		from := &was.Fields[at]
		p.fields = append(p.fields, field{from, to, at, interchangeable(from, to)})
	}
	return p, nil
}

// interchangeable says whether all that a value depends on is the same.
func interchangeable(a, b *schema.Field) bool {
	return a.Step == b.Step && a.Optional == b.Optional && reflect.DeepEqual(a.Min, b.Min) && reflect.DeepEqual(a.Max, b.Max) && reflect.DeepEqual(a.Labels, b.Labels)
}

// translate makes the challenger's record of the champion's, if it takes that.
func (p *Pair) translate(dst, r schema.Record) bool {
	for i, f := range p.fields {
		if f.same {
			dst[i] = r[f.at]
			continue
		}
		n, fault := f.to.Parse(f.from.Value(r[f.at]))
		if fault != schema.NoFault {
			return false
		}
		dst[i] = n
	}
	return true
}

// Score has the applicants of a batch, which were scored and answered, scored by
// the challenger. It waits for nothing. The batch must not be changed.
func (p *Pair) Score(b *record.Batch) {
	bytes := int64(len(b.Predictions)) * (sizeOfPrediction + 8*int64(p.width))
	p.scorer.enqueue(job{p, b, bytes})
}
