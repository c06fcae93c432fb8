package record

import (
	"bytes"
	"encoding/hex"
	"slices"
)

// File is what a file of records holds, as Checker finds it.
type File struct {
	Name     string
	Sealed   int64 // records, the erased ones among them
	Erased   int64
	Unsealed int64 // lines from before the chain began
	Torn     int64 // lines that were cut off while they were written, and are no records
	Faults   []Fault
	Anchored bool // the anchored record is there

	parts []part
}

// part is a part of a chain without a break at its ends.
type part struct {
	file  string
	line  int  // of its first record
	known bool // whether the head it goes on from is
	from  Head // that one; its Count always is
	first Hash // of its first record
	to    Head // its last record's
	or    Hash // what that one's hash would have to be, if it was changed
}

// Checker checks the lines of a file, from the first to the last.
type Checker struct {
	file   File
	anchor Head
	hasher hasher
	line   int
	part   *part // under way
	gaps   []Fault
	bad    *suspect
	strays []stray
}

// suspect is a line at fault: the next one says what is wrong with it.
type suspect struct {
	line         int
	expected     int64 // record; 0: any, in the first line
	hashes       [2]Hash
	faults, gaps int // there were before it
}

// stray is a line without a seal.
type stray struct {
	line int
	torn bool
}

// NewChecker makes a checker of a file. It looks for the record that was anchored,
// unless that is the zero Head.
func NewChecker(name string, anchor Head) *Checker {
	return &Checker{file: File{Name: name}, anchor: anchor, hasher: newHasher()}
}

// Line checks the next line, without its end. Empty lines are passed over.
func (c *Checker) Line(text []byte) {
	c.line++
	if len(text) == 0 {
		return
	}
	l, err := c.hasher.parse(text)
	if err != nil {
		c.strays = append(c.strays, stray{c.line, isCutOff(text) || IsErased(text)})
		return
	}
	c.file.Sealed++
	if l.Erased {
		c.file.Erased++
	}
	if l.Sequence == c.anchor.Count && l.chain == c.anchor.Hash {
		c.file.Anchored = true
	}
	switch {
	case l.Sequence == 1 && l.previous != nil && *l.previous == Hash{}:
		c.endPart()
		if c.file.Sealed == 1 { // whatever stands before it is older
			c.file.Unsealed, c.strays = int64(len(c.strays)), nil
		}
		c.begin(l)
	case c.part == nil:
		c.begin(l)
	default:
		c.follow(l)
	}
}

// isCutOff says whether a line is the beginning of a record: of an object of JSON
// that is not closed, without a hash at its end.
func isCutOff(text []byte) bool {
	if text[0] != '{' || endsWithHash(text) {
		return false
	}
	depth, quoted := 0, false
	for i := 0; i < len(text); i++ {
		switch b := text[i]; {
		case b == '"':
			quoted = !quoted
		case b == '\\' && quoted:
			i++
		case quoted:
		case b == '{':
			depth++
		case b == '}':
			if depth--; depth == 0 {
				return false
			}
		}
	}
	return true
}

// endsWithHash says whether a line has a hash where a seal has it, though what stands
// before or behind that may be damaged.
func endsWithHash(text []byte) bool {
	var hash Hash
	end := len(text) - len(`"}`)
	at := end - hex.EncodedLen(len(hash))
	if at < 0 {
		return false
	}
	_, err := hex.Decode(hash[:], text[at:end])
	return err == nil && (bytes.HasSuffix(text[:at], []byte(chainMember)) || string(text[end:]) == `"}`)
}

// begin begins a part with its first record.
func (c *Checker) begin(l Line) {
	c.settleStrays(0)
	p := &part{file: c.file.Name, line: c.line, first: l.chain, from: Head{Count: l.Sequence - 1}}
	c.part = p
	switch p.known = l.previous != nil; {
	case p.known:
		p.from.Hash = *l.previous
		c.file.Anchored = c.file.Anchored || p.from == c.anchor
		p.or = c.hasher.next(p.from, l.inner).Hash
		if p.or != l.chain {
			c.suspect(l, 0, p.or)
			c.fault(Changed, l.Sequence, l.Sequence)
		}
	case l.Sequence == 1:
		c.fault(Changed, 1, 1)
	}
	p.to = l.Head()
}

