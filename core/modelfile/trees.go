package modelfile

import (
	"errors"
	"math/bits"

	"lendleaf/core/forest"
)

// treeCoder codes trees one after another, node by node in preorder, and learns
// as it goes. What it knows of a node before it codes it: which cuts of each
// feature are still possible on the way there, how far these narrow the space of
// all inputs, and what the node before it was.
type treeCoder struct {
	*coder
	forest   *forest.Forest
	possible []span // for each feature
	narrowed int    // by how much the logarithm of that space is less than at the root
	above    []branch
	open     []int // features with a possible cut

	leaves   []chance   // leaf or split: by situation and narrowing
	features [][]chance // this feature or a later one: by feature, then possible cuts, features to come and narrowing
	cuts     [][]chance // upper or lower half: by feature, then the possible cuts
	classes  []chance   // the lowest or highest value: by situation and narrowing
	values   []chance   // the bits of a value's index, as a binary tree
	bits     int        // of a value's index
}

// span is a range of cuts: from is the first, to is behind the last.
type span struct{ from, to int }

func (s span) len() int { return s.to - s.from }

// branch is a split above the node at hand.
type branch struct {
	feature, cut int
	before       span // the feature's possible cuts at the split itself
	right        bool // the node at hand is on its right
}

// situation is what came before a node.
type situation int

const (
	leftChild  situation = iota // its parent
	afterSplit                  // its sibling, a split
	afterLowest
	afterHighest
	afterOther
	situations
)

const (
	narrowings = 64 // classes of how far the space has been narrowed
	widths     = 8  // classes of how many cuts of a feature are possible
	laters     = 16 // classes of how many features are still to come
	listed     = 64 // of a feature with so many cuts at most, every range has a chance of its own
)

func newTreeCoder(c *coder, f *forest.Forest) *treeCoder {
	t := &treeCoder{
		coder:    c,
		forest:   f,
		possible: make([]span, len(f.Cuts)),
		leaves:   evenChances(int(situations) * narrowings),
		features: make([][]chance, len(f.Cuts)),
		cuts:     make([][]chance, len(f.Cuts)),
		classes:  evenChances(int(situations) * narrowings * 2),
		bits:     bits.Len(uint(len(f.Values) - 1)),
	}
	t.values = evenChances(1 << t.bits)
	for i, cuts := range f.Cuts {
		t.possible[i] = span{0, len(cuts)}
		if len(cuts) > 0 {
			t.features[i] = evenChances(widths * laters * narrowings / 2)
			t.cuts[i] = evenChances(cutChances(len(cuts)))
		}
	}
	return t
}

// cutChances is room for every range of more than one of these cuts, or for two
// bit lengths.
func cutChances(cuts int) int {
	side := min(cuts, listed)
	return side * side
}

// logarithm is 8 times the binary logarithm of a positive number, rounded down
// between eighths that lie evenly.
func logarithm(x int) int {
	n := bits.Len(uint(x)) - 1
	return 8*n + (x<<3>>n)&7
}

// narrow sets a feature's possible cuts.
func (t *treeCoder) narrow(feature int, s span) {
	t.narrowed += logarithm(t.possible[feature].len()+1) - logarithm(s.len()+1)
	t.possible[feature] = s
}

// The faults of trees.
var (
	errUnreachable = errors.New("a split divides nothing: simplify the forest")
	errTreeSize    = errors.New("a tree has not as many nodes as declared")
	errValue       = errors.New("a leaf names a value that does not exist")
)

// code codes a tree, which has its right length already. Behind its last leaf all
// cuts are possible again.
func (t *treeCoder) code(tree forest.Tree) error {
	now := leftChild
	for i := range tree {
		n, err := t.node(tree[i], now)
		if err != nil {
			return err
		}
		if t.decoding {
			tree[i] = n
		}
		if n.Feature != forest.Leaf {
			t.descend(int(n.Feature), int(n.Index))
			now = leftChild
			continue
		}
		var complete bool
		if now, complete = t.turn(t.after(n)); complete != (i == len(tree)-1) {
			return errTreeSize
		}
	}
	if len(t.above) > 0 {
		return errTreeSize
	}
	return nil
}

