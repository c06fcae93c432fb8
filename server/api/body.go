package api

import (
	"errors"
	"io"
	"iter"
	"slices"
	"strings"

	"lendleaf/core/rows"
	"lendleaf/core/schema"
)

// shape reads bodies that hold a schema's applicants.
type shape struct {
	rows   *rows.Shape
	schema *schema.Schema
	enums  map[*schema.Field]fault
}

func newShape(s *schema.Schema) *shape {
	enums := map[*schema.Field]fault{}
	for i := range s.Fields {
		if f := &s.Fields[i]; f.Kind == schema.Choice {
			enums[f] = enum(f)
		}
	}
	return &shape{rows.NewShape(s, texts...), s, enums}
}

// errEncoding says that a body of JSON is no text.
var errEncoding = errors.New("the body is in no encoding of Unicode")

// read reads the applicants of the work's body, at most so many (0: any number),
// and returns what is wrong with it. Its errors are errEncoding, errTooLarge
// and errBusy.
func (s *shape) read(w *work, contentType string, most int) (iter.Seq[fault], error) {
	w.begin()
	if len(w.body) == 0 {
		return w.reject(missingBody()), nil
	}
	if !isJSON(contentType) {
		return w.reject(neither(rows.AppendText(nil, w.body))...), nil
	}
	if err := w.decode(); err != nil {
		return nil, err
	}
	source := rows.NewJSONText(w.text, s.rows)
	faulty, err := w.readAll(source, most)
	var invalid rows.SyntaxError
	switch {
	case errors.As(err, &invalid):
		return w.reject(noJSON(w.text, invalid)), nil
	case err != nil:
		return nil, err
	case most > 0 && w.size > most:
		return nil, errTooLarge
	case !faulty:
		return nil, nil
	case !source.List() && w.row.Faults[0].Field() == "":
		return w.reject(noApplicants(w.row.Object)...), nil
	case source.List():
		return s.faultsOfList(w.text), nil
	}
	return slices.Values(append(s.applicant(&w.row, single), noList(w.text))), nil
}

// readAll reads all applicants of a source, and says whether one is at fault. From
// the first fault on, or where there are too many, they are only counted.
func (w *work) readAll(source *rows.JSON, most int) (faulty bool, err error) {
	for {
		if err := source.Read(&w.row); err == io.EOF {
			return faulty, nil
		} else if err != nil {
			return false, err
		}
		w.size++
		faulty = faulty || len(w.row.Faults) > 0
		if faulty || most > 0 && w.size > most {
			continue
		}
		if err := w.keep(&w.row); err != nil {
			return false, err
		}
	}
}

// noApplicants is what is wrong with a body that is neither object nor array.
func noApplicants(raw []byte) []fault {
	if string(raw) == "null" { // which the reference takes for no body at all
		return []fault{missingBody()}
	}
	return neither(raw)
}

// neither is what is wrong with a body that is no applicant and no list.
func neither(raw []byte) []fault { return []fault{noObject(raw, single), noList(raw)} }

// isJSON says whether a content type is JSON's; none counts as JSON's.
func isJSON(contentType string) bool {
	if contentType == typeJSON || strings.TrimSpace(contentType) == "" {
		return true
	}
	subtype, ok := strings.CutPrefix(mediaType(contentType), "application/")
	return ok && (subtype == "json" || strings.HasSuffix(subtype, "+json"))
}

const typeJSON = "application/json"

// mediaType is a content type in lower case without its parameters, whatever they
// are.
func mediaType(contentType string) string {
	kind, _, _ := strings.Cut(contentType, ";")
	return strings.ToLower(strings.TrimSpace(kind))
}

// applicants are those of a text that was read already.
func (s *shape) applicants(text []byte) iter.Seq2[int, *rows.Row] {
	return func(yield func(int, *rows.Row) bool) {
		source, row := rows.NewJSONText(text, s.rows), &rows.Row{}
		for i := 0; source.Read(row) == nil && yield(i, row); i++ {
		}
	}
}

// faultsOfList gives what is wrong with an array, and with each of its members.
// That can be a thousand times as long as the array, so it is found again while it
// is written.
func (s *shape) faultsOfList(array []byte) iter.Seq[fault] {
	return func(yield func(fault) bool) {
		whole := noObject(array, single)
		whole.again = true // its members say more
		if !yield(whole) {
			return
		}
		for i, row := range s.applicants(array) {
			for _, f := range s.applicant(row, list, i) {
				if !yield(f) {
					return
				}
			}
		}
	}
}

// applicant is what is wrong with an applicant that lies at a place in the body.
func (s *shape) applicant(row *rows.Row, place ...any) (faults []fault) {
	for _, e := range row.Faults {
		name := e.Field()
		if name == "" {
			return []fault{noObject(row.Object, place...)}
		}
		at, first := append(place[:len(place):len(place)], name), len(faults)
		var of schema.FieldError
		switch {
		case !errors.As(e.Err, &of):
			faults = append(faults, noText(row.Given(len(row.Record)+slices.Index(texts, name)), at))
		case of.Fault == schema.FaultMissing:
			faults = append(faults, missingField(row.Object, at))
		case of.Field.Kind == schema.Choice:
			faults = append(faults, s.enums[of.Field].at(at, row.Given(s.schema.Index(name))))
		default:
			faults = append(faults, number(of.Field, of.Fault, row.Given(s.schema.Index(name)), at)...)
		}
		faults[first].field = name
	}
	return faults
}
