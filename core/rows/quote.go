package rows

import (
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"lendleaf/core/schema"
)

// AppendText appends a text as JSON, with its quotation marks. Only what must be
// is escaped; what is no UTF-8 becomes U+FFFD.
func AppendText[T string | []byte](dst []byte, text T) []byte {
	const hex = "0123456789abcdef"
	dst = append(dst, '"')
	from := 0 // what is not appended yet
	for i := 0; i < len(text); {
		b := text[i]
		if b >= ' ' && b != '"' && b != '\\' && b < utf8.RuneSelf {
			i++
			continue
		}
		n := 1
		if b >= utf8.RuneSelf {
			var r rune
			if r, n = utf8.DecodeRuneInString(string(text[i:min(len(text), i+utf8.UTFMax)])); r != utf8.RuneError || n > 1 {
				i += n
				continue
			}
		}
		dst = append(dst, text[from:i]...)
		switch short := strings.IndexByte("\"\\\b\f\n\r\t", b); {
		case short >= 0:
			dst = append(dst, '\\', `"\bfnrt`[short])
		case b < ' ':
			dst = append(dst, '\\', 'u', '0', '0', hex[b>>4], hex[b&15])
		default:
			dst = utf8.AppendRune(dst, utf8.RuneError)
		}
		i += n
		from = i
	}
	return append(append(dst, text[from:]...), '"')
}

// AppendCompact appends JSON that was read, without its blanks and with every
// text as AppendText writes it. Numbers past a float64 become texts, since many
// readers of JSON refuse them; integers may be of any size.
func AppendCompact(dst, json []byte) []byte {
	var unquoted []byte
	for c := (cursor{text: json}); c.at < len(json); {
		switch b := json[c.at]; {
		case isBlank(b):
			c.at++
		case b == '"':
			inner, plain, _ := c.quoted()
			if !plain {
				unquoted = appendUnquoted(unquoted[:0], inner)
				inner = unquoted
			}
			dst = AppendText(dst, inner)
		case b == '-' || '0' <= b && b <= '9':
			numeral := json[c.at : c.at+schema.NumeralLength(json[c.at:])]
			if c.at += len(numeral); overflows(string(numeral)) {
				dst = AppendText(dst, numeral)
			} else {
				dst = append(dst, numeral...)
			}
		default:
			dst = append(dst, b)
			c.at++
		}
	}
	return dst
}

// overflows says whether a number is a float past all float64.
func overflows(numeral string) bool {
	if !strings.ContainsAny(numeral, ".eE") {
		return false
	}
	x, _ := strconv.ParseFloat(numeral, 64) // the error says the same
	return math.IsInf(x, 0)
}
