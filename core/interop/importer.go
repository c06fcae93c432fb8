package interop

import (
	"fmt"
	"io"
	"math"
	"slices"

	"lendleaf/core/definition"
	"lendleaf/core/feature"
	"lendleaf/core/forest"
	"lendleaf/core/modelfile"
)

// Import reads a dump and makes a model of it that gives the probabilities of
// scikit-learn's predict_proba for every record of the definition's schema. A
// field that the definition lets be missing but the pipeline does not is
// required in the model.
//
// The threshold is the dump's. Where it has none, it is the smallest
// probability for which scikit-learn's predict says positive: it needs more
// than half, or half where the positive class comes first.
//
// Its errors wrap ErrMagic, ErrVersion, ErrContent or ErrMismatch.
func Import(r io.Reader, d *definition.Definition) (*modelfile.Model, error) {
	plain, err := unpack(r)
	if err != nil {
		return nil, err
	}
	return importPlain(plain, d)
}

// importPlain imports an unpacked dump.
func importPlain(r io.Reader, d *definition.Definition) (*modelfile.Model, error) {
	dump, err := openDump(r)
	if err != nil {
		return nil, err
	}
	positive, err := dump.positive(d)
	if err != nil {
		return nil, err
	}
	learned, err := learn(&dump.header, d)
	if err != nil {
		return nil, err
	}
	if d, err = requiring(d, learned); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrMismatch, err)
	}
	inputs, err := bind(&dump.header, d, learned)
	if err != nil {
		return nil, err
	}
	trees, err := dump.forest(inputs, positive)
	if err != nil {
		return nil, err
	}
	m, err := modelfile.New(modelfile.Content{
		Definition: d, Learned: learned, Threshold: dump.threshold(positive), Training: dump.training(), Forest: trees,
	})
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrContent, err)
	}
	return m, nil
}

// requiring makes every field required that nothing stands in for.
func requiring(d *definition.Definition, learned feature.Learned) (*definition.Definition, error) {
	spec := d.Spec()
	for i := range spec.Fields {
		f := &spec.Fields[i]
		_, f.Optional = learned.Typical[f.Name]
	}
	return definition.Compile(spec)
}

func (h *header) training() modelfile.Training {
	p := h.Parameters
	return modelfile.Training{
		Source: fmt.Sprintf("%s of scikit-learn %s", h.Estimator, h.Sklearn),
		Parameters: modelfile.Parameters{
			Trees: len(h.Nodes), Depth: p.Depth, Features: p.Features,
			MaxLeaves: p.MaxLeaves, MinLeaf: p.MinLeaf, Seed: p.Seed,
		},
	}
}

// positive says which class is the target's positive outcome.
func (h *header) positive(d *definition.Definition) (int, error) {
	t := d.Target
	for i, class := range h.Classes {
		other := h.Classes[1-i]
		if slices.Contains(t.Positive.Spellings, class) && slices.Contains(t.Negative.Spellings, other) {
			return i, nil
		}
	}
	return 0, fmt.Errorf("%w: its classes %q are not the target's %q and %q", ErrMismatch, h.Classes, t.Negative.Spellings, t.Positive.Spellings)
}

func (h *header) threshold(positive int) float64 {
	switch {
	case h.Threshold != nil:
		return *h.Threshold
	case positive == 0:
		return 0.5
	}
	return math.Nextafter(0.5, 1)
}

// forest reads the trees.
func (d *dump) forest(inputs []scaled, positive int) (*forest.Forest, error) {
	b := builder{inputs: inputs, positive: positive}
	var nodes []node
	for i, n := range d.Nodes {
		var err error
		if nodes, err = d.tree(nodes, n); err != nil {
			return nil, fmt.Errorf("tree %d: %w", i, err)
		}
		b.addTree(nodes)
	}
	if err := d.end(); err != nil {
		return nil, err
	}
	return forest.Simplify(b.finish()), nil
}
