package rows

import (
	"bytes"
	"errors"
	"fmt"
	"io"
)

// Cells reads the lines of a CSV (RFC 4180) as cells, whatever they mean. A row
// ends with its line, but for line breaks between quotation marks; two quotation
// marks stand for one inside. Empty lines are passed over.
type Cells struct {
	window
	separator byte
	lenient   bool
	breaks    func(text []byte) int
	line      int   // lines that were read
	last      int   // where the last good row's last cell begins
	behind    int   // bytes of the row under way that were read
	lines     []int // where each cell of the row begins
	ends      []int // and ends, in the row's text
}

// NewCells reads cells from r.
func NewCells(r io.Reader, o Options) *Cells {
	c := &Cells{window: newWindow(r, o), separator: o.separator(), breaks: lineFeed}
	c.skipMark()
	return c
}

// NewPastedCells reads cells of what a person pasted, where no cell is at fault:
// quotation marks within a cell are letters, one left open ends with the text, a
// carriage return ends a line too, and rows without anything in them are passed
// over.
func NewPastedCells(r io.Reader, o Options) *Cells {
	c := NewCells(r, o)
	c.lenient = true
	c.breaks = func(text []byte) int { return bytes.IndexAny(text, "\r\n") }
	return c
}

func (o Options) separator() byte {
	if o.Separator == 0 {
		return ','
	}
	return o.Separator
}

// Read reads the cells of the next row. A row at fault has ErrQuote or
// ErrBareQuote.
func (c *Cells) Read(row *Row) error {
	for {
		row.begin(0, 0)
		if err := c.read(row); err != nil {
			return c.place(err)
		}
		if c.lenient && isEmpty(row.Cells) {
			continue
		}
		return nil
	}
}

func isEmpty(cells [][]byte) bool {
	for _, cell := range cells {
		if len(bytes.TrimSpace(cell)) > 0 {
			return false
		}
	}
	return true
}

// Line is where a cell of the last row begins, from 1.
func (c *Cells) Line(cell int) int { return c.lines[cell] }

// place says where a row is too long.
func (c *Cells) place(err error) error {
	if errors.Is(err, ErrTooLong) && c.last > 0 {
		return fmt.Errorf("after line %d: %w", c.last, err)
	}
	return err
}

func (c *Cells) read(row *Row) error {
	c.lines, c.ends, row.text = c.lines[:0], c.ends[:0], row.text[:0]
	line, err := c.first(row)
	if err != nil {
		return err
	}
	row.Line = c.line
	if bytes.IndexByte(line, '"') < 0 {
		c.split(row, withoutEnd(line))
	} else if err := c.parse(row, line); err != nil {
		return err
	}
	c.from += c.behind
	if len(row.Faults) == 0 {
		c.last = c.lines[len(c.lines)-1]
	}
	return nil
}

// first returns the next line that is not empty.
func (c *Cells) first(row *Row) ([]byte, error) {
	for {
		c.behind = 0
		line, err := c.next(row)
		if err != nil || len(withoutEnd(line)) > 0 {
			return line, err
		}
		c.from += c.behind
	}
}

// next returns the next line of the row under way, for which the row has room.
func (c *Cells) next(row *Row) ([]byte, error) {
	begin := c.behind
	end, err := c.window.line(begin, c.breaks)
	if err != nil {
		return nil, err
	}
	c.behind = end
	c.line++
	line := c.rest()[begin:end]
	cells := len(c.ends) + bytes.Count(line, []byte{c.separator}) + 1
	return line, row.room(c.budget, end, cells)
}

// withoutEnd drops a line's end: \n, \r\n, or \r where the text ends with it.
func withoutEnd(line []byte) []byte {
	return bytes.TrimSuffix(bytes.TrimSuffix(line, []byte("\n")), []byte("\r"))
}

// split takes a line without quotation marks and without its end.
func (c *Cells) split(row *Row, line []byte) {
	row.text = append(row.text, line...)
	rest := row.text
	for {
		c.lines = append(c.lines, c.line)
		i := bytes.IndexByte(rest, c.separator)
		if i < 0 {
			row.Cells = append(row.Cells, rest)
			return
		}
		row.Cells = append(row.Cells, rest[:i:i])
		rest = rest[i+1:]
	}
}

// parse takes a row that begins with a line with quotation marks.
func (c *Cells) parse(row *Row, line []byte) error {
	fault, err := c.cells(row, line)
	if err != nil {
		return err
	}
	begin := 0
	for _, end := range c.ends {
		row.Cells = append(row.Cells, row.text[begin:end:end])
		begin = end
	}
	if fault != nil {
		row.Faults = append(row.Faults, RowError{Line: row.Line, Err: fault})
	}
	return nil
}

// cells takes cells one by one, and returns the row's fault.
func (c *Cells) cells(row *Row, line []byte) (fault, err error) {
	for {
		c.lines = append(c.lines, c.line)
		if len(line) > 0 && line[0] == '"' {
			if line, fault, err = c.quoted(row, line[1:]); err != nil || fault != nil {
				return fault, err
			}
		}
		bare, i := withoutEnd(line), bytes.IndexByte(line, c.separator)
		if i >= 0 {
			bare = line[:i]
		}
		if !c.lenient && bytes.IndexByte(bare, '"') >= 0 {
			return ErrBareQuote, nil
		}
		row.text = append(row.text, bare...)
		c.ends = append(c.ends, len(row.text))
		if i < 0 {
			return nil, nil
		}
		line = line[i+1:]
	}
}

// quoted takes what stands behind a quotation mark, up to the one that closes,
// and returns the rest of the line.
func (c *Cells) quoted(row *Row, line []byte) (rest []byte, fault, err error) {
	for {
		i := bytes.IndexByte(line, '"')
		switch {
		case i < 0:
			row.text = appendLine(row.text, line)
			if line, err = c.next(row); err == io.EOF {
				return nil, c.unlessLenient(ErrQuote), nil
			}
			if err != nil {
				return nil, nil, err
			}
		case i+1 < len(line) && line[i+1] == '"':
			row.text = append(row.text, line[:i+1]...)
			line = line[i+2:]
		default:
			row.text = append(row.text, line[:i]...)
			rest = line[i+1:]
			if bare := withoutEnd(rest); len(bare) > 0 && bare[0] != c.separator {
				fault = c.unlessLenient(ErrQuote)
			}
			return rest, fault, nil
		}
	}
}

// appendLine appends a line between quotation marks: \r\n becomes \n.
func appendLine(dst, line []byte) []byte {
	if bytes.HasSuffix(line, []byte("\r\n")) {
		return append(append(dst, line[:len(line)-2]...), '\n')
	}
	return append(dst, line...)
}

func (c *Cells) unlessLenient(fault error) error {
	if c.lenient {
		return nil
	}
	return fault
}
