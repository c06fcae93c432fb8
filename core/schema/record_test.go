package schema_test

import (
	"errors"
	"math"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"lendleaf/core/schema"
)

func numeral(text string) schema.Value { return schema.Value{Kind: schema.Numeral, Text: text} }
func text(text string) schema.Value    { return schema.Value{Kind: schema.Text, Text: text} }

func TestParse(t *testing.T) {
	const saturated = 1 << 53
	s := compiled(t)
	for _, c := range []struct {
		field string
		value schema.Value
		want  int64
		fault schema.Fault
	}{
		{"hours", numeral("12"), 12, schema.NoFault},
		{"hours", numeral("12.0"), 12, schema.NoFault},
		{"hours", numeral("1.2e1"), 12, schema.NoFault},
		{"hours", numeral("-0"), 0, schema.NoFault},
		{"hours", numeral("-0.0"), 0, schema.NoFault},
		{"hours", numeral("-0.1"), schema.Missing, schema.FaultBelow},
		{"hours", numeral("1e-400"), 0, schema.NoFault},
		{"hours", numeral("9007199254740991"), saturated - 1, schema.NoFault},
		{"hours", numeral("9007199254740993"), saturated, schema.NoFault},
		{"hours", numeral("1e300"), saturated, schema.NoFault},
		{"hours", numeral("1" + strings.Repeat("0", 30)), saturated, schema.NoFault},
		{"hours", numeral("1" + strings.Repeat("0", 400)), saturated, schema.NoFault},
		{"hours", numeral("-1" + strings.Repeat("0", 400)), schema.Missing, schema.FaultBelow},
		{"hours", numeral("1e400"), schema.Missing, schema.FaultInfinite},
		{"hours", numeral("-1e400"), schema.Missing, schema.FaultInfinite},
		{"hours", numeral("1E400"), schema.Missing, schema.FaultInfinite},
		{"hours", numeral("1" + strings.Repeat("0", 400) + ".5"), schema.Missing, schema.FaultInfinite},
		{"drift", numeral("-1" + strings.Repeat("0", 400)), -saturated, schema.NoFault},
		{"hours", schema.Value{}, schema.Missing, schema.FaultMissing},
		{"hours", schema.Value{Kind: schema.Null}, schema.Missing, schema.FaultKind},
		{"hours", text("12"), schema.Missing, schema.FaultKind},
		{"hours", schema.Value{Kind: schema.Other}, schema.Missing, schema.FaultKind},

		// Half to even; the range counts before rounding.
		{"hours", numeral("0.5"), 0, schema.NoFault},
		{"hours", numeral("1.5"), 2, schema.NoFault},
		{"hours", numeral("2.5"), 2, schema.NoFault},
		{"hours", numeral("2.5000000000000004"), 3, schema.NoFault},
		{"age", numeral("20.6"), schema.Missing, schema.FaultBelow},
		{"age", numeral("21"), 21, schema.NoFault},
		{"age", numeral("78.5"), 78, schema.NoFault},
		{"age", numeral("79"), 79, schema.NoFault},
		{"age", numeral("79.4"), schema.Missing, schema.FaultAbove},
		{"age", numeral("1" + strings.Repeat("0", 400)), schema.Missing, schema.FaultAbove},
		{"age", schema.Value{}, schema.Missing, schema.NoFault},
		{"age", schema.Value{Kind: schema.Null}, schema.Missing, schema.NoFault},
		{"age", schema.Value{Kind: schema.Other}, schema.Missing, schema.FaultKind},

		// Steps other than 1.
		{"load", numeral("0.29"), 29, schema.NoFault},
		{"load", numeral("1.1"), 110, schema.NoFault},
		{"load", numeral("0.005"), 0, schema.NoFault},
		{"load", numeral("0.015"), 2, schema.NoFault},
		{"load", numeral("-1"), -100, schema.NoFault},
		{"load", numeral("-1.001"), schema.Missing, schema.FaultBelow},
		{"load", numeral("1.5"), 150, schema.NoFault},
		{"load", numeral("1.5000001"), schema.Missing, schema.FaultAbove},
		{"wear", numeral("12.5"), 2, schema.NoFault},
		{"wear", numeral("17.5"), 4, schema.NoFault},
		{"wear", numeral("500"), 100, schema.NoFault},
		{"wear", numeral("501"), schema.Missing, schema.FaultAbove},
		{"drift", numeral("0.75"), 3, schema.NoFault},

		{"maker", text("öst[3]"), 1, schema.NoFault},
		{"maker", text("NW"), schema.Missing, schema.FaultLabel},
		{"maker", text("North_Works"), schema.Missing, schema.FaultLabel},
		{"maker", text(""), schema.Missing, schema.FaultLabel},
		{"maker", numeral("1"), schema.Missing, schema.FaultKind},
		{"maker", schema.Value{Kind: schema.Null}, schema.Missing, schema.FaultKind},
		{"maker", schema.Value{}, schema.Missing, schema.FaultMissing},
		{"oil", schema.Value{}, schema.Missing, schema.NoFault},
		{"oil", schema.Value{Kind: schema.Null}, schema.Missing, schema.NoFault},
		{"oil", text("thick"), 1, schema.NoFault},
	} {
		got, fault := s.Field(c.field).Parse(c.value)
		assert.Equal(t, c.fault, fault, "%s: %v", c.field, c.value)
		assert.Equal(t, c.want, got, "%s: %v", c.field, c.value)
	}
}

