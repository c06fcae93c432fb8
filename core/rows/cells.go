package rows

import (
	"bytes"
	"errors"
	"fmt"
	"io"
)

// Cells reads the lines of a CSV (RFC 4180) as cells, whatever they mean. A row
// ends with its line, but for line breaks between quotation marks; two quotation
// marks stand for one inside. Empty lines are passed over. A row past its limit is
// at fault; where a quotation mark is in it, nobody knows where it ends, and that
// is the end.
type Cells struct {
	window
	parser
	row    *Row  // under way
	last   int   // where the last good row's last cell begins
	behind int   // bytes of the row under way that were read
	ended  error // once a row that is too long has no end
}

// NewCells reads cells from r.
func NewCells(r io.Reader, o Options) *Cells {
	c := &Cells{window: newWindow(r, o), parser: parser{separator: o.separator(), most: o.Columns}}
	c.next = c.nextLine
	c.skipMark()
	return c
}

func (o Options) separator() byte {
	if o.Separator == 0 {
		return ','
	}
	return o.Separator
}

// Read reads the cells of the next row. A row at fault has ErrQuote,
// ErrBareQuote, ErrCells or a TooLongError.
func (c *Cells) Read(row *Row) error {
	row.begin(0, 0)
	if c.ended != nil {
		return c.ended
	}
	c.row = row
	c.begin(row.text)
	err := c.read(row)
	row.text, c.row, c.joined = c.joined, nil, nil
	if !errors.Is(err, ErrTooLong) {
		return err
	}
	c.ended = fmt.Errorf("%w: is a quotation mark left open?", err)
	if c.last > 0 {
		c.ended = fmt.Errorf("after line %d: %w", c.last, c.ended)
	}
	return c.ended
}

// Line is where a cell of the last row begins, from 1.
func (c *Cells) Line(cell int) int { return c.lines[cell] }

func (c *Cells) read(row *Row) error {
	line, err := c.first()
	if errors.Is(err, ErrTooLong) && !c.skipLine('"') {
		c.line++
		row.Line = c.line
		row.reject(err)
		return nil
	}
	if err != nil {
		return err
	}
	row.Line = c.line
	if c.alone(line) {
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
func (c *Cells) first() ([]byte, error) {
	for {
		c.behind = 0
		line, err := c.nextLine()
		if err != nil {
			return nil, err
		}
		if len(withoutEnd(line)) > 0 {
			return line, nil
		}
		c.from += c.behind
	}
}

// nextLine returns the next line of the row under way, for which the row has room.
func (c *Cells) nextLine() ([]byte, error) {
	begin := c.behind
	end, err := c.window.lineEnd(begin)
	if err != nil {
		return nil, err
	}
	c.behind = end
	c.line++
	line := c.rest()[begin:end]
	cells := c.bounded(len(c.ends) + bytes.Count(line, []byte{c.separator}) + 1)
	c.row.text = c.joined
	err = c.row.room(c.budget, end, cells)
	c.joined = c.row.text
	if err != nil {
		return nil, err
	}
	return line, nil
}

// alone says whether a line is a row without quotation marks, and not too many
// cells.
func (c *Cells) alone(line []byte) bool {
	return bytes.IndexByte(line, '"') < 0 && (c.most == 0 || bytes.Count(line, []byte{c.separator}) < c.most)
}

// split takes such a line, without its end.
func (c *Cells) split(row *Row, line []byte) {
	c.joined = append(c.joined, line...)
	for rest := c.joined; ; {
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
	fault, err := c.cells(line)
	if err != nil {
		return err
	}
	begin := 0
	for _, end := range c.ends {
		row.Cells = append(row.Cells, c.joined[begin:end:end])
		begin = end
	}
	if fault != nil {
		row.Faults = append(row.Faults, RowError{Line: row.Line, Err: fault})
	}
	return nil
}
