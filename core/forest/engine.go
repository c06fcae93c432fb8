package forest

import (
	"fmt"
	"math/bits"
	"slices"
	"sync"
)

// Engine scores vectors with one forest. It does not change once compiled and
// may be used from many goroutines.
//
// Before a walk, every number of a vector is replaced by its rank: how many cuts
// of its feature are below it. A number is at most the c-th cut exactly if its
// rank is at most c, so trees compare small ranks, and a node fits into 8 bytes.
//
// One row goes down all trees at once. Many rows go down one tree together, as
// sets that a split divides.
type Engine struct {
	features []feature
	values   []float64
	nodes    []node
	trees    int
	roots    []uint32  // of trees that are not nothing
	masks    int       // the number of all features' masks
	digits   []digit   // the first one weighs most
	rows     sync.Pool // of *row
	batches  sync.Pool // of *batch
}

// feature has the cuts of a feature, rising.
type feature struct {
	cuts  []int64
	index index
	shift int // 1<<shift neighbouring cuts share a mask
	mask  int // the first of the feature's masks
}

// node is a question, and below its 32 bits where the sides are: in the last bit
// how many nodes further on the left side is, which comes right behind, and in
// those above it how much further than that the right side is. A side that adds
// nothing to any sum, as a leaf of value 0 does, is not there at all, and 0 nodes
// further on. So are both sides of a leaf, whose question is the index of its
// value.
type node uint64

func newNode(q question, left, right uint32) node {
	return node(q)<<32 | node(right-left)<<1&(1<<32-1) | node(left)
}

func (n node) question() question { return question(n >> 32) }
func (n node) left() uint32       { return uint32(n) & 1 }
func (n node) right() uint32      { return n.left() + n.farther() }
func (n node) farther() uint32    { return uint32(int32(n) >> 1) } // negative where only the left side is there
func (n node) isLeaf() bool       { return uint32(n) == 0 }

// hasOneSide is not asked of a leaf. Where both sides are there, the right one is
// at least 2 nodes further on.
func (n node) hasOneSide() bool { return uint32(n)+1 < 4 }

// question is a feature, and below its 8 bits a cut, or a rank to compare it with.
type question uint32

const (
	cutBits = 24
	maxCuts = 1<<cutBits - 1 // of a feature; the highest rank is one more than the last cut
)

func newQuestion(feature int, cut uint32) question {
	return question(feature)<<cutBits | question(cut)
}

func (q question) feature() int { return int(q >> cutBits) }
func (q question) cut() uint32  { return uint32(q & maxCuts) }

// digit is what a feature adds to the key by which a batch is sorted.
type digit struct {
	feature     int
	width, drop int // bits of its rank that count, and that do not
}

// Compile proves a forest and prepares it for scoring. The engine keeps nothing
// of the forest's memory. Its error wraps ErrForest.
func Compile(f *Forest) (*Engine, error) {
	if err := f.Check(); err != nil {
		return nil, err
	}
	e := &Engine{trees: len(f.Trees), values: slices.Clone(f.Values), features: make([]feature, len(f.Cuts))}
	for i, cuts := range f.Cuts {
		if len(cuts) > maxCuts {
			return nil, fmt.Errorf("%w: feature %d has %d cuts, more than an engine can rank: %d", ErrForest, i, len(cuts), maxCuts)
		}
		e.features[i].cuts, e.features[i].index = slices.Clone(cuts), newIndex(cuts)
	}
	e.addMasks()
	e.addDigits()
	e.nodes = make([]node, 0, f.Nodes())
	for _, t := range f.Trees {
		e.addTree(t)
	}
	return e, nil
}

// addMasks gives each cut a mask, or some neighbours one where there are many:
// the masks of a batch should stay in the processor's cache. A feature's first
// mask stands for no cut and stays empty.
func (e *Engine) addMasks() {
	most := maxMasks / len(e.features) // 4 at least
	for i := range e.features {
		f := &e.features[i]
		if len(f.cuts) == 0 {
			continue
		}
		last := len(f.cuts) - 1
		for last>>f.shift >= most {
			f.shift++
		}
		f.mask = e.masks
		e.masks += last>>f.shift + 2
	}
}

