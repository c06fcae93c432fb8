// Package slim rewrites a Go program's WebAssembly so that it packs better. The
// program does what it did before.
//
// Go's linker cuts its data at every eight zeros, into some 45,000 pieces whose
// headers no packer can foresee. And it keeps, for messages about panics, which
// line of which file each instruction came from.
package slim

import (
	"errors"
	"fmt"
	"slices"
)

// The faults of a module. Every error of this package wraps one of them.
var (
	ErrModule = errors.New("not a WebAssembly module as Go's linker writes it")
	ErrTable  = errors.New("unknown layout of the function table")
)

// Program joins a program's data and leaves out its line table: traces of
// panics keep the functions' names, with a question mark in place of the file. If
// the function table is not laid out as this package knows it, the error wraps
// ErrTable.
func Program(module []byte) ([]byte, error) { return rewrite(module, dropLines) }

// WithLines joins a program's data, and keeps its line table.
func WithLines(module []byte) ([]byte, error) {
	return rewrite(module, func([]byte) error { return nil })
}

// rewrite joins a program's data once it is changed.
func rewrite(module []byte, change func(image []byte) error) ([]byte, error) {
	sections, err := split(module)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(sections, func(s section) bool { return s.id == dataSection })
	if i < 0 {
		return nil, fmt.Errorf("%w: it has no data", ErrModule)
	}
	image, pieces, err := load(sections[i].body)
	if err != nil {
		return nil, err
	}
	if err := change(image); err != nil {
		return nil, err
	}
	sections[i].body = store(image, join(pieces))
	return assemble(sections), nil
}
