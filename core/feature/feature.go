// Package feature turns a Record into the inputs of a forest. Features are
// declared as data; there is no code for any one of them.
package feature

import (
	"errors"
	"fmt"
	"slices"

	"lendleaf/core/schema"
)

// ErrFeature is wrapped by every error of this package.
var ErrFeature = errors.New("invalid feature")

// Kind says how a feature is made from its field.
type Kind string

// The kinds of feature.
const (
	Plain     Kind = "plain"     // the field's number as it is, in steps
	Indicator Kind = "indicator" // 1 if the field has the label, else 0
	Class     Kind = "class"     // the place of the label's class in their order
	Rate      Kind = "rate"      // the rank of the label's rate of positives in the training part
)

// Spec declares one feature.
type Spec struct {
	Name    string       `json:"name"`
	Field   string       `json:"field"`
	Kind    Kind         `json:"kind"`
	Label   string       `json:"label,omitempty"`   // of an Indicator
	Classes []LabelClass `json:"classes,omitempty"` // of a Class, in rising order
}

// LabelClass is a group of labels that a Class feature takes for one.
type LabelClass struct {
	Name   string   `json:"name"`
	Labels []string `json:"labels"`
}

// Learned is what features take from the training part.
type Learned struct {
	// Typical holds, for each optional field by name, the record value that
	// stands in where it is missing: the most frequent label, the median number.
	Typical map[string]int64 `json:"typical"`
	// Rates holds the rate of positives by label index, for each field that a
	// Rate feature uses; a label without rows has the rate of all rows.
	Rates map[string][]float64 `json:"rates"`
}

// Vector holds the inputs of a forest, one integer for each feature.
type Vector []int64

// Plan is a list of specs that was proved to fit a schema. What it needs from
// the training part is still to come: Learn takes it, Set adds it. A plan does
// not change and may be used from many goroutines.
type Plan struct {
	schema  *schema.Schema
	specs   []Spec
	columns []column // those of Rate features have no table yet
}

// Set computes the features of one schema. It does not change once made and may
// be used from many goroutines.
type Set struct {
	columns []column
	typical []int64 // by field; schema.Missing where the field is required
}

// column makes one feature: the field's integer, or what table holds for it.
type column struct {
	field int
	table []int64
}

// Compile proves that the specs fit the schema, and prepares them. The plan
// keeps nothing of their memory. Its error wraps ErrFeature and names the
// feature.
func Compile(s *schema.Schema, specs []Spec) (*Plan, error) {
	if len(specs) == 0 {
		return nil, fmt.Errorf("%w: there are none", ErrFeature)
	}
	p := &Plan{schema: s}
	names := map[string]bool{}
	for _, spec := range specs {
		if names[spec.Name] {
			return nil, fmt.Errorf("%w: %q: the name is taken", ErrFeature, spec.Name)
		}
		c, err := compile(s, spec)
		if err != nil {
			return nil, fmt.Errorf("%w: %q: %w", ErrFeature, spec.Name, err)
		}
		names[spec.Name] = true
		p.specs = append(p.specs, spec.clone())
		p.columns = append(p.columns, c)
	}
	return p, nil
}

// clone copies all that a spec refers to.
func (s Spec) clone() Spec {
	s.Classes = slices.Clone(s.Classes)
	for i := range s.Classes {
		s.Classes[i].Labels = slices.Clone(s.Classes[i].Labels)
	}
	return s
}

func compile(s *schema.Schema, spec Spec) (column, error) {
	field := s.Index(spec.Field)
	if field < 0 {
		return column{}, fmt.Errorf("no field %q", spec.Field)
	}
	f := &s.Fields[field]
	if (spec.Kind == Plain) != (f.Kind == schema.Number) {
		return column{}, fmt.Errorf("%s features are not made from a %s", spec.Kind, f.Kind)
	}
	if (spec.Label != "") != (spec.Kind == Indicator) || (spec.Classes != nil) != (spec.Kind == Class) {
		return column{}, fmt.Errorf("label or classes do not go with the kind %s", spec.Kind)
	}
	table, err := declaredTable(f, spec)
	if err != nil {
		return column{}, err
	}
	return column{field, table}, nil
}

// declaredTable is what a spec alone says of each label; nil where it says
// nothing.
func declaredTable(f *schema.Field, spec Spec) ([]int64, error) {
	switch spec.Kind {
	case Plain, Rate:
		return nil, nil
	case Indicator:
		return indicatorTable(f, spec.Label)
	case Class:
		return classTable(f, spec.Classes)
	}
	return nil, fmt.Errorf("unknown kind %q", spec.Kind)
}