// maxMasks is about how many masks an engine has.
const maxMasks = 1024

// addDigits sorts features with few cuts to the front, as far as the key has
// room: rows that are neighbours then go the same way for long.
func (e *Engine) addDigits() {
	for i := range e.features {
		at := slices.IndexFunc(e.digits, func(d digit) bool {
			return len(e.features[d.feature].cuts) > len(e.features[i].cuts)
		})
		if at < 0 {
			at = len(e.digits)
		}
		e.digits = slices.Insert(e.digits, at, digit{feature: i})
	}
	room := 64 - placeBits
	for i := range e.digits {
		d := &e.digits[i]
		all := bits.Len(uint(len(e.features[d.feature].cuts)))
		d.width = min(all, room)
		d.drop = all - d.width
		room -= d.width
	}
}

// addTree lays out a tree from its last node to its first.
func (e *Engine) addTree(t Tree) {
	root := len(e.nodes)
	var sizes []uint32 // of subtrees whose parent is still to come
	for _, n := range slices.Backward(t) {
		size := uint32(0)
		if n.Feature != Leaf {
			last := len(sizes) - 1
			left, right := sizes[last], sizes[last-1]
			sizes = sizes[:last-1]
			size = e.addSplit(newQuestion(int(n.Feature), n.Index), left, right)
		} else if e.values[n.Index] != 0 {
			e.nodes = append(e.nodes, newNode(question(n.Index), 0, 0))
			size = 1
		}
		sizes = append(sizes, size)
	}
	if sizes[0] > 0 {
		slices.Reverse(e.nodes[root:])
		e.roots = append(e.roots, uint32(root))
	}
}

// addSplit adds the root of a tree of two of that many nodes, and returns how
// many the tree has.
func (e *Engine) addSplit(q question, left, right uint32) uint32 {
	switch {
	case left == 0 && right == 0:
		return 0
	case left == 0:
		e.nodes = append(e.nodes, newNode(q, 0, 1))
	case right == 0:
		e.nodes = append(e.nodes, newNode(q, 1, 0))
	default:
		e.nodes = append(e.nodes, newNode(q, 1, 1+left))
	}
	return 1 + left + right
}

// Features is the length of the vectors that the engine takes.
func (e *Engine) Features() int { return len(e.features) }

// Trees is the number of trees.
func (e *Engine) Trees() int { return e.trees }

// index tells where in a feature's cuts a search begins and ends.
type index struct {
	shift int      // 1<<shift neighbouring numbers share an entry
	below []uint32 // the cuts below the first number of each entry, the first of all being the first cut
}

// newIndex saves most of the search for ranks, and all of it where a feature's
// cuts lie close together.
func newIndex(cuts []int64) (x index) {
	if len(cuts) == 0 {
		return x
	}
	width := uint64(cuts[len(cuts)-1]) - uint64(cuts[0])
	for width>>x.shift >= maxIndex {
		x.shift++
	}
	for entry := range width>>x.shift + 1 {
		x.below = append(x.below, below(cuts, cuts[0]+int64(entry<<x.shift)))
	}
	x.below = append(x.below, uint32(len(cuts)))
	return x
}

const maxIndex = 1 << 12

// rank counts the cuts below x.
func (f *feature) rank(x int64) uint32 {
	cuts := f.cuts
	switch {
	case len(cuts) == 0 || x <= cuts[0]:
		return 0
	case x > cuts[len(cuts)-1]:
		return uint32(len(cuts))
	}
	entry := (uint64(x) - uint64(cuts[0])) >> f.index.shift
	from := f.index.below[entry]
	if f.index.shift == 0 {
		return from
	}
	return from + below(cuts[from:f.index.below[entry+1]], x)
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