// descend goes to the left of a split.
func (t *treeCoder) descend(feature, cut int) {
	before := t.possible[feature]
	t.above = append(t.above, branch{feature, cut, before, false})
	t.narrow(feature, span{before.from, cut})
}

// turn goes from a leaf to the next node: to the right of the last split whose
// left is done. The tree is complete if there is none.
func (t *treeCoder) turn(now situation) (next situation, complete bool) {
	for len(t.above) > 0 {
		last := &t.above[len(t.above)-1]
		if !last.right {
			last.right = true
			t.narrow(last.feature, span{last.cut + 1, last.before.to})
			return now, false
		}
		t.narrow(last.feature, last.before)
		t.above = t.above[:len(t.above)-1]
		now = afterSplit
	}
	return now, true
}

// after is the situation behind a leaf.
func (t *treeCoder) after(leaf forest.Node) situation {
	switch int(leaf.Index) {
	case 0:
		return afterLowest
	case len(t.forest.Values) - 1:
		return afterHighest
	}
	return afterOther
}

// node codes one node.
func (t *treeCoder) node(n forest.Node, now situation) (forest.Node, error) {
	t.open = t.open[:0]
	for f, s := range t.possible {
		if s.len() > 0 {
			t.open = append(t.open, f)
		}
	}
	narrowing := min(t.narrowed/4, narrowings-1)
	context := int(now)*narrowings + narrowing
	leaf := n.Feature == forest.Leaf
	if len(t.open) > 0 && t.bit(&t.leaves[context], one(leaf)) == 0 {
		return t.split(n, narrowing)
	}
	if !t.decoding && !leaf {
		return forest.Node{}, errUnreachable
	}
	return t.leaf(n, context)
}

func one(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

// split codes a split's feature, then its cut among those possible.
func (t *treeCoder) split(n forest.Node, narrowing int) (forest.Node, error) {
	later := len(t.open) - 1
	feature := t.open[later]
	for _, f := range t.open[:later] {
		width := min(bits.Len(uint(t.possible[f].len())), widths-1)
		context := (width*laters+min(later, laters-1))*(narrowings/2) + narrowing/2
		if t.bit(&t.features[f][context], one(int(n.Feature) == f)) == 1 {
			feature = f
			break
		}
		later--
	}
	if s := t.possible[feature]; !t.decoding && (int(n.Feature) != feature || int(n.Index) < s.from || int(n.Index) >= s.to) {
		return forest.Node{}, errUnreachable
	}
	return forest.Node{Index: uint32(t.cut(feature, int(n.Index))), Feature: uint16(feature)}, nil
}

// cut codes a cut by halving the range of those possible.
func (t *treeCoder) cut(feature, cut int) int {
	s := t.possible[feature]
	all := len(t.forest.Cuts[feature])
	width := bits.Len(uint(s.len()))
	for s.len() > 1 {
		context := s.from*(all+1) + s.to
		if all > listed {
			context = bits.Len(uint(s.len()))*64 + width
		}
		middle := (s.from + s.to) / 2
		if t.bit(&t.cuts[feature][context], one(cut >= middle)) == 1 {
			s.from = middle
		} else {
			s.to = middle
		}
	}
	return s.from
}

// leaf codes a leaf's value: whether it is the lowest, or the highest, or else
// its index.
func (t *treeCoder) leaf(n forest.Node, context int) (forest.Node, error) {
	highest := len(t.forest.Values) - 1
	if highest == 0 {
		return forest.Node{Feature: forest.Leaf}, nil
	}
	for k, index := range []int{0, highest} {
		if t.bit(&t.classes[context*2+k], one(int(n.Index) == index)) == 1 {
			return forest.Node{Index: uint32(index), Feature: forest.Leaf}, nil
		}
	}
	at := 1
	for k := t.bits - 1; k >= 0; k-- {
		at = at<<1 | t.bit(&t.values[at], int(n.Index>>k&1))
	}
	index := at - 1<<t.bits
	if index == 0 || index >= highest { // those have been asked for
		return forest.Node{}, errValue
	}
	return forest.Node{Index: uint32(index), Feature: forest.Leaf}, nil
}
