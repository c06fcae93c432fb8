// Package interop reads forests that other software fitted. It takes the dumps
// that sklearn_export.py writes of scikit-learn's forests and pipelines; DUMP.md
// says what each byte means.
package interop

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
)

// The faults of an import. Every error of Import wraps one of them.
var (
	ErrMagic    = errors.New("not a dump of sklearn_export.py")
	ErrVersion  = errors.New("unknown version of the dump")
	ErrContent  = errors.New("invalid dump")
	ErrMismatch = errors.New("the dump does not fit the definition")
)

// header is the first line of a dump.
type header struct {
	Format     string                        `json:"format"`
	Version    int                           `json:"version"`
	Sklearn    string                        `json:"sklearn"`
	Estimator  string                        `json:"estimator"`
	Parameters parameters                    `json:"parameters"`
	Classes    []string                      `json:"classes"`
	Inputs     []input                       `json:"inputs"`
	Rates      map[string]map[string]float64 `json:"rates"`   // by field and label
	Typical    map[string]string             `json:"typical"` // by field
	Threshold  *float64                      `json:"threshold"`
	Nodes      []int64                       `json:"nodes"` // of each tree
}

// parameters are those of the estimator, where they have a counterpart here.
type parameters struct {
	Depth     int    `json:"depth"`
	Features  int    `json:"features"`
	MaxLeaves int    `json:"max_leaves"`
	MinLeaf   int    `json:"min_leaf"`
	Seed      uint64 `json:"seed"`
}

// input says what one column of the fitted forest's input is: a feature by its
// name, or the indicator of a field's label.
type input struct {
	Feature    string   `json:"feature,omitempty"`
	Field      string   `json:"field,omitempty"`
	Label      string   `json:"label,omitempty"`
	Categories []string `json:"categories,omitempty"` // that the encoder knows, in its order
	Mean       float64  `json:"mean"`
	Scale      *float64 `json:"scale"` // 1 where there is none
}

const (
	format  = "lendleaf-sklearn"
	version = 1

	maxHeader = 16 << 20 // bytes
	maxTrees  = 1 << 16
	maxNodes  = 1 << 28 // of all trees together
	maxDepth  = 1 << 12 // splits above a leaf
	nodeSize  = 36      // bytes
	chunk     = 1 << 12 // nodes that are read at once
)

// node is a split or a leaf of a scikit-learn tree.
type node struct {
	left, right int32 // places in the tree; none: a leaf
	feature     int32
	threshold   float64
	fractions   [2]float64 // of each class
}

const none = -1

// dump reads a dump: the header at once, then tree by tree.
type dump struct {
	header
	r *bufio.Reader
}

// unpack opens a dump, which is packed by gzip.
func unpack(r io.Reader) (io.Reader, error) {
	plain, err := gzip.NewReader(r)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrMagic, err)
	}
	return plain, nil
}

// openDump reads and proves the header of an unpacked dump.
func openDump(r io.Reader) (*dump, error) {
	d := &dump{r: bufio.NewReaderSize(r, 1<<16)}
	line, err := readLine(d.r)
	if err != nil {
		return nil, err
	}
	var named struct {
		Format  string `json:"format"`
		Version int    `json:"version"`
	}
	if err := json.Unmarshal(line, &named); err != nil || named.Format != format {
		return nil, ErrMagic
	}
	if named.Version != version {
		return nil, fmt.Errorf("%w: %d, want %d", ErrVersion, named.Version, version)
	}
	dec := json.NewDecoder(bytes.NewReader(line))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&d.header); err != nil {
		return nil, fmt.Errorf("%w: header: %w", ErrContent, err)
	}
	if err := d.header.check(); err != nil {
		return nil, err
	}
	return d, nil
}

// readLine reads the header's line, which is at most maxHeader bytes long.
func readLine(r *bufio.Reader) ([]byte, error) {
	var line []byte
	for {
		part, err := r.ReadSlice('\n')
		line = append(line, part...)
		switch {
		case len(line) > maxHeader:
			return nil, fmt.Errorf("%w: the header is over %d bytes", ErrContent, maxHeader)
		case err == nil:
			return line, nil
		case !errors.Is(err, bufio.ErrBufferFull):
			return nil, fmt.Errorf("%w: header: %w", ErrMagic, err)
		}
	}
}

