package forest

import (
	"fmt"
	"slices"
	"sync"
)

// Engine scores vectors with one forest. It does not change once compiled and
// may be used from many goroutines.
//
// Before a walk, every number is replaced by its rank: how many cuts of its
// feature are below it. A number is at most the c-th cut exactly if its rank is
// at most c, so trees compare small ranks, and nodes stay at 8 bytes. A feature
// with more cuts than a rank can count is spread over several columns, each of
// which ranks within its own stretch of the cuts.
//
// Walks go in lockstep, some rows down one tree or one row down some trees, so
// that the processor waits for many nodes at once. A step takes no branch: both
// children lie side by side, and leaves lead to themselves.
type Engine struct {
	features int
	columns  []column
	values   []float64
	roots    []uint32
	nodes    []node
	leaves   []uint32 // by node: the index of a leaf's value
	batches  sync.Pool
}

// column ranks one stretch of a feature's cuts.
type column struct {
	feature int
	cuts    []int64
}

// node sends ranks of its column that are at most rank to next, others to
// next+1. A leaf's rank is the highest there is, and its next is the leaf.
type node struct {
	next uint32
	rank uint16
	at   uint16 // where in a block of ranks the column begins
}

// stretch is the number of cuts that one column ranks. No rank is higher.
const stretch = 1<<16 - 1

// lanes is how many walks go in lockstep. A block holds the ranks of as many
// rows, column by column.
const lanes = 8

// maxColumns keeps node.at within its 16 bits.
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
	if len(e.columns) > maxColumns {
		return nil, fmt.Errorf("%w: it has more cuts than an engine can rank", ErrForest)
	}
	if len(e.columns) == 0 { // leaves look at a column too
		e.columns = []column{{}}
	}
	e.nodes = make([]node, 0, f.Nodes())
	e.leaves = make([]uint32, f.Nodes())
	for _, t := range f.Trees {
		e.addTree(t, first)
	}
	return e, nil
}

// addTree lays out a tree so that the children of a split are neighbours, and
// what is left of it comes right behind them.
func (e *Engine) addTree(t Tree, first []int) {
	root := uint32(len(e.nodes))
	e.roots = append(e.roots, root)
	e.nodes = append(e.nodes, node{})
	waiting := []uint32{root} // places whose node comes next
	for _, n := range t {
		at := waiting[len(waiting)-1]
		waiting = waiting[:len(waiting)-1]
		if n.Feature == Leaf {
			e.nodes[at] = node{at, stretch, 0}
			e.leaves[at] = n.Index
			continue
		}
		next := uint32(len(e.nodes))
		e.nodes = append(e.nodes, node{}, node{})
		e.nodes[at] = node{next, uint16(n.Index % stretch), uint16(lanes * (first[n.Feature] + int(n.Index/stretch)))}
		waiting = append(waiting, next+1, next)
	}
}

// Features is the length of the vectors that the engine takes.
func (e *Engine) Features() int { return e.features }

// Trees is the number of trees.
func (e *Engine) Trees() int { return len(e.roots) }

// rank writes the ranks of a vector into one lane of a block.
func (e *Engine) rank(block []uint16, lane int, v []int64) {
	for i := range e.columns {
		c := &e.columns[i]
		block[i*lanes+lane] = below(c.cuts, v[c.feature])
	}
}

// below counts the cuts below x. It halves without a branch that could be
// guessed wrong.
func below(cuts []int64, x int64) uint16 {
	from, n := 0, len(cuts)
	for n > 0 {
		half := (n + 1) / 2
		if cuts[from+half-1] < x {
			from += half
		}
		n -= half
	}
	return uint16(from)
}

// step is where a walk goes from a node: the sign of a difference in place of a
// branch, which would be guessed wrong half the time.
func (n node) step(rank uint16) uint32 {
	return n.next + (uint32(n.rank)-uint32(rank))>>31
}