// A step that misses 1/n by less than a billionth of itself stands for 1/n, so
// that numbers are multiplied by n: with a step of 0.01·(1 + 5·10^-10), 10^8 is
// 10^10 steps. One that misses by more is what it is: with 0.01·(1 + 2·10^-9) it
// is 10^10 / (1 + 2·10^-9) = 9999999980.00000004 steps.
func TestStepsNearAnInverse(t *testing.T) {
	for step, want := range map[float64]struct {
		literal string
		steps   int64
	}{
		0.010000000005:  {"1e8", 10_000_000_000},
		0.0100000000095: {"1e8", 10_000_000_000},
		0.01000000002:   {"1e8", 9_999_999_980},
		1.0000000005:    {"1e10", 10_000_000_000},
		1.000000002:     {"1e10", 9_999_999_980},
		3:               {"1e10", 3_333_333_333},
	} {
		spec := machines()
		spec.Fields[4].Step = step
		s, err := schema.Compile(spec)
		require.NoError(t, err)
		f := &s.Fields[4]
		got, fault := f.Parse(numeral(want.literal))
		assert.Equal(t, schema.NoFault, fault)
		assert.Equal(t, want.steps, got, "%v", step)
		x, err := strconv.ParseFloat(want.literal, 64)
		require.NoError(t, err)
		assert.InDelta(t, x, f.Number(got), step/2)
		if want.steps%10_000_000_000 == 0 {
			assert.Equal(t, x, f.Number(got), "%v", step)
		}
	}
}

// A number at the beginning of a text counts as it does alone; what is behind it
// is left.
func TestNumeral(t *testing.T) {
	s := compiled(t)
	for _, c := range []struct {
		field, text string
		length      int
		steps       int64
		fault       schema.Fault
	}{
		{"load", "0.29,", 4, 29, schema.NoFault},
		{"load", "1.5", 3, 150, schema.NoFault},
		{"load", "1.51}", 4, schema.Missing, schema.FaultAbove},
		{"hours", "9007199254740991 ", 16, 1<<53 - 1, schema.NoFault},
		{"hours", "12e-1x", 5, 1, schema.NoFault},
		{"hours", "1e400", 5, schema.Missing, schema.FaultInfinite},
		{"hours", "x", 0, schema.Missing, schema.FaultKind},
		{"hours", "", 0, schema.Missing, schema.FaultKind},
		{"maker", "1,", 1, schema.Missing, schema.FaultKind},
	} {
		length, steps, fault := s.Field(c.field).Numeral([]byte(c.text))
		assert.Equal(t, c.length, length, c.text)
		assert.Equal(t, c.steps, steps, c.text)
		assert.Equal(t, c.fault, fault, c.text)
	}
}

