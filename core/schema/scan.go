package schema

import (
	"slices"
	"unicode/utf8"
)

// Scanner reads JSON objects into records in one pass, without allocation. It
// knows the usual only, and gives up on all else: escapes in texts, values
// within values, anything at fault. Whoever calls it has a reader at hand that
// takes everything and can say what is wrong; what a Scanner accepts, that
// reader accepts too, as the same record. It does not change once made and may
// be used from many goroutines.
type Scanner struct {
	fields   []Field
	names    []string       // of the fields, then of the texts
	places   map[string]int // of the names
	required []int          // fields that must be given
}

// NewScanner makes a scanner of a schema's objects. Members with the names of
// texts must be texts or null if they are given; other members that are no
// fields may hold anything.
func NewScanner(s *Schema, texts ...string) *Scanner {
	scanner := &Scanner{fields: s.Fields, places: map[string]int{}}
	for i := range s.Fields {
		scanner.names = append(scanner.names, s.Fields[i].Name)
		if !s.Fields[i].Optional {
			scanner.required = append(scanner.required, i)
		}
	}
	scanner.names = append(scanner.names, texts...)
	for i, name := range scanner.names {
		scanner.places[name] = i
	}
	return scanner
}

// Object reads the object that text begins with into dst, which must have one
// place for each field, and returns what comes after the object and the blanks
// behind it. It is not ok if the scanner gave up: then dst means nothing.
func (s *Scanner) Object(dst Record, text []byte) (rest []byte, ok bool) {
	for i := range dst {
		dst[i] = Missing
	}
	c := &cursor{rest: text}
	if !c.take('{') || !c.take('}') && !s.members(dst, c) {
		return nil, false
	}
	if slices.ContainsFunc(s.required, func(i int) bool { return dst[i] == Missing }) {
		return nil, false
	}
	c.blanks()
	return c.rest, true
}

// members reads what an object holds, and its end. Of a repeated name the last
// value counts.
func (s *Scanner) members(dst Record, c *cursor) bool {
	place := -1
	for {
		c.blanks()
		name, ok := c.text()
		if !ok || !c.take(':') {
			return false
		}
		place = s.place(name, place+1)
		c.blanks()
		if !s.member(dst, place, c) {
			return false
		}
		if !c.take(',') {
			return c.take('}')
		}
	}
}

const nowhere = -1

// place finds a name, first where it usually is.
func (s *Scanner) place(name []byte, usual int) int {
	if usual < len(s.names) && s.names[usual] == string(name) {
		return usual
	}
	if place, ok := s.places[string(name)]; ok {
		return place
	}
	return nowhere
}

// member reads a value: a field's into dst, others only to get past them.
func (s *Scanner) member(dst Record, place int, c *cursor) bool {
	switch {
	case place == nowhere:
		return c.skip()
	case place >= len(s.fields):
		_, ok := c.text()
		return ok || c.word("null")
	}
	f := &s.fields[place]
	switch {
	case f.Optional && c.word("null"):
		dst[place] = Missing
		return true
	case f.Kind == Choice:
		text, ok := c.text()
		if !ok {
			return false
		}
		label, ok := f.labels[string(text)]
		dst[place] = int64(label)
		return ok
	}
	steps, ok := c.number(f)
	dst[place] = steps
	return ok
}

// cursor is what is left of a text.
type cursor struct{ rest []byte }

func (c *cursor) blanks() {
	i := 0
	for i < len(c.rest) && (c.rest[i] == ' ' || c.rest[i] == '\n' || c.rest[i] == '\r' || c.rest[i] == '\t') {
		i++
	}
	c.rest = c.rest[i:]
}

// take gets past one byte and the blanks before it, if that is what comes.
func (c *cursor) take(b byte) bool {
	c.blanks()
	if len(c.rest) == 0 || c.rest[0] != b {
		return false
	}
	c.rest = c.rest[1:]
	return true
}

func (c *cursor) word(word string) bool {
	if len(c.rest) < len(word) || string(c.rest[:len(word)]) != word {
		return false
	}
	c.rest = c.rest[len(word):]
	return true
}

// text takes a quoted text without escapes, and returns it without the quotes.
func (c *cursor) text() ([]byte, bool) {
	if len(c.rest) == 0 || c.rest[0] != '"' {
		return nil, false
	}
	all := byte(0)
	for i := 1; i < len(c.rest); i++ {
		switch b := c.rest[i]; {
		case b == '"':
			text := c.rest[1:i]
			if all >= utf8.RuneSelf && !utf8.Valid(text) {
				return nil, false
			}
			c.rest = c.rest[i+1:]
			return text, true
		case b < ' ' || b == '\\':
			return nil, false
		default:
			all |= b
		}
	}
	return nil, false
}

// number takes a number's literal and what Field.fit makes of it.
func (c *cursor) number(f *Field) (int64, bool) {
	length, x, exact := scanNumeral(c.rest)
	if length == 0 {
		return Missing, false
	}
	literal := c.rest[:length]
	c.rest = c.rest[length:]
	steps, fault := int64(0), NoFault
	if exact {
		steps, fault = f.fit(x)
	} else {
		steps, fault = f.number(string(literal))
	}
	return steps, fault == NoFault
}

// skip gets past a value that holds no others.
func (c *cursor) skip() bool {
	if _, ok := c.text(); ok || c.word("null") || c.word("true") || c.word("false") {
		return true
	}
	length, _, _ := scanNumeral(c.rest)
	c.rest = c.rest[length:]
	return length > 0
}
