package rows

import (
	"fmt"
	"unicode/utf16"
	"unicode/utf8"

	"lendleaf/core/schema"
)

// SyntaxFault says what is wrong with a text that is no JSON.
type SyntaxFault uint8

// The faults of JSON, which are those of RFC 8259; where each is found is as in
// Python's json module, which the reference service reads with.
const (
	WantValue    SyntaxFault = iota // a value should stand there
	WantName                        // a member's name, in quotation marks
	WantColon                       // a colon, behind a name
	WantComma                       // a comma or an end, behind a value
	Unterminated                    // a text that begins there has no end
	Control                         // a control character in a text
	BadEscape                       // a backslash and what does not go with it
	BadUnicode                      // \u and less than four hexadecimal digits
	NoUTF8                          // a byte that is no UTF-8
	TooDeep                         // values within values within …
	ExtraData                       // something behind the end
)

// String says it in a few words.
func (f SyntaxFault) String() string {
	return [...]string{
		"a value is missing", "a name in quotation marks is missing", "a colon is missing", "a comma or the end is missing",
		"a text has no end", "a text has a control character", "a text has an unknown escape", `a text has a broken \u escape`,
		ErrUTF8.Error(), "values lie too deep in values", "something comes behind the end",
	}[f]
}

// SyntaxError says that a text is no JSON.
type SyntaxError struct {
	Offset int // in bytes, from the text's begin
	Fault  SyntaxFault
}

// Error gives the fault and the offset.
func (e SyntaxError) Error() string { return fmt.Sprintf("no JSON: at byte %d: %v", e.Offset, e.Fault) }

// maxDepth is how deep values may lie in values.
const maxDepth = 10_000

// cursor reads JSON, strictly. Once a method was not ok, fault says why and the
// cursor must not be used again.
type cursor struct {
	text  []byte
	at    int
	depth int
	fault SyntaxError
}

func (c *cursor) fail(at int, fault SyntaxFault) bool {
	c.fault = SyntaxError{at, fault}
	return false
}

func (c *cursor) blanks() {
	for c.at < len(c.text) && isBlank(c.text[c.at]) {
		c.at++
	}
}

func isBlank(b byte) bool { return b == ' ' || b == '\n' || b == '\r' || b == '\t' }

// next is the byte that comes, or 0 at the end.
func (c *cursor) next() byte {
	if c.at < len(c.text) {
		return c.text[c.at]
	}
	return 0
}

// take gets past one byte, if that is what comes.
func (c *cursor) take(b byte) bool {
	if c.next() != b || b == 0 {
		return false
	}
	c.at++
	return true
}

// quoted takes a text, and returns what stands between its quotation marks. It is
// plain if that means itself.
func (c *cursor) quoted() (inner []byte, plain, ok bool) {
	begin, all, escaped := c.at, byte(0), false
	for i := begin + 1; i < len(c.text); i++ {
		switch b := c.text[i]; {
		case b == '"':
			inner, c.at = c.text[begin+1:i], i+1
			if all < utf8.RuneSelf || utf8.Valid(inner) {
				return inner, !escaped, true
			}
			at := firstNoUTF8(inner)
			return inner, false, at < 0 || c.fail(begin+1+at, NoUTF8)
		case b == '\\':
			escaped = true
			if i = c.escape(i, begin); i < 0 {
				return nil, false, false
			}
		case b < ' ':
			return nil, false, c.fail(i, Control)
		default:
			all |= b
		}
	}
	return nil, false, c.fail(begin, Unterminated)
}

// escape returns where an escape ends that begins at a place, in a text that
// begins at another; negative if it is none.
func (c *cursor) escape(at, begin int) int {
	if at+1 >= len(c.text) {
		c.fail(begin, Unterminated)
		return -1
	}
	switch c.text[at+1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return at + 1
	case 'u':
		if at+6 < len(c.text) { // no text ends with its last digit
			if _, ok := hexadecimal(c.text[at+2 : at+6]); ok {
				return at + 5
			}
		}
		c.fail(at+1, BadUnicode)
		return -1
	}
	c.fail(at, BadEscape)
	return -1
}

func hexadecimal(digits []byte) (r rune, ok bool) {
	for _, b := range digits {
		switch {
		case '0' <= b && b <= '9':
			b -= '0'
		case 'a' <= b|0x20 && b|0x20 <= 'f':
			b = b | 0x20 - 'a' + 10
		default:
			return 0, false
		}
		r = r<<4 | rune(b)
	}
	return r, true
}

// firstNoUTF8 finds the first byte that is no UTF-8; negative if there is none.
// Surrogates that were written as if they were UTF-8 count as half of something,
// as they do when they are escaped.
func firstNoUTF8(text []byte) int {
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRune(text[i:])
		if r == utf8.RuneError && n == 1 {
			if n = surrogate(text[i:]); n == 0 {
				return i
			}
		}
		i += n
	}
	return -1
}

// surrogate returns the length of the surrogate that a text begins with, written
// as if it were UTF-8; 0 if there is none.
func surrogate(text []byte) int {
	if len(text) < 3 || text[0] != 0xed || text[1]&0xe0 != 0xa0 || text[2]&0xc0 != 0x80 {
		return 0
	}
	return 3
}

