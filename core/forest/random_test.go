package forest_test

import (
	"math"
	"math/rand/v2"
	"slices"

	"lendleaf/core/forest"
)

// probability walks the plain form as its documentation says: what an engine
// must agree with, bit by bit.
func probability(f *forest.Forest, v []int64) float64 {
	sum := 0.0
	for _, t := range f.Trees {
		sum += f.Values[leaf(f, t, v)]
	}
	return sum / float64(len(f.Trees))
}

func leaf(f *forest.Forest, t forest.Tree, v []int64) uint32 {
	for t[0].Feature != forest.Leaf {
		goesLeft := v[t[0].Feature] <= f.Cuts[t[0].Feature][t[0].Index]
		t = t[1:]
		if !goesLeft {
			t = t[subtree(t):]
		}
	}
	return t[0].Index
}

// subtree is the number of nodes of the first subtree of t.
func subtree(t forest.Tree) int {
	n := 0
	for open := 1; open > 0; n++ {
		if t[n].Feature == forest.Leaf {
			open--
		} else {
			open++
		}
	}
	return n
}

// shape says what a random forest is like.
type shape struct {
	cuts   []int // how many each feature has
	values int
	trees  int
	depth  int
	stop   float64 // the chance of a leaf at any depth
}

// random makes a forest of that shape.
func (s shape) random(r *rand.Rand) *forest.Forest {
	f := &forest.Forest{}
	for _, n := range s.cuts {
		f.Cuts = append(f.Cuts, randomCuts(r, n))
	}
	if r.IntN(2) == 0 {
		f.Values = append(f.Values, 0) // a leaf that adds nothing is passed over
	}
	for len(f.Values) < s.values {
		f.Values = append(f.Values, r.Float64())
		slices.Sort(f.Values)
		f.Values = slices.Compact(f.Values)
	}
	for range s.trees {
		f.Trees = append(f.Trees, s.tree(r, f, nil, 0))
	}
	return f
}

// randomCuts lie close together or far apart, and touch the ends now and then.
func randomCuts(r *rand.Rand, n int) []int64 {
	cuts := make([]int64, 0, n+2)
	if n > 2 && r.IntN(3) == 0 {
		cuts = append(cuts, math.MinInt64, math.MaxInt64)
	}
	for len(cuts) < n {
		for len(cuts) < n {
			if r.IntN(4) == 0 {
				cuts = append(cuts, int64(r.Uint64()))
			} else {
				cuts = append(cuts, r.Int64N(int64(4*n))-int64(n))
			}
		}
		slices.Sort(cuts)
		cuts = slices.Compact(cuts)
	}
	return cuts
}

func (s shape) tree(r *rand.Rand, f *forest.Forest, t forest.Tree, depth int) forest.Tree {
	i := r.IntN(len(s.cuts))
	if depth == s.depth || s.cuts[i] == 0 || r.Float64() < s.stop {
		return append(t, forest.Node{Feature: forest.Leaf, Index: uint32(r.IntN(s.values))})
	}
	t = append(t, forest.Node{Feature: uint16(i), Index: uint32(r.IntN(s.cuts[i]))})
	return s.tree(r, f, s.tree(r, f, t, depth+1), depth+1)
}

// randomShape is small but varied.
func randomShape(r *rand.Rand) shape {
	s := shape{
		cuts:   make([]int, 1+r.IntN(12)),
		values: 1 + r.IntN(9),
		trees:  1 + r.IntN(40),
		depth:  r.IntN(14),
		stop:   r.Float64() / 3,
	}
	for i := range s.cuts {
		s.cuts[i] = []int{0, 1, 2, 3, 7, 30, 300, 3000}[r.IntN(8)]
	}
	return s
}

// randomVectors lie on and beside cuts, at the ends, and anywhere.
func randomVectors(r *rand.Rand, f *forest.Forest, n int) []int64 {
	var vectors []int64
	for range n {
		for _, cuts := range f.Cuts {
			x := int64(r.Uint64())
			switch k := r.IntN(10); {
			case k == 0:
				x = math.MinInt64
			case k == 1:
				x = math.MaxInt64
			case k > 2 && len(cuts) > 0:
				x = cuts[r.IntN(len(cuts))] + r.Int64N(3) - 1 // may wrap: any number will do
			}
			vectors = append(vectors, x)
		}
	}
	return vectors
}
