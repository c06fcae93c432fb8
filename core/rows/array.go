package rows

import (
	"bytes"
	"io"
)

// JSON reads the applicants of one JSON text: one object, or the members of an
// array, one after the other. Its last error but io.EOF is a SyntaxError where
// the text is no JSON. A member that is no object is a row at fault.
type JSON struct {
	window
	shape  *Shape
	list   bool
	state  func(*JSON) (more bool, err error) // what comes next
	offset int                                // of the window's text in the source's
	line   int                                // line breaks that were got past
	ended  error                              // once it has
}

// NewJSON reads applicants of a shape from r.
func NewJSON(r io.Reader, s *Shape, o Options) *JSON {
	j := &JSON{window: newWindow(r, o), shape: s, state: (*JSON).first}
	j.skipMark()
	return j
}

// NewJSONText reads a text that is there; rows are parts of it. A row may be as
// long as the text.
func NewJSONText(text []byte, s *Shape) *JSON {
	return &JSON{window: wholeText(text), shape: s, state: (*JSON).first}
}

// List says whether the text is an array, as far as it was read.
func (j *JSON) List() bool { return j.list }

// Read reads the next applicant.
func (j *JSON) Read(row *Row) error {
	if j.ended != nil {
		return j.ended
	}
	more, err := j.state(j)
	if err == nil && !more {
		err = io.EOF
	}
	if err == nil {
		err = j.value(row)
	}
	j.ended = err
	return err
}

// first gets to where the first row begins.
func (j *JSON) first() (more bool, err error) {
	if err := j.blanks(); err != nil {
		return false, err
	}
	if b, _ := j.peek(); b != '[' {
		j.state = (*JSON).last
		return true, nil
	}
	j.list, j.state = true, (*JSON).later
	j.pass(1)
	if err := j.blanks(); err != nil {
		return false, err
	}
	if b, _ := j.peek(); b == ']' {
		j.pass(1)
		return j.last()
	}
	return true, nil
}

// later gets to where the next member of the array begins.
func (j *JSON) later() (more bool, err error) {
	if err := j.blanks(); err != nil {
		return false, err
	}
	switch b, _ := j.peek(); b {
	case ',':
		j.pass(1)
		if err := j.blanks(); err != nil {
			return false, err
		}
		return true, nil
	case ']':
		j.pass(1)
		j.state = (*JSON).last
		return j.last()
	}
	return false, j.fault(SyntaxError{0, WantComma})
}

// last proves that nothing comes any more.
func (j *JSON) last() (more bool, err error) {
	if err := j.blanks(); err != nil {
		return false, err
	}
	if _, ok := j.peek(); ok {
		return false, j.fault(SyntaxError{0, ExtraData})
	}
	return false, nil
}

// fault places a fault behind from in the whole text.
func (j *JSON) fault(e SyntaxError) error {
	e.Offset += j.offset + j.from
	return e
}

func (j *JSON) peek() (b byte, ok bool) {
	if j.from == len(j.text) {
		return 0, false
	}
	return j.text[j.from], true
}

// pass gets past some bytes.
func (j *JSON) pass(n int) {
	j.line += bytes.Count(j.rest()[:n], []byte{'\n'})
	j.from += n
}

// blanks gets past blanks, however many there are.
func (j *JSON) blanks() error {
	for {
		c := cursor{text: j.rest()}
		c.blanks()
		if j.pass(c.at); c.at < len(c.text) {
			return nil
		}
		if err := j.more(); err != nil {
			if err == io.EOF {
				return nil
			}
			return err
		}
	}
}

// more is the window's, and keeps account of what it drops.
func (j *JSON) more() error {
	before := j.from
	err := j.window.more()
	j.offset += before - j.from
	return err
}

// value reads the value that begins here. Where the window may end within it, it
// is read again once more is there: at most twice in all, since windows double.
func (j *JSON) value(row *Row) error {
	for {
		row.begin(j.line+1, len(j.shape.schema.Fields))
		c := row.over(j.rest())
		if j.list {
			c.depth = 1
		}
		ok := j.shape.value(row, c)
		if j.err != io.EOF && c.unsettled(ok) {
			if err := j.more(); err != nil && err != io.EOF {
				return err
			}
			continue
		}
		if !ok {
			return j.fault(c.fault)
		}
		if c.at > j.limit {
			return TooLongError{j.limit}
		}
		err := j.keep(row)
		j.pass(c.at)
		return err
	}
}

// unsettled says whether more of the text could make a value another one, or mend
// a fault.
func (c *cursor) unsettled(ok bool) bool {
	if ok {
		const exponent = len("e+0")
		return c.text[c.at-1] != '}' && c.at+exponent > len(c.text) // as 1 becomes 1e+0
	}
	const pair = len(`\ud83d\ude00`)
	return c.fault.Fault == Unterminated || c.fault.Offset+pair > len(c.text)
}

// keep gives the row a copy of what it is made of, if that will be gone.
func (j *JSON) keep(row *Row) error {
	if j.source == nil {
		return nil
	}
	if err := row.room(j.budget, len(row.Object), 0); err != nil {
		return err
	}
	row.text = append(row.text[:0], row.Object...)
	row.Object = row.text
	return nil
}
