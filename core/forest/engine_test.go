package forest_test

import (
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"lendleaf/core/forest"
	"lendleaf/core/modelfile"
)

// requireAgreement compares both ways of scoring with the plain walk, in bits.
func requireAgreement(t *testing.T, f *forest.Forest, vectors []int64) {
	t.Helper()
	e, err := forest.Compile(f)
	require.NoError(t, err)
	n := e.Features()
	require.Equal(t, len(f.Cuts), n)
	require.Equal(t, len(f.Trees), e.Trees())
	all := e.AppendProbabilities([]float64{-1}, vectors)
	require.Len(t, all, 1+len(vectors)/n)
	require.Equal(t, -1.0, all[0], "what was there stays")
	for i, got := range all[1:] {
		v := vectors[i*n : (i+1)*n]
		want := math.Float64bits(probability(f, v))
		require.Equal(t, want, math.Float64bits(got), "row %d of a batch", i)
		require.Equal(t, want, math.Float64bits(e.Probability(v)), "row %d alone", i)
	}
}

// nearCuts makes vectors whose numbers are at cuts, beside them, or extreme.
func nearCuts(r *rand.Rand, f *forest.Forest, rows int) []int64 {
	vectors := []int64{}
	for range rows {
		for _, cuts := range f.Cuts {
			x := []int64{math.MinInt64, -1, 0, 1, math.MaxInt64}[r.IntN(5)]
			if len(cuts) > 0 && r.IntN(4) > 0 {
				x = cuts[r.IntN(len(cuts))] + r.Int64N(3) - 1
			}
			vectors = append(vectors, x)
		}
	}
	return vectors
}

func TestEngineAgreesWithThePlainWalk(t *testing.T) {
	for name, s := range map[string]shape{
		"single leaves":     {cuts: []int{0}, values: 3, trees: 20, depth: 0},
		"one tree":          {cuts: []int{3, 5}, values: 4, trees: 1, depth: 6, stop: 0.1},
		"few trees":         {cuts: []int{3, 5, 90}, values: 40, trees: 7, depth: 9, stop: 0.1},
		"constant features": {cuts: []int{3, 5, 90, 0, 1}, values: 40, trees: 19, depth: 9, stop: 0.2},
		"two cuts a mask":   {cuts: []int{2, 700}, values: 9, trees: 9, depth: 10, stop: 0.05},
		"many cuts":         {cuts: []int{200_000, 2, 65_535, 65_536}, values: 9, trees: 9, depth: 10, stop: 0.05},
		"many features":     {cuts: make256(), values: 9, trees: 9, depth: 8, stop: 0.05},
	} {
		t.Run(name, func(t *testing.T) {
			r := rand.New(rand.NewPCG(11, 12))
			f := s.random(r)
			for _, rows := range []int{0, 1, 40, 4096, 4097, 5000} {
				requireAgreement(t, f, nearCuts(r, f, rows))
			}
		})
	}
}

// Trees of which nothing is left add nothing, wherever they stand.
func TestTreesOfNothing(t *testing.T) {
	leaf := func(value uint32) forest.Node { return forest.Node{Feature: forest.Leaf, Index: value} }
	nothing, alsoNothing := forest.Tree{leaf(0)}, forest.Tree{{}, leaf(0), leaf(0)}
	f := &forest.Forest{Cuts: [][]int64{{7}}, Values: []float64{0, 0.5, 1}, Trees: []forest.Tree{
		nothing, {leaf(2)}, alsoNothing, {{}, leaf(1), leaf(0)}, {{}, leaf(0), leaf(2)}, nothing,
	}}
	e, err := forest.Compile(f)
	require.NoError(t, err)
	for x, want := range map[int64]float64{7: (1 + 0.5) / 6, 8: (1. + 1) / 6} {
		assert.Equal(t, want, e.Probability([]int64{x}))
		assert.Equal(t, slices.Repeat([]float64{want}, 2100), e.AppendProbabilities(nil, slices.Repeat([]int64{x}, 2100)))
	}
	f.Trees = []forest.Tree{nothing, alsoNothing}
	requireAgreement(t, f, []int64{7, 8})
}

