// Package transfer brings applicants into the form and out of it as text: JSON
// as the API takes it, and lines of CSV.
package transfer

import (
	"strconv"
	"strings"

	"lendleaf/core/schema"
)

// Applicant is what was found in a text. The form's fields take Values; Notes say
// in sentences what could not be used.
type Applicant struct {
	Values []string // for each field in API order, as the form takes it; "" where there is none
	Notes  []string
}

// Empty says whether nothing was found.
func (a *Applicant) Empty() bool {
	return strings.Join(a.Values, "") == ""
}

// Member is one of a JSON object's: its name, and its value as text.
type Member struct {
	Name, Text string
	Null       bool // it is null
	Deep       bool // it holds others, so no field can take it
}

// FromMembers takes a JSON object, of an array with so many.
func FromMembers(s *schema.Schema, members []Member, of int) *Applicant {
	a := newApplicant(s, of)
	var strange []string
	for _, m := range members {
		i := s.Column(m.Name)
		switch {
		case i < 0 && !s.IsTarget(m.Name):
			strange = append(strange, m.Name)
		case i < 0 || m.Null:
		case m.Deep:
			a.refuse(&s.Fields[i], "what was given")
		default:
			a.put(s, i, m.Text)
		}
	}
	a.passOver(strange)
	return a
}

func newApplicant(s *schema.Schema, of int) *Applicant {
	a := &Applicant{Values: make([]string, len(s.Fields))}
	if of > 1 {
		a.Notes = append(a.Notes, "There were "+strconv.Itoa(of)+" applicants: this is the first.")
	}
	return a
}

// put takes a field's text if the field can.
func (a *Applicant) put(s *schema.Schema, i int, text string) {
	f := &s.Fields[i]
	n, fault := f.Parse(f.Read(text))
	switch {
	case fault == schema.FaultMissing || fault == schema.NoFault && n == schema.Missing:
	case fault != schema.NoFault:
		a.refuse(f, quoted(strings.TrimSpace(text)))
	case f.Kind == schema.Choice:
		a.Values[i] = f.Display(n)
	default:
		a.Values[i] = strings.TrimSpace(text)
	}
}

func (a *Applicant) refuse(f *schema.Field, what string) {
	a.Notes = append(a.Notes, f.Text+": "+what+" cannot be used. "+f.Advice())
}

func (a *Applicant) passOver(names []string) {
	if len(names) > 0 {
		a.Notes = append(a.Notes, "Not asked for, so passed over: "+strings.Join(names, ", ")+".")
	}
}

// longest is how much of a text a note repeats, in bytes.
const longest = 40

func quoted(text string) string {
	for i := range text { // at a letter's begin
		if i >= longest {
			return "“" + text[:i] + "…”"
		}
	}
	return "“" + text + "”"
}

// JSON writes a record as the API takes it, one member a line, with null where a
// field was left open.
func JSON(s *schema.Schema, r schema.Record) string {
	out := []byte("{\n")
	for i := range s.Fields {
		f := &s.Fields[i]
		out = appendText(append(out, "  "...), f.Name)
		out = append(out, ": "...)
		switch v := f.Value(r[i]); v.Kind {
		case schema.Null:
			out = append(out, "null"...)
		case schema.Numeral:
			out = append(out, v.Text...)
		default:
			out = appendText(out, v.Text)
		}
		if i+1 < len(s.Fields) {
			out = append(out, ',')
		}
		out = append(out, '\n')
	}
	return string(append(out, "}\n"...))
}

func appendText(out []byte, text string) []byte {
	const hex = "0123456789abcdef"
	out = append(out, '"')
	for _, c := range []byte(text) {
		switch {
		case c == '"' || c == '\\':
			out = append(out, '\\', c)
		case c < ' ':
			out = append(out, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		default:
			out = append(out, c)
		}
	}
	return append(out, '"')
}
