package train

import (
	"slices"

	"lendleaf/core/forest"
)

// assemble gathers the cuts and values that the trees name, and writes every
// tree in preorder.
func assemble(trees [][]growth, features int) *forest.Forest {
	f := &forest.Forest{Cuts: make([][]int64, features)}
	for _, nodes := range trees {
		for _, n := range nodes {
			if n.feature == none {
				f.Values = append(f.Values, n.value)
			} else {
				f.Cuts[n.feature] = append(f.Cuts[n.feature], n.cut)
			}
		}
		f.Values = distinct(f.Values)
	}
	for i := range f.Cuts {
		f.Cuts[i] = distinct(f.Cuts[i])
	}
	for _, nodes := range trees {
		f.Trees = append(f.Trees, preorder(f, nodes))
	}
	return f
}

func distinct[T int64 | float64](list []T) []T {
	slices.Sort(list)
	return slices.Compact(list)
}

func preorder(f *forest.Forest, nodes []growth) forest.Tree {
	tree := make(forest.Tree, 0, len(nodes))
	for waiting := []int32{0}; len(waiting) > 0; {
		n := nodes[waiting[len(waiting)-1]]
		waiting = waiting[:len(waiting)-1]
		if n.feature == none {
			at, _ := slices.BinarySearch(f.Values, n.value)
			tree = append(tree, forest.Node{Index: uint32(at), Feature: forest.Leaf})
			continue
		}
		at, _ := slices.BinarySearch(f.Cuts[n.feature], n.cut)
		tree = append(tree, forest.Node{Index: uint32(at), Feature: uint16(n.feature)})
		waiting = append(waiting, n.right, n.left)
	}
	return tree
}