// In a tree that is one chain, every split divides nearly all that is left.
func TestEngineAgreesOnChains(t *testing.T) {
	const depth = 300
	f := &forest.Forest{Cuts: [][]int64{{}, {0}}, Values: []float64{0.25, 0.5, 0.75}}
	for c := range depth {
		f.Cuts[0] = append(f.Cuts[0], int64(c))
	}
	for _, first := range []uint16{0, forest.Leaf} { // chains to the left, and to the right
		var tree forest.Tree
		for c := range uint32(depth) {
			if first == forest.Leaf {
				tree = append(tree, forest.Node{Index: c}, forest.Node{Feature: forest.Leaf, Index: c % 3})
			} else {
				tree = append(tree, forest.Node{Index: depth - 1 - c})
			}
		}
		tree = append(tree, forest.Node{Feature: forest.Leaf, Index: 1})
		if first != forest.Leaf {
			for c := range uint32(depth) {
				tree = append(tree, forest.Node{Feature: 1}, forest.Node{Feature: forest.Leaf, Index: c % 3}, forest.Node{Feature: forest.Leaf, Index: 2})
			}
		}
		f.Trees = append(f.Trees, tree)
	}
	r := rand.New(rand.NewPCG(3, 4))
	var vectors []int64
	for range 4096 {
		vectors = append(vectors, r.Int64N(depth+2)-1, r.Int64N(2))
	}
	requireAgreement(t, f, vectors)
}

func make256() []int {
	cuts := make([]int, forest.MaxFeatures)
	for i := range cuts {
		cuts[i] = i % 4
	}
	return cuts
}

func shipped(t testing.TB) *forest.Forest {
	t.Helper()
	file, err := os.ReadFile(filepath.Join("..", "..", "site", "model", "loan-default.lendleaf"))
	require.NoError(t, err)
	m, err := modelfile.Decode(file)
	require.NoError(t, err)
	return m.Forest
}

func TestEngineAgreesOnTheShippedForest(t *testing.T) {
	f := shipped(t)
	requireAgreement(t, f, nearCuts(rand.New(rand.NewPCG(1, 2)), f, 5000))
}

func TestEngineDoesNotAllocate(t *testing.T) {
	if raceDetector {
		t.Skip("the race detector empties pools")
	}
	f := shipped(t)
	e, err := forest.Compile(f)
	require.NoError(t, err)
	vectors := nearCuts(rand.New(rand.NewPCG(1, 2)), f, 4200)
	dst := make([]float64, 0, 4200)
	assert.Zero(t, testing.AllocsPerRun(100, func() { e.Probability(vectors[:e.Features()]) }))
	assert.Zero(t, testing.AllocsPerRun(10, func() { e.AppendProbabilities(dst, vectors) }))
}

func TestEngineMayBeShared(t *testing.T) {
	f := shipped(t)
	e, err := forest.Compile(f)
	require.NoError(t, err)
	vectors := nearCuts(rand.New(rand.NewPCG(1, 2)), f, 4100)
	want := e.AppendProbabilities(nil, vectors)
	var workers sync.WaitGroup
	for range 8 {
		workers.Go(func() {
			for i := range want {
				assert.Equal(t, want[i], e.Probability(vectors[i*e.Features():(i+1)*e.Features()]))
			}
			assert.Equal(t, want, e.AppendProbabilities(nil, vectors))
		})
	}
	workers.Wait()
}

func TestInvalidForestsAreNotCompiled(t *testing.T) {
	_, err := forest.Compile(&forest.Forest{})
	require.ErrorIs(t, err, forest.ErrForest)
}

func TestAnEngineRanksSoManyCutsOnly(t *testing.T) {
	cuts := make([]int64, 1<<24)
	for i := range cuts {
		cuts[i] = int64(i)
	}
	f := &forest.Forest{
		Cuts:   [][]int64{{5}, cuts},
		Values: []float64{0.5},
		Trees:  []forest.Tree{{{Feature: forest.Leaf}}},
	}
	_, err := forest.Compile(f)
	require.ErrorIs(t, err, forest.ErrForest)
	require.ErrorContains(t, err, "feature 1 has 16777216 cuts")

	f.Cuts[1] = cuts[:1<<24-1]
	f.Values = []float64{0.25, 0.5}
	f.Trees = []forest.Tree{{{Feature: 1, Index: 1<<24 - 2}, {Feature: forest.Leaf}, {Feature: forest.Leaf, Index: 1}}}
	e, err := forest.Compile(f)
	require.NoError(t, err)
	for x, want := range map[int64]float64{-1: 0.25, 0: 0.25, 1<<24 - 2: 0.25, 1<<24 - 1: 0.5, math.MaxInt64: 0.5} {
		require.Equal(t, want, e.Probability([]int64{0, x}), x)
	}
}
