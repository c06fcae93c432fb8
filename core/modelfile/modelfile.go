// Package modelfile reads and writes model files: schema, features, forest,
// threshold and the facts of training in one file with a hash. FORMAT.md says
// what each byte means.
package modelfile

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"

	"lendleaf/core/canonical"
)

// The faults of a file. Every error of Decode wraps one of them.
var (
	ErrMagic   = errors.New("not a lendleaf model file")
	ErrVersion = errors.New("unknown version of the model file")
	ErrHash    = errors.New("the model file is damaged: its hash is not that of its content")
	ErrContent = errors.New("invalid model file")
)

const (
	magic   = "lendleaf"
	version = 1
	// header is magic, version, and the lengths of manifest and forest.
	header = len(magic) + 2 + 4 + 4
)

// Encode writes a model file. The same model always gives the same bytes. Its
// error wraps ErrContent: the forest has splits that divide nothing, which
// forest.Simplify leaves out, or is too large.
func Encode(m *Model) ([]byte, error) {
	manifest, err := canonical.Marshal(m.manifest())
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrContent, err)
	}
	trees, err := encodeForest(m.Forest)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrContent, err)
	}
	file := binary.LittleEndian.AppendUint16([]byte(magic), version)
	file = binary.LittleEndian.AppendUint32(file, uint32(len(manifest)))
	file = binary.LittleEndian.AppendUint32(file, uint32(len(trees)))
	file = append(append(file, manifest...), trees...)
	sum := sha256.Sum256(file)
	return append(file, sum[:]...), nil
}

// Decode reads a model file and proves all of it. Its errors wrap ErrMagic,
// ErrVersion, ErrHash or ErrContent.
func Decode(file []byte) (*Model, error) { return DecodeInSteps(file, nil) }

// DecodeInSteps is Decode for a program that has one thread and others to serve
// on it: unless pause is nil it is called, on the same goroutine, every few
// milliseconds.
func DecodeInSteps(file []byte, pause func()) (*Model, error) {
	content, hash, err := unseal(file)
	if err != nil {
		return nil, err
	}
	rest(pause)
	declared, trees, err := sections(content)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrContent, err)
	}
	c, err := decodeManifest(declared)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrContent, err)
	}
	rest(pause)
	if c.Forest, err = decodeForest(trees, c.Definition.Features.Len(), pause); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrContent, err)
	}
	rest(pause)
	m, err := New(c)
	if err != nil {
		return nil, err
	}
	m.Hash = hex.EncodeToString(hash)
	return m, nil
}

// unseal proves that a file is whole and of a version that is known. It returns
// the content and its hash.
func unseal(file []byte) (content, hash []byte, err error) {
	if !bytes.HasPrefix(file, []byte(magic)) {
		return nil, nil, ErrMagic
	}
	if len(file) < header+sha256.Size {
		return nil, nil, fmt.Errorf("%w: it is too short", ErrContent)
	}
	if v := binary.LittleEndian.Uint16(file[len(magic):]); v != version {
		return nil, nil, fmt.Errorf("%w: %d, want %d", ErrVersion, v, version)
	}
	content, trailer := file[:len(file)-sha256.Size], file[len(file)-sha256.Size:]
	sum := sha256.Sum256(content)
	if !bytes.Equal(sum[:], trailer) {
		return nil, nil, ErrHash
	}
	return content, trailer, nil
}

var errSections = errors.New("its sections are not as long as its header says")

// sections divides a content into its manifest and its forest.
func sections(content []byte) (declared, trees []byte, err error) {
	end := uint64(header) + uint64(binary.LittleEndian.Uint32(content[len(magic)+2:]))
	if end+uint64(binary.LittleEndian.Uint32(content[len(magic)+6:])) != uint64(len(content)) {
		return nil, nil, errSections
	}
	return content[header:end], content[end:], nil
}

func rest(pause func()) {
	if pause != nil {
		pause()
	}
}
