package forest_test

import (
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"

	"lendleaf/core/forest"
)

// twoTrees is a forest with two features, three values and two trees: whether the
// second number is at most 5, and, of those above, whether the first is at most
// 20; and a leaf alone.
func twoTrees() *forest.Forest {
	return &forest.Forest{
		Cuts:   [][]int64{{10, 20}, {5}},
		Values: []float64{0, 0.5, 1},
		Trees: []forest.Tree{
			{{Feature: 1, Index: 0}, {Feature: forest.Leaf, Index: 0}, {Feature: 0, Index: 1}, {Feature: forest.Leaf, Index: 1}, {Feature: forest.Leaf, Index: 2}},
			{{Feature: forest.Leaf, Index: 2}},
		},
	}
}

// What lies just inside each limit that a forest must keep.
func TestCheckTakes(t *testing.T) {
	assert.NoError(t, twoTrees().Check())
	for name, change := range map[string]func(f *forest.Forest){
		"as many features as can be": func(f *forest.Forest) { f.Cuts = append(f.Cuts, make([][]int64, 254)...) },
		"one feature": func(f *forest.Forest) {
			f.Cuts, f.Trees = f.Cuts[:1], f.Trees[1:]
		},
		"a feature without cuts": func(f *forest.Forest) { f.Cuts[0], f.Trees = nil, f.Trees[1:] },
		"neighbouring cuts":      func(f *forest.Forest) { f.Cuts[0] = []int64{20, 21} },
		"the ends of integers":   func(f *forest.Forest) { f.Cuts[0] = []int64{math.MinInt64, math.MaxInt64} },
		"neighbouring values":    func(f *forest.Forest) { f.Values[1] = math.Nextafter(1, 0) },
		"the smallest value":     func(f *forest.Forest) { f.Values[1] = math.SmallestNonzeroFloat64 },
		"one value":              func(f *forest.Forest) { f.Values, f.Trees = []float64{1}, []forest.Tree{{{Feature: forest.Leaf}}} },
	} {
		f := twoTrees()
		change(f)
		assert.NoError(t, f.Check(), name)
	}
}

// Each fault is the only one.
func TestCheckRefuses(t *testing.T) {
	leaf := forest.Node{Feature: forest.Leaf}
	for name, spoil := range map[string]func(f *forest.Forest){
		"no feature":             func(f *forest.Forest) { f.Cuts, f.Trees = nil, f.Trees[1:] },
		"too many features":      func(f *forest.Forest) { f.Cuts = append(f.Cuts, make([][]int64, 255)...) },
		"no tree":                func(f *forest.Forest) { f.Trees = nil },
		"equal cuts":             func(f *forest.Forest) { f.Cuts[0] = []int64{20, 20} },
		"falling cuts":           func(f *forest.Forest) { f.Cuts[0] = []int64{20, 10} },
		"cuts that fall at last": func(f *forest.Forest) { f.Cuts[1] = []int64{5, 7, 6} },
		"equal values":           func(f *forest.Forest) { f.Values[2] = 0.5 },
		"the first two equal":    func(f *forest.Forest) { f.Values[0] = 0.5 },
		"falling values":         func(f *forest.Forest) { f.Values[1], f.Values[2] = 1, 0.5 },
		"a negative value":       func(f *forest.Forest) { f.Values[0] = -math.SmallestNonzeroFloat64 },
		"a negative zero":        func(f *forest.Forest) { f.Values[0] = math.Copysign(0, -1) },
		"a value above 1":        func(f *forest.Forest) { f.Values[2] = math.Nextafter(1, 2) },
		"a value that is NaN":    func(f *forest.Forest) { f.Values[0] = math.NaN() },
		"the last value NaN":     func(f *forest.Forest) { f.Values[2] = math.NaN() },
		"no such value":          func(f *forest.Forest) { f.Trees[1][0].Index = 3 },
		"no such cut":            func(f *forest.Forest) { f.Trees[0][2].Index = 2 },
		"no such feature":        func(f *forest.Forest) { f.Trees[0][2].Feature = 2 },
		"a tree without nodes":   func(f *forest.Forest) { f.Trees[1] = forest.Tree{} },
		"a node behind a tree":   func(f *forest.Forest) { f.Trees[1] = forest.Tree{leaf, leaf} },
		"a tree behind a tree":   func(f *forest.Forest) { f.Trees[1] = forest.Tree{leaf, {Feature: 1}, leaf, leaf} },
		"half a tree behind one": func(f *forest.Forest) { f.Trees[1] = forest.Tree{leaf, {Feature: 1}, leaf} },
		"no right subtree":       func(f *forest.Forest) { f.Trees[0] = f.Trees[0][:4] },
		"a split alone":          func(f *forest.Forest) { f.Trees[1] = forest.Tree{{Feature: 1}} },
	} {
		f := twoTrees()
		spoil(f)
		assert.ErrorIs(t, f.Check(), forest.ErrForest, name)
		e, err := forest.Compile(f)
		assert.ErrorIs(t, err, forest.ErrForest, name)
		assert.Nil(t, e, name)
	}
}

func TestNodesAreThoseOfAllTrees(t *testing.T) {
	assert.Equal(t, 6, twoTrees().Nodes())
}

// A forest may change after it was compiled: the engine stays as it is.
func TestEnginesDoNotChange(t *testing.T) {
	f := twoTrees()
	e, err := forest.Compile(f)
	assert.NoError(t, err)
	assert.Equal(t, 2, e.Features())
	assert.Equal(t, 2, e.Trees())
	for i := range f.Cuts {
		clear(f.Cuts[i])
	}
	clear(f.Values)
	for _, tree := range f.Trees {
		clear(tree)
	}
	// A mean of two leaves: (0 + 1) / 2, (0.5 + 1) / 2, (1 + 1) / 2.
	vectors := []int64{99, 5, 20, 6, 21, 6}
	want := []float64{0.5, 0.75, 1}
	assert.Equal(t, want, e.AppendProbabilities(nil, vectors))
	for i, v := range slices.Collect(slices.Chunk(vectors, 2)) {
		assert.Equal(t, want[i], e.Probability(v))
	}
}
