package schema

import (
	"math"
	"strconv"
	"strings"
)

// Record is one applicant: for each field, in API order, a number divided by
// its step, a label's index, or Missing.
type Record []int64

// Missing stands in a Record where a field was left open.
const Missing = math.MinInt64

// maxSteps is where numbers saturate, in steps. It is far past every cut a
// forest can hold, so all larger numbers score alike, and every integer up to
// it is exact in a float64.
const maxSteps = 1 << 53

// ValueKind says what an outside value is.
type ValueKind uint8

// The kinds of outside value.
const (
	Absent  ValueKind = iota // not given at all
	Null                     // given as nothing: JSON's null
	Numeral                  // a JSON number, its literal in Text
	Text                     // a text
	Other                    // anything else: a boolean, a list, an object
)

// Value is what came from outside for one field.
type Value struct {
	Kind ValueKind
	Text string
}

// Read takes what a person or a CSV wrote for the field: blanks around do not
// count, nothing is Absent, and a label is known by any of its spellings.
func (f *Field) Read(text string) Value {
	text = strings.TrimSpace(text)
	if text == "" {
		return Value{}
	}
	if f.Kind == Choice {
		if i, ok := f.spellings[Fold(text)]; ok {
			return Value{Text, f.Labels[i].Name}
		}
		return Value{Text, text}
	}
	if length, _, _ := scanNumeral(text); length == len(text) {
		return Value{Numeral, text}
	}
	return Value{Text, text}
}

// Record turns outside values, one for each field in API order, into dst,
// which must have that length. It returns one FieldError for every fault; a
// field at fault is left Missing.
func (s *Schema) Record(dst Record, values []Value) []FieldError {
	var faults []FieldError
	for i := range s.Fields {
		v, fault := s.Fields[i].Parse(values[i])
		dst[i] = v
		if fault != NoFault {
			faults = append(faults, FieldError{Field: &s.Fields[i], Fault: fault})
		}
	}
	return faults
}

// Parse turns one outside value into a record's integer, or says what is wrong
// with it.
func (f *Field) Parse(v Value) (int64, Fault) {
	switch v.Kind {
	case Absent:
		if f.Optional {
			return Missing, NoFault
		}
		return Missing, FaultMissing
	case Null:
		if f.Optional {
			return Missing, NoFault
		}
	case Numeral:
		if f.Kind == Number {
			return f.number(v.Text)
		}
	case Text:
		if f.Kind == Choice {
			if i, ok := f.labels[v.Text]; ok {
				return int64(i), NoFault
			}
			return Missing, FaultLabel
		}
	}
	return Missing, FaultKind
}

// number takes a JSON number; integers of any size are numbers.
func (f *Field) number(literal string) (int64, Fault) {
	if _, x, exact := scanNumeral(literal); exact {
		return f.fit(x)
	}
	x, err := strconv.ParseFloat(literal, 64)
	if err != nil && strings.ContainsAny(literal, ".eE") { // x is infinite, and no integer
		return Missing, FaultInfinite
	}
	return f.fit(x)
}

// fit takes a number, or an infinite one as the largest there is: the range counts before rounding, and halves round
// to even.
func (f *Field) fit(x float64) (int64, Fault) {
	if f.Min != nil && x < *f.Min {
		return Missing, FaultBelow
	}
	if f.Max != nil && x > *f.Max {
		return Missing, FaultAbove
	}
	steps := math.RoundToEven(f.steps(x))
	return int64(max(-maxSteps, min(maxSteps, steps))), NoFault
}

// steps divides a number by the field's step. A step like 0.01 has no exact
// float64, but its inverse has: multiplying by that keeps 12.34 at 1234.
func (f *Field) steps(x float64) float64 {
	if f.inverse > 0 {
		return x * f.inverse
	}
	return x / f.Step
}

// Number gives back the number that a record holds as n steps: of a bound's
// steps the bound itself, so that it is in range again.
func (f *Field) Number(n int64) float64 {
	for _, bound := range []*float64{f.Min, f.Max} {
		if bound != nil && math.RoundToEven(f.steps(*bound)) == float64(n) {
			return *bound
		}
	}
	if f.inverse > 0 {
		return float64(n) / f.inverse
	}
	return float64(n) * f.Step
}

// Value gives back the API value that a record holds for the field.
func (f *Field) Value(n int64) Value {
	switch {
	case n == Missing:
		return Value{Kind: Null}
	case f.Kind == Choice:
		return Value{Text, f.Labels[n].Name}
	}
	return Value{Numeral, strconv.FormatFloat(f.Number(n), 'f', -1, 64)}
}

// Grouped sets commas between the thousands of a number, as sentences give it:
// "-12345.6" is "-12,345.6". What a field takes has none.
func Grouped(number string) string {
	point := len(number)
	if i := strings.IndexByte(number, '.'); i >= 0 {
		point = i
	}
	for i := point - 3; i > 0 && number[i-1] != '-'; i -= 3 {
		number = number[:i] + "," + number[i:]
	}
	return number
}

// Display writes what a record holds for the field as people read it.
func (f *Field) Display(n int64) string {
	if f.Kind == Choice && n != Missing {
		return f.Labels[n].Text
	}
	return f.Value(n).Text
}
