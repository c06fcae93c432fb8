package form

import (
	"slices"

	"lendleaf/core/schema"
)

// Applicant is what the form held when it was read: each field's text, and what
// the model takes it for.
type Applicant struct {
	texts  []string            // for each field in API order
	record schema.Record       // a field at fault is missing
	faults []schema.FieldError // in API order
}

// Fault is a wrong field: its name, and what to enter.
type Fault struct{ Field, Text string }

// Read asks for the text of each field once, by the field's name.
func Read(s *schema.Schema, typed func(field string) string) *Applicant {
	a := &Applicant{texts: make([]string, len(s.Fields)), record: make(schema.Record, len(s.Fields))}
	values := make([]schema.Value, len(s.Fields))
	for i := range s.Fields {
		a.texts[i] = typed(s.Fields[i].Name)
		values[i] = s.Fields[i].Read(a.texts[i])
	}
	a.faults = s.Record(a.record, values)
	return a
}

// wrong says whether a field is at fault.
func (a *Applicant) wrong(field string) bool {
	return slices.ContainsFunc(a.faults, func(e schema.FieldError) bool { return e.Field.Name == field })
}

// inFormOrder lists the faults as they lie in the form.
func (a *Applicant) inFormOrder(s *schema.Schema) []Fault {
	var faults []Fault
	for _, c := range s.Form {
		for _, e := range a.faults {
			if e.Field.Name == c.Field {
				faults = append(faults, Fault{c.Field, e.Error()})
			}
		}
	}
	return faults
}
