package api

import (
	"bytes"
	"strconv"
	"strings"
	"unicode/utf8"

	"lendleaf/core/rows"
	"lendleaf/core/schema"
)

// The names and texts of the reference service, which its clients may rely on.
// All that is known of FastAPI and pydantic is in this file.

// The members of the union that a body may be: one applicant, or a list.
const (
	single = "PipelineInput"
	list   = "list[PipelineInput]"
)

// texts are fields that a client may send and that no score depends on. They
// come after the schema's.
var texts = []string{clientAddress, clientAgent}

// What a client may say of the one for whom it asks.
const (
	clientAddress = "client_ip"
	clientAgent   = "user_agent"
)

// Texts names the fields that a client may send beside the schema's.
func Texts() []string { return texts }

// fault is one entry of an answer's "detail".
type fault struct {
	kind     string
	location []any // texts and integers, behind "body"
	message  string
	input    []byte // JSON
	context  []byte // JSON, or nothing
	field    string // whose fault it is; "": the body's as a whole
	again    bool   // the same was said already, of another way to read the body
}

func (f fault) append(dst []byte) []byte {
	dst = rows.AppendText(append(dst, `{"type":`...), f.kind)
	dst = append(dst, `,"loc":["body"`...)
	for _, step := range f.location {
		dst = append(dst, ',')
		switch step := step.(type) {
		case int:
			dst = strconv.AppendInt(dst, int64(step), 10)
		case string:
			dst = rows.AppendText(dst, step)
		}
	}
	dst = rows.AppendText(append(dst, `],"msg":`...), f.message)
	dst = rows.AppendCompact(append(dst, `,"input":`...), f.input)
	if f.context != nil {
		dst = append(append(dst, `,"ctx":`...), f.context...)
	}
	return append(dst, '}')
}

// at is the same fault of another value, elsewhere.
func (f fault) at(location []any, input []byte) fault {
	f.location, f.input = location, input
	return f
}

func missingBody() fault {
	return fault{kind: "missing", message: "Field required", input: []byte("null")}
}

// noJSON counts characters up to the fault, as Python does.
func noJSON(text []byte, e rows.SyntaxError) fault {
	context := append(rows.AppendText([]byte(`{"error":`), syntaxFaults[e.Fault]), '}')
	return fault{kind: "json_invalid", location: []any{utf8.RuneCount(text[:e.Offset])}, message: "JSON decode error", input: []byte("{}"), context: context}
}

// syntaxFaults is what Python's json module says.
var syntaxFaults = map[rows.SyntaxFault]string{
	rows.WantValue:    "Expecting value",
	rows.WantName:     "Expecting property name enclosed in double quotes",
	rows.WantColon:    "Expecting ':' delimiter",
	rows.WantComma:    "Expecting ',' delimiter",
	rows.Unterminated: "Unterminated string starting at",
	rows.Control:      "Invalid control character at",
	rows.BadEscape:    `Invalid \escape`,
	rows.BadUnicode:   `Invalid \uXXXX escape`,
	rows.TooDeep:      "maximum recursion depth exceeded while decoding a JSON value",
	rows.ExtraData:    "Extra data",
}

func noObject(input []byte, location ...any) fault {
	return fault{kind: "model_attributes_type", location: location,
		message: "Input should be a valid dictionary or object to extract fields from", input: input}
}

func noList(input []byte) fault {
	return fault{again: true, kind: "list_type", location: []any{list}, message: "Input should be a valid list", input: input}
}

func missingField(object []byte, location []any) fault {
	return fault{kind: "missing", location: location, message: "Field required", input: object}
}

func noText(input []byte, location []any) fault {
	return fault{kind: "string_type", location: location, message: "Input should be a valid string", input: input}
}

// enum is the fault of a choice, whatever was given and wherever.
func enum(f *schema.Field) fault {
	expected := quoteAll(f.Labels)
	return fault{kind: "enum", message: "Input should be " + expected,
		context: append(rows.AppendText([]byte(`{"expected":`), expected), '}')}
}

// quoteAll lists labels: 'a', 'b' or 'c'.
func quoteAll(labels []schema.Label) string {
	var text strings.Builder
	for i, l := range labels {
		switch {
		case i > 0 && i == len(labels)-1:
			text.WriteString(" or ")
		case i > 0:
			text.WriteString(", ")
		}
		text.WriteString("'" + l.Name + "'")
	}
	return text.String()
}

// number gives the two faults of a number: as an integer, and as a float.
func number(f *schema.Field, what schema.Fault, raw []byte, location []any) []fault {
	asInteger, asFloat := fault{kind: "int_type", message: "Input should be a valid integer"}, outside(f, what)
	if isInteger(raw) {
		asInteger = outside(f, what)
		if _, err := strconv.ParseFloat(string(raw), 64); err != nil {
			asFloat = outside(f, schema.FaultKind) // an integer of any size is one, but not all are floats
		}
	}
	asInteger.input, asFloat.input = raw, raw
	asInteger.location = append(location[:len(location):len(location)], "constrained-int")
	asFloat.location = append(location[:len(location):len(location)], "constrained-float")
	asFloat.again = true
	return []fault{asInteger, asFloat}
}

// isInteger: of the same value, 1 is an integer and 1.0 is a float.
func isInteger(raw []byte) bool {
	return schema.NumeralLength(raw) == len(raw) && !bytes.ContainsAny(raw, ".eE")
}

func outside(f *schema.Field, what schema.Fault) fault {
	switch what {
	case schema.FaultBelow:
		return bound("greater_than_equal", "greater than or equal to ", "ge", *f.Min)
	case schema.FaultAbove:
		return bound("less_than_equal", "less than or equal to ", "le", *f.Max)
	case schema.FaultInfinite:
		return fault{kind: "finite_number", message: "Input should be a finite number"}
	}
	return fault{kind: "float_type", message: "Input should be a valid number"}
}

func bound(kind, relation, key string, limit float64) fault {
	text := strconv.FormatFloat(limit, 'f', -1, 64)
	return fault{kind: kind, message: "Input should be " + relation + text, context: []byte(`{"` + key + `":` + text + `}`)}
}
