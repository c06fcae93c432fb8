// Package rows is where applicants come in and answers go out: JSON, NDJSON
// and CSV, each with one reader and one writer.
//
// A Reader is pulled, row by row. What it holds is bounded by what its caller
// sets: a limit for each row and a budget of bytes for all rows under way. A row
// that cannot be used is no error: its Faults say why, and reading goes on after
// it.
package rows

import (
	"slices"

	"lendleaf/core/schema"
)

// Reader reads applicants row by row. At the end Read returns io.EOF; any other
// error is final: a SyntaxError of JSON, one that wraps ErrTooLong or ErrBudget,
// or one of the source. A Reader is not safe for concurrent use.
type Reader interface{ Read(*Row) error }

// Options say how a source is read. Their zero value reads as the API does, from
// whoever sends something; OwnFile is for files of one's own.
type Options struct {
	Limit     int     // bytes of a row; 0: DefaultLimit
	Columns   int     // of a CSV; 0: four times as many as there are fields
	Budget    *Budget // for all that is held; nil: there is none
	Reading   Reading // of the cells of a CSV
	Separator byte    // between the cells of a CSV; 0: a comma
}

// DefaultLimit is how long a row may be, in bytes: some hundred times as long as
// an applicant.
const DefaultLimit = 64 << 10

// OwnFile reads what is nobody's attack: rows of a mebibyte, and as many columns
// as a spreadsheet has.
var OwnFile = Options{Limit: 1 << 20, Columns: 1 << 14}

// columns is how many columns a CSV of so many fields may have.
func (o Options) columns(fields int) int {
	if o.Columns > 0 {
		return o.Columns
	}
	return 4 * fields
}

func (o Options) limit() int {
	if o.Limit > 0 {
		return o.Limit
	}
	return DefaultLimit
}

// Row is one applicant. Its memory is its owner's and is used again by the next
// Read into it. A Row that was read under a budget is given back with Release.
type Row struct {
	Line   int           // where it begins, from 1
	Record schema.Record // in API order; a field at fault is schema.Missing
	Faults []RowError    // why the row cannot be used, in API order; none if it can
	Cells  [][]byte      // of a CSV, in the file's order; of a broken row those before the fault
	Object []byte        // of JSON: the value as it was written

	given    []span         // where in Object the members for the fields and texts are
	verdicts []schema.Fault // on the fields and texts
	text     []byte         // that Cells or Object are parts of
	scratch  []byte         // a text without its escapes
	cursor   cursor         // over what the row is read from
	held     holding
}

// span is a part of a text; an empty one stands for what was not given.
type span struct{ from, to int }

// Given is the JSON that an object holds for a field, or for a text behind the
// fields, as it was written; nil if it holds none. It is a part of Object.
func (row *Row) Given(place int) []byte {
	if place >= len(row.given) || row.given[place].to == 0 {
		return nil
	}
	return row.Object[row.given[place].from:row.given[place].to]
}

// Text is what an object gives for the i-th text of its Shape; "" if it gives
// none, or something else.
func (row *Row) Text(i int) string {
	raw := row.Given(len(row.Record) + i)
	if len(raw) == 0 || raw[0] != '"' {
		return ""
	}
	return Unquoted(raw)
}

// Release gives back what the row holds of a budget, and its memory.
func (row *Row) Release() {
	row.held.release()
	*row = Row{}
}

// begin makes the row one of so many fields, of which nothing is known yet.
func (row *Row) begin(line, fields int) {
	row.Line, row.Object = line, nil
	row.Cells, row.Faults, row.given = row.Cells[:0], row.Faults[:0], row.given[:0]
	row.Record = slices.Grow(row.Record[:0], fields)[:fields]
}

// over gives the row's cursor, over a text. As a part of the row it costs no
// memory of its own.
func (row *Row) over(text []byte) *cursor {
	row.cursor = cursor{text: text}
	return &row.cursor
}

// reject makes the row one that cannot be used as a whole.
func (row *Row) reject(err error) {
	row.given = row.given[:0]
	for i := range row.Record {
		row.Record[i] = schema.Missing
	}
	row.Faults = append(row.Faults[:0], RowError{Line: row.Line, Err: err})
}

// What a row holds beside its text, in bytes.
const (
	cellSize  = 40 // a slice, and where it begins and ends
	placeSize = 32 // a record's integer, a span and a verdict, rounded up
)

// room makes room for a text and cells, if the budget has as much.
func (row *Row) room(budget *Budget, text, cells int) error {
	if text > cap(row.text) {
		text += text / 4 // for rows that are a little longer
	}
	text, cells = max(text, cap(row.text)), max(cells, cap(row.Cells))
	if err := row.held.raise(budget, text+cells*cellSize+len(row.Record)*placeSize); err != nil {
		return err
	}
	if text > cap(row.text) {
		row.text = append(make([]byte, 0, text), row.text...)
	}
	if cells > cap(row.Cells) {
		row.Cells = make([][]byte, 0, cells)
	}
	return nil
}
