package rows

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"lendleaf/core/schema"
)

// Reading says how the cells of a CSV are written. The zero value is how the API
// writes: a point before the decimals, nothing between the thousands, and an
// empty cell, or one with white space only, for what is missing.
type Reading struct {
	Decimal   rune     // before the decimals; 0: a point
	Thousands rune     // between groups of three digits, where they are grouped; 0: they never are
	Missing   []string // cells that, like empty ones, hold nothing: "NA", "?"
}

// ErrReading is wrapped by the error of a Reading that contradicts itself.
var ErrReading = errors.New("cells cannot be read like this")

// Check proves that marks and spellings are told apart. Its error wraps
// ErrReading.
func (r Reading) Check() error {
	for _, mark := range []struct {
		name string
		rune rune
	}{{"decimal mark", r.Decimal}, {"thousands separator", r.Thousands}} {
		if unicode.IsDigit(mark.rune) || unicode.IsLetter(mark.rune) || strings.ContainsRune("+-\"\r\n", mark.rune) || mark.rune != 0 && !utf8.ValidRune(mark.rune) {
			return fmt.Errorf("%w: %q cannot be the %s", ErrReading, mark.rune, mark.name)
		}
	}
	if r.decimal() == r.Thousands {
		return fmt.Errorf("%w: %q is both decimal mark and thousands separator", ErrReading, r.Thousands)
	}
	return nil
}

// suits proves that no label of a schema is spelt like what is missing.
func (r Reading) suits(s *schema.Schema) error {
	for _, spelling := range r.Missing {
		for i := range s.Fields {
			f := &s.Fields[i]
			if f.Kind != schema.Choice {
				continue
			}
			if _, fault := f.Parse(f.Read(spelling)); fault == schema.NoFault && strings.TrimSpace(spelling) != "" {
				return fmt.Errorf("%w: %q is both missing and a label of %q", ErrReading, spelling, f.Name)
			}
		}
	}
	return nil
}

func (r Reading) decimal() rune {
	if r.Decimal == 0 {
		return '.'
	}
	return r.Decimal
}

// column reads one field's cells. Folding a spelling costs more than looking it
// up, so those seen are kept, a few for each label.
type column struct {
	field   *schema.Field
	place   int // of the cell in a row; negative: there is none
	reading Reading
	plain   bool // numbers are written as JSON writes them
	known   map[string]int64
	scratch []byte
}

const (
	maxKnown    = 2   // for each label
	maxSpelling = 128 // bytes
)

func newColumn(f *schema.Field, place int, r Reading) column {
	missing := make([]string, len(r.Missing))
	for i, spelling := range r.Missing {
		missing[i] = strings.TrimSpace(spelling)
	}
	r.Missing = missing
	return column{field: f, place: place, reading: r, plain: r.decimal() == '.' && r.Thousands == 0, known: map[string]int64{}}
}

// read reads a cell.
func (c *column) read(cell []byte) (int64, schema.Fault) {
	if c.field.Kind == schema.Choice {
		if value, ok := c.known[string(cell)]; ok {
			return value, schema.NoFault
		}
	}
	text := bytes.TrimSpace(cell)
	if len(text) == 0 || len(c.reading.Missing) > 0 && slices.Contains(c.reading.Missing, string(text)) {
		return c.field.Parse(schema.Value{})
	}
	if c.field.Kind == schema.Number {
		return c.number(text)
	}
	value, fault := c.field.Parse(c.field.Read(string(text)))
	if fault == schema.NoFault && len(c.known) < maxKnown*len(c.field.Labels) && len(cell) <= maxSpelling {
		c.known[string(cell)] = value
	}
	return value, fault
}

func (c *column) number(text []byte) (int64, schema.Fault) {
	if !c.plain {
		var ok bool
		if c.scratch, ok = c.reading.appendNumeral(c.scratch[:0], text); !ok {
			return schema.Missing, schema.FaultKind
		}
		text = c.scratch
	}
	length, value, fault := c.field.Numeral(text)
	if length != len(text) {
		return schema.Missing, schema.FaultKind
	}
	return value, fault
}

// appendNumeral writes a number as JSON does. It is not ok if a point is no
// decimal mark, or if digits are grouped in another way than by threes.
func (r Reading) appendNumeral(dst, text []byte) (all []byte, ok bool) {
	whole, rest, exponent := text, []byte(nil), []byte(nil)
	if i := bytes.IndexAny(text, "eE"); i >= 0 {
		whole, exponent = text[:i], text[i:]
	}
	decimal := utf8.AppendRune(nil, r.decimal())
	if i := bytes.Index(whole, decimal); i >= 0 {
		whole, rest = whole[:i], whole[i+len(decimal):]
		if len(rest) == 0 {
			return dst, false
		}
	}
	dst, ok = r.appendUngrouped(dst, whole)
	if !ok || !onlyDigits(rest) {
		return dst, false
	}
	if len(rest) > 0 {
		dst = append(append(dst, '.'), rest...)
	}
	return append(dst, exponent...), true
}

// appendUngrouped writes a whole number without what is between its thousands.
func (r Reading) appendUngrouped(dst, whole []byte) (all []byte, ok bool) {
	if len(whole) > 0 && whole[0] == '-' {
		dst, whole = append(dst, '-'), whole[1:]
	}
	if r.Thousands == 0 {
		return append(dst, whole...), onlyDigits(whole)
	}
	groups := bytes.Split(whole, utf8.AppendRune(nil, r.Thousands))
	for i, group := range groups {
		if !onlyDigits(group) || len(groups) > 1 && (len(group) == 0 || len(group) > 3 || i > 0 && len(group) < 3) {
			return dst, false
		}
		dst = append(dst, group...)
	}
	return dst, true
}

func onlyDigits(text []byte) bool {
	for _, b := range text {
		if b < '0' || b > '9' {
			return false
		}
	}
	return true
}
