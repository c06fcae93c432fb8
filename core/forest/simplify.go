package forest

import (
	"math"
	"slices"
)

// Simplify returns the smallest forest that follows from a valid one by leaving
// out what no vector can tell apart: splits that all vectors pass on the same
// side, splits between equal subtrees, and cuts and values that no node names.
// It gives the same probability for every vector, and does not change f.
func Simplify(f *Forest) *Forest {
	s := simplifier{low: make([]uint32, len(f.Cuts)), high: make([]uint32, len(f.Cuts))}
	for i, cuts := range f.Cuts {
		s.high[i] = uint32(len(cuts))
		if last := len(cuts) - 1; last >= 0 && cuts[last] == math.MaxInt64 {
			s.high[i]-- // nothing lies above that cut
		}
	}
	trees := make([]Tree, len(f.Trees))
	for i, t := range f.Trees {
		s.out = s.out[:0]
		s.add(t)
		trees[i] = slices.Clone(s.out)
	}
	return prune(f, trees)
}

// simplifier rewrites trees. A vector that comes to the node at hand has, of
// each feature, from low to high cuts below its number.
type simplifier struct {
	low, high []uint32
	out       Tree
}

// add appends the simplified first subtree of t, and returns what is behind it
// in t.
func (s *simplifier) add(t Tree) Tree {
	n := t[0]
	if n.Feature == Leaf {
		s.out = append(s.out, n)
		return t[1:]
	}
	low, high := s.low[n.Feature], s.high[n.Feature]
	switch {
	case n.Index < low:
		return s.add(skip(t[1:]))
	case n.Index >= high:
		return skip(s.add(t[1:]))
	}
	at := len(s.out)
	s.out = append(s.out, n)
	s.high[n.Feature] = n.Index
	t = s.add(t[1:])
	s.low[n.Feature], s.high[n.Feature] = n.Index+1, high
	middle := len(s.out)
	t = s.add(t)
	s.low[n.Feature] = low
	if left, right := s.out[at+1:middle], s.out[middle:]; slices.Equal(left, right) {
		s.out = append(s.out[:at], right...)
	}
	return t
}

// skip returns what is behind the first subtree of t.
func skip(t Tree) Tree {
	for open := 1; open > 0; t = t[1:] {
		if t[0].Feature == Leaf {
			open--
		} else {
			open++
		}
	}
	return t
}

// prune makes a forest of trees that name cuts and values of f, with only those
// that they name.
func prune(f *Forest, trees []Tree) *Forest {
	cuts := make([][]bool, len(f.Cuts)) // whether a node names it
	for i := range cuts {
		cuts[i] = make([]bool, len(f.Cuts[i]))
	}
	values := make([]bool, len(f.Values))
	for _, t := range trees {
		for _, n := range t {
			if n.Feature == Leaf {
				values[n.Index] = true
			} else {
				cuts[n.Feature][n.Index] = true
			}
		}
	}
	pruned := &Forest{Cuts: make([][]int64, len(f.Cuts)), Trees: trees}
	cutAt := make([][]uint32, len(f.Cuts))
	for i := range cuts {
		pruned.Cuts[i], cutAt[i] = pick(f.Cuts[i], cuts[i])
	}
	var valueAt []uint32
	pruned.Values, valueAt = pick(f.Values, values)
	for _, t := range trees {
		for i, n := range t {
			if n.Feature == Leaf {
				t[i].Index = valueAt[n.Index]
			} else {
				t[i].Index = cutAt[n.Feature][n.Index]
			}
		}
	}
	return pruned
}

// pick returns the wanted entries of a list, and for each of the list's where
// it is among them.
func pick[T any](list []T, wanted []bool) (picked []T, at []uint32) {
	at = make([]uint32, len(list))
	for i, x := range list {
		at[i] = uint32(len(picked))
		if wanted[i] {
			picked = append(picked, x)
		}
	}
	return picked, at
}
