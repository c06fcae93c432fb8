package dataset

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"lendleaf/core/schema"
)

const (
	bufferSize = 1 << 16
	maxRow     = 1 << 20 // bytes; a quotation mark left open would swallow the rest of the file
)

// Reader reads applicants from CSV row by row, in constant memory. Columns may
// stand in any order under any of their names; unknown ones are passed over.
// It is not safe for concurrent use.
type Reader struct {
	csv    *csv.Reader
	limit  *limiter
	header []string
	line   int          // where the last good row's last cell begins
	cells  []cellReader // for each field, in API order
	target *target      // nil if outcomes are not wanted
}

// Row is one row of a file. Its buffers are its owner's and used again by the
// next Read into it.
type Row struct {
	Line     int           // where it begins in the file, from 1
	Cells    []string      // as the file has them, in the file's order; of a broken row what could be read
	Record   schema.Record // in API order; a field at fault is schema.Missing
	Positive bool          // the outcome, from a labelled reader
	Faults   []RowError    // why the row cannot be used, in API order and the target last; none if it can
}

// NewReader reads the header of a CSV that need not have a target column. Its
// errors are ErrEmpty, ErrNoCSV, ColumnError, and those of r and of encoding/csv.
func NewReader(r io.Reader, s *schema.Schema) (*Reader, error) {
	limit := &limiter{source: r, left: maxRow}
	buffered := bufio.NewReaderSize(limit, bufferSize)
	if mark, _ := buffered.Peek(len(byteOrderMark)); bytes.Equal(mark, byteOrderMark) {
		if _, err := buffered.Discard(len(mark)); err != nil {
			return nil, err
		}
	}
	reader := &Reader{csv: csv.NewReader(buffered), limit: limit}
	reader.csv.ReuseRecord = true
	header, err := reader.csv.Read()
	if err == io.EOF {
		return nil, fmt.Errorf("%w: it has no header", ErrEmpty)
	}
	if err != nil {
		return nil, fmt.Errorf("header: %w", err)
	}
	reader.header = slices.Clone(header)
	reader.line, _ = reader.csv.FieldPos(0)
	if len(header) == 1 && strings.ContainsAny(header[0], ";\t\x00") {
		return nil, fmt.Errorf("header: %w", ErrNoCSV) // as some spreadsheets save it
	}
	return reader, reader.findFields(s)
}

var byteOrderMark = []byte("\xef\xbb\xbf")

// NewLabelledReader is NewReader for a CSV whose target column is wanted too:
// a row whose outcome is not known is at fault.
func NewLabelledReader(r io.Reader, s *schema.Schema) (*Reader, error) {
	reader, err := NewReader(r, s)
	if err != nil {
		return nil, err
	}
	column, err := reader.find(s.Target.Columns[0], s.IsTarget)
	if err != nil {
		return nil, err
	}
	reader.target = &target{column: column, outcomes: s.Target}
	return reader, nil
}

// Header returns the file's columns in its order. It must not be changed.
func (r *Reader) Header() []string { return r.header }

func (r *Reader) findFields(s *schema.Schema) error {
	for i := range s.Fields {
		f := &s.Fields[i]
		column, err := r.find(f.Name, func(header string) bool { return s.Column(header) == i })
		if err != nil {
			return err
		}
		r.cells = append(r.cells, cellReader{field: f, column: column, known: map[string]int64{}})
	}
	return nil
}

// find returns the one column whose header suits.
func (r *Reader) find(name string, suits func(header string) bool) (int, error) {
	column := slices.IndexFunc(r.header, suits)
	if column < 0 {
		return 0, ColumnError{name, ErrMissing}
	}
	if slices.ContainsFunc(r.header[column+1:], suits) {
		return 0, ColumnError{name, ErrTwice}
	}
	return column, nil
}

// Read reads the next row into row. A row that cannot be used is no error: its
// Faults say why, and reading goes on after it. At the end Read returns io.EOF;
// any other error (ErrTooLong, or one of the source) is final.
func (r *Reader) Read(row *Row) error {
	row.Faults = row.Faults[:0]
	row.Positive = false
	row.Record = slices.Grow(row.Record[:0], len(r.cells))[:len(r.cells)]
	r.limit.left = maxRow
	cells, err := r.csv.Read()
	row.Cells = append(row.Cells[:0], cells...)
	if errors.Is(err, ErrTooLong) {
		return fmt.Errorf("after line %d: %w", r.line, err)
	}
	if err != nil {
		return row.reject(err)
	}
	row.Line, _ = r.csv.FieldPos(0)
	r.line, _ = r.csv.FieldPos(len(cells) - 1)
	r.fill(row)
	return nil
}

// reject makes a row that is no CSV a row at fault; other errors it returns.
func (row *Row) reject(err error) error {
	var broken *csv.ParseError
	if !errors.As(err, &broken) {
		return err
	}
	for i := range row.Record {
		row.Record[i] = schema.Missing
	}
	row.Line = broken.StartLine
	row.Faults = append(row.Faults, RowError{Line: broken.StartLine, Err: broken.Err})
	return nil
}

func (r *Reader) fill(row *Row) {
	for i := range r.cells {
		c := &r.cells[i]
		value, fault := c.read(row.Cells[c.column])
		row.Record[i] = value
		if fault != schema.NoFault {
			r.blame(row, c.column, schema.FieldError{Field: c.field, Fault: fault})
		}
	}
	if r.target == nil {
		return
	}
	var err error
	if row.Positive, err = r.target.read(row.Cells[r.target.column]); err != nil {
		r.blame(row, r.target.column, err)
	}
}

func (r *Reader) blame(row *Row, column int, err error) {
	line, _ := r.csv.FieldPos(column)
	row.Faults = append(row.Faults, RowError{Line: line, Column: r.header[column], Err: err})
}

// cellReader reads one field's column. Folding a spelling costs more than
// looking it up, so those seen are kept, up to a bound.
type cellReader struct {
	field  *schema.Field
	column int
	known  map[string]int64
}

const (
	maxKnown    = 1 << 14
	maxSpelling = 128 // bytes
)

func (c *cellReader) read(text string) (int64, schema.Fault) {
	if c.field.Kind == schema.Number {
		return c.field.Parse(c.field.Read(text))
	}
	if value, ok := c.known[text]; ok {
		return value, schema.NoFault
	}
	value, fault := c.field.Parse(c.field.Read(text))
	if fault == schema.NoFault && len(c.known) < maxKnown && len(text) <= maxSpelling {
		c.known[strings.Clone(text)] = value
	}
	return value, fault
}

// target reads the column of outcomes.
type target struct {
	column   int
	outcomes schema.Target
}

func (t *target) read(text string) (positive bool, err error) {
	text = strings.TrimSpace(text)
	if slices.Contains(t.outcomes.Positive.Spellings, text) {
		return true, nil
	}
	if slices.Contains(t.outcomes.Negative.Spellings, text) {
		return false, nil
	}
	return false, ErrOutcome
}

// limiter bounds what is read for one row.
type limiter struct {
	source io.Reader
	left   int
}

func (l *limiter) Read(p []byte) (int, error) {
	if l.left <= 0 {
		return 0, ErrTooLong
	}
	n, err := l.source.Read(p)
	l.left -= n
	return n, err
}
