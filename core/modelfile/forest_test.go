package modelfile

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"lendleaf/core/forest"
)

// randomForest grows trees whose splits all divide what reaches them.
func randomForest(seed uint64, trees, size int, cuts []int, values int) *forest.Forest {
	r := rand.New(rand.NewPCG(seed, 1))
	f := &forest.Forest{}
	for _, n := range cuts {
		at, list := r.Int64N(2000)-1000, []int64{}
		for range n {
			list = append(list, at)
			at += 1 + r.Int64N(100)
		}
		f.Cuts = append(f.Cuts, list)
	}
	for i := range values {
		f.Values = append(f.Values, float64(i)/float64(max(1, values-1)))
	}
	for range trees {
		var possible []span
		for _, n := range cuts {
			possible = append(possible, span{0, n})
		}
		f.Trees = append(f.Trees, randomTree(r, nil, possible, size, values))
	}
	return f
}

func randomTree(r *rand.Rand, tree forest.Tree, possible []span, size, values int) forest.Tree {
	feature := r.IntN(len(possible))
	s := possible[feature]
	if size <= 1 || s.len() == 0 {
		return append(tree, forest.Node{Index: uint32(r.IntN(values)), Feature: forest.Leaf})
	}
	cut := s.from + r.IntN(s.len())
	tree = append(tree, forest.Node{Index: uint32(cut), Feature: uint16(feature)})
	for _, side := range []span{{s.from, cut}, {cut + 1, s.to}} {
		below := slices.Clone(possible)
		below[feature] = side
		tree = randomTree(r, tree, below, size/2, values)
	}
	return tree
}

func TestForestsComeBack(t *testing.T) {
	cases := map[string]*forest.Forest{
		"one leaf":               randomForest(1, 1, 1, []int{0}, 1),
		"one value":              randomForest(2, 3, 64, []int{5, 0, 9}, 1),
		"two values":             randomForest(3, 3, 64, []int{5, 1, 9}, 2),
		"many cuts":              randomForest(4, 20, 4096, []int{3, 70_000, 64, 65}, 1000),
		"several groups":         randomForest(5, 40, 1<<15, []int{3, 70_000, 64, 65, 1}, 300),
		"many features":          randomForest(6, 10, 512, slices.Repeat([]int{2}, forest.MaxFeatures), 7),
		"trees that repeat":      randomForest(7, 5000, 1, []int{4}, 2),
		"a cut at both extremes": {Cuts: [][]int64{{-1 << 63, -1, 0, 1<<63 - 1}}, Values: []float64{0.5}, Trees: []forest.Tree{{{Feature: forest.Leaf}}}},
	}
	for name, f := range cases {
		t.Run(name, func(t *testing.T) {
			require.NoError(t, f.Check())
			section, err := encodeForest(f)
			require.NoError(t, err)
			again, err := decodeForest(section, len(f.Cuts), nil)
			require.NoError(t, err)
			require.NoError(t, again.Check())
			assert.Equal(t, f.Values, again.Values)
			assert.Equal(t, f.Trees, again.Trees)
			for i := range f.Cuts {
				assert.True(t, slices.Equal(f.Cuts[i], again.Cuts[i]), "cuts of feature %d", i)
			}
			assert.LessOrEqual(t, f.Nodes(), perByte*len(section))
		})
	}
}

func TestUnreachableSplitsAreRefused(t *testing.T) {
	leaf := forest.Node{Feature: forest.Leaf}
	for name, tree := range map[string]forest.Tree{
		"asked twice":        {{}, {}, leaf, leaf, leaf},
		"no cut left":        {{Feature: 1}, leaf, {Feature: 1}, leaf, leaf},
		"left of the lowest": {{Index: 1}, {Index: 2}, leaf, leaf, leaf},
		"right of it, lower": {{Index: 1}, leaf, {Index: 0}, leaf, leaf},
	} {
		t.Run(name, func(t *testing.T) {
			f := &forest.Forest{Cuts: [][]int64{{1, 2, 3}, {1}}, Values: []float64{0.5}, Trees: []forest.Tree{tree}}
			require.NoError(t, f.Check())
			_, err := encodeForest(f)
			require.ErrorIs(t, err, errUnreachable)
		})
	}
	last := &forest.Forest{Cuts: [][]int64{{1}}, Values: []float64{0.5}, Trees: []forest.Tree{{{}, {}, leaf, leaf, leaf}}}
	_, err := encodeForest(last)
	require.ErrorIs(t, err, errUnreachable, "asked again where no feature has a cut left")
}

