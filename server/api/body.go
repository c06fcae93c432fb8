package api

import (
	"bytes"
	"errors"
	"mime"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	"lendleaf/core/schema"
)

// shape reads bodies that hold a schema's applicants.
type shape struct {
	schema  *schema.Schema
	places  map[string]int  // of the schema's fields, then of texts
	scanner *schema.Scanner // for most bodies
}

func newShape(s *schema.Schema) *shape {
	places := map[string]int{}
	for i, f := range s.Fields {
		places[f.Name] = i
	}
	for i, name := range texts {
		places[name] = len(s.Fields) + i
	}
	return &shape{s, places, schema.NewScanner(s, texts...)}
}

// value is what a body holds for a field, with its JSON.
type value struct {
	schema.Value
	raw []byte
}

// errEncoding says that a body of JSON is no UTF-8.
var errEncoding = errors.New("the body is no UTF-8")

// lenient is how the reference reads JSON: of a repeated name the last value
// counts, and half a surrogate pair is text.
var lenient = []jsontext.Options{jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)}

// read returns the body's applicants, or what is wrong with it.
func (s *shape) read(body []byte, contentType string) ([]schema.Record, []fault, error) {
	if len(body) == 0 {
		return nil, missingBody(), nil
	}
	if !isJSON(contentType) {
		text := appendString(nil, string(body))
		return nil, []fault{noObject(text, single), noList(text)}, nil
	}
	if !utf8.Valid(body) {
		return nil, nil, errEncoding
	}
	raw, faults := parse(body)
	if faults != nil {
		return nil, faults, nil
	}
	switch raw.Kind() {
	case 'n': // which the reference takes for no body at all
		return nil, missingBody(), nil
	case '{':
		record, faults := s.applicant(raw, single)
		if faults != nil {
			return nil, append(faults, noList(raw)), nil
		}
		return []schema.Record{record}, nil, nil
	case '[':
		records, faults := s.applicants(raw)
		return records, faults, nil
	}
	return nil, []fault{noObject(raw, single), noList(raw)}, nil
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
func parse(body []byte) (jsontext.Value, []fault) {
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
	return nil, noJSON(offset, reason)
}

// applicants reads the members of an array.
func (s *shape) applicants(array jsontext.Value) ([]schema.Record, []fault) {
	records := []schema.Record{}
	var faults []fault
	d := decoder(array)
	for d.PeekKind() != ']' {
		item := next(d)
		i := len(records)
		record, wrong := schema.Record(nil), []fault{noObject(item, list, i)}
		if item.Kind() == '{' {
			record, wrong = s.applicant(item, list, i)
		}
		records = append(records, record)
		faults = append(faults, wrong...)
	}
	if faults != nil {
		return nil, append([]fault{noObject(array, single)}, faults...)
	}
	return records, nil
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
		at := append(place[:len(place):len(place)], e.Field.Name)
		v := given[s.places[e.Field.Name]]
		switch {
		case e.Fault == schema.FaultMissing:
			faults = append(faults, missingField(object, at))
		case e.Field.Kind == schema.Choice:
			faults = append(faults, enum(e.Field, v.raw, at))
		default:
			faults = append(faults, number(e.Field, e.Fault, v, at)...)
		}
	}
	for i, name := range texts {
		if v := given[len(values)+i]; v.Kind == schema.Numeral || v.Kind == schema.Other {
			faults = append(faults, noText(v.raw, append(place[:len(place):len(place)], name)))
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
