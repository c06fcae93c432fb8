package interop

import (
	"math"
	"slices"

	"lendleaf/core/forest"
)

// builder turns scikit-learn's trees into a forest over integers.
type builder struct {
	inputs   []scaled
	positive int
	trees    []growing
}

// growing is a tree in preorder, whose cuts and values are not in tables yet.
type growing struct {
	features []uint16 // forest.Leaf: a leaf
	numbers  []uint64 // a leaf's probability, as its bits, or a split's cut
}

// addTree appends one tree. A split that every integer of its input's range
// passes on the same side is left out.
func (b *builder) addTree(nodes []node) {
	t := growing{make([]uint16, 0, len(nodes)), make([]uint64, 0, len(nodes))}
	for open := []int32{0}; len(open) > 0; {
		n := nodes[open[len(open)-1]]
		open = open[:len(open)-1]
		if n.left == none {
			p := math.Abs(n.fractions[b.positive]) // no negative zero
			t.add(forest.Leaf, math.Float64bits(p))
			continue
		}
		in := &b.inputs[n.feature]
		switch cut := in.cut(n.threshold); {
		case cut < in.low:
			open = append(open, n.right)
		case cut >= in.high:
			open = append(open, n.left)
		default:
			t.add(uint16(in.feature), uint64(cut))
			open = append(open, n.right, n.left)
		}
	}
	b.trees = append(b.trees, t)
}

func (t *growing) add(feature uint16, number uint64) {
	t.features = append(t.features, feature)
	t.numbers = append(t.numbers, number)
}

// finish collects cuts and values in tables, and lets the nodes name them.
func (b *builder) finish() *forest.Forest {
	f := &forest.Forest{Cuts: make([][]int64, len(b.inputs)), Trees: make([]forest.Tree, len(b.trees))}
	for _, t := range b.trees {
		for i, feature := range t.features {
			if feature == forest.Leaf {
				f.Values = append(f.Values, math.Float64frombits(t.numbers[i]))
			} else {
				f.Cuts[feature] = append(f.Cuts[feature], int64(t.numbers[i]))
			}
		}
	}
	for i := range f.Cuts {
		f.Cuts[i] = distinct(f.Cuts[i])
	}
	f.Values = distinct(f.Values)
	for i, t := range b.trees {
		f.Trees[i] = t.tree(f)
	}
	return f
}

func distinct[T int64 | float64](list []T) []T {
	slices.Sort(list)
	return slices.Clone(slices.Compact(list))
}

// tree names the cuts and values of f.
func (t *growing) tree(f *forest.Forest) forest.Tree {
	tree := make(forest.Tree, len(t.features))
	for i, feature := range t.features {
		var at int
		if feature == forest.Leaf {
			at, _ = slices.BinarySearch(f.Values, math.Float64frombits(t.numbers[i]))
		} else {
			at, _ = slices.BinarySearch(f.Cuts[feature], int64(t.numbers[i]))
		}
		tree[i] = forest.Node{Index: uint32(at), Feature: feature}
	}
	return tree
}
