package api

import (
	"bytes"
	"errors"
	"iter"
	"mime"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"lendleaf/core/schema"
)

// shape reads bodies that hold a schema's applicants.
type shape struct {
	schema  *schema.Schema
	places  map[string]int // of the schema's fields, then of texts
	enums   map[*schema.Field]fault
	scanner *schema.Scanner // for most bodies
}

func newShape(s *schema.Schema) *shape {
	places, enums := map[string]int{}, map[*schema.Field]fault{}
	for i := range s.Fields {
		f := &s.Fields[i]
		places[f.Name] = i
		if f.Kind == schema.Choice {
			enums[f] = enum(f)
		}
	}
	for i, name := range texts {
		places[name] = len(s.Fields) + i
	}
	return &shape{s, places, enums, schema.NewScanner(s, texts...)}
}

// value is what a body holds for a field, with its JSON.
type value struct {
	schema.Value
	raw []byte
}

// errEncoding says that a body of JSON is no text.
var errEncoding = errors.New("the body is in no encoding of Unicode")

// lenient is how the reference reads JSON: of a repeated name the last value
// counts, and half a surrogate pair is text.
var lenient = []jsontext.Options{jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)}

// read returns the body's applicants, at most so many (0: any number), or what
// is wrong with it, and its JSON if it is an object or an array. Its errors are
// errEncoding and errTooLarge.
func (s *shape) read(body []byte, contentType string, most int) (jsontext.Value, []schema.Record, iter.Seq[fault], error) {
	if len(body) == 0 {
		return nil, nil, only(missingBody()), nil
	}
	if !isJSON(contentType) {
		return nil, nil, neither(appendString(nil, string(body))), nil
	}
	body, err := toUTF8(body)
	if err != nil {
		return nil, nil, nil, err
	}
	raw, invalid := parse(body)
	if invalid != nil {
		return nil, nil, only(*invalid), nil
	}
	switch raw.Kind() {
	case 'n': // which the reference takes for no body at all
		return nil, nil, only(missingBody()), nil
	case '{':
		record, faults := s.applicant(raw, single)
		if faults != nil {
			return raw, nil, slices.Values(append(faults, noList(raw))), nil
		}
		return raw, []schema.Record{record}, nil, nil
	case '[':
		records, faults, err := s.applicants(raw, most)
		return raw, records, faults, err
	}
	return nil, nil, neither(raw), nil
}

func only(f fault) iter.Seq[fault] { return slices.Values([]fault{f}) }

// neither is what is wrong with a body that is no applicant and no list.
func neither(raw []byte) iter.Seq[fault] {
	return slices.Values([]fault{noObject(raw, single), noList(raw)})
}

// isJSON says whether a content type is JSON's; none counts as JSON's.
func isJSON(contentType string) bool {
	if contentType == "application/json" || strings.TrimSpace(contentType) == "" {
		return true
	}
	kind, _, err := mime.ParseMediaType(contentType)
	if err != nil {
		kind, _, _ = strings.Cut(strings.ToLower(contentType), ";")
		kind = strings.TrimSpace(kind)
	}
	subtype, ok := strings.CutPrefix(kind, "application/")
	return ok && (subtype == "json" || strings.HasSuffix(subtype, "+json"))
}

// parse proves that the body is one JSON value, and returns it with every text
// as valid UTF-8.
func parse(body []byte) (jsontext.Value, *fault) {
	raw := jsontext.Value(bytes.Trim(body, " \t\r\n"))
	err := raw.Format(lenient...)
	if err == nil {
		return raw, nil
	}
	offset := 0
	reason := "Expecting value"
	var wrong *jsontext.SyntacticError
	if errors.As(err, &wrong) {
		offset = int(wrong.ByteOffset) + len(body) - len(bytes.TrimLeft(body, " \t\r\n"))
		reason = wrong.Err.Error()
	}
	invalid := noJSON(offset, reason)
	return nil, &invalid
}

