// Package schema describes the fields of an applicant and turns values from
// outside (a form, JSON, CSV) into a Record of integers, or into one
// FieldError for every fault.
//
// It knows no field by name: what the fields are comes from a definition.
package schema

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
)

// ErrSchema is wrapped by every error that Check returns.
var ErrSchema = errors.New("invalid schema")

// Kind says what values a field takes.
type Kind string

// The kinds of field.
const (
	Number Kind = "number" // a number with a range and a step
	Choice Kind = "choice" // one of some labels
)

// Label is one value of a Choice field.
type Label struct {
	Name      string   `json:"name"`                // exactly as the API takes it
	Text      string   `json:"text"`                // as people read it
	Spellings []string `json:"spellings,omitempty"` // further spellings a CSV may use
}

// Field is one question about an applicant.
type Field struct {
	Name     string   `json:"name"`               // as the API names it
	Text     string   `json:"text"`               // as people read it
	Noun     string   `json:"noun"`               // "city", for "Select a city from the list."
	Kind     Kind     `json:"kind"`               //
	Optional bool     `json:"optional,omitempty"` // may be missing: the training part's typical value stands in
	Columns  []string `json:"columns,omitempty"`  // further CSV headers
	Min      *float64 `json:"min,omitempty"`      // smallest number, inclusive
	Max      *float64 `json:"max,omitempty"`      // largest number, inclusive
	Step     float64  `json:"step,omitempty"`     // a record holds the number divided by its step
	Labels   []Label  `json:"labels,omitempty"`   // of a Choice

	byName     map[string]int
	bySpelling map[string]int
}

// Control says how the form asks for a field. The form's order is that of
// Schema.Form.
type Control struct {
	Field string `json:"field"`
	Input Input  `json:"input"`
}

// Input is the kind of control that asks for a field.
type Input string

// The kinds of control.
const (
	NumberInput Input = "number" // a box to type a number
	SliderInput Input = "slider" // a slider and a number box, tied
	SelectInput Input = "select" // a short list
	SearchInput Input = "search" // a long list, searched by typing
)

// Outcome is one of the two things that can become of a loan.
type Outcome struct {
	Name      string   `json:"name"`      // as predictions say it: "Default"
	Spellings []string `json:"spellings"` // in the target column: "1"
}

// Target is the column to be predicted.
type Target struct {
	Columns  []string `json:"columns"`
	Positive Outcome  `json:"positive"`
	Negative Outcome  `json:"negative"`
}

// Schema lists the fields in API order, which is also a Record's order, and in
// form order.
type Schema struct {
	Fields []Field   `json:"fields"`
	Form   []Control `json:"form"`
	Target Target    `json:"target"`
}

// maxFields and maxLabels bound what a file may declare.
const (
	maxFields = 256
	maxLabels = 1 << 16
)

// Check proves that the schema makes sense and prepares its look-up tables. It
// must be called once before any other method.
// Its error wraps ErrSchema and names the field.
func (s *Schema) Check() error {
	if len(s.Fields) == 0 || len(s.Fields) > maxFields {
		return fmt.Errorf("%w: %d fields, want 1 to %d", ErrSchema, len(s.Fields), maxFields)
	}
	headers := map[string]string{}
	for i := range s.Fields {
		f := &s.Fields[i]
		if err := f.check(); err != nil {
			return fmt.Errorf("%w: field %d %q: %w", ErrSchema, i+1, f.Name, err)
		}
		for _, h := range append([]string{f.Name}, f.Columns...) {
			if other, ok := headers[Fold(h)]; ok && other != f.Name {
				return fmt.Errorf("%w: fields %q and %q share the column %q", ErrSchema, other, f.Name, h)
			}
			headers[Fold(h)] = f.Name
		}
	}
	if err := s.checkNames(); err != nil {
		return err
	}
	return s.checkTarget(headers)
}

func (s *Schema) checkNames() error {
	seen := map[string]bool{}
	for _, f := range s.Fields {
		if seen[f.Name] {
			return fmt.Errorf("%w: two fields are named %q", ErrSchema, f.Name)
		}
		seen[f.Name] = true
	}
	asked := map[string]bool{}
	for _, c := range s.Form {
		f := s.Field(c.Field)
		if f == nil || asked[c.Field] {
			return fmt.Errorf("%w: form: %q is no field, or asked twice", ErrSchema, c.Field)
		}
		asked[c.Field] = true
		if !c.suits(f) {
			return fmt.Errorf("%w: form: input %q does not suit %q", ErrSchema, c.Input, c.Field)
		}
	}
	if len(asked) != len(s.Fields) {
		return fmt.Errorf("%w: form asks for %d of %d fields", ErrSchema, len(asked), len(s.Fields))
	}
	return nil
}

