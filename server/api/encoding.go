package api

import (
	"bytes"
	"encoding/binary"
	"iter"
	"unicode/utf16"
	"unicode/utf8"
)

// decode makes the work's text of its body of JSON. As for the reference, UTF-16
// and UTF-32 are known by a mark or by the zeros among the first bytes, and halves
// of surrogate pairs are taken: here they become U+FFFD. What is in no encoding at
// all gives errEncoding.
func (w *work) decode() error {
	encoding, body := detect(w.body)
	if encoding.width == 1 && utf8.Valid(body) {
		w.text = body
		return nil
	}
	length := 0
	for r := range encoding.characters(body) {
		if r < 0 {
			return errEncoding
		}
		length += utf8.RuneLen(r)
	}
	if err := w.held.set(w.bytes() + length); err != nil {
		return err
	}
	w.decoded = make([]byte, 0, length)
	for r := range encoding.characters(body) {
		w.decoded = utf8.AppendRune(w.decoded, r)
	}
	w.text = w.decoded
	return nil
}

// encoding has so many bytes in each unit.
type encoding struct {
	width int
	order binary.ByteOrder
}

var (
	plainUTF8 = encoding{1, nil}
	little16  = encoding{2, binary.LittleEndian}
	big16     = encoding{2, binary.BigEndian}
	little32  = encoding{4, binary.LittleEndian}
	big32     = encoding{4, binary.BigEndian}
)

// marks begin a text and are no part of it. Those of UTF-32 come first, because
// one of UTF-16's begins one of them.
var marks = []struct {
	bytes    string
	encoding encoding
}{
	{"\x00\x00\xfe\xff", big32}, {"\xff\xfe\x00\x00", little32}, {"\xfe\xff", big16}, {"\xff\xfe", little16}, {"\xef\xbb\xbf", plainUTF8},
}

// detect returns the encoding, and the body without a mark.
func detect(body []byte) (encoding, []byte) {
	for _, m := range marks {
		if rest, ok := bytes.CutPrefix(body, []byte(m.bytes)); ok {
			return m.encoding, rest
		}
	}
	// JSON begins with ASCII.
	switch n := len(body); {
	case n >= 4 && body[0] == 0 && body[1] == 0:
		return big32, body
	case (n >= 4 || n == 2) && body[0] == 0:
		return big16, body
	case n >= 4 && body[1] == 0 && body[2] == 0 && body[3] == 0:
		return little32, body
	case (n >= 4 || n == 2) && body[1] == 0:
		return little16, body
	}
	return plainUTF8, body
}

// characters are those of a text, -1 for what is none. Half of a surrogate pair is
// U+FFFD.
func (e encoding) characters(text []byte) iter.Seq[rune] {
	return func(yield func(rune) bool) {
		for len(text) > 0 {
			if len(text) < e.width {
				yield(-1)
				return
			}
			r, n := e.first(text)
			if text = text[n:]; !yield(r) {
				return
			}
		}
	}
}

// first is the first character of a text, and how many bytes it has.
func (e encoding) first(text []byte) (r rune, n int) {
	switch e.width {
	case 1:
		return firstUTF8(text)
	case 2:
		return firstUTF16(text, e.order)
	}
	unit := e.order.Uint32(text)
	if unit > utf8.MaxRune {
		return -1, 4
	}
	return valid(rune(unit)), 4
}

// firstUTF8 takes surrogates that were written as if they were UTF-8.
func firstUTF8(text []byte) (r rune, n int) {
	r, n = utf8.DecodeRune(text)
	if r != utf8.RuneError || n > 1 {
		return r, n
	}
	if len(text) < 3 || text[0] != 0xed || text[1] < 0xa0 || text[1] > 0xbf || text[2] < 0x80 || text[2] > 0xbf {
		return -1, 1
	}
	return utf8.RuneError, 3
}

func firstUTF16(text []byte, order binary.ByteOrder) (r rune, n int) {
	r = rune(order.Uint16(text))
	if utf16.IsSurrogate(r) && len(text) >= 4 {
		if pair := utf16.DecodeRune(r, rune(order.Uint16(text[2:]))); pair != utf8.RuneError {
			return pair, 4
		}
	}
	return valid(r), 2
}

// valid is a character, or U+FFFD for half of a surrogate pair.
func valid(r rune) rune {
	if utf16.IsSurrogate(r) {
		return utf8.RuneError
	}
	return r
}
