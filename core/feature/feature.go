// Package feature turns a Record into the inputs of a forest. Features are
// declared as data; there is no code for any one of them.
package feature

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"lendleaf/core/schema"
)

// ErrFeature is wrapped by every error that Compile returns.
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

// Set computes the features of one schema. It does not change once compiled
// and may be used from many goroutines.
type Set struct {
	columns []column
	typical []int64 // by field; schema.Missing where the field is required
}

// column makes one feature: the field's integer, or what table holds for it.
type column struct {
	field int
	table []int64
}

// Compile proves that the specs fit the schema and what was learned, and
// prepares them. Its error wraps ErrFeature and names the feature.
func Compile(s *schema.Schema, specs []Spec, learned Learned) (*Set, error) {
	if len(specs) == 0 {
		return nil, fmt.Errorf("%w: there are none", ErrFeature)
	}
	set := &Set{}
	names := map[string]bool{}
	for _, spec := range specs {
		c, err := compile(s, spec, learned)
		if err == nil && names[spec.Name] {
			err = errors.New("the name is taken")
		}
		if err != nil {
			return nil, fmt.Errorf("%w: %q: %w", ErrFeature, spec.Name, err)
		}
		names[spec.Name] = true
		set.columns = append(set.columns, c)
	}
	var err error
	set.typical, err = typical(s, learned)
	return set, err
}

func compile(s *schema.Schema, spec Spec, learned Learned) (column, error) {
	c := column{field: s.Index(spec.Field)}
	if c.field < 0 {
		return c, fmt.Errorf("no field %q", spec.Field)
	}
	f := &s.Fields[c.field]
	if (spec.Kind == Plain) != (f.Kind == schema.Number) {
		return c, fmt.Errorf("%s features are not made from a %s", spec.Kind, f.Kind)
	}
	if (spec.Label != "") != (spec.Kind == Indicator) || (spec.Classes != nil) != (spec.Kind == Class) {
		return c, fmt.Errorf("label or classes do not go with the kind %s", spec.Kind)
	}
	var err error
	switch spec.Kind {
	case Plain:
	case Indicator:
		c.table = make([]int64, len(f.Labels))
		i := f.Label(spec.Label)
		if i < 0 {
			return c, fmt.Errorf("no label %q", spec.Label)
		}
		c.table[i] = 1
	case Class:
		c.table, err = classTable(f, spec.Classes)
	case Rate:
		c.table, err = rankTable(learned.Rates[spec.Field], len(f.Labels))
	default:
		err = fmt.Errorf("unknown kind %q", spec.Kind)
	}
	return c, err
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

func typical(s *schema.Schema, learned Learned) ([]int64, error) {
	values := make([]int64, len(s.Fields))
	for i := range s.Fields {
		f := &s.Fields[i]
		v, ok := learned.Typical[f.Name]
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

// Learn takes from the training part what the specs need: records and whether
// each had the positive outcome.
func Learn(s *schema.Schema, specs []Spec, records []schema.Record, positive []bool) Learned {
	learned := Learned{Typical: map[string]int64{}, Rates: map[string][]float64{}}
	for i, f := range s.Fields {
		if f.Optional {
			learned.Typical[f.Name] = typicalOf(f, i, records)
		}
	}
	for _, spec := range specs {
		if spec.Kind == Rate {
			i := s.Index(spec.Field)
			learned.Rates[spec.Field] = ratesOf(len(s.Fields[i].Labels), i, learned.Typical[spec.Field], records, positive)
		}
	}
	return learned
}

// typicalOf is the most frequent label (the first of equals) or the lower median.
func typicalOf(f schema.Field, i int, records []schema.Record) int64 {
	var present []int64
	for _, r := range records {
		if r[i] != schema.Missing {
			present = append(present, r[i])
		}
	}
	if len(present) == 0 {
		return 0
	}
	if f.Kind == schema.Number {
		slices.Sort(present)
		return present[(len(present)-1)/2]
	}
	counts := make([]int, len(f.Labels))
	for _, v := range present {
		counts[v]++
	}
	return int64(slices.Index(counts, slices.Max(counts)))
}

func ratesOf(labels, field int, typical int64, records []schema.Record, positive []bool) []float64 {
	rows, positives := make([]int, labels), make([]int, labels)
	allPositives := 0
	for i, r := range records {
		v := r[field]
		if v == schema.Missing {
			v = typical
		}
		rows[v]++
		if positive[i] {
			positives[v]++
			allPositives++
		}
	}
	rates := make([]float64, labels)
	for v := range rates {
		rates[v] = float64(positives[v]) / math.Max(1, float64(rows[v]))
		if rows[v] == 0 {
			rates[v] = float64(allPositives) / math.Max(1, float64(len(records)))
		}
	}
	return rates
}