// The counts of a forest with one feature: trees, values, cuts, nodes of each
// tree, and the lengths of two streams.
func TestCountsThatCannotBeAreRefused(t *testing.T) {
	for name, c := range map[string]struct {
		counts []uint32
		want   error
	}{
		"nothing":            {nil, errNoTree},
		"no tree":            {[]uint32{0, 1, 0, 0, 0}, errNoTree},
		"no value":           {[]uint32{1, 0, 0, 1, 0, 0}, errNoTree},
		"trees not there":    {[]uint32{3, 1, 0, 1, 1}, errShort},
		"an empty tree":      {[]uint32{2, 1, 0, 1, 0, 0, 0}, errEmptyTree},
		"the first is empty": {[]uint32{2, 1, 0, 0, 1, 0, 0}, errEmptyTree},
		"streams not there":  {[]uint32{1, 1, 0, 1, 0}, errShort},
		"a stream too long":  {[]uint32{1, 1, 0, 1, 1, 0}, errShort},
		"bytes left over":    {[]uint32{1, 1, 0, 1, 0, 0, 0}, errPadding},
		"too many for bytes": {[]uint32{1, 1, 16*24 - 1, 1, 0, 0}, errShort},
	} {
		var section []byte
		for _, n := range c.counts {
			section = binary.LittleEndian.AppendUint32(section, n)
		}
		f, err := decodeForest(section, 1, nil)
		assert.ErrorIs(t, err, c.want, name)
		assert.Nil(t, f, name)
	}
	for _, features := range []int{-1, 0, 257} {
		_, err := decodeForest(make([]byte, 2000), features, nil)
		assert.ErrorContains(t, err, "features, want 1 to 256")
	}
}

// FORMAT.md: the trees are in min(8, trees, nodes / 65,536) groups, rounded down,
// and in one at least.
func TestGroupsOfTrees(t *testing.T) {
	for _, c := range []struct{ trees, nodes, want int }{
		{1, 1, 1}, {40, 2*65536 - 1, 1}, {40, 2 * 65536, 2}, {3, 10 * 65536, 3}, {40, 8*65536 - 1, 7}, {40, 8 * 65536, 8}, {40, 9 * 65536, 8},
	} {
		f := &forest.Forest{Trees: slices.Repeat([]forest.Tree{make(forest.Tree, 1)}, c.trees)}
		f.Trees[0] = make(forest.Tree, c.nodes-c.trees+1)
		assert.Equal(t, c.want, groups(f), "%d trees, %d nodes", c.trees, c.nodes)
	}
}

// A section counts in 32 bits.
func TestSectionsAreBounded(t *testing.T) {
	const most = 1<<32 - 1
	assert.NoError(t, checkSize(most, most))
	assert.Equal(t, errTooLarge, checkSize(most+1, 0))
	assert.Equal(t, errTooLarge, checkSize(0, most+1))
}

// What a stream says is looked at, even where it ends as it should.
func TestFaultsOfAStreamAreTold(t *testing.T) {
	leaf := forest.Tree{{Feature: forest.Leaf}}
	good := &forest.Forest{Cuts: [][]int64{{4, 5}}, Values: []float64{0.5}, Trees: []forest.Tree{leaf}}
	for _, c := range []struct {
		cuts []int64
		tree forest.Tree
		want error
	}{
		{[]int64{4, 5}, leaf, nil},
		{[]int64{4, 4}, leaf, errCuts},
		{[]int64{4, 5}, forest.Tree{{}, leaf[0], leaf[0]}, errTreeSize},
	} {
		f := &forest.Forest{Cuts: [][]int64{c.cuts}, Values: good.Values, Trees: []forest.Tree{c.tree}}
		tables, trees := newEncoder(), newEncoder()
		_, _ = codeTables(tables, f), codeTrees(trees, f, f.Trees, nil)
		var section []byte
		for _, n := range []int{1, 1, 2, 1, len(tables.finish()), len(trees.finish())} {
			section = binary.LittleEndian.AppendUint32(section, uint32(n))
		}
		_, err := decodeForest(slices.Concat(section, tables.bytes, trees.bytes), 1, nil)
		assert.Equal(t, c.want, err)
	}
	good.Cuts[0][1] = 4
	_, err := encodeForest(good)
	assert.Equal(t, errCuts, err)
}

// 16 units to a byte at most: so many bytes, less those that are there.
func TestPadding(t *testing.T) {
	for _, c := range []struct{ units, length, want int }{
		{0, 0, 0}, {1, 0, 1}, {16, 0, 1}, {17, 0, 2}, {32, 1, 1}, {32, 2, 0}, {32, 3, 0}, {33, 2, 1}, {48, 0, 3},
	} {
		assert.Equal(t, c.want, padding(uint64(c.units), c.length), "%d units, %d bytes", c.units, c.length)
	}
}

