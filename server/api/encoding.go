package api

import (
	"bytes"
	"encoding/binary"
	"unicode/utf16"
	"unicode/utf8"
)

// toUTF8 returns a body of JSON as UTF-8. As for the reference, UTF-16 and
// UTF-32 are known by a mark or by the zeros among the first bytes, and halves of
// surrogate pairs are taken: here they become U+FFFD. What is in no encoding at
// all gives errEncoding.
func toUTF8(body []byte) ([]byte, error) {
	encoding, body := detect(body)
	if encoding.width == 1 {
		if utf8.Valid(body) {
			return body, nil
		}
		return mendSurrogates(body)
	}
	if len(body)%encoding.width != 0 {
		return nil, errEncoding
	}
	if encoding.width == 2 {
		return fromUTF16(body, encoding.order)
	}
	return fromUTF32(body, encoding.order)
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

// mendSurrogates replaces surrogates that were written as if they were UTF-8.
func mendSurrogates(body []byte) ([]byte, error) {
	mended := make([]byte, 0, len(body))
	for len(body) > 0 {
		r, n := utf8.DecodeRune(body)
		if r == utf8.RuneError && n == 1 {
			if len(body) < 3 || body[0] != 0xed || body[1] < 0xa0 || body[1] > 0xbf || body[2] < 0x80 || body[2] > 0xbf {
				return nil, errEncoding
			}
			n = 3
		}
		mended = utf8.AppendRune(mended, r)
		body = body[n:]
	}
	return mended, nil
}

func fromUTF16(body []byte, order binary.ByteOrder) ([]byte, error) {
	units := make([]uint16, len(body)/2)
	for i := range units {
		units[i] = order.Uint16(body[2*i:])
	}
	return []byte(string(utf16.Decode(units))), nil
}

func fromUTF32(body []byte, order binary.ByteOrder) ([]byte, error) {
	text := make([]byte, 0, len(body)/4)
	for ; len(body) > 0; body = body[4:] {
		r := order.Uint32(body)
		if r > utf8.MaxRune {
			return nil, errEncoding
		}
		text = utf8.AppendRune(text, rune(r)) // of a surrogate, U+FFFD
	}
	return text, nil
}
