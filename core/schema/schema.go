// Package schema describes the fields of an applicant and turns values from
// outside (a form, JSON, CSV) into a Record of integers, or into one
// FieldError for every fault.
//
// It knows no field by name. A Spec, which is part of a definition, says what
// the fields are; Compile makes a Schema of it.
package schema

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// ErrSchema is wrapped by every error of Compile and Indexes.
var ErrSchema = errors.New("invalid schema")

// Schema is a Spec that was proved, with its look-up tables. It does not change
// once compiled and may be used from many goroutines: its exported parts are to
// be read only.
type Schema struct {
	Fields []Field   // in API order, which is also a Record's
	Form   []Control // in the form's order
	Target Target

	byName   map[string]int  // fields
	byColumn map[string]int  // fields, by their folded headers
	targets  map[string]bool // folded headers of the target
}

// Field is a field that was proved, with its look-up tables. It comes from
// Compile.
type Field struct {
	FieldSpec

	labels    map[string]int // by name
	spellings map[string]int // labels, by their folded spellings
	inverse   float64        // of the step where that is a whole number, else 0
}

// Spec gives back, as a copy, what the schema was compiled from.
func (s *Schema) Spec() Spec {
	spec := Spec{Form: slices.Clone(s.Form), Target: s.Target.clone()}
	for i := range s.Fields {
		spec.Fields = append(spec.Fields, s.Fields[i].FieldSpec.clone())
	}
	return spec
}

// Field returns the field of that name, or nil.
func (s *Schema) Field(name string) *Field {
	if i := s.Index(name); i >= 0 {
		return &s.Fields[i]
	}
	return nil
}

// Index returns the place of the named field in a Record, or -1.
func (s *Schema) Index(name string) int { return lookUp(s.byName, name) }

// Indexes returns the places of the named fields in a Record. Its error wraps
// ErrSchema and names what is no field.
func (s *Schema) Indexes(names []string) ([]int, error) {
	indexes := make([]int, len(names))
	for i, name := range names {
		if indexes[i] = s.Index(name); indexes[i] < 0 {
			return nil, fmt.Errorf("%w: there is no field %q", ErrSchema, name)
		}
	}
	return indexes, nil
}

// Column says which field a CSV header names: its index, or -1.
func (s *Schema) Column(header string) int { return lookUp(s.byColumn, Fold(header)) }

// IsTarget says whether a CSV header names the column to be predicted.
func (s *Schema) IsTarget(header string) bool { return s.targets[Fold(header)] }

// Label returns the index of the label with exactly that name, or -1.
func (f *Field) Label(name string) int { return lookUp(f.labels, name) }

// LabelIn is Label of a name that is a part of a text. It takes no memory.
func (f *Field) LabelIn(name []byte) int { return lookUp(f.labels, name) }

func lookUp[T string | []byte](indexes map[string]int, name T) int {
	if i, ok := indexes[string(name)]; ok {
		return i
	}
	return -1
}

var folder = strings.NewReplacer(" ", "_", "-", "_", "/", "_")

// Fold makes spellings comparable: lower case; blanks, hyphens and slashes are
// underscores; no white space around.
func Fold(s string) string {
	return folder.Replace(strings.ToLower(strings.TrimSpace(s)))
}
