package forest

import (
	"slices"
)

// Engine scores vectors with one forest. It does not change once compiled and
// may be used from many goroutines.
//
// Before a walk, every number is replaced by its rank: how many cuts of its
// feature are below it. A number is at most the c-th cut exactly if its rank is
// at most c, so trees compare small ranks, and nodes stay at 8 bytes. A feature
// with more cuts than a rank can count is spread over several columns, each of
// which ranks within its own stretch of the cuts.
type Engine struct {
	features int
	columns  []column
	values   []float64
	roots    []uint32
	nodes    []node
}

// column ranks one stretch of a feature's cuts.
type column struct {
	feature int
	cuts    []int64
}

// node is a leaf (column leaf, right an index of values) or has its left child
// right behind it and its right child at right.
type node struct {
	right  uint32
	rank   uint16
	column uint16
}

// stretch is the number of cuts that one column ranks.
const stretch = 1<<16 - 1

// maxColumns bounds the ranks that a walk keeps at hand.
const maxColumns = 1024

// Compile prepares a forest for scoring, after it has proved it. Its error
// wraps ErrForest.
func Compile(f *Forest) (*Engine, error) {
	if err := f.Check(); err != nil {
		return nil, err
	}
	e := &Engine{features: len(f.Cuts), values: f.Values}
	first := make([]int, len(f.Cuts)) // each feature's first column
	for i, cuts := range f.Cuts {
		first[i] = len(e.columns)
		for part := range slices.Chunk(cuts, stretch) {
			e.columns = append(e.columns, column{i, part})
		}
	}
	e.nodes = make([]node, 0, f.Nodes())
	for _, t := range f.Trees {
		e.roots = append(e.roots, uint32(len(e.nodes)))
		e.addTree(t, first)
	}
	return e, nil
}

// addTree appends a tree's nodes and tells each split where its right child is.
func (e *Engine) addTree(t Tree, first []int) {
	var waiting []uint32 // splits whose left subtree is not complete
	for _, n := range t {
		at := uint32(len(e.nodes))
		if n.Feature != Leaf {
			waiting = append(waiting, at)
			e.nodes = append(e.nodes, node{0, uint16(n.Index % stretch), uint16(first[n.Feature] + int(n.Index/stretch))})
			continue
		}
		e.nodes = append(e.nodes, node{n.Index, 0, Leaf})
		if len(waiting) > 0 {
			last := len(waiting) - 1
			e.nodes[waiting[last]].right = at + 1
			waiting = waiting[:last]
		}
	}
}

// Features is the length of the vectors that the engine takes.
func (e *Engine) Features() int { return e.features }

// Trees is the number of trees.
func (e *Engine) Trees() int { return len(e.roots) }

// Probability scores one vector, without allocation.
func (e *Engine) Probability(v []int64) float64 {
	var ranks [maxColumns]uint16
	e.rank(ranks[:], v)
	sum := 0.0
	for _, at := range e.roots {
		n := e.nodes[at]
		for n.column != Leaf {
			if ranks[n.column] <= n.rank {
				at++
			} else {
				at = n.right
			}
			n = e.nodes[at]
		}
		sum += e.values[n.right]
	}
	return sum / float64(len(e.roots))
}

func (e *Engine) rank(dst []uint16, v []int64) {
	for i, c := range e.columns {
		r, _ := slices.BinarySearch(c.cuts, v[c.feature])
		dst[i] = uint16(r)
	}
}

// AppendProbabilities scores vectors, which lie one behind the other, and
// appends one probability for each.
func (e *Engine) AppendProbabilities(dst []float64, vectors []int64) []float64 {
	for v := range slices.Chunk(vectors, e.features) {
		dst = append(dst, e.Probability(v))
	}
	return dst
}
