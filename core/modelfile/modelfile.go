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
	"math"

	"lendleaf/core/baseline"
	"lendleaf/core/calibration"
	"lendleaf/core/canonical"
	"lendleaf/core/definition"
	"lendleaf/core/feature"
	"lendleaf/core/forest"
	"lendleaf/core/novelty"
)

// The faults of a file. Every error of Decode wraps one of them.
var (
	ErrMagic   = errors.New("not a lendleaf model file")
	ErrVersion = errors.New("unknown version of the model file")
	ErrHash    = errors.New("the model file is damaged: its hash is not that of its content")
	ErrContent = errors.New("invalid model file")
)

// Model is all that a file holds.
type Model struct {
	Definition definition.Definition `json:"definition"`
	Learned    feature.Learned       `json:"learned"`
	Threshold  float64               `json:"threshold"` // the smallest probability that is positive
	Training   Training              `json:"training"`

	Calibration *calibration.Calibration `json:"calibration,omitempty"` // what a score means; nil if nobody looked
	Novelty     *novelty.Summary         `json:"novelty,omitempty"`     // what the training data held; nil if unknown
	Baseline    baseline.Baseline        `json:"baseline,omitempty"`    // how its values were spread; nil if unknown

	Forest *forest.Forest `json:"-"`
	Hash   string         `json:"-"` // SHA-256 of the content, in hexadecimal; set by Decode
}

// Training says how the forest came about.
type Training struct {
	Data       Data       `json:"data"`
	Split      string     `json:"split"`             // SplitReference or SplitAll
	Rows       int        `json:"rows"`              // rows of the training part
	Positives  int        `json:"positives"`         // of them with the positive outcome
	Parameters Parameters `json:"parameters"`        //
	Without    []string   `json:"without,omitempty"` // fields that were left out
	Source     string     `json:"source,omitempty"`  // what else fitted the forest, with its version; no rows are known then
	Group      []string   `json:"group,omitempty"`   // fields in which the rows of one person are equal: such rows are in one part
}

// The splits of a data set into training, validation and test part.
const (
	SplitReference = "reference" // dataset.Reference
	SplitAll       = "all"       // every row is training
)

// Data identifies a data set.
type Data struct {
	SHA256 string `json:"sha256"` // of the uncompressed CSV
	Rows   int    `json:"rows"`
}

// Parameters of the forest's training.
type Parameters struct {
	Trees     int    `json:"trees"`
	Depth     int    `json:"depth"`      // of the deepest leaf at most; 0: no limit
	Features  int    `json:"features"`   // drawn for each split
	MaxLeaves int    `json:"max_leaves"` // of a tree, the best splits first; 0: no limit
	MinLeaf   int    `json:"min_leaf"`   // rows in a leaf at least
	Seed      uint64 `json:"seed"`
}

const (
	magic   = "lendleaf"
	version = 1
	// header is magic, version, and the lengths of manifest and forest.
	header = len(magic) + 2 + 4 + 4
)

// Encode writes a model file. The same model always gives the same bytes.
func Encode(m *Model) ([]byte, error) {
	if err := m.check(); err != nil {
		return nil, err
	}
	manifest, err := canonical.Marshal(m)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrContent, err)
	}
	trees, err := encodeForest(m.Forest)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrContent, err)
	}
	file := append([]byte(magic), 0, 0)
	binary.LittleEndian.PutUint16(file[len(magic):], version)
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
	if !bytes.HasPrefix(file, []byte(magic)) {
		return nil, ErrMagic
	}
	if len(file) < header+sha256.Size {
		return nil, fmt.Errorf("%w: it is too short", ErrContent)
	}
	if v := binary.LittleEndian.Uint16(file[len(magic):]); v != version {
		return nil, fmt.Errorf("%w: %d, want %d", ErrVersion, v, version)
	}
	content, trailer := file[:len(file)-sha256.Size], file[len(file)-sha256.Size:]
	sum := sha256.Sum256(content)
	if !bytes.Equal(sum[:], trailer) {
		return nil, ErrHash
	}
	rest(pause)
	manifest := uint64(binary.LittleEndian.Uint32(file[len(magic)+2:]))
	trees := uint64(binary.LittleEndian.Uint32(file[len(magic)+6:]))
	if uint64(header)+manifest+trees != uint64(len(content)) {
		return nil, fmt.Errorf("%w: its sections are not as long as its header says", ErrContent)
	}
	m, err := decodeManifest(content[header : uint64(header)+manifest])
	if err != nil {
		return nil, err
	}
	rest(pause)
	if m.Forest, err = decodeForest(content[uint64(header)+manifest:], len(m.Definition.Features), pause); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrContent, err)
	}
	rest(pause)
	m.Hash = hex.EncodeToString(sum[:])
	return m, m.check()
}

func rest(pause func()) {
	if pause != nil {
		pause()
	}
}

// decodeManifest takes only what Encode would write: nothing can hide in it.
func decodeManifest(text []byte) (*Model, error) {
	m := &Model{}
	if err := canonical.Unmarshal(text, m); err != nil {
		return nil, fmt.Errorf("%w: its manifest: %w", ErrContent, err)
	}
	return m, nil
}

// check proves that the parts fit together.
func (m *Model) check() error {
	if err := m.Definition.Check(); err != nil {
		return fmt.Errorf("%w: %w", ErrContent, err)
	}
	if _, err := feature.Compile(&m.Definition.Schema, m.Definition.Features, m.Learned); err != nil {
		return fmt.Errorf("%w: %w", ErrContent, err)
	}
	if !(m.Threshold >= 0 && m.Threshold <= 1) || math.Signbit(m.Threshold) {
		return fmt.Errorf("%w: threshold %v is not between 0 and 1", ErrContent, m.Threshold)
	}
	if err := m.checkExtras(); err != nil {
		return fmt.Errorf("%w: %w", ErrContent, err)
	}
	if n := len(m.Definition.Features); len(m.Forest.Cuts) != n {
		return fmt.Errorf("%w: the forest has %d features, the definition %d", ErrContent, len(m.Forest.Cuts), n)
	}
	if err := m.Forest.Check(); err != nil {
		return fmt.Errorf("%w: %w", ErrContent, err)
	}
	return nil
}

// checkExtras proves what a file need not have.
func (m *Model) checkExtras() error {
	if m.Calibration != nil {
		if err := m.Calibration.Check(); err != nil {
			return err
		}
	}
	if m.Novelty != nil {
		if err := m.Novelty.Check(&m.Definition.Schema); err != nil {
			return err
		}
	}
	if m.Baseline != nil {
		return m.Baseline.Check(&m.Definition.Schema)
	}
	return nil
}
