package rows

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"lendleaf/core/schema"
)

// CSV reads applicants from a CSV with a header. Columns may stand in any order
// under any of their names; unknown ones are passed over, and a column whose field
// is optional may lack: all its values are missing.
type CSV struct {
	cells   *Cells
	header  []string
	columns []column // for each field, in API order
}

// NewCSV reads the header of a CSV of a shape's applicants; the shape's texts are
// for JSON only. Its errors wrap ErrReading, ErrEmpty, ErrNoCSV, ErrQuote or
// ErrBareQuote, or are a ColumnError, a ColumnsError or a Reader's.
func NewCSV(r io.Reader, s *Shape, o Options) (*CSV, error) {
	if err := o.Reading.Check(); err != nil {
		return nil, err
	}
	if err := o.Reading.suits(s.schema); err != nil {
		return nil, err
	}
	o.Columns = o.columns(len(s.schema.Fields))
	c := &CSV{cells: NewCells(r, o)}
	if err := c.readHeader(); err != nil {
		return nil, err
	}
	if err := c.findFields(s.schema, o.Reading); err != nil {
		return nil, err
	}
	return c, nil
}

func (c *CSV) readHeader() error {
	var row Row
	defer row.Release()
	err := c.cells.Read(&row)
	switch {
	case err == io.EOF:
		return fmt.Errorf("%w: it has no header", ErrEmpty)
	case err == nil && len(row.Faults) > 0:
		err = row.Faults[0]
	}
	if errors.Is(err, ErrCells) {
		return ColumnsError{c.cells.most}
	}
	if err != nil {
		return fmt.Errorf("header: %w", err)
	}
	for _, cell := range row.Cells {
		c.header = append(c.header, string(cell))
	}
	c.cells.most = len(c.header)
	if len(c.header) == 1 && strings.ContainsAny(c.header[0], ";\t\x00") {
		return fmt.Errorf("header: %w", ErrNoCSV) // as some spreadsheets save it
	}
	return nil
}

func (c *CSV) findFields(s *schema.Schema, r Reading) error {
	for i := range s.Fields {
		f := &s.Fields[i]
		place, err := c.Find(f.Name, func(header string) bool { return s.Column(header) == i })
		if f.Optional && errors.Is(err, ErrMissing) {
			place, err = nowhere, nil
		}
		if err != nil {
			return err
		}
		c.columns = append(c.columns, newColumn(f, place, r))
	}
	return nil
}

// Find returns the place of the one column whose header suits. Its error is a
// ColumnError with the name.
func (c *CSV) Find(name string, suits func(header string) bool) (place int, err error) {
	place = slices.IndexFunc(c.header, suits)
	if place < 0 {
		return 0, ColumnError{name, ErrMissing}
	}
	if slices.ContainsFunc(c.header[place+1:], suits) {
		return 0, ColumnError{name, ErrTwice}
	}
	return place, nil
}

// Header returns the file's columns in its order. It must not be changed.
func (c *CSV) Header() []string { return c.header }

// Line is where a cell of the last row begins, from 1.
func (c *CSV) Line(cell int) int { return c.cells.Line(cell) }

// Close gives back what the reader holds of a budget.
func (c *CSV) Close() { c.cells.Close() }

// Read reads the next row.
func (c *CSV) Read(row *Row) error {
	if err := c.cells.Read(row); err != nil {
		return err
	}
	row.Record = slices.Grow(row.Record[:0], len(c.columns))[:len(c.columns)]
	if len(row.Faults) > 0 {
		row.reject(row.Faults[0].Err)
		return nil
	}
	if len(row.Cells) != len(c.header) {
		row.reject(ErrCells)
		return nil
	}
	for i := range c.columns {
		c.columns[i].fill(c, row, i)
	}
	return nil
}

// fill reads a row's cell for its field.
func (c *column) fill(file *CSV, row *Row, field int) {
	row.Record[field] = schema.Missing
	if c.place < 0 {
		return
	}
	value, fault := c.read(row.Cells[c.place])
	row.Record[field] = value
	if fault != schema.NoFault {
		row.Faults = append(row.Faults, RowError{file.Line(c.place), file.header[c.place], schema.FieldError{Field: c.field, Fault: fault}})
	}
}

// AppendCells appends a line of CSV. Cells have quotation marks where a reader
// needs them.
func AppendCells[T string | []byte](dst []byte, cells ...T) []byte {
	for i, cell := range cells {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = AppendCell(dst, cell)
	}
	return append(dst, '\n')
}

// AppendCell appends one cell of a line of CSV.
func AppendCell[T string | []byte](dst []byte, cell T) []byte {
	if !needsQuotes([]byte(cell)) {
		return append(dst, cell...)
	}
	dst = append(dst, '"')
	for _, b := range []byte(cell) {
		if b == '"' {
			dst = append(dst, b)
		}
		dst = append(dst, b)
	}
	return append(dst, '"')
}

// needsQuotes also says so of what spreadsheets or databases would take for
// something else: white space at the begin, and \. for an end.
func needsQuotes(cell []byte) bool {
	first, _ := utf8.DecodeRune(cell)
	return bytes.ContainsAny(cell, "\",\r\n") || unicode.IsSpace(first) || string(cell) == `\.`
}
