package rows

import (
	"slices"

	"lendleaf/core/schema"
)

// Shape is what an applicant looks like from outside: the fields of a schema, and
// texts that may stand beside them in JSON. It does not change once made and may
// be used from many goroutines.
type Shape struct {
	schema *schema.Schema
	names  []string       // of the fields, then of the texts
	places map[string]int // of the names
	absent []schema.Fault // what it means that nothing is given for a name
}

// NewShape makes a shape of a schema's applicants. Members of JSON with the names
// of texts must be texts or null if they are given; members with other names
// that are no field's may hold anything.
func NewShape(s *schema.Schema, texts ...string) *Shape {
	shape := &Shape{schema: s, places: map[string]int{}}
	for i := range s.Fields {
		f := &s.Fields[i]
		shape.names = append(shape.names, f.Name)
		_, fault := f.Parse(schema.Value{})
		shape.absent = append(shape.absent, fault)
	}
	for _, name := range texts {
		shape.names = append(shape.names, name)
		shape.absent = append(shape.absent, schema.NoFault)
	}
	for i, name := range shape.names {
		shape.places[name] = i
	}
	return shape
}

// Object reads a JSON text that holds one object, found on a line, into row,
// whose Object is a part of the text. Values are taken as the API takes them:
// exact labels, no number in quotation marks. Other members are passed over; of a
// repeated name the last one counts. A text that is no such object is a row at
// fault.
func (s *Shape) Object(row *Row, text []byte, line int) {
	row.begin(line, len(s.schema.Fields))
	c := row.over(text)
	c.blanks()
	ok := s.value(row, c)
	if c.blanks(); ok && c.at < len(text) {
		ok = c.fail(c.at, ExtraData)
	}
	switch {
	case ok:
	case c.fault.Fault == NoUTF8:
		row.reject(ErrUTF8)
	default:
		row.reject(ErrObject)
	}
}

// value reads a value into a row that has begun. One that is no object is at
// fault, and no fault of the text.
func (s *Shape) value(row *Row, c *cursor) bool {
	begin := c.at
	if c.next() != '{' {
		ok := c.skip()
		row.Object = c.text[begin:c.at]
		row.reject(ErrObject)
		return ok
	}
	row.verdicts = append(row.verdicts[:0], s.absent...)
	row.given = slices.Grow(row.given[:0], len(s.names))[:len(s.names)]
	clear(row.given)
	for i := range row.Record {
		row.Record[i] = schema.Missing
	}
	place := nowhere
	if !c.members(func(c *cursor, name []byte) bool {
		place = s.place(name, place+1)
		if place == nowhere {
			return c.skip()
		}
		from := c.at
		ok := s.member(row, place, c)
		row.given[place] = span{from - begin, c.at - begin}
		return ok
	}, &row.scratch) {
		return false
	}
	row.Object = c.text[begin:c.at]
	s.judge(row)
	return true
}

// Knows says whether a member of this name is a field's or a text's.
func (s *Shape) Knows(name string) bool {
	_, known := s.places[name]
	return known
}

const nowhere = -1

// place finds a name, first where it usually is.
func (s *Shape) place(name []byte, usual int) int {
	if usual < len(s.names) && s.names[usual] == string(name) {
		return usual
	}
	if place, ok := s.places[string(name)]; ok {
		return place
	}
	return nowhere
}

// member reads what is given for a field or a text.
func (s *Shape) member(row *Row, place int, c *cursor) bool {
	verdict := &row.verdicts[place]
	*verdict = schema.FaultKind
	if place >= len(row.Record) {
		if b := c.next(); b == '"' || b == 'n' {
			*verdict = schema.NoFault
		}
		return c.skip()
	}
	f, n := &s.schema.Fields[place], &row.Record[place]
	*n = schema.Missing
	switch b := c.next(); {
	case b == '"' && f.Kind == schema.Choice:
		return s.label(row, place, c)
	case b == 'n' && f.Optional:
		*verdict = schema.NoFault
	case b == '-' || '0' <= b && b <= '9':
		length, steps, fault := f.Numeral(c.text[c.at:])
		if length > 0 {
			c.at += length
			*n, *verdict = steps, fault
			return true
		}
	}
	return c.skip()
}

func (s *Shape) label(row *Row, place int, c *cursor) bool {
	text, plain, ok := c.quoted()
	if !ok {
		return false
	}
	if !plain {
		row.scratch = appendUnquoted(row.scratch[:0], text)
		text = row.scratch
	}
	if label := s.schema.Fields[place].LabelIn(text); label >= 0 {
		row.Record[place], row.verdicts[place] = int64(label), schema.NoFault
	} else {
		row.verdicts[place] = schema.FaultLabel
	}
	return true
}

// judge makes faults of the verdicts.
func (s *Shape) judge(row *Row) {
	for place, fault := range row.verdicts {
		switch {
		case fault == schema.NoFault:
		case place < len(row.Record):
			f := &s.schema.Fields[place]
			row.Faults = append(row.Faults, RowError{row.Line, f.Name, schema.FieldError{Field: f, Fault: fault}})
		default:
			row.Faults = append(row.Faults, RowError{row.Line, s.names[place], TextError{s.names[place]}})
		}
	}
}