func indicatorTable(f *schema.Field, label string) ([]int64, error) {
	i := f.Label(label)
	if i < 0 {
		return nil, fmt.Errorf("no label %q", label)
	}
	table := make([]int64, len(f.Labels))
	table[i] = 1
	return table, nil
}

func classTable(f *schema.Field, classes []LabelClass) ([]int64, error) {
	const unset = -1
	table := slices.Repeat([]int64{unset}, len(f.Labels))
	for place, class := range classes {
		for _, name := range class.Labels {
			i := f.Label(name)
			if i < 0 || table[i] != unset {
				return nil, fmt.Errorf("class %q: %q is no label, or is in two classes", class.Name, name)
			}
			table[i] = int64(place)
		}
	}
	if i := slices.Index(table, unset); i >= 0 {
		return nil, fmt.Errorf("label %q is in no class", f.Labels[i].Name)
	}
	return table, nil
}

// rankTable replaces each rate by its rank among the distinct ones.
func rankTable(rates []float64, labels int) ([]int64, error) {
	if len(rates) != labels {
		return nil, fmt.Errorf("%d rates for %d labels", len(rates), labels)
	}
	distinct := slices.Compact(slices.Sorted(slices.Values(rates)))
	table := make([]int64, labels)
	for i, rate := range rates {
		if !(rate >= 0 && rate <= 1) {
			return nil, fmt.Errorf("rate %v of label %d is not between 0 and 1", rate, i)
		}
		rank, _ := slices.BinarySearch(distinct, rate)
		table[i] = int64(rank)
	}
	return table, nil
}

// Set adds to the plan what was learned, which it proves to fit. Its error wraps
// ErrFeature and names the feature or the field.
func (p *Plan) Set(learned Learned) (*Set, error) {
	typical, err := typicalValues(p.schema, learned.Typical)
	if err != nil {
		return nil, err
	}
	set := &Set{columns: slices.Clone(p.columns), typical: typical}
	for i, spec := range p.specs {
		if spec.Kind != Rate {
			continue
		}
		c := &set.columns[i]
		if c.table, err = rankTable(learned.Rates[spec.Field], len(p.schema.Fields[c.field].Labels)); err != nil {
			return nil, fmt.Errorf("%w: %q: %w", ErrFeature, spec.Name, err)
		}
	}
	return set, nil
}

// typicalValues puts typical values by name in the order of the fields.
func typicalValues(s *schema.Schema, typical map[string]int64) ([]int64, error) {
	values := make([]int64, len(s.Fields))
	for i := range s.Fields {
		f := &s.Fields[i]
		v, ok := typical[f.Name]
		if ok != f.Optional {
			return nil, fmt.Errorf("%w: field %q: a typical value goes with an optional field", ErrFeature, f.Name)
		}
		if !ok {
			v = schema.Missing
		} else if v == schema.Missing || f.Kind == schema.Choice && (v < 0 || v >= int64(len(f.Labels))) {
			return nil, fmt.Errorf("%w: field %q: %d is no typical value", ErrFeature, f.Name, v)
		}
		values[i] = v
	}
	return values, nil
}

// Specs gives back, as a copy, what the plan was compiled from.
func (p *Plan) Specs() []Spec {
	specs := make([]Spec, len(p.specs))
	for i, spec := range p.specs {
		specs[i] = spec.clone()
	}
	return specs
}

// Len is the number of features.
func (p *Plan) Len() int { return len(p.columns) }

// Len is the number of features.
func (s *Set) Len() int { return len(s.columns) }

// Table returns what the i-th feature is for each label of its field, or nil
// where it is the field's number. The caller must not change it.
func (s *Set) Table(i int) []int64 { return s.columns[i].table }

// Field returns the index of the field that the i-th feature is made from.
func (s *Set) Field(i int) int { return s.columns[i].field }

// Typical returns the record value that stands in for the i-th field where it
// is missing, or schema.Missing where the field is required.
func (s *Set) Typical(i int) int64 { return s.typical[i] }

// Vector computes the features of r into dst, which must have length Len. The
// record must come from the same schema.
func (s *Set) Vector(dst Vector, r schema.Record) {
	for i, c := range s.columns {
		v := r[c.field]
		if v == schema.Missing {
			v = s.typical[c.field]
		}
		if c.table != nil {
			v = c.table[v]
		}
		dst[i] = v
	}
}
