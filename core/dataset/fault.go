package dataset

import (
	"errors"
	"fmt"
	"strings"

	"lendleaf/core/schema"
)

// What can be wrong with a file, a header or a row; a value's own fault is a
// schema.FieldError, a row that is no CSV has one of encoding/csv's errors.
var (
	ErrEmpty   = errors.New("the file is empty")
	ErrMissing = errors.New("there is no such column")
	ErrTwice   = errors.New("two columns have this name")
	ErrOutcome = errors.New("the outcome is none of the target's spellings")
	ErrTooLong = errors.New("a row is longer than a mebibyte: is a quotation mark left open?")
	ErrNoCSV   = errors.New("its columns must be separated by commas, and its text UTF-8")
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
	Column string // as the header spells it; empty if the row as a whole is at fault
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
	var fault schema.FieldError
	if errors.As(e.Err, &fault) {
		return fault.Field.Advice()
	}
	return e.Err.Error()
}

// Field names the field at fault as the API does; empty if the row as a whole is
// at fault.
func (e RowError) Field() string {
	var fault schema.FieldError
	if errors.As(e.Err, &fault) {
		return fault.Field.Name
	}
	return ""
}

// Unwrap returns Err.
func (e RowError) Unwrap() error { return e.Err }

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
