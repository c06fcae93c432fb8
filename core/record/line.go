package record

import (
	"bytes"
	"encoding/hex"
	"errors"
	"strconv"
	"time"
)

// ErrUnsealed says that a line is no sealed record: it is from before there was a
// chain, or it is broken.
var ErrUnsealed = errors.New("the record has no seal")

// Line is a sealed record as it stands in a file, or what is left of an erased one.
type Line struct {
	Sequence int64 // its place in the chain, from 1
	Erased   bool
	inner    Hash
	previous *Hash // nil: it stands behind the line before it
	chain    Hash
}

// Head is that of the chain up to the record.
func (l Line) Head() Head { return Head{l.Sequence, l.chain} }

// Parse takes a line apart, whose end is not part of it. Its error is ErrUnsealed.
func Parse(text []byte) (Line, error) {
	return newHasher().parse(text)
}

func (h hasher) parse(text []byte) (Line, error) {
	var l Line
	rest, ok := bytes.CutSuffix(text, closing)
	if !ok || !cutHex(&rest, chainMember, l.chain[:]) {
		return Line{}, ErrUnsealed
	}
	var previous Hash
	if cutHex(&rest, previousMember, previous[:]) {
		l.previous = &previous
	}
	var salt [saltSize]byte
	sealed := cutHex(&rest, saltMember, salt[:])
	l.Erased = !sealed && cutHex(&rest, innerMember, l.inner[:])
	if l.Sequence = sequence(rest); l.Sequence == 0 || !sealed && !l.Erased {
		return Line{}, ErrUnsealed
	}
	if sealed {
		l.inner = h.inner(salt[:], rest)
	}
	return l, nil
}

// cutHex cuts a member with so many bytes in hexadecimal from the end of text, if
// it is there.
func cutHex(text *[]byte, member string, value []byte) bool {
	rest, ok := bytes.CutSuffix(*text, []byte{'"'})
	at := len(rest) - hex.EncodedLen(len(value))
	if !ok || at < len(member) || string(rest[at-len(member):at]) != member || bytes.ContainsAny(rest[at:], "ABCDEF") {
		return false
	}
	if _, err := hex.Decode(value, rest[at:]); err != nil {
		return false
	}
	*text = rest[:at-len(member)]
	return true
}

// sequence reads the number at the end of an object's members; 0 is none.
func sequence(open []byte) int64 {
	at := bytes.LastIndexByte(open, ':') + 1
	n, err := strconv.ParseInt(string(open[at:]), 10, 64)
	if !bytes.HasSuffix(open[:at], []byte(sequenceMember)) || open[0] != '{' || err != nil || n < 1 {
		return 0
	}
	return n
}

// Erasure says why a record is erased, and when.
type Erasure struct {
	Time    time.Time
	Reason  string
	Despite string // why a date or a hold that keeps the record did not count; may be empty
}

// AppendErased appends what stays of a line once its record is erased. The bytes
// of the record and its salt are gone; of a sealed one, the inner hash stays, and
// the chain holds. quote appends a text as JSON.
func AppendErased(dst, text []byte, e Erasure, quote func(dst []byte, text string) []byte) []byte {
	start := len(dst)
	dst = append(append(append(dst, erasedStart...), e.Time.UTC().Format(time.RFC3339)...), `","reason":`...)
	dst = quote(dst, e.Reason)
	if e.Despite != "" {
		dst = quote(append(dst, `,"despite":`...), e.Despite)
	}
	dst = Escape(dst, start)
	l, err := Parse(text)
	if err != nil {
		return append(dst, '}')
	}
	dst = strconv.AppendInt(append(dst, sequenceMember...), l.Sequence, 10)
	dst = hex.AppendEncode(append(dst, innerMember...), l.inner[:])
	if l.previous != nil {
		dst = hex.AppendEncode(append(append(dst, '"'), previousMember...), l.previous[:])
	}
	dst = hex.AppendEncode(append(append(dst, '"'), chainMember...), l.chain[:])
	return append(dst, `"}`...)
}

const erasedStart = `{"erased":"`

// IsErased says whether a line is what AppendErased left of a record.
func IsErased(text []byte) bool { return bytes.HasPrefix(text, []byte(erasedStart)) }