// applicants reads the members of an array. What is wrong with them can be a
// thousand times as long as the array, so it is found again while it is written.
func (s *shape) applicants(array jsontext.Value, most int) ([]schema.Record, iter.Seq[fault], error) {
	records := []schema.Record{}
	faulty := false
	d := decoder(array)
	for d.PeekKind() != ']' {
		if most > 0 && len(records) == most {
			return nil, nil, errTooLarge
		}
		item := must(d.ReadValue())
		var record schema.Record
		if !faulty {
			var faults []fault
			record, faults = s.member(item, len(records))
			faulty = faults != nil
		}
		records = append(records, record)
	}
	if faulty {
		return nil, s.faults(array), nil
	}
	return records, nil, nil
}

// faults gives what is wrong with an array, and with each of its members.
func (s *shape) faults(array jsontext.Value) iter.Seq[fault] {
	return func(yield func(fault) bool) {
		whole := noObject(array, single)
		whole.again = true // its members say more
		if !yield(whole) {
			return
		}
		d := decoder(array)
		for i := 0; d.PeekKind() != ']'; i++ {
			_, faults := s.member(must(d.ReadValue()), i)
			for _, f := range faults {
				if !yield(f) {
					return
				}
			}
		}
	}
}

// member reads a member of an array. What it returns does not outlive the next
// reading.
func (s *shape) member(item jsontext.Value, i int) (schema.Record, []fault) {
	if item.Kind() != '{' {
		return nil, []fault{noObject(item, list, i)}
	}
	return s.applicant(item, list, i)
}

// decoder reads the members of an object or array that parse has proved.
func decoder(container jsontext.Value) *jsontext.Decoder {
	d := jsontext.NewDecoder(bytes.NewBuffer(container), lenient...)
	must(d.ReadToken())
	return d
}

// next reads the next value.
func next(d *jsontext.Decoder) jsontext.Value { return must(d.ReadValue()).Clone() }

// must is for JSON that has been proved already.
func must[T any](x T, err error) T {
	if err != nil {
		panic(err)
	}
	return x
}

// applicant reads an object that lies at a place in the body.
func (s *shape) applicant(object jsontext.Value, place ...any) (schema.Record, []fault) {
	given := s.members(object)
	values := make([]schema.Value, len(s.schema.Fields))
	for i := range values {
		values[i] = given[i].Value
	}
	record := make(schema.Record, len(values))
	var faults []fault
	for _, e := range s.schema.Record(record, values) {
		at, first := append(place[:len(place):len(place)], e.Field.Name), len(faults)
		v := given[s.places[e.Field.Name]]
		switch {
		case e.Fault == schema.FaultMissing:
			faults = append(faults, missingField(object, at))
		case e.Field.Kind == schema.Choice:
			faults = append(faults, s.enums[e.Field].at(at, v.raw))
		default:
			faults = append(faults, number(e.Field, e.Fault, v, at)...)
		}
		faults[first].field = e.Field.Name
	}
	for i, name := range texts {
		if v := given[len(values)+i]; v.Kind == schema.Numeral || v.Kind == schema.Other {
			f := noText(v.raw, append(place[:len(place):len(place)], name))
			f.field = name
			faults = append(faults, f)
		}
	}
	return record, faults
}

// members picks what an object holds for the fields and texts.
func (s *shape) members(object jsontext.Value) []value {
	given := make([]value, len(s.places))
	d := decoder(object)
	for d.PeekKind() != '}' {
		name := must(d.ReadToken()).String()
		raw := next(d)
		if i, ok := s.places[name]; ok {
			given[i] = newValue(raw)
		}
	}
	return given
}

func newValue(raw jsontext.Value) value {
	switch raw.Kind() {
	case 'n':
		return value{schema.Value{Kind: schema.Null}, raw}
	case '0':
		return value{schema.Value{Kind: schema.Numeral, Text: string(raw)}, raw}
	case '"':
		text := must(jsontext.AppendUnquote(nil, raw)) // parse has mended it
		return value{schema.Value{Kind: schema.Text, Text: string(text)}, raw}
	}
	return value{schema.Value{Kind: schema.Other}, raw}
}
