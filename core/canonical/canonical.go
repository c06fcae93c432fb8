// Package canonical reads and writes JSON in one form only: that of
// encoding/json, whose bytes are the same, from the same struct tags. It takes
// nothing else, so nothing can hide in what it reads, and is a small part of
// encoding/json's size, which every visitor of the page would load.
//
// Values are made of structs (embedded ones too, with the tag's name and
// omitempty), pointers, slices, maps by string, strings, numbers and booleans.
package canonical

import (
	"errors"
	"reflect"
	"strings"
	"sync"
)

var (
	// ErrForm is wrapped by every error of Unmarshal.
	ErrForm = errors.New("not in canonical JSON")
	// ErrValue is wrapped by every error of Marshal.
	ErrValue = errors.New("not a value for JSON")
)

// Marshal writes a value. Its error wraps ErrValue: a number that is infinite
// or none, or a type that is not supported.
func Marshal(value any) ([]byte, error) {
	return appendValue(nil, reflect.ValueOf(value))
}

// Unmarshal reads into the empty value that a pointer points to. It takes only
// what Marshal would write of that value.
func Unmarshal(text []byte, pointer any) error {
	r := reader{rest: text}
	if err := r.value(reflect.ValueOf(pointer).Elem()); err != nil {
		return err
	}
	if len(r.rest) > 0 {
		return r.fail("the end")
	}
	return nil
}

// member is one of an object's.
type member struct {
	name     string
	optional bool // left out where empty
	value    reflect.Value
}

// members lists what is in a struct, in order.
func members(s reflect.Value) []member {
	known := fields(s.Type())
	list := make([]member, len(known))
	for i, f := range known {
		list[i] = member{f.name, f.optional, s.FieldByIndex(f.index)}
	}
	return list
}

// field is where a member is in a struct.
type field struct {
	name     string
	optional bool
	index    []int
}

// A file has hundreds of structs, of few types.
var (
	fieldsByType = map[reflect.Type][]field{}
	fieldsLock   sync.Mutex
)

func fields(t reflect.Type) []field {
	fieldsLock.Lock()
	list, known := fieldsByType[t]
	fieldsLock.Unlock()
	if known {
		return list
	}
	for i := range t.NumField() {
		f := t.Field(i)
		name, option := tag(f)
		switch {
		case f.Anonymous && name == "":
			for _, inner := range fields(f.Type) {
				inner.index = append([]int{i}, inner.index...)
				list = append(list, inner)
			}
		case f.IsExported() && name != "-":
			if name == "" {
				name = f.Name
			}
			list = append(list, field{name, option == "omitempty", f.Index})
		}
	}
	fieldsLock.Lock()
	fieldsByType[t] = list
	fieldsLock.Unlock()
	return list
}

// tag takes apart what a field's tag says of JSON.
func tag(f reflect.StructField) (name, option string) {
	_, rest, _ := strings.Cut(string(f.Tag), `json:"`)
	text, _, _ := strings.Cut(rest, `"`)
	name, option, _ = strings.Cut(text, ",")
	return name, option
}

// absent says whether a member is left out. Structs never are.
func (m member) absent() bool {
	if !m.optional {
		return false
	}
	switch v := m.value; v.Kind() {
	case reflect.Pointer:
		return v.IsNil()
	case reflect.Slice, reflect.Map, reflect.String:
		return v.Len() == 0
	case reflect.Bool:
		return !v.Bool()
	case reflect.Int, reflect.Int64:
		return v.Int() == 0
	case reflect.Uint64:
		return v.Uint() == 0
	case reflect.Float64:
		return v.Float() == 0
	}
	return false
}

// keyed makes a key of a map.
func keyed(m reflect.Value, name string) reflect.Value {
	key := reflect.New(m.Type().Key()).Elem()
	key.SetString(name)
	return key
}
