package interop

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"lendleaf/core/definition"
	"lendleaf/core/feature"
	"lendleaf/core/schema"
)

// scaled is one input of the fitted forest: a feature, scaled. It grows with
// the feature's integer, from low to high.
type scaled struct {
	feature     int
	low, high   int64
	raw         func(n int64) float64 // what the pipeline makes of the feature before scaling
	mean, scale float64
}

// left says on which side of a threshold scikit-learn takes the integer n: it
// scales in float64, rounds to float32, and compares that with a float64.
func (s *scaled) left(n int64, threshold float64) bool {
	x := float64(s.raw(n)-s.mean) / s.scale
	return float64(float32(x)) <= threshold
}

// cut finds the largest integer on the left of a threshold: low-1 if there is
// none, high if all are.
func (s *scaled) cut(threshold float64) int64 {
	low, high := s.low-1, s.high // low is on the left, or outside; what is above high is not
	for low < high {
		middle := low + (high-low+1)/2
		if s.left(middle, threshold) {
			low = middle
		} else {
			high = middle - 1
		}
	}
	return low
}

// learn takes the rates and typical values of a dump.
func learn(h *header, d *definition.Definition) (feature.Learned, error) {
	learned := feature.Learned{Rates: map[string][]float64{}}
	given, err := byField(h.Rates, d)
	if err != nil {
		return feature.Learned{}, fmt.Errorf("rates: %w", err)
	}
	for _, spec := range d.Features.Specs() {
		if spec.Kind != feature.Rate {
			continue
		}
		rates, err := ratesOf(d.Field(spec.Field), given[spec.Field])
		if err != nil {
			return feature.Learned{}, err
		}
		learned.Rates[spec.Field] = rates
	}
	for _, name := range slices.Sorted(maps.Keys(given)) {
		if learned.Rates[name] == nil {
			return feature.Learned{}, fmt.Errorf("%w: rates of %q, of which no feature is the rate", ErrMismatch, name)
		}
	}
	if learned.Typical, err = typical(h, d); err != nil {
		return feature.Learned{}, err
	}
	return learned, nil
}

// byField gives to the fields what a dump says of columns of the data.
func byField[T any](columns map[string]T, d *definition.Definition) (map[string]T, error) {
	fields := map[string]T{}
	for _, column := range slices.Sorted(maps.Keys(columns)) {
		i := d.Column(column)
		if i < 0 {
			return nil, fmt.Errorf("%w: %q is no field", ErrMismatch, column)
		}
		name := d.Fields[i].Name
		if _, twice := fields[name]; twice {
			return nil, fmt.Errorf("%w: the field %q is there twice", ErrMismatch, name)
		}
		fields[name] = columns[column]
	}
	return fields, nil
}

// typical takes the values that stand in for optional fields. There is none for
// a field that the pipeline requires, nor where no record can hold the value,
// such as a mean of whole numbers.
func typical(h *header, d *definition.Definition) (map[string]int64, error) {
	values, err := byField(h.Typical, d)
	if err != nil {
		return nil, fmt.Errorf("typical values: %w", err)
	}
	typical := map[string]int64{}
	for i := range d.Fields {
		f := &d.Fields[i]
		text, ok := values[f.Name]
		if !ok || !f.Optional {
			continue
		}
		n, _ := f.Parse(f.Read(text))
		if n == schema.Missing { // at fault, or not there
			return nil, fmt.Errorf("%w: field %q: %q is no typical value", ErrMismatch, f.Name, text)
		}
		if holds(f, n, text) {
			typical[f.Name] = n
		}
	}
	return typical, nil
}

// holds says whether n steps of a field are the value itself, not rounded.
func holds(f *schema.Field, n int64, text string) bool {
	if f.Kind == schema.Choice {
		return true
	}
	x, _ := strconv.ParseFloat(strings.TrimSpace(text), 64) // what is too large is infinite, as no record is
	return x == f.Number(n)
}

// ratesOf lists a field's rates by label, given by the labels' spellings.
func ratesOf(f *schema.Field, given map[string]float64) ([]float64, error) {
	rates := make([]float64, len(f.Labels))
	known := make([]bool, len(f.Labels))
	for _, text := range slices.Sorted(maps.Keys(given)) {
		i := labelOf(f, text)
		if i < 0 || known[i] {
			return nil, fmt.Errorf("%w: a rate for %q, which is no label of %q, or has one already", ErrMismatch, text, f.Name)
		}
		rates[i], known[i] = given[text], true
	}
	if i := slices.Index(known, false); i >= 0 {
		return nil, fmt.Errorf("%w: label %q of %q has no rate", ErrMismatch, f.Labels[i].Name, f.Name)
	}
	return rates, nil
}

