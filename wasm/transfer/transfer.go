// Package transfer brings applicants into the form and out of it as text: JSON
// as the API takes it, and lines of CSV.
package transfer

import (
	"strconv"
	"strings"

	"lendleaf/core/rows"
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

// From takes the first applicant of a text: JSON if it begins as JSON does, else
// lines of CSV.
func From(s *schema.Schema, text string) *Applicant {
	text = strings.TrimSpace(strings.TrimPrefix(text, "\ufeff"))
	if strings.HasPrefix(text, "{") || strings.HasPrefix(text, "[") {
		return fromJSON(s, []byte(text))
	}
	return fromCSV(s, text)
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
	return string(append(rows.AppendApplicant(nil, s, r, "  "), '\n'))
}
