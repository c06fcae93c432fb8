package forest_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"lendleaf/core/forest"
)

const end = forest.Leaf

func TestSimplify(t *testing.T) {
	cuts := [][]int64{{0, 10, 20}, {5, math.MaxInt64}}
	values := []float64{0, 0.25, 1}
	for name, c := range map[string]struct{ from, to forest.Tree }{
		"leaf":               {forest.Tree{{1, end}}, forest.Tree{{1, end}}},
		"nothing to do":      {forest.Tree{{1, 0}, {0, end}, {1, end}}, forest.Tree{{1, 0}, {0, end}, {1, end}}},
		"equal leaves":       {forest.Tree{{1, 0}, {2, end}, {2, end}}, forest.Tree{{2, end}}},
		"equal after equals": {forest.Tree{{1, 0}, {2, end}, {0, 1}, {2, end}, {2, end}}, forest.Tree{{2, end}}},
		"equal subtrees": {
			forest.Tree{{1, 0}, {0, 1}, {0, end}, {1, end}, {0, 1}, {0, end}, {1, end}},
			forest.Tree{{0, 1}, {0, end}, {1, end}},
		},
		"unequal subtrees": {
			forest.Tree{{1, 0}, {0, 1}, {0, end}, {1, end}, {0, 1}, {0, end}, {2, end}},
			forest.Tree{{1, 0}, {0, 1}, {0, end}, {1, end}, {0, 1}, {0, end}, {2, end}},
		},
		"asked on the left":   {forest.Tree{{1, 0}, {1, 0}, {0, end}, {2, end}, {1, end}}, forest.Tree{{1, 0}, {0, end}, {1, end}}},
		"above on the left":   {forest.Tree{{1, 0}, {2, 0}, {0, end}, {2, end}, {1, end}}, forest.Tree{{1, 0}, {0, end}, {1, end}}},
		"below on the left":   {forest.Tree{{1, 0}, {0, 0}, {0, end}, {2, end}, {1, end}}, forest.Tree{{1, 0}, {0, 0}, {0, end}, {2, end}, {1, end}}},
		"asked on the right":  {forest.Tree{{1, 0}, {0, end}, {1, 0}, {2, end}, {1, end}}, forest.Tree{{1, 0}, {0, end}, {1, end}}},
		"above on the right":  {forest.Tree{{1, 0}, {0, end}, {2, 0}, {2, end}, {1, end}}, forest.Tree{{1, 0}, {0, end}, {2, 0}, {2, end}, {1, end}}},
		"freed by a merge":    {forest.Tree{{1, 0}, {2, 0}, {0, end}, {2, end}, {0, end}}, forest.Tree{{0, end}}},
		"nothing above a cut": {forest.Tree{{1, 1}, {0, end}, {2, end}}, forest.Tree{{0, end}}},
		"known between": {
			forest.Tree{{0, 0}, {0, end}, {2, 0}, {0, 1}, {1, 0}, {0, end}, {1, end}, {2, end}, {2, end}},
			forest.Tree{{0, 0}, {0, end}, {2, 0}, {0, 1}, {1, 0}, {0, end}, {1, end}, {2, end}, {2, end}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := &forest.Forest{Cuts: cuts, Values: values, Trees: []forest.Tree{c.from, everything(cuts, values)}}
			require.NoError(t, f.Check())
			before := slices.Clone(c.from)
			got := forest.Simplify(f)
			require.NoError(t, got.Check())
			assert.Equal(t, before, c.from, "the forest given must stay as it is")
			// The second tree keeps all cuts but the useless one, so indices stay.
			assert.Equal(t, [][]int64{{0, 10, 20}, {5}}, got.Cuts)
			assert.Equal(t, values, got.Values)
			assert.Equal(t, c.to, got.Trees[0])
		})
	}
}