// Every section that is accepted is the one that an encoder writes, so a
// section that was changed is refused or holds another forest.
func TestDamagedSectionsAreRefusedOrCanonical(t *testing.T) {
	f := randomForest(8, 3, 32, []int{9, 70, 1}, 5)
	section, err := encodeForest(f)
	require.NoError(t, err)
	for at := range section {
		for bit := range 8 {
			damaged := bytes.Clone(section)
			damaged[at] ^= 1 << bit
			requireCanonical(t, damaged, len(f.Cuts))
		}
	}
	for length := range section {
		_, err := decodeForest(section[:length], len(f.Cuts), nil)
		require.Error(t, err, "cut off after %d bytes", length)
	}
	_, err = decodeForest(append(section, 0), len(f.Cuts), nil)
	require.Error(t, err)
}

// A tree that repeats packs better than 16 cuts, values and nodes to a byte, so
// as many zeros follow as that takes, and nothing else. Here no byte is shared.
func TestPaddingIsOfZeros(t *testing.T) {
	f := randomForest(9, 1, 1<<20, []int{63}, 1)
	f.Trees = slices.Repeat(f.Trees, 304)
	section, err := encodeForest(f)
	require.NoError(t, err)
	units := 63 + 1 + f.Nodes()
	require.Zero(t, units%16)
	assert.Len(t, section, units/16)
	require.Greater(t, units, 16*len(bytes.TrimRight(section, "\x00"))+16, "there are some zeros")
	_, err = decodeForest(section, 1, nil)
	require.NoError(t, err)
	for _, behind := range []int{1, 2} {
		spoilt := bytes.Clone(section)
		spoilt[len(spoilt)-behind] = 1
		_, err = decodeForest(spoilt, 1, nil)
		assert.ErrorIs(t, err, errPadding)
	}
	_, err = decodeForest(section[:len(section)-1], 1, nil)
	assert.ErrorIs(t, err, errShort)
	_, err = decodeForest(append(section, 0), 1, nil)
	assert.ErrorIs(t, err, errPadding)
}

// requireCanonical decodes a section, and encodes it again where it is valid.
func requireCanonical(t *testing.T, section []byte, features int) {
	t.Helper()
	f, err := decodeForest(section, features, nil)
	if err != nil || f.Check() != nil {
		return
	}
	again, err := encodeForest(f)
	require.NoError(t, err)
	require.Equal(t, section, again)
}

// A section may declare far more than its streams hold. What is allocated for
// it before that shows is in proportion to the bytes that came.
func TestHostileCountsTakeMemoryInProportion(t *testing.T) {
	const size = 1 << 18
	counts := func(trees, values, cuts, nodes uint32) []byte {
		section := binary.LittleEndian.AppendUint32(nil, trees)
		section = binary.LittleEndian.AppendUint32(section, values)
		section = binary.LittleEndian.AppendUint32(section, cuts)
		for range trees {
			section = binary.LittleEndian.AppendUint32(section, nodes)
		}
		streams := 1 + max(1, min(maxGroups, trees, trees*nodes/groupSize))
		section = append(section, make([]byte, 4*streams)...)
		binary.LittleEndian.PutUint32(section[len(section)-4:], uint32(size-len(section))) // all in the last stream
		return append(section, make([]byte, size-len(section))...)
	}
	for name, section := range map[string][]byte{
		"nodes":  counts(1, 1, 0, perByte*size-1),
		"cuts":   counts(1, 1, perByte*size-2, 1),
		"values": counts(1, perByte*size-1, 0, 1),
		"trees":  counts(size/4-8, 1, 0, 1),
		"groups": counts(8, 1, 0, perByte*size/8-1),
		"more":   counts(1, 1, 0, perByte*size),
	} {
		t.Run(name, func(t *testing.T) {
			require.Len(t, section, size)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, err := decodeForest(section, 1, nil)
			runtime.ReadMemStats(&after)
			require.Error(t, err)
			assert.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(200*size))
		})
	}
}

func FuzzDecodeForest(f *testing.F) {
	for seed := range uint64(4) {
		section, err := encodeForest(randomForest(seed, 2, 16, []int{5, 1, 80}, 4))
		require.NoError(f, err)
		f.Add(section, uint8(3))
	}
	f.Add([]byte{}, uint8(0))
	f.Fuzz(func(t *testing.T, section []byte, features uint8) {
		if len(section) < 1<<12 {
			requireCanonical(t, section, int(features))
		}
	})
}
