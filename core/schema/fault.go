package schema

import (
	"fmt"
	"strconv"
	"strings"
)

// Fault says what is wrong with a value.
type Fault uint8

// The faults, in the order in which they are looked for.
const (
	NoFault       Fault = iota
	FaultMissing        // a required field was not given
	FaultKind           // not a number, or not a text, as the field needs
	FaultInfinite       // a number too large for a float64
	FaultBelow          // under the smallest number
	FaultAbove          // over the largest number
	FaultLabel          // not one of the labels
)

// FieldError says that a field's value cannot be used.
type FieldError struct {
	Field *Field
	Fault Fault
}

// Error names the field as people read it and says what to do.
func (e FieldError) Error() string { return e.Field.Text + ": " + e.Field.Advice() }

// Advice says what to enter, whatever the fault was.
func (f *Field) Advice() string {
	if f.Kind == Choice {
		return fmt.Sprintf("Select %s %s from the list.", article(f.Noun), f.Noun)
	}
	switch {
	case f.Min != nil && f.Max != nil:
		return fmt.Sprintf("Enter a number between %s and %s.", plain(*f.Min), plain(*f.Max))
	case f.Min != nil:
		return fmt.Sprintf("Enter a number of at least %s.", plain(*f.Min))
	case f.Max != nil:
		return fmt.Sprintf("Enter a number of at most %s.", plain(*f.Max))
	}
	return "Enter a number."
}

func article(noun string) string {
	if strings.ContainsAny(noun[:1], "aeiou") {
		return "an"
	}
	return "a"
}

func plain(x float64) string { return strconv.FormatFloat(x, 'f', -1, 64) }