func (c Control) suits(f *Field) bool {
	switch c.Input {
	case NumberInput:
		return f.Kind == Number
	case SliderInput:
		return f.Kind == Number && f.Min != nil && f.Max != nil
	case SelectInput, SearchInput:
		return f.Kind == Choice
	}
	return false
}

func (s *Schema) checkTarget(headers map[string]string) error {
	t := s.Target
	if len(t.Columns) == 0 || t.Positive.Name == "" || t.Negative.Name == "" ||
		len(t.Positive.Spellings) == 0 || len(t.Negative.Spellings) == 0 {
		return fmt.Errorf("%w: target: columns, or the outcomes' names or spellings, are missing", ErrSchema)
	}
	if t.Positive.Name == t.Negative.Name {
		return fmt.Errorf("%w: target: both outcomes are named %q", ErrSchema, t.Positive.Name)
	}
	for _, c := range t.Columns {
		if f, ok := headers[Fold(c)]; ok {
			return fmt.Errorf("%w: target: column %q is also field %q", ErrSchema, c, f)
		}
	}
	for _, p := range t.Positive.Spellings {
		if slices.Contains(t.Negative.Spellings, p) {
			return fmt.Errorf("%w: target: %q spells both outcomes", ErrSchema, p)
		}
	}
	return nil
}

func (f *Field) check() error {
	if f.Name == "" || f.Text == "" || f.Noun == "" {
		return errors.New("name, text or noun is missing")
	}
	switch f.Kind {
	case Number:
		return f.checkNumber()
	case Choice:
		return f.checkChoice()
	}
	return fmt.Errorf("unknown kind %q", f.Kind)
}

func (f *Field) checkNumber() error {
	if len(f.Labels) > 0 {
		return errors.New("a number has no labels")
	}
	if !(f.Step > 0) || math.IsInf(f.Step, 0) {
		return fmt.Errorf("step %v, want a positive number", f.Step)
	}
	if f.Min != nil && f.Max != nil && !(*f.Min <= *f.Max) {
		return fmt.Errorf("min %v is over max %v", *f.Min, *f.Max)
	}
	for _, bound := range []*float64{f.Min, f.Max} {
		if bound == nil {
			continue
		}
		if n := f.steps(*bound); !(math.Abs(n-math.RoundToEven(n)) <= 1e-6 && math.Abs(n) <= maxSteps) {
			return fmt.Errorf("bound %v is no whole number of steps of %v", *bound, f.Step)
		}
	}
	return nil
}

func (f *Field) checkChoice() error {
	if f.Min != nil || f.Max != nil || f.Step != 0 {
		return errors.New("a choice has no min, max or step")
	}
	if len(f.Labels) == 0 || len(f.Labels) > maxLabels {
		return fmt.Errorf("%d labels, want 1 to %d", len(f.Labels), maxLabels)
	}
	f.byName = make(map[string]int, len(f.Labels))
	f.bySpelling = make(map[string]int, len(f.Labels))
	for i, l := range f.Labels {
		if l.Name == "" || l.Text == "" {
			return fmt.Errorf("label %d has no name or no text", i+1)
		}
		if _, ok := f.byName[l.Name]; ok {
			return fmt.Errorf("two labels are named %q", l.Name)
		}
		f.byName[l.Name] = i
	}
	texts := map[string]bool{}
	for i, l := range f.Labels {
		if texts[l.Text] {
			return fmt.Errorf("two labels read %q", l.Text)
		}
		texts[l.Text] = true
		for _, spelling := range append([]string{l.Name, l.Text}, l.Spellings...) {
			if other, ok := f.bySpelling[Fold(spelling)]; ok && other != i {
				return fmt.Errorf("labels %q and %q share the spelling %q", f.Labels[other].Name, l.Name, spelling)
			}
			f.bySpelling[Fold(spelling)] = i
		}
	}
	return nil
}

// Field returns the field of that name, or nil.
func (s *Schema) Field(name string) *Field {
	if i := s.Index(name); i >= 0 {
		return &s.Fields[i]
	}
	return nil
}

// Index returns the place of the named field in a Record, or -1.
func (s *Schema) Index(name string) int {
	return slices.IndexFunc(s.Fields, func(f Field) bool { return f.Name == name })
}

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
func (s *Schema) Column(header string) int {
	header = Fold(header)
	return slices.IndexFunc(s.Fields, func(f Field) bool {
		return Fold(f.Name) == header ||
			slices.ContainsFunc(f.Columns, func(c string) bool { return Fold(c) == header })
	})
}

// IsTarget says whether a CSV header names the column to be predicted.
func (s *Schema) IsTarget(header string) bool {
	return slices.ContainsFunc(s.Target.Columns, func(c string) bool { return Fold(c) == Fold(header) })
}

// Label returns the index of the label with exactly that name, or -1.
func (f *Field) Label(name string) int {
	if i, ok := f.byName[name]; ok {
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
