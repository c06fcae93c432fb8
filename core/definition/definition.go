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

// Spec is what a definition says. It is plain data: Compile proves it.
type Spec struct {
	Name string `json:"name"`
	schema.Spec
	Features []feature.Spec `json:"features"`
}

// Definition is a Spec that was proved: a schema and the features made from it.
// It does not change once compiled and may be used from many goroutines.
type Definition struct {
	Name string
	*schema.Schema
	Features *feature.Plan
}

// Parse reads a definition from JSON and compiles it. Its error wraps
// ErrDefinition.
func Parse(text []byte) (*Definition, error) {
	var spec Spec
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&spec); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDefinition, err)
	}
	if _, err := dec.Token(); err != io.EOF {
		return nil, fmt.Errorf("%w: there is more after its end", ErrDefinition)
	}
	return Compile(spec)
}

// Compile proves a spec and prepares it for use: all that can be proved before
// anything is learned. The definition keeps nothing of the spec's memory. Its
// error wraps ErrDefinition.
func Compile(spec Spec) (*Definition, error) {
	if spec.Name == "" {
		return nil, fmt.Errorf("%w: it has no name", ErrDefinition)
	}
	s, err := schema.Compile(spec.Spec)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDefinition, err)
	}
	plan, err := feature.Compile(s, spec.Features)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDefinition, err)
	}
	return &Definition{spec.Name, s, plan}, nil
}

// Spec gives back, as a copy, what the definition was compiled from.
func (d *Definition) Spec() Spec {
	return Spec{d.Name, d.Schema.Spec(), d.Features.Specs()}
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
	spec := d.Spec()
	spec.Fields = slices.DeleteFunc(spec.Fields, func(f schema.FieldSpec) bool { return gone(f.Name) })
	spec.Form = slices.DeleteFunc(spec.Form, func(c schema.Control) bool { return gone(c.Field) })
	spec.Features = slices.DeleteFunc(spec.Features, func(f feature.Spec) bool { return gone(f.Field) })
	return Compile(spec)
}
