package canonical

import (
	"encoding/base64"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

func appendValue(dst []byte, v reflect.Value) ([]byte, error) {
	switch v.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map:
		if v.IsNil() {
			return append(dst, "null"...), nil
		}
	}
	switch v.Kind() {
	case reflect.Pointer:
		return appendValue(dst, v.Elem())
	case reflect.Struct:
		return appendStruct(dst, v)
	case reflect.Slice:
		return appendSlice(dst, v)
	case reflect.Map:
		return appendMap(dst, v)
	case reflect.String:
		return appendString(dst, v.String()), nil
	case reflect.Bool:
		return strconv.AppendBool(dst, v.Bool()), nil
	}
	return appendNumber(dst, v)
}

func appendNumber(dst []byte, v reflect.Value) ([]byte, error) {
	switch v.Kind() {
	case reflect.Int, reflect.Int64:
		return strconv.AppendInt(dst, v.Int(), 10), nil
	case reflect.Uint64:
		return strconv.AppendUint(dst, v.Uint(), 10), nil
	case reflect.Float64:
		return appendFloat(dst, v.Float())
	}
	return nil, fmt.Errorf("%w: %s", ErrValue, v.Kind())
}

func appendStruct(dst []byte, v reflect.Value) ([]byte, error) {
	dst = append(dst, '{')
	separator := ""
	for _, m := range members(v) {
		if m.absent() {
			continue
		}
		dst = append(appendString(append(dst, separator...), m.name), ':')
		separator = ","
		var err error
		if dst, err = appendValue(dst, m.value); err != nil {
			return nil, err
		}
	}
	return append(dst, '}'), nil
}

func appendSlice(dst []byte, v reflect.Value) ([]byte, error) {
	if v.Type().Elem().Kind() == reflect.Uint8 {
		dst = base64.StdEncoding.AppendEncode(append(dst, '"'), v.Bytes())
		return append(dst, '"'), nil
	}
	dst = append(dst, '[')
	for i := range v.Len() {
		if i > 0 {
			dst = append(dst, ',')
		}
		var err error
		if dst, err = appendValue(dst, v.Index(i)); err != nil {
			return nil, err
		}
	}
	return append(dst, ']'), nil
}

// appendMap writes members in the order of their names.
func appendMap(dst []byte, v reflect.Value) ([]byte, error) {
	var names []string
	for each := v.MapRange(); each.Next(); {
		names = append(names, each.Key().String())
	}
	slices.Sort(names)
	dst = append(dst, '{')
	for i, name := range names {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(appendString(dst, name), ':')
		var err error
		if dst, err = appendValue(dst, v.MapIndex(keyed(v, name))); err != nil {
			return nil, err
		}
	}
	return append(dst, '}'), nil
}

// appendFloat writes the shortest text that reads as the same number, with an
// exponent where JavaScript has one.
func appendFloat(dst []byte, x float64) ([]byte, error) {
	if math.IsInf(x, 0) || math.IsNaN(x) {
		return nil, fmt.Errorf("%w: the number %v", ErrValue, x)
	}
	size := math.Abs(x)
	if size == 0 || size >= 1e-6 && size < 1e21 {
		return strconv.AppendFloat(dst, x, 'f', -1, 64), nil
	}
	text := strconv.FormatFloat(x, 'e', -1, 64)
	if n := len(text); text[n-4:n-1] == "e-0" { // 1e-7, not 1e-07
		text = text[:n-2] + text[n-1:]
	}
	return append(dst, text...), nil
}

const hexDigits = "0123456789abcdef"

// Characters that have a short escape, and the letters behind its backslash.
const (
	escaped = "\"\\\b\f\n\r\t"
	escapes = `"\bfnrt`
)

// appendString writes a string; HTML's own characters are escaped, and those
// that end lines in JavaScript.
func appendString(dst []byte, s string) []byte {
	dst = append(dst, '"')
	for i, r := range s {
		short := strings.IndexRune(escaped, r)
		_, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case short >= 0:
			dst = append(dst, '\\', escapes[short])
		case r < ' ', r == '<', r == '>', r == '&', r == '\u2028', r == '\u2029', r == utf8.RuneError && size == 1:
			dst = append(dst, '\\', 'u', hexDigits[r>>12], hexDigits[r>>8&15], hexDigits[r>>4&15], hexDigits[r&15])
		default:
			dst = utf8.AppendRune(dst, r)
		}
	}
	return append(dst, '"')
}