// follow checks a record behind another.
func (c *Checker) follow(l Line) {
	p := c.part
	expected := p.to.Count + 1
	if c.explains(l) || l.Sequence == expected && c.links(p.to.Hash, l) {
		c.settleStrays(0)
		p.to, p.or, c.bad = l.Head(), l.chain, nil
		return
	}
	computed := c.hasher.next(p.to, l.inner).Hash
	if l.Sequence > expected {
		c.suspect(l, expected, computed)
		if lost := c.settleStrays(l.Sequence - expected); lost < l.Sequence {
			c.gaps = append(c.gaps, Fault{File: c.file.Name, Line: c.line, Kind: Lost, First: lost, Last: l.Sequence - 1})
		}
		p.to, p.or = l.Head(), l.chain
		return
	}
	c.settleStrays(0)
	c.suspect(l, expected, computed)
	switch {
	case l.Sequence == expected:
		c.fault(Changed, expected, expected)
		p.to, p.or = Head{expected, l.chain}, computed
	case c.fill(l.Sequence):
		c.fault(Moved, l.Sequence, l.Sequence)
	default:
		c.fault(Doubled, l.Sequence, l.Sequence)
	}
}

// explains says whether a record follows the one before, and would if that had not
// been changed: then that is all that is wrong with it.
func (c *Checker) explains(l Line) bool {
	b := c.bad
	if b == nil || b.expected != 0 && l.Sequence != b.expected+1 || !c.links(b.hashes[0], l) && !c.links(b.hashes[1], l) {
		return false
	}
	if b.expected == 0 {
		b.expected, c.part.from.Count = l.Sequence-1, l.Sequence-2
	}
	c.file.Faults, c.gaps = c.file.Faults[:b.faults], c.gaps[:min(b.gaps, len(c.gaps))]
	c.file.Faults = append(c.file.Faults, Fault{File: c.file.Name, Line: b.line, Kind: Changed, First: b.expected, Last: b.expected})
	return true
}

func (c *Checker) links(before Hash, l Line) bool {
	return c.hasher.next(Head{Hash: before}, l.inner).Hash == l.chain
}

func (c *Checker) suspect(l Line, expected int64, computed Hash) {
	c.bad = &suspect{c.line, expected, [2]Hash{l.chain, computed}, len(c.file.Faults), len(c.gaps)}
}

func (c *Checker) fault(kind Kind, first, last int64) {
	c.file.Faults = append(c.file.Faults, Fault{File: c.file.Name, Line: c.line, Kind: kind, First: first, Last: last})
}

// fill takes a record out of the gaps, if it is in one.
func (c *Checker) fill(sequence int64) bool {
	for i, g := range c.gaps {
		if sequence < g.First || sequence > g.Last {
			continue
		}
		before, after := g, g
		before.Last, after.First = sequence-1, sequence+1
		rest := slices.DeleteFunc([]Fault{before, after}, func(f Fault) bool { return f.First > f.Last })
		c.gaps = slices.Replace(c.gaps, i, i+1, rest...)
		return true
	}
	return false
}

// settleStrays says what lines without a seal are, behind which so many records are
// missing: those records, if they are as many. It returns the first that is
// missing still.
func (c *Checker) settleStrays(missing int64) int64 {
	first := int64(1)
	if c.part != nil {
		first = c.part.to.Count + 1
	}
	changed := missing > 0 && int64(len(c.strays)) == missing
	for _, s := range c.strays {
		f := Fault{File: c.file.Name, Line: s.line, Kind: Added}
		switch {
		case changed:
			f.Kind, f.First, f.Last = Changed, first, first
			first++
		case s.torn:
			c.file.Torn++
			continue
		}
		c.file.Faults = append(c.file.Faults, f)
	}
	c.strays = c.strays[:0]
	return first
}

func (c *Checker) endPart() {
	if c.part != nil {
		c.settleStrays(0)
		c.file.parts = append(c.file.parts, *c.part)
	}
	c.part, c.bad = nil, nil
}

// End says what the file holds.
func (c *Checker) End() File {
	if c.file.Sealed == 0 {
		c.file.Unsealed = int64(len(c.strays))
		return c.file
	}
	c.endPart()
	c.file.Faults = append(c.file.Faults, c.gaps...)
	slices.SortStableFunc(c.file.Faults, func(a, b Fault) int { return a.Line - b.Line })
	return c.file
}