// everything is a tree that names all cuts and values and cannot be simplified,
// but for cuts at the end of the numbers.
func everything(cuts [][]int64, values []float64) forest.Tree {
	var t forest.Tree
	leaves := 0
	leaf := func() forest.Node {
		leaves++
		return forest.Node{Feature: end, Index: uint32(leaves % len(values))}
	}
	for f, list := range cuts {
		for i := len(list) - 1; i >= 0; i-- {
			t = append(t, forest.Node{Feature: uint16(f), Index: uint32(i)})
		}
	}
	for range len(t) + 1 {
		t = append(t, leaf())
	}
	return t
}

func TestSimplifyDropsWhatIsUnused(t *testing.T) {
	f := &forest.Forest{
		Cuts:   [][]int64{{1, 2, 3}, {4}, {}},
		Values: []float64{0, 0.1, 0.5, 1},
		Trees:  []forest.Tree{{{1, 0}, {1, end}, {3, end}}, {{0, 1}, {1, end}, {1, end}}},
	}
	assert.Equal(t, &forest.Forest{
		Cuts:   [][]int64{{2}, nil, nil},
		Values: []float64{0.1, 1},
		Trees:  []forest.Tree{{{0, 0}, {0, end}, {1, end}}, {{0, end}}},
	}, forest.Simplify(f))
}

// Nothing lies above the largest integer, so all vectors go left.
func TestSimplifyACutThatDividesNothing(t *testing.T) {
	f := &forest.Forest{
		Cuts:   [][]int64{{math.MaxInt64}},
		Values: []float64{0, 1},
		Trees:  []forest.Tree{{{0, 0}, {1, end}, {0, end}}},
	}
	assert.Equal(t, &forest.Forest{Cuts: [][]int64{nil}, Values: []float64{1}, Trees: []forest.Tree{{{0, end}}}}, forest.Simplify(f))
}

func TestSimplifyKeepsEveryProbability(t *testing.T) {
	dropped := 0
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 1))
		f := randomShape(r).random(r)
		require.NoError(t, f.Check())
		simple := forest.Simplify(f)
		require.NoError(t, simple.Check())
		require.LessOrEqual(t, simple.Nodes(), f.Nodes())
		dropped += f.Nodes() - simple.Nodes()
		requireSimple(t, simple)
		require.Equal(t, simple, forest.Simplify(simple), "seed %d: simple forests stay as they are", seed)
		vectors := randomVectors(r, f, 50)
		for v := range slices.Chunk(vectors, len(f.Cuts)) {
			require.Equal(t, probability(f, v), probability(simple, v), "seed %d: %v", seed, v)
		}
	}
	require.Positive(t, dropped)
}

// requireSimple looks at every node with what its ancestors say of each feature.
func requireSimple(t *testing.T, f *forest.Forest) {
	t.Helper()
	for _, tree := range f.Trees {
		low, high := make([]int64, len(f.Cuts)), make([]int64, len(f.Cuts))
		for i := range f.Cuts {
			low[i], high[i] = math.MinInt64, math.MaxInt64
		}
		requireSimpleTree(t, f, tree, low, high)
	}
}

func requireSimpleTree(t *testing.T, f *forest.Forest, tree forest.Tree, low, high []int64) {
	n := tree[0]
	if n.Feature == forest.Leaf {
		return
	}
	cut := f.Cuts[n.Feature][n.Index]
	require.GreaterOrEqual(t, cut, low[n.Feature], "nothing goes left")
	require.Less(t, cut, high[n.Feature], "nothing goes right")
	left := tree[1:]
	right := left[subtree(left):]
	require.NotEqual(t, left[:subtree(left)], right[:subtree(right)], "both sides are equal")
	below, above := slices.Clone(high), slices.Clone(low)
	below[n.Feature], above[n.Feature] = cut, cut+1
	requireSimpleTree(t, f, left, low, below)
	requireSimpleTree(t, f, right, above, high)
}

func BenchmarkSimplify(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 1))
	f := shape{cuts: []int{3000, 50, 20, 3, 1}, values: 90, trees: 10, depth: 16, stop: 0.02}.random(r)
	b.ReportAllocs()
	for b.Loop() {
		forest.Simplify(f)
	}
	b.ReportMetric(float64(f.Nodes())*float64(b.N)/b.Elapsed().Seconds(), "nodes/s")
}
