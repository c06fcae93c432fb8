package schema

import (
	"errors"
	"fmt"
	"math"
	"slices"
)

// maxFields and maxLabels bound what a file may declare.
const (
	maxFields = 256
	maxLabels = 1 << 16
)

// Compile proves that a spec makes sense and prepares it for use. The schema
// keeps nothing of the spec's memory. Its error wraps ErrSchema and names the
// field.
func Compile(spec Spec) (*Schema, error) {
	s := &Schema{
		Form: slices.Clone(spec.Form), Target: spec.Target.clone(),
		byName: map[string]int{}, byColumn: map[string]int{}, targets: map[string]bool{},
	}
	for _, step := range []func() error{
		func() error { return s.addFields(spec.Fields) },
		s.checkForm,
		s.checkOutcomes,
		s.addTargets,
	} {
		if err := step(); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrSchema, err)
		}
	}
	return s, nil
}

func (s *Schema) addFields(specs []FieldSpec) error {
	if len(specs) == 0 || len(specs) > maxFields {
		return fmt.Errorf("%d fields, want 1 to %d", len(specs), maxFields)
	}
	s.Fields = make([]Field, len(specs))
	for i, spec := range specs {
		f, err := compileField(spec.clone())
		if err != nil {
			return fmt.Errorf("field %d %q: %w", i+1, spec.Name, err)
		}
		s.byName[f.Name] = i
		s.Fields[i] = f
		if err := s.addColumns(i); err != nil {
			return err
		}
	}
	return nil
}

// addColumns notes the headers of the i-th field, its name among them: fields
// of one name share a column.
func (s *Schema) addColumns(i int) error {
	f := &s.Fields[i]
	for _, header := range append([]string{f.Name}, f.Columns...) {
		if other, taken := s.byColumn[Fold(header)]; taken && other != i {
			return fmt.Errorf("fields %q and %q share the column %q", s.Fields[other].Name, f.Name, header)
		}
		s.byColumn[Fold(header)] = i
	}
	return nil
}

func (s *Schema) checkForm() error {
	asked := map[string]bool{}
	for _, c := range s.Form {
		f := s.Field(c.Field)
		if f == nil || asked[c.Field] {
			return fmt.Errorf("form: %q is no field, or asked twice", c.Field)
		}
		asked[c.Field] = true
		if !c.suits(f) {
			return fmt.Errorf("form: input %q does not suit %q", c.Input, c.Field)
		}
	}
	if len(asked) != len(s.Fields) {
		return fmt.Errorf("form asks for %d of %d fields", len(asked), len(s.Fields))
	}
	return nil
}

func (c Control) suits(f *Field) bool {
	switch c.Input {
	case NumberInput:
		return f.Kind == Number
	case SliderInput:
		return f.Min != nil && f.Max != nil // which a choice has not
	case SelectInput, SearchInput:
		return f.Kind == Choice
	}
	return false
}

func (s *Schema) checkOutcomes() error {
	t := s.Target
	if len(t.Columns) == 0 || t.Positive.Name == "" || t.Negative.Name == "" ||
		len(t.Positive.Spellings) == 0 || len(t.Negative.Spellings) == 0 {
		return errors.New("target: columns, or the outcomes' names or spellings, are missing")
	}
	if t.Positive.Name == t.Negative.Name {
		return fmt.Errorf("target: both outcomes are named %q", t.Positive.Name)
	}
	for _, p := range t.Positive.Spellings {
		if slices.Contains(t.Negative.Spellings, p) {
			return fmt.Errorf("target: %q spells both outcomes", p)
		}
	}
	return nil
}

func (s *Schema) addTargets() error {
	for _, header := range s.Target.Columns {
		if i := s.Column(header); i >= 0 {
			return fmt.Errorf("target: column %q is also field %q", header, s.Fields[i].Name)
		}
		s.targets[Fold(header)] = true
	}
	return nil
}

// compileField proves a field, whose memory it takes over.
func compileField(spec FieldSpec) (Field, error) {
	f := Field{FieldSpec: spec}
	if f.Name == "" || f.Text == "" || f.Noun == "" {
		return Field{}, errors.New("name, text or noun is missing")
	}
	var err error
	switch f.Kind {
	case Number:
		err = f.compileNumber()
	case Choice:
		err = f.compileChoice()
	default:
		err = fmt.Errorf("unknown kind %q", f.Kind)
	}
	if err != nil {
		return Field{}, err
	}
	return f, nil
}

func (f *Field) compileNumber() error {
	if len(f.Labels) > 0 {
		return errors.New("a number has no labels")
	}
	if !(f.Step > 0 && f.Step <= math.MaxFloat64) {
		return fmt.Errorf("step %v, want a positive number", f.Step)
	}
	if inverse := math.RoundToEven(1 / f.Step); math.Abs(float64(inverse*f.Step)-1) < 1e-9 {
		f.inverse = inverse
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

func (f *Field) compileChoice() error {
	if f.Min != nil || f.Max != nil || f.Step != 0 {
		return errors.New("a choice has no min, max or step")
	}
	if len(f.Labels) == 0 || len(f.Labels) > maxLabels {
		return fmt.Errorf("%d labels, want 1 to %d", len(f.Labels), maxLabels)
	}
	f.labels = make(map[string]int, len(f.Labels))
	for i, l := range f.Labels {
		if l.Name == "" || l.Text == "" {
			return fmt.Errorf("label %d has no name or no text", i+1)
		}
		f.labels[l.Name] = i
	}
	return f.addSpellings()
}

// addSpellings notes how labels are spelled, names and texts among them: labels
// of one name or text share a spelling.
func (f *Field) addSpellings() error {
	f.spellings = make(map[string]int, len(f.Labels))
	for i, l := range f.Labels {
		for _, spelling := range append([]string{l.Name, l.Text}, l.Spellings...) {
			if other, taken := f.spellings[Fold(spelling)]; taken && other != i {
				return fmt.Errorf("labels %q and %q share the spelling %q", f.Labels[other].Name, l.Name, spelling)
			}
			f.spellings[Fold(spelling)] = i
		}
	}
	return nil
}
