package rows

import (
	"errors"
	"fmt"
	"strings"

	"lendleaf/core/schema"
)

// What can be wrong with a file, a header or a row; a value's own fault is a
// schema.FieldError or a TextError.
var (
	ErrEmpty     = errors.New("the file is empty")
	ErrMissing   = errors.New("there is no such column")
	ErrTwice     = errors.New("two columns have this name")
	ErrTooLong   = errors.New("the row is too long")
	ErrColumns   = errors.New("the header has too many columns")
	ErrNoCSV     = errors.New("its columns must be separated by commas, and its text UTF-8")
	ErrCells     = errors.New("wrong number of fields")
	ErrQuote     = errors.New(`extraneous or missing " in quoted-field`)
	ErrBareQuote = errors.New(`bare " in non-quoted-field`)
	ErrObject    = errors.New("it is no JSON object")
	ErrUTF8      = errors.New("its text is no UTF-8")
)

// ColumnError says that a header cannot be used.
type ColumnError struct {
	Column string // a field's name, or the target's first
	Err    error  // ErrMissing, ErrTwice, or why else it cannot be used
}

// Error names the column.
func (e ColumnError) Error() string { return fmt.Sprintf("column %q: %v", e.Column, e.Err) }

// Unwrap returns Err.
func (e ColumnError) Unwrap() error { return e.Err }

// RowError says that a row cannot be used. It never repeats what the row
// holds, since that is an applicant's.
type RowError struct {
	Line   int    // in the file, from 1; that of the value, or where a broken row begins
	Column string // as the header spells it, or the member; empty if the row as a whole is at fault
	Err    error
}

// Error gives line, column and reason.
func (e RowError) Error() string {
	if e.Column == "" {
		return fmt.Sprintf("line %d: %s", e.Line, e.Reason())
	}
	return fmt.Sprintf("line %d, column %q: %s", e.Line, e.Column, e.Reason())
}

// Reason says what is wrong without naming line and column.
func (e RowError) Reason() string {
	if fault, ok := e.Err.(schema.FieldError); ok {
		return fault.Field.Advice()
	}
	return e.Err.Error()
}

// Field names the field at fault as the API does; empty if the row as a whole is
// at fault.
func (e RowError) Field() string {
	switch fault := e.Err.(type) {
	case schema.FieldError:
		return fault.Field.Name
	case TextError:
		return fault.Name
	}
	return ""
}

// Unwrap returns Err.
func (e RowError) Unwrap() error { return e.Err }

// TextError says that what must be a text, if it is given, is something else.
type TextError struct{ Name string }

// Error says what to give.
func (e TextError) Error() string { return "Enter a text." }

// Reasons says in one line what is wrong with a row.
func Reasons(faults []RowError) string {
	var all []string
	for _, e := range faults {
		reason := e.Reason()
		if field := e.Field(); field != "" {
			reason = field + ": " + reason
		}
		all = append(all, reason)
	}
	return strings.Join(all, " ")
}

// TooLongError says how long a row may be. It is ErrTooLong.
type TooLongError struct{ Limit int } // bytes

// Error gives the limit.
func (e TooLongError) Error() string { return "the row is longer than " + size(e.Limit) }

// Unwrap returns ErrTooLong.
func (TooLongError) Unwrap() error { return ErrTooLong }

// ColumnsError says how many columns a CSV may have. It is ErrColumns.
type ColumnsError struct{ Limit int }

// Error gives the limit.
func (e ColumnsError) Error() string {
	return fmt.Sprintf("the header has more than %d columns", e.Limit)
}

// Unwrap returns ErrColumns.
func (ColumnsError) Unwrap() error { return ErrColumns }

// size says bytes in words.
func size(bytes int) string {
	for _, unit := range []struct {
		bytes int
		name  string
	}{{1 << 20, "MiB"}, {1 << 10, "KiB"}} {
		if bytes%unit.bytes == 0 {
			return fmt.Sprintf("%d %s", bytes/unit.bytes, unit.name)
		}
	}
	return fmt.Sprintf("%d bytes", bytes)
}
