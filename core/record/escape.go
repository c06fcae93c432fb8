package record

import (
	"bytes"
	"encoding/binary"
	"unicode"
	"unicode/utf8"
)

// Escape writes the characters of JSON in dst[start:] that could hide or turn round
// what a reader sees as \u and four digits, which stand for the same: controls,
// bidirectional marks, and whatever else has no form.
func Escape(dst []byte, start int) []byte {
	at := start + ascii(dst[start:])
	for at < len(dst) {
		r, n := utf8.DecodeRune(dst[at:])
		if hides(r) {
			return AppendEscaped(dst[:at], bytes.Clone(dst[at:]))
		}
		at += n
	}
	return dst
}

// ascii is the length of the text before the first eight bytes that are not all
// below DEL. In JSON, those below a space are escaped.
func ascii(text []byte) (n int) {
	const ones, high = 0x0101010101010101, 0x8080808080808080
	for ; n+8 <= len(text); n += 8 {
		if v := binary.LittleEndian.Uint64(text[n:]); (v|(v+ones))&high != 0 {
			break
		}
	}
	return n
}

// AppendEscaped appends text, of JSON or for a terminal, as Escape does. Line feeds
// and tabs stay.
func AppendEscaped(dst, text []byte) []byte {
	for len(text) > 0 {
		r, n := utf8.DecodeRune(text)
		if hides(r) {
			dst = appendUnicode(dst, r)
		} else {
			dst = append(dst, text[:n]...)
		}
		text = text[n:]
	}
	return dst
}

// hides says whether a character is one of Unicode's controls (Cc), formats (Cf,
// the bidirectional ones among them) or separators of lines (Zl, Zp).
func hides(r rune) bool {
	return r != '\n' && r != '\t' && unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp)
}

func appendUnicode(dst []byte, r rune) []byte {
	if r > 0xffff {
		high, low := rune(0xd800+(r-0x10000)>>10), rune(0xdc00+(r-0x10000)&0x3ff)
		return appendUnicode(appendUnicode(dst, high), low)
	}
	const digits = "0123456789abcdef"
	return append(dst, '\\', 'u', digits[r>>12], digits[r>>8&15], digits[r>>4&15], digits[r&15])
}
