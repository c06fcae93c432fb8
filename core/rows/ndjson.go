package rows

import (
	"bytes"
	"errors"
	"io"
)

// NDJSON reads applicants from lines that hold a JSON object each, as Shape.Object
// takes them. Blank lines are passed over. A line that is no object, or is too
// long, is a row at fault.
type NDJSON struct {
	window
	shape *Shape
	line  int
}

// NewNDJSON reads applicants of a shape from r.
func NewNDJSON(r io.Reader, s *Shape, o Options) *NDJSON {
	n := &NDJSON{window: newWindow(r, o), shape: s}
	n.skipMark()
	return n
}

// Read reads the next line that is not blank.
func (n *NDJSON) Read(row *Row) error {
	text, err := n.next()
	row.begin(n.line, len(n.shape.schema.Fields))
	if errors.Is(err, ErrTooLong) {
		row.reject(err)
		return nil
	}
	if err != nil {
		return err
	}
	if err := row.room(n.budget, len(text), 0); err != nil {
		return err
	}
	row.text = append(row.text[:0], text...)
	n.shape.Object(row, row.text, n.line)
	row.Object = row.text
	return nil
}

// next returns the next line that is not blank, without white space around.
func (n *NDJSON) next() ([]byte, error) {
	for {
		end, err := n.lineEnd(0)
		if errors.Is(err, ErrTooLong) {
			n.skipLine(0)
			n.line++
		}
		if err != nil {
			return nil, err
		}
		text := bytes.TrimSpace(n.rest()[:end])
		n.from += end
		n.line++
		if len(text) > 0 {
			return text, nil
		}
	}
}
