package forest

import (
	"cmp"
	"fmt"
	"math/bits"
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
// One row goes down several trees at once. Many rows go down one tree together,
// as sets that a split divides.
type Engine struct {
	cuts    [][]int64 // by feature
	indexes []index   // by feature
	columns []column
	masks   int // the number of all features' masks
	order   []digit
	values  []float64
	roots   []uint32
	nodes   []node
	rows    sync.Pool // of *row
	batches sync.Pool // of *batch
}

// column ranks one stretch of a feature's cuts.
type column struct {
	feature int
	from    uint32 // the stretch's first cut
	cuts    uint32 // how many it has
	shift   int    // 1<<shift neighbouring ranks of the feature share a mask
	mask    int    // the first of the feature's masks
}

// digit is what a feature adds to the key by which a batch is sorted.
type digit struct {
	feature     int
	width, drop int // bits of its rank that count, and that do not
}

// node sends ranks of its column that are at most rank to next, others to
// next+1. A leaf's column is isLeaf, its next is the index of its value, and its
// rank is 0 if that value is 0.
type node struct {
	next   uint32
	rank   uint16
	column uint16
}

const isLeaf = 1<<16 - 1

// nothing is a leaf that adds nothing to any sum.
var nothing = node{column: isLeaf}

// stretch is the number of cuts that one column ranks. No rank is higher.
const stretch = 1<<16 - 1

// maxColumns bounds the memory of a batch.
const maxColumns = 1024

// Compile prepares a forest for scoring, after it has proved it. Its error
// wraps ErrForest.
func Compile(f *Forest) (*Engine, error) {
	if err := f.Check(); err != nil {
		return nil, err
	}
	e := &Engine{cuts: f.Cuts, values: f.Values}
	first := e.addColumns()
	if len(e.columns) > maxColumns {
		return nil, fmt.Errorf("%w: it has more cuts than an engine can rank", ErrForest)
	}
	e.addMasks()
	e.addIndexes()
	e.addOrder()
	e.nodes = make([]node, 0, f.Nodes())
	for _, t := range f.Trees {
		e.addTree(t, first)
	}
	return e, nil
}

// addColumns returns each feature's first column.
func (e *Engine) addColumns() []int {
	first := make([]int, len(e.cuts))
	for i, cuts := range e.cuts {
		first[i] = len(e.columns)
		for from := 0; from < len(cuts); from += stretch {
			e.columns = append(e.columns, column{feature: i, from: uint32(from), cuts: uint32(min(stretch, len(cuts)-from))})
		}
	}
	return first
}

// addMasks gives each cut a mask, or some neighbours one where there are many:
// the masks of a batch should stay in the processor's cache. A feature's first
// mask stands for no cut and stays empty.
func (e *Engine) addMasks() {
	most := max(4, maxMasks/len(e.cuts))
	for i := range e.columns {
		c := &e.columns[i]
		if c.from > 0 {
			c.shift, c.mask = e.columns[i-1].shift, e.columns[i-1].mask
			continue
		}
		last := len(e.cuts[c.feature]) - 1
		for last>>c.shift >= most {
			c.shift++
		}
		c.mask = e.masks
		e.masks += last>>c.shift + 2
	}
}

// maxMasks is about how many masks an engine has.
const maxMasks = 1024

// addOrder sorts features with few cuts to the front, as far as the key has
// room: rows that are neighbours then go the same way for long.
func (e *Engine) addOrder() {
	for i := range e.cuts {
		e.order = append(e.order, digit{feature: i})
	}
	slices.SortStableFunc(e.order, func(a, b digit) int {
		return cmp.Compare(len(e.cuts[a.feature]), len(e.cuts[b.feature]))
	})
	room := 64 - placeBits
	for i := range e.order {
		d := &e.order[i]
		all := bits.Len(uint(len(e.cuts[d.feature])))
		d.width = min(all, room)
		d.drop = all - d.width
		room -= d.width
	}
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
			e.nodes[at] = leaf(n.Index, e.values[n.Index])
			continue
		}
		next := uint32(len(e.nodes))
		e.nodes = append(e.nodes, node{}, node{})
		e.nodes[at] = node{next, uint16(n.Index % stretch), uint16(first[n.Feature] + int(n.Index/stretch))}
		waiting = append(waiting, next+1, next)
	}
}

func leaf(index uint32, value float64) node {
	n := node{next: index, column: isLeaf}
	if value != 0 {
		n.rank = 1
	}
	return n
}

// Features is the length of the vectors that the engine takes.
func (e *Engine) Features() int { return len(e.cuts) }

// Trees is the number of trees.
func (e *Engine) Trees() int { return len(e.roots) }

// rank gives a feature's rank within a column.
func (c *column) rank(feature uint32) uint16 {
	return uint16(min(max(feature, c.from)-c.from, c.cuts))
}

// index tells where in a feature's cuts a search begins and ends.
type index struct {
	shift int      // 1<<shift neighbouring numbers share an entry
	below []uint32 // the cuts below the first number of each entry, the first of all being the first cut
}

// addIndexes saves most of the search for ranks, and all of it where a
// feature's cuts lie close together.
func (e *Engine) addIndexes() {
	e.indexes = make([]index, len(e.cuts))
	for i, cuts := range e.cuts {
		if len(cuts) == 0 {
			continue
		}
		x := &e.indexes[i]
		for width(cuts)>>x.shift >= maxIndex {
			x.shift++
		}
		for entry := range width(cuts)>>x.shift + 1 {
			x.below = append(x.below, below(cuts, cuts[0]+int64(entry<<x.shift)))
		}
		x.below = append(x.below, uint32(len(cuts)))
	}
}

// width is the distance from the first cut to the last.
func width(cuts []int64) uint64 { return uint64(cuts[len(cuts)-1]) - uint64(cuts[0]) }

const maxIndex = 1 << 12

// rank counts the cuts of a feature below x.
func (e *Engine) rank(feature int, x int64) uint32 {
	cuts := e.cuts[feature]
	switch {
	case len(cuts) == 0 || x <= cuts[0]:
		return 0
	case x > cuts[len(cuts)-1]:
		return uint32(len(cuts))
	}
	i := &e.indexes[feature]
	entry := (uint64(x) - uint64(cuts[0])) >> i.shift
	from := i.below[entry]
	if i.shift == 0 {
		return from
	}
	return from + below(cuts[from:i.below[entry+1]], x)
}

// below counts the cuts below x. It halves without a branch that could be
// guessed wrong.
func below(cuts []int64, x int64) uint32 {
	from, n := 0, len(cuts)
	for n > 0 {
		half := (n + 1) / 2
		if cuts[from+half-1] < x {
			from += half
		}
		n -= half
	}
	return uint32(from)
}