// check proves what is not proved with the model in the end.
func (h *header) check() error {
	if len(h.Classes) != 2 || h.Classes[0] == h.Classes[1] {
		return fmt.Errorf("%w: it has the classes %q, want two", ErrContent, h.Classes)
	}
	if len(h.Inputs) == 0 {
		return fmt.Errorf("%w: it has no input", ErrContent)
	}
	for i, in := range h.Inputs {
		if s := in.scale(); s <= 0 {
			return fmt.Errorf("%w: input %d: scale %v, want a positive number", ErrContent, i, s)
		}
		if (in.Feature == "") == (in.Field == "" && in.Label == "") {
			return fmt.Errorf("%w: input %d: it names a feature, or a field and its label", ErrContent, i)
		}
	}
	return h.checkNodes()
}

func (h *header) checkNodes() error {
	if len(h.Nodes) == 0 || len(h.Nodes) > maxTrees {
		return fmt.Errorf("%w: %d trees, want 1 to %d", ErrContent, len(h.Nodes), maxTrees)
	}
	total := int64(0)
	for i, n := range h.Nodes {
		if n < 1 || n > maxNodes {
			return fmt.Errorf("%w: tree %d has %d nodes, want 1 to %d", ErrContent, i, n, maxNodes)
		}
		total += n
	}
	if total > maxNodes {
		return fmt.Errorf("%w: %d nodes, want at most %d", ErrContent, total, maxNodes)
	}
	return nil
}

func (in *input) scale() float64 {
	if in.Scale == nil {
		return 1
	}
	return *in.Scale
}

// tree reads the next tree, of n nodes, into nodes, and proves it. Memory grows
// only with what has been read.
func (d *dump) tree(nodes []node, n int64) ([]node, error) {
	nodes = nodes[:0]
	var buffer [chunk * nodeSize]byte
	for remain := int(n); remain > 0; {
		part := buffer[:min(remain, chunk)*nodeSize]
		if _, err := io.ReadFull(d.r, part); err != nil {
			return nil, fmt.Errorf("%w: %d nodes are missing: %w", ErrContent, remain, err)
		}
		remain -= len(part) / nodeSize
		for ; len(part) > 0; part = part[nodeSize:] {
			nodes = append(nodes, decodeNode(part))
		}
	}
	if err := checkTree(nodes, len(d.Inputs)); err != nil {
		return nil, err
	}
	return nodes, nil
}

func decodeNode(b []byte) node {
	le := binary.LittleEndian
	float := func(at int) float64 { return math.Float64frombits(le.Uint64(b[at:])) }
	return node{
		left: int32(le.Uint32(b)), right: int32(le.Uint32(b[4:])), feature: int32(le.Uint32(b[8:])),
		threshold: float(12), fractions: [2]float64{float(20), float(28)},
	}
}

// checkTree proves that every node but the first is the child of exactly one
// that stands before it: then the nodes are one tree.
func checkTree(nodes []node, inputs int) error {
	depth := make([]uint16, len(nodes)) // one more than the depth, once a parent is known
	depth[0] = 1
	for i, n := range nodes {
		if depth[i] == 0 {
			return fmt.Errorf("%w: node %d is no node's child", ErrContent, i)
		}
		if err := n.check(inputs); err != nil {
			return fmt.Errorf("%w: node %d: %w", ErrContent, i, err)
		}
		if n.left == none {
			continue
		}
		if depth[i] > maxDepth {
			return fmt.Errorf("%w: node %d: it is deeper than %d", ErrContent, i, maxDepth)
		}
		for _, child := range []int32{n.left, n.right} {
			if int(child) <= i || int(child) >= len(nodes) || depth[child] != 0 {
				return fmt.Errorf("%w: node %d: child %d stands before it, is missing, or has a parent already", ErrContent, i, child)
			}
			depth[child] = depth[i] + 1
		}
	}
	return nil
}

func (n *node) check(inputs int) error {
	if n.left == none {
		if n.right != none {
			return errors.New("it has one child")
		}
		for _, p := range n.fractions {
			if !(p >= 0 && p <= 1) {
				return fmt.Errorf("%v is no fraction", p)
			}
		}
		if sum := n.fractions[0] + n.fractions[1]; math.Abs(sum-1) > 1e-9 {
			return fmt.Errorf("its fractions sum to %v", sum)
		}
		return nil
	}
	if n.feature < 0 || int(n.feature) >= inputs {
		return fmt.Errorf("no input %d", n.feature)
	}
	if math.IsNaN(n.threshold) {
		return errors.New("its threshold is not a number")
	}
	return nil
}

// end proves that nothing is behind the last tree.
func (d *dump) end() error {
	if _, err := d.r.ReadByte(); err != io.EOF {
		if err == nil {
			err = errors.New("there is more")
		}
		return fmt.Errorf("%w: behind the last tree: %w", ErrContent, err)
	}
	return nil
}
