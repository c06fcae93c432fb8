package modelfile

import (
	"fmt"
	"math"

	"lendleaf/core/baseline"
	"lendleaf/core/calibration"
	"lendleaf/core/definition"
	"lendleaf/core/feature"
	"lendleaf/core/forest"
	"lendleaf/core/novelty"
)

// Content is all that a file holds. New proves it.
type Content struct {
	Definition *definition.Definition
	Learned    feature.Learned
	Threshold  float64 // the smallest probability that is positive
	Training   Training

	Calibration *calibration.Calibration // what a score means; nil if nobody looked
	Novelty     *novelty.Summary         // what the training data held; nil if unknown
	Baseline    baseline.Baseline        // how its values were spread; nil if unknown

	Forest *forest.Forest
}

// Model is a content that was proved, and what scores with it. It does not
// change once made and may be used from many goroutines: to have another one,
// give New a changed copy of the content.
type Model struct {
	Content
	Features *feature.Set
	Engine   *forest.Engine
	Hash     string // SHA-256 of the file's content, in hexadecimal; empty where it comes from no file
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

// New proves that the parts of a content are right and fit together, and
// compiles what is not compiled yet. The parts are the model's from then on and
// must not change. Its error wraps ErrContent.
func New(c Content) (*Model, error) {
	m, err := compile(c)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrContent, err)
	}
	return m, nil
}

func compile(c Content) (*Model, error) {
	features, err := c.Definition.Features.Set(c.Learned)
	if err != nil {
		return nil, err
	}
	if !(c.Threshold <= 1) || math.Signbit(c.Threshold) { // −0 would be another text for 0
		return nil, fmt.Errorf("threshold %v is not between 0 and 1", c.Threshold)
	}
	if err := c.checkExtras(); err != nil {
		return nil, err
	}
	if n := features.Len(); len(c.Forest.Cuts) != n {
		return nil, fmt.Errorf("the forest has %d features, the definition %d", len(c.Forest.Cuts), n)
	}
	engine, err := forest.Compile(c.Forest)
	if err != nil {
		return nil, err
	}
	return &Model{Content: c, Features: features, Engine: engine}, nil
}

// checkExtras proves what a file need not have.
func (c *Content) checkExtras() error {
	if c.Calibration != nil {
		if err := c.Calibration.Check(); err != nil {
			return err
		}
	}
	if c.Novelty != nil {
		if err := c.Novelty.Check(c.Definition.Schema); err != nil {
			return err
		}
	}
	if c.Baseline != nil {
		return c.Baseline.Check(c.Definition.Schema)
	}
	return nil
}
