package canonical

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"reflect"
	"strconv"
	"unicode/utf8"
)

// reader reads values. Whatever it reads it holds against what would be written.
type reader struct {
	rest []byte
}

// take reads a text if it comes next.
func (r *reader) take(text string) bool {
	ok := len(r.rest) >= len(text) && string(r.rest[:len(text)]) == text
	if ok {
		r.rest = r.rest[len(text):]
	}
	return ok
}

// fail says what should have come next.
func (r *reader) fail(want string) error {
	return fmt.Errorf("%w: want %s at %.20q", ErrForm, want, r.rest)
}

func (r *reader) value(v reflect.Value) error {
	switch v.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map:
		if r.take("null") {
			return nil
		}
	}
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		return r.value(v.Elem())
	case reflect.Struct:
		return r.object(v)
	case reflect.Slice:
		return r.slice(v)
	case reflect.Map:
		return r.dictionary(v)
	case reflect.String:
		s, err := r.string()
		v.SetString(s)
		return err
	case reflect.Bool:
		v.SetBool(r.take("true"))
		if !v.Bool() && !r.take("false") {
			return r.fail("true or false")
		}
		return nil
	}
	return r.number(v)
}

// object reads a struct, whose members come in order.
func (r *reader) object(v reflect.Value) error {
	if !r.take("{") {
		return r.fail("an object")
	}
	separator := ""
	for _, m := range members(v) {
		if !r.take(separator + `"` + m.name + `":`) {
			if m.optional {
				continue
			}
			return r.fail(m.name)
		}
		separator = ","
		if err := r.value(m.value); err != nil {
			return err
		}
		if m.absent() {
			return fmt.Errorf("%w: %s is empty", ErrForm, m.name)
		}
	}
	if !r.take("}") {
		return r.fail("an object's end")
	}
	return nil
}

// each reads what is between brackets, separated by commas.
func (r *reader) each(left, right string, read func() error) error {
	if !r.take(left) {
		return r.fail(left)
	}
	if r.take(right) {
		return nil
	}
	for {
		if err := read(); err != nil {
			return err
		}
		if r.take(right) {
			return nil
		}
		if !r.take(",") {
			return r.fail(right)
		}
	}
}

func (r *reader) slice(v reflect.Value) error {
	if v.Type().Elem().Kind() == reflect.Uint8 {
		return r.bytes(v)
	}
	v.Set(reflect.MakeSlice(v.Type(), 0, 0))
	return r.each("[", "]", func() error {
		n := v.Len()
		v.Grow(1)
		v.SetLen(n + 1)
		return r.value(v.Index(n))
	})
}

// bytes reads base64, which takes line breaks that nobody writes.
func (r *reader) bytes(v reflect.Value) error {
	text, err := r.string()
	if err != nil {
		return err
	}
	b, err := base64.StdEncoding.Strict().DecodeString(text)
	if err != nil || base64.StdEncoding.EncodedLen(len(b)) != len(text) {
		return fmt.Errorf("%w: no base64", ErrForm)
	}
	v.SetBytes(b)
	return nil
}

// dictionary reads a map, whose names rise.
func (r *reader) dictionary(v reflect.Value) error {
	v.Set(reflect.MakeMap(v.Type()))
	last := ""
	return r.each("{", "}", func() error {
		name, err := r.string()
		if err != nil {
			return err
		}
		if v.Len() > 0 && name <= last || !r.take(":") {
			return r.fail("a further name")
		}
		last = name
		x := reflect.New(v.Type().Elem()).Elem()
		if err := r.value(x); err != nil {
			return err
		}
		v.SetMapIndex(keyed(v, name), x)
		return nil
	})
}

// number reads digits and whatever else may be in a number.
func (r *reader) number(v reflect.Value) error {
	n := len(r.rest) - len(bytes.TrimLeft(r.rest, "+-.0123456789e"))
	text := string(r.rest[:n])
	switch v.Kind() {
	case reflect.Int, reflect.Int64:
		x, _ := strconv.ParseInt(text, 10, 64)
		v.SetInt(x)
	case reflect.Uint64:
		x, _ := strconv.ParseUint(text, 10, 64)
		v.SetUint(x)
	case reflect.Float64:
		x, _ := strconv.ParseFloat(text, 64)
		v.SetFloat(x)
	default:
		return fmt.Errorf("%w: no %s can be read", ErrForm, v.Kind())
	}
	// What could not be parsed is written otherwise too.
	if again, err := appendNumber(nil, v); err != nil || string(again) != text {
		return r.fail("a number")
	}
	r.rest = r.rest[n:]
	return nil
}

func (r *reader) string() (string, error) {
	start := r.rest
	if !r.take(`"`) {
		return "", r.fail("a text")
	}
	if n := plain(r.rest); n < len(r.rest) && r.rest[n] == '"' { // as nearly all are
		s := string(r.rest[:n])
		r.rest = r.rest[n+1:]
		return s, nil
	}
	var s []byte
	for !r.take(`"`) {
		n := bytes.IndexAny(r.rest, `"\`)
		if n < 0 {
			return "", r.fail("a text's end")
		}
		s = append(s, r.rest[:n]...)
		r.rest = r.rest[n:]
		if r.take(`\`) {
			s = r.appendEscaped(s)
		}
	}
	if again := appendString(nil, string(s)); !bytes.HasPrefix(start, again) || len(again) != len(start)-len(r.rest) {
		return "", r.fail("a text written otherwise before what is")
	}
	return string(s), nil
}

// plain is how many bytes at the beginning stand for themselves in a text,
// whoever writes it.
func plain(text []byte) int {
	for i, c := range text {
		if c < ' ' || c > '~' || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&' {
			return i
		}
	}
	return len(text)
}

// appendEscaped reads what stands behind a backslash. What nobody would write
// may give anything.
func (r *reader) appendEscaped(s []byte) []byte {
	for i, short := range escapes {
		if r.take(string(short)) {
			return append(s, escaped[i])
		}
	}
	const digits = 4
	if r.take("u") && len(r.rest) >= digits {
		x, _ := strconv.ParseUint(string(r.rest[:digits]), 16, 16)
		r.rest = r.rest[digits:]
		return utf8.AppendRune(s, rune(x))
	}
	return s
}