// labelOf is the label with a spelling, or -1.
func labelOf(f *schema.Field, text string) int { return f.Label(f.Read(text).Text) }

// bind finds the feature behind every input. Each has exactly one.
func bind(h *header, d *definition.Definition, learned feature.Learned) ([]scaled, error) {
	inputs := make([]scaled, len(h.Inputs))
	specs := d.Features.Specs()
	taken := make([]bool, len(specs))
	for i := range h.Inputs {
		in := &h.Inputs[i]
		at := in.find(d, specs)
		if at < 0 {
			return nil, fmt.Errorf("%w: input %d: the definition has no feature %s", ErrMismatch, i, in)
		}
		if taken[at] {
			return nil, fmt.Errorf("%w: input %d: the feature %s is an input already", ErrMismatch, i, in)
		}
		taken[at] = true
		s, err := in.bind(d, specs[at], learned)
		if err != nil {
			return nil, fmt.Errorf("%w: input %d: %w", ErrMismatch, i, err)
		}
		s.feature = at
		inputs[i] = s
	}
	if i := slices.Index(taken, false); i >= 0 {
		return nil, fmt.Errorf("%w: no input is the feature %q", ErrMismatch, specs[i].Name)
	}
	return inputs, nil
}

// String names the feature that an input asks for.
func (in *input) String() string {
	if in.Feature != "" {
		return fmt.Sprintf("%q", in.Feature)
	}
	return fmt.Sprintf("for the label %q of %q", in.Label, in.Field)
}

// stepsOf is the range of a number field, in steps. An open end is where the
// field's numbers saturate.
func stepsOf(f *schema.Field) (low, high int64) {
	end := func(bound *float64, open string) int64 {
		if bound != nil {
			open = strconv.FormatFloat(*bound, 'f', -1, 64)
		}
		n, _ := f.Parse(schema.Value{Kind: schema.Numeral, Text: open})
		return n
	}
	return end(f.Min, "-1e300"), end(f.Max, "1e300")
}

func (in *input) find(d *definition.Definition, specs []feature.Spec) int {
	return slices.IndexFunc(specs, func(f feature.Spec) bool {
		if in.Feature != "" {
			return f.Name == in.Feature
		}
		return f.Kind == feature.Indicator && f.Field == in.Field &&
			d.Field(f.Field).Label(f.Label) == labelOf(d.Field(f.Field), in.Label)
	})
}

func (in *input) bind(d *definition.Definition, spec feature.Spec, learned feature.Learned) (scaled, error) {
	f := d.Field(spec.Field)
	s := scaled{mean: in.Mean, scale: in.scale(), raw: func(n int64) float64 { return float64(n) }}
	switch spec.Kind {
	case feature.Plain:
		s.low, s.high = stepsOf(f)
		s.raw = f.Number
	case feature.Indicator:
		s.high = 1
	case feature.Class:
		s.high = int64(len(spec.Classes) - 1)
	case feature.Rate:
		rates := slices.Compact(slices.Sorted(slices.Values(learned.Rates[spec.Field])))
		s.high = int64(len(rates) - 1)
		s.raw = func(rank int64) float64 { return rates[rank] }
	}
	if err := in.checkCategories(f, spec); err != nil {
		return scaled{}, err
	}
	return s, nil
}

// checkCategories proves that the pipeline's encoder knows what the feature
// does: a class's names in their order, or a choice's labels in any.
func (in *input) checkCategories(f *schema.Field, spec feature.Spec) error {
	if in.Categories == nil {
		return nil
	}
	switch spec.Kind {
	case feature.Class:
		names := make([]string, len(spec.Classes))
		for i, c := range spec.Classes {
			names[i] = c.Name
		}
		if !slices.Equal(in.Categories, names) {
			return fmt.Errorf("the categories %q of %q are in the definition %q", in.Categories, spec.Name, names)
		}
	case feature.Indicator:
		places := map[int]bool{}
		for _, c := range in.Categories {
			places[labelOf(f, c)] = true
		}
		if len(places) != len(f.Labels) || len(in.Categories) != len(f.Labels) || places[-1] {
			return fmt.Errorf("the categories %q are not the labels of %q", in.Categories, f.Name)
		}
	default:
		return fmt.Errorf("%q is %s and has no categories", spec.Name, spec.Kind)
	}
	return nil
}