// appendUnquoted appends what a quoted text means. Halves of surrogate pairs
// become U+FFFD.
func appendUnquoted(dst, inner []byte) []byte {
	for i := 0; i < len(inner); {
		if inner[i] == '\\' {
			var n int
			dst, n = appendEscaped(dst, inner[i:])
			i += n
			continue
		}
		r, n := utf8.DecodeRune(inner[i:])
		if r == utf8.RuneError && n == 1 {
			n = surrogate(inner[i:])
		}
		dst = utf8.AppendRune(dst, r)
		i += n
	}
	return dst
}

// appendEscaped appends what the escape means that a text begins with, and
// returns its length.
func appendEscaped(dst, text []byte) (all []byte, length int) {
	switch text[1] {
	case 'b':
		return append(dst, '\b'), 2
	case 'f':
		return append(dst, '\f'), 2
	case 'n':
		return append(dst, '\n'), 2
	case 'r':
		return append(dst, '\r'), 2
	case 't':
		return append(dst, '\t'), 2
	case 'u':
		r, _ := hexadecimal(text[2:6])
		if len(text) >= 12 && text[6] == '\\' && text[7] == 'u' {
			low, _ := hexadecimal(text[8:12])
			if pair := utf16.DecodeRune(r, low); pair != utf8.RuneError {
				return utf8.AppendRune(dst, pair), 12
			}
		}
		return utf8.AppendRune(dst, r), 6
	}
	return append(dst, text[1]), 2
}

// skip gets past a value.
func (c *cursor) skip() bool {
	switch b := c.next(); b {
	case '"':
		_, _, ok := c.quoted()
		return ok
	case '{':
		return c.skipObject()
	case '[':
		return c.skipArray()
	case 'n':
		return c.word("null")
	case 't':
		return c.word("true")
	case 'f':
		return c.word("false")
	}
	length := numeral(c.text[c.at:])
	if length == 0 {
		return c.fail(c.at, WantValue)
	}
	c.at += length
	return true
}

func (c *cursor) word(word string) bool {
	if len(c.text)-c.at < len(word) || string(c.text[c.at:c.at+len(word)]) != word {
		return c.fail(c.at, WantValue)
	}
	c.at += len(word)
	return true
}

// numeral is the length of the number that text begins with. As for Python, 01
// is a number and something behind it.
func numeral(text []byte) int {
	if length := schema.NumeralLength(text); length > 0 {
		return length
	}
	end := 0
	if len(text) > 0 && text[0] == '-' {
		end = 1
	}
	first := end
	for end < len(text) && '0' <= text[end] && text[end] <= '9' && (end == first || text[first] != '0') {
		end++
	}
	if end == first {
		return 0
	}
	if length := schema.NumeralLength(text[:min(len(text), fraction(text, end))]); length > 0 {
		return length // all but a broken exponent
	}
	return end
}

// fraction is where the digits end that stand behind a point at a place.
func fraction(text []byte, at int) int {
	if at < len(text) && text[at] == '.' {
		for at++; at < len(text) && '0' <= text[at] && text[at] <= '9'; at++ {
		}
	}
	return at
}

func (c *cursor) skipObject() bool { return c.members((*cursor).skipMember, nil) }

func (c *cursor) skipMember([]byte) bool { return c.skip() }

// members takes an object: value is called where each member's value begins, and
// gets past it. The name is good until then; unquoted is memory for it.
func (c *cursor) members(value func(c *cursor, name []byte) bool, unquoted *[]byte) bool {
	if !c.enter() {
		return false
	}
	if c.blanks(); c.take('}') {
		return c.leave()
	}
	for {
		name, ok := c.name(unquoted)
		if !ok || !value(c, name) {
			return false
		}
		if c.blanks(); c.take('}') {
			return c.leave()
		}
		if !c.take(',') {
			return c.fail(c.at, WantComma)
		}
		c.blanks()
	}
}

// name takes a member's name, and all that comes before its value.
func (c *cursor) name(unquoted *[]byte) (name []byte, ok bool) {
	if c.next() != '"' {
		return nil, c.fail(c.at, WantName)
	}
	name, plain, ok := c.quoted()
	if !ok {
		return nil, false
	}
	if !plain && unquoted != nil {
		*unquoted = appendUnquoted((*unquoted)[:0], name)
		name = *unquoted
	}
	if c.blanks(); !c.take(':') {
		return nil, c.fail(c.at, WantColon)
	}
	c.blanks()
	return name, true
}

func (c *cursor) skipArray() bool { return c.elements((*cursor).skip) }

// elements takes an array: value is called where each of its values begins, and
// gets past it.
func (c *cursor) elements(value func(*cursor) bool) bool {
	if !c.enter() {
		return false
	}
	if c.blanks(); c.take(']') {
		return c.leave()
	}
	for value(c) {
		if c.blanks(); c.take(']') {
			return c.leave()
		}
		if !c.take(',') {
			return c.fail(c.at, WantComma)
		}
		c.blanks()
	}
	return false
}

// enter gets past the bracket that opens an object or an array.
func (c *cursor) enter() bool {
	if c.depth++; c.depth > maxDepth {
		return c.fail(c.at, TooDeep)
	}
	c.at++
	return true
}

func (c *cursor) leave() bool {
	c.depth--
	return true
}
