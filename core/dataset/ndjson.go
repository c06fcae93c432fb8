package dataset

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"lendleaf/core/schema"
)

// ErrObject says that a line is no JSON object.
var ErrObject = errors.New("it is no JSON object")

// ObjectReader reads applicants from JSON objects. Values are taken as the API
// takes them: exact labels, no number in quotes. Unknown keys are passed over;
// of a repeated key the last one counts. It is not safe for concurrent use.
type ObjectReader struct {
	fields  []schema.Field
	members map[string]json.RawMessage
}

// NewObjectReader reads a schema's applicants.
func NewObjectReader(s *schema.Schema) *ObjectReader {
	return &ObjectReader{s.Fields, map[string]json.RawMessage{}}
}

// Read reads an object, found on a line, into row, whose one cell is the
// object's text. An object that cannot be used is no error: row.Faults say why.
func (r *ObjectReader) Read(row *Row, text []byte, line int) error {
	row.Line, row.Positive = line, false
	row.Cells = append(row.Cells[:0], string(text))
	row.Faults = row.Faults[:0]
	row.Record = slices.Grow(row.Record[:0], len(r.fields))[:len(r.fields)]
	clear(r.members)
	if err := json.Unmarshal(text, &r.members); err != nil || text[0] != '{' {
		for i := range row.Record {
			row.Record[i] = schema.Missing
		}
		row.Faults = append(row.Faults, RowError{Line: line, Err: ErrObject})
		return nil
	}
	return r.fill(row)
}

// JSONReader reads applicants from lines that hold a JSON object each (NDJSON),
// row by row, in constant memory, as an ObjectReader takes them. It is not safe
// for concurrent use.
type JSONReader struct {
	objects *ObjectReader
	lines   *bufio.Scanner
	line    int
}

// NewJSONReader reads objects from r. Blank lines are passed over.
func NewJSONReader(r io.Reader, s *schema.Schema) *JSONReader {
	lines := bufio.NewScanner(r)
	lines.Buffer(make([]byte, bufferSize), maxRow)
	return &JSONReader{objects: NewObjectReader(s), lines: lines}
}

// Read reads the next object into row. As with Reader, an object that cannot be
// used is no error, io.EOF is the end and any other error is final.
func (r *JSONReader) Read(row *Row) error {
	text, err := r.next()
	if err != nil {
		return err
	}
	return r.objects.Read(row, text, r.line)
}

// next returns the next line that is not blank, without white space around.
func (r *JSONReader) next() ([]byte, error) {
	for r.lines.Scan() {
		r.line++
		text := r.lines.Bytes()
		if r.line == 1 {
			text = bytes.TrimPrefix(text, byteOrderMark)
		}
		if text = bytes.TrimSpace(text); len(text) > 0 {
			return text, nil
		}
	}
	switch err := r.lines.Err(); {
	case err == nil:
		return nil, io.EOF
	case errors.Is(err, bufio.ErrTooLong):
		return nil, fmt.Errorf("line %d: %w", r.line+1, ErrTooLong)
	default:
		return nil, err
	}
}

func (r *ObjectReader) fill(row *Row) error {
	for i := range r.fields {
		f := &r.fields[i]
		value, err := jsonValue(r.members[f.Name])
		if err != nil {
			return err
		}
		n, fault := f.Parse(value)
		row.Record[i] = n
		if fault != schema.NoFault {
			row.Faults = append(row.Faults, RowError{Line: row.Line, Column: f.Name, Err: schema.FieldError{Field: f, Fault: fault}})
		}
	}
	return nil
}

// jsonValue takes a valid JSON value, or nothing where there is none.
func jsonValue(raw json.RawMessage) (schema.Value, error) {
	if len(raw) == 0 {
		return schema.Value{}, nil
	}
	switch c := raw[0]; {
	case c == 'n':
		return schema.Value{Kind: schema.Null}, nil
	case c == '"':
		var text string
		err := json.Unmarshal(raw, &text)
		return schema.Value{Kind: schema.Text, Text: text}, err
	case c == '-' || '0' <= c && c <= '9':
		return schema.Value{Kind: schema.Numeral, Text: string(raw)}, nil
	}
	return schema.Value{Kind: schema.Other}, nil
}