func TestDisplay(t *testing.T) {
	s := compiled(t)
	assert.Equal(t, "North Works", s.Field("maker").Display(0), "a label's text")
	assert.Equal(t, "0.29", s.Field("load").Display(29))
	assert.Equal(t, "", s.Field("oil").Display(schema.Missing))
	assert.Equal(t, "", s.Field("age").Display(schema.Missing))
}

// Every hundredth is itself, although few have an exact float64.
func TestHundredthsAreExact(t *testing.T) {
	f := compiled(t).Field("load")
	for n := int64(-100); n <= 150; n++ {
		literal := strconv.FormatFloat(float64(n)/100, 'f', 2, 64)
		got, fault := f.Parse(numeral(literal))
		require.Equal(t, schema.NoFault, fault, literal)
		require.Equal(t, n, got, literal)
		require.Equal(t, numeral(strconv.FormatFloat(float64(n)/100, 'f', -1, 64)), f.Value(n))
	}
}

func TestRead(t *testing.T) {
	s := compiled(t)
	for _, c := range []struct {
		field, from string
		want        schema.Value
	}{
		{"hours", "", schema.Value{}},
		{"hours", " \t ", schema.Value{}},
		{"hours", " 12 ", numeral("12")},
		{"hours", "-1.5e+3", numeral("-1.5e+3")},
		{"hours", "0", numeral("0")},
		{"maker", "North Works", text("north_works")},
		{"maker", " north-works", text("north_works")},
		{"maker", "nw", text("north_works")},
		{"maker", "ÖST (NEW)", text("öst[3]")},
		{"maker", " Öst ", text("Öst")},
		{"maker", "", schema.Value{}},
		{"maker", "1", text("1")},
	} {
		assert.Equal(t, c.want, s.Field(c.field).Read(c.from), c.from)
	}
	for _, no := range []string{"twelve", "+1", "01", "-01", ".5", "1.", "1e", "1e+", "1_000", "0x10", "1,5", "NaN", "Inf", "-", "1 2", "１", "--1", "1e5.5", "1.e5"} {
		assert.Equal(t, text(no), s.Field("hours").Read(no), "no number as JSON writes it")
	}
}

func TestRecordFindsEveryFault(t *testing.T) {
	s := compiled(t)
	record := make(schema.Record, len(s.Fields))
	faults := s.Record(record, []schema.Value{
		{}, numeral("2"), numeral("20"), text("x"), numeral("1e999"), text("x"), {Kind: schema.Null},
	})
	f := s.Fields
	assert.Equal(t, []schema.FieldError{
		{Field: &f[0], Fault: schema.FaultMissing}, {Field: &f[1], Fault: schema.FaultAbove}, {Field: &f[2], Fault: schema.FaultBelow},
		{Field: &f[3], Fault: schema.FaultKind}, {Field: &f[4], Fault: schema.FaultInfinite}, {Field: &f[5], Fault: schema.FaultLabel},
	}, faults)
	for _, v := range record {
		assert.EqualValues(t, int64(schema.Missing), v)
	}

	faults = s.Record(record, []schema.Value{
		numeral("7"), numeral("0.5"), {}, numeral("-5"), numeral("0"), text("north_works"), text("thick"),
	})
	assert.Empty(t, faults)
	assert.Equal(t, schema.Record{7, 50, schema.Missing, -1, 0, 0, 1}, record)
}

func TestRecordDoesNotAllocate(t *testing.T) {
	s := compiled(t)
	record := make(schema.Record, len(s.Fields))
	values := []schema.Value{numeral("7"), numeral("0.5"), {}, numeral("-5"), numeral("0"), text("north_works"), text("thick")}
	assert.Zero(t, testing.AllocsPerRun(100, func() { s.Record(record, values) }))
}

func TestValueGivesBackWhatParseTook(t *testing.T) {
	s := compiled(t)
	for _, c := range []struct {
		field string
		n     int64
		want  schema.Value
	}{
		{"hours", 12, numeral("12")}, {"hours", 1 << 53, numeral("9007199254740992")}, {"load", -7, numeral("-0.07")},
		{"wear", 4, numeral("20")}, {"drift", 3, numeral("0.75")}, {"maker", 1, text("öst[3]")},
		{"oil", schema.Missing, schema.Value{Kind: schema.Null}},
	} {
		f := s.Field(c.field)
		assert.Equal(t, c.want, f.Value(c.n))
		again, fault := f.Parse(f.Value(c.n))
		assert.Equal(t, schema.NoFault, fault)
		assert.Equal(t, c.n, again)
	}
	assert.Equal(t, 0.29, s.Field("load").Number(29))
	assert.Equal(t, 20.0, s.Field("wear").Number(4))
}

