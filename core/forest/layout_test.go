package forest

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// These tests hold what makes an engine fast: no probability tells.

// withCuts is an engine whose features have so many cuts: 0, 3, 6 …
func withCuts(t *testing.T, counts ...int) *Engine {
	t.Helper()
	f := &Forest{Cuts: make([][]int64, len(counts)), Values: []float64{1}, Trees: []Tree{{{Feature: Leaf}}}}
	for i, n := range counts {
		for c := range n {
			f.Cuts[i] = append(f.Cuts[i], int64(3*c))
		}
	}
	e, err := Compile(f)
	require.NoError(t, err)
	return e
}

// There are about 1,024 masks for all features, and four for each at least: a
// feature with more cuts than its part of them has 2, 4, 8 … cuts for a mask.
// Before its first mask there is one for no cut.
func TestMasksAreShared(t *testing.T) {
	for _, c := range []struct {
		cuts          []int
		shifts, first []int
		masks         int
	}{
		{[]int{1024}, []int{0}, []int{0}, 1 + 1024},
		{[]int{1025}, []int{1}, []int{0}, 1 + 513},
		{[]int{512, 513}, []int{0, 1}, []int{0, 513}, 513 + 1 + 257},
		{append([]int{4, 5, 8, 9}, make([]int, 252)...), []int{0, 1, 1, 2}, []int{0, 5, 9, 14}, 14 + 1 + 3},
	} {
		e := withCuts(t, c.cuts...)
		for i := range c.shifts {
			assert.Equal(t, c.shifts[i], e.features[i].shift, "feature %d of %v", i, c.cuts[:i+1])
			assert.Equal(t, c.first[i], e.features[i].mask, "feature %d of %v", i, c.cuts[:i+1])
		}
		assert.Equal(t, c.masks, e.masks)
	}
}

// The key has 49 bits: those of the features with the fewest cuts first, in their
// order, and of the last one that has room its highest bits.
func TestDigitsOfAKey(t *testing.T) {
	e := withCuts(t, 1<<15, 3, 1<<14, 0, 3, 1<<16)
	assert.Equal(t, []digit{
		{feature: 3}, {feature: 1, width: 2}, {feature: 4, width: 2}, {feature: 2, width: 15}, {feature: 0, width: 16}, {feature: 5, width: 14, drop: 3},
	}, e.digits)
}

// Rows are sorted by their ranks, the features with few cuts first. Those have 2,
// 6, 9 and 17 bits; of the last one's 17 the highest 15 count.
func TestBatchesAreSorted(t *testing.T) {
	e := withCuts(t, 300, 3, 40, 70_000, 80_000)
	r := rand.New(rand.NewPCG(1, 2))
	var vectors []int64
	var rows [][]int64 // what a key has of the ranks, and behind it the number of the row
	for i := range 3000 {
		ranks := []int64{150 * r.Int64N(3), r.Int64N(4), 13 * r.Int64N(4), 23_333 * r.Int64N(4), r.Int64N(20)}
		for _, rank := range ranks {
			vectors = append(vectors, 3*rank) // so many cuts are below it
		}
		rows = append(rows, []int64{ranks[1], ranks[2], ranks[0], ranks[3], ranks[4] / 4, int64(i)})
	}
	slices.SortFunc(rows, slices.Compare[[]int64])
	b := &batch{features: e.features}
	b.sort(vectors, e.digits)
	require.Len(t, b.order, len(rows))
	for place, key := range b.order {
		require.Equal(t, rows[place][5], int64(key%maxBatch), "place %d", place)
	}
}

// An index has 4,096 entries at most, and one that ends the last. Whatever the
// numbers between two cuts, the rank counts the cuts below.
func TestIndexesOfCuts(t *testing.T) {
	for _, c := range []struct {
		cuts          []int64
		shift, length int
	}{
		{[]int64{7}, 0, 2},
		{[]int64{-5, 4090}, 0, 4097},
		{[]int64{-5, 4091}, 1, 2050},
		{[]int64{0, 1, 2, 3, 4, 5, 4096, 4097, 8191}, 1, 4097},
		{[]int64{0, 1, 2, 3, 4, 5, 4096, 4097, 8192}, 2, 2050},
		{[]int64{math.MinInt64, -1, 0, 1, math.MaxInt64}, 52, 4097},
	} {
		f := feature{cuts: c.cuts, index: newIndex(c.cuts)}
		assert.Equal(t, c.shift, f.index.shift, "%v", c.cuts)
		assert.Len(t, f.index.below, c.length, "%v", c.cuts)
		for _, cut := range c.cuts {
			for _, x := range []int64{cut - 1, cut, cut + 1} { // may wrap: any number will do
				want := slices.IndexFunc(append(slices.Clone(c.cuts), math.MaxInt64), func(cut int64) bool { return cut >= x })
				assert.Equal(t, uint32(want), f.rank(x), "%d among %v", x, c.cuts)
			}
		}
	}
}

// Of a tree with two leaves of value 0 two splits and one leaf are left, each a
// node, and of a tree of such leaves nothing.
func TestSidesThatAddNothingAreLeftOut(t *testing.T) {
	nothing := Node{Feature: Leaf}
	e, err := Compile(&Forest{Cuts: [][]int64{{1, 2}}, Values: []float64{0, 0.5}, Trees: []Tree{
		{{Index: 1}, {Index: 0}, nothing, {Feature: Leaf, Index: 1}, nothing},
		{{}, nothing, nothing},
	}})
	require.NoError(t, err)
	assert.Len(t, e.nodes, 3)
	assert.Equal(t, []uint32{0}, e.roots)
}
