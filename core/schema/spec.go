package schema

import "slices"

// Spec declares the fields of an applicant, how a form asks for them, and what
// is to be predicted. It is plain data: Compile proves it.
type Spec struct {
	Fields []FieldSpec `json:"fields"` // in API order, which is also a Record's
	Form   []Control   `json:"form"`   // in the form's order
	Target Target      `json:"target"`
}

// FieldSpec declares one question about an applicant.
type FieldSpec struct {
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
}

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

// Control says how the form asks for a field.
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

// Target is the column to be predicted.
type Target struct {
	Columns  []string `json:"columns"`
	Positive Outcome  `json:"positive"`
	Negative Outcome  `json:"negative"`
}

// Outcome is one of the two things that can become of a loan.
type Outcome struct {
	Name      string   `json:"name"`      // as predictions say it: "Default"
	Spellings []string `json:"spellings"` // in the target column: "1"
}

// clone copies all that a field refers to.
func (f FieldSpec) clone() FieldSpec {
	f.Columns = slices.Clone(f.Columns)
	f.Min, f.Max = cloneBound(f.Min), cloneBound(f.Max)
	f.Labels = slices.Clone(f.Labels)
	for i := range f.Labels {
		f.Labels[i].Spellings = slices.Clone(f.Labels[i].Spellings)
	}
	return f
}

func cloneBound(bound *float64) *float64 {
	if bound == nil {
		return nil
	}
	x := *bound
	return &x
}

// clone copies all that a target refers to.
func (t Target) clone() Target {
	t.Columns = slices.Clone(t.Columns)
	t.Positive.Spellings = slices.Clone(t.Positive.Spellings)
	t.Negative.Spellings = slices.Clone(t.Negative.Spellings)
	return t
}