// 3 × 0.3 is a little less than 0.9.
func TestBoundsGiveBackThemselves(t *testing.T) {
	low, high := 0.9, 2.7
	spec := machines()
	spec.Fields[4].Step, spec.Fields[4].Min, spec.Fields[4].Max = 0.3, &low, &high
	s, err := schema.Compile(spec)
	require.NoError(t, err)
	f := &s.Fields[4]
	for n := int64(3); n <= 9; n++ {
		again, fault := f.Parse(f.Value(n))
		assert.Equal(t, schema.NoFault, fault)
		assert.Equal(t, n, again)
	}
}

func TestGrouped(t *testing.T) {
	for number, want := range map[string]string{
		"": "", "0": "0", "999": "999", "1000": "1,000", "252000": "252,000", "1234567": "1,234,567",
		"-999": "-999", "-1000": "-1,000", "-123456": "-123,456", "0.12345": "0.12345", ".12345": ".12345", "12345.6789": "12,345.6789",
	} {
		assert.Equal(t, want, schema.Grouped(number))
	}
}

func TestAdvice(t *testing.T) {
	s := compiled(t)
	for field, want := range map[string]string{
		"hours": "Enter a number of at least 0.",
		"load":  "Enter a number between -1 and 1.5.",
		"age":   "Enter a number between 21 and 79.",
		"wear":  "Enter a number of at most 500.",
		"drift": "Enter a number.",
		"maker": "Select a maker from the list.",
		"oil":   "Select an oil from the list.",
	} {
		assert.Equal(t, want, s.Field(field).Advice())
	}
	spec := machines()
	spec.Fields[3].Step, spec.Fields[3].Max = 1e6, ptr(1e21)
	large, err := schema.Compile(spec)
	require.NoError(t, err)
	assert.Equal(t, "Enter a number of at most 1000000000000000000000.", large.Field("wear").Advice())
	err = schema.FieldError{Field: s.Field("age"), Fault: schema.FaultAbove}
	assert.EqualError(t, err, "Age: Enter a number between 21 and 79.")
	var fault schema.FieldError
	require.True(t, errors.As(err, &fault))
	assert.Same(t, s.Field("age"), fault.Field)
}

// Whatever is typed, a field takes it or names a fault, and what it took it
// gives back as a value that means the same.
func FuzzField(f *testing.F) {
	s := compiled(f)
	for _, seed := range []string{"", "12", "-0.5", "1e999", "1e-999", "79.4", "North Works", "öst[3]", "thick", "0.015", "9007199254740993", "\xff", "-"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		for i := range s.Fields {
			field := &s.Fields[i]
			n, fault := field.Parse(field.Read(typed))
			if fault != schema.NoFault {
				require.EqualValues(t, int64(schema.Missing), n)
				continue
			}
			if n == schema.Missing {
				require.True(t, field.Optional && strings.TrimSpace(typed) == "")
				continue
			}
			again, fault := field.Parse(field.Value(n))
			require.Equal(t, schema.NoFault, fault)
			require.Equal(t, n, again)
			if field.Kind == schema.Number {
				x, err := strconv.ParseFloat(strings.TrimSpace(typed), 64)
				require.True(t, err == nil || math.IsInf(x, 0))
				require.False(t, field.Min != nil && x < *field.Min || field.Max != nil && x > *field.Max)
			}
		}
	})
}

func BenchmarkRecord(b *testing.B) {
	s := compiled(b)
	record := make(schema.Record, len(s.Fields))
	values := []schema.Value{numeral("7"), numeral("0.5"), {}, numeral("-5"), numeral("0"), text("north_works"), text("thick")}
	b.ReportAllocs()
	for b.Loop() {
		s.Record(record, values)
	}
}
