// Package definition reads what a model is about: its fields, its target and
// its features. Another lender's fields need another definition, not other
// code.
package definition

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"lendleaf/core/feature"
	"lendleaf/core/schema"
)

// ErrDefinition is wrapped by every error of this package.
var ErrDefinition = errors.New("invalid definition")

// Definition is a schema and the features made from it.
type Definition struct {
	Name string `json:"name"`
	schema.Schema
	Features []feature.Spec `json:"features"`
}

// Parse reads a definition from JSON and proves it. Its error wraps
// ErrDefinition.
func Parse(text []byte) (*Definition, error) {
	d := &Definition{}
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.DisallowUnknownFields()
	if err := dec.Decode(d); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDefinition, err)
	}
	if _, err := dec.Token(); err != io.EOF {
		return nil, fmt.Errorf("%w: there is more after its end", ErrDefinition)
	}
	return d, d.Check()
}

// Check proves the schema and the features as far as they are known before
// anything is learned. It must be called before a definition that was not made
// by Parse is used.
func (d *Definition) Check() error {
	if d.Name == "" {
		return fmt.Errorf("%w: it has no name", ErrDefinition)
	}
	if err := d.Schema.Check(); err != nil {
		return fmt.Errorf("%w: %w", ErrDefinition, err)
	}
	unlearned := feature.Learn(&d.Schema, d.known(), nil, nil)
	if _, err := feature.Compile(&d.Schema, d.Features, unlearned); err != nil {
		return fmt.Errorf("%w: %w", ErrDefinition, err)
	}
	return nil
}

// known lists the features whose field exists: Learn relies on it.
func (d *Definition) known() []feature.Spec {
	return slices.DeleteFunc(slices.Clone(d.Features), func(f feature.Spec) bool { return d.Field(f.Field) == nil })
}

// Without leaves fields out, and every feature that is made from them. A name
// that is no field is an error that wraps ErrDefinition.
func (d *Definition) Without(fields []string) (*Definition, error) {
	for _, name := range fields {
		if d.Field(name) == nil {
			return nil, fmt.Errorf("%w: cannot leave out %q: there is no such field", ErrDefinition, name)
		}
	}
	gone := func(name string) bool { return slices.Contains(fields, name) }
	less := &Definition{Name: d.Name, Schema: schema.Schema{
		Fields: slices.DeleteFunc(slices.Clone(d.Fields), func(f schema.Field) bool { return gone(f.Name) }),
		Form:   slices.DeleteFunc(slices.Clone(d.Form), func(c schema.Control) bool { return gone(c.Field) }),
		Target: d.Target,
	}, Features: slices.DeleteFunc(slices.Clone(d.Features), func(f feature.Spec) bool { return gone(f.Field) })}
	return less, less.Check()
}
