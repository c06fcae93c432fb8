package modelfile

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"lendleaf/core/forest"
)

// recode writes a stream and reads it again.
func recode(t *testing.T, write func(*coder), read func(*coder)) {
	t.Helper()
	c := newEncoder()
	write(c)
	d := newDecoder(c.finish())
	read(d)
}

func TestNumbersComeBack(t *testing.T) {
	list := []uint64{0, 1, 2, 3, 4, 255, 256, 1<<32 - 1, 1 << 32, 1<<63 - 1, 1 << 63, 1<<64 - 1, 0, 0}
	recode(t, func(c *coder) {
		n := newNumbers()
		for _, x := range list {
			_, err := n.code(c, x)
			require.NoError(t, err)
		}
	}, func(c *coder) {
		n := newNumbers()
		for _, want := range list {
			x, err := n.code(c, 0)
			require.NoError(t, err)
			require.Equal(t, want, x)
		}
		assert.True(t, c.complete())
	})
}

// A number's length is written in 7 bits, which could say up to 127.
func TestNumbersOfMoreThan64BitsAreRefused(t *testing.T) {
	for length, want := range map[int]error{64: nil, 65: errNumber, 127: errNumber} {
		recode(t, func(c *coder) {
			n := newNumbers()
			for at, k := 1, lengthBits-1; k >= 0; k-- {
				at = at<<1 | c.bit(&n.lengths[at], length>>k&1)
			}
		}, func(c *coder) {
			_, err := newNumbers().code(c, 0)
			assert.Equal(t, want, err, "%d bits", length)
		})
	}
}

// A table says so, whichever of its numbers is too long.
func TestTablesWithSuchNumbersAreRefused(t *testing.T) {
	tooLong := func(c *coder, n *numbers) {
		for at, k := 1, lengthBits-1; k >= 0; k-- {
			at = at<<1 | c.bit(&n.lengths[at], 65>>k&1)
		}
	}
	first := func(c *coder) { tooLong(c, newNumbers()) }
	second := func(c *coder) {
		_, err := newNumbers().code(c, 8)
		require.NoError(t, err)
		tooLong(c, newNumbers())
	}
	for name, c := range map[string]struct {
		write  func(*coder)
		forest forest.Forest
	}{
		"the first cut":   {first, forest.Forest{Cuts: [][]int64{make([]int64, 2)}}},
		"the second cut":  {second, forest.Forest{Cuts: [][]int64{make([]int64, 2)}}},
		"the first value": {first, forest.Forest{Values: make([]float64, 1)}},
	} {
		recode(t, c.write, func(d *coder) { assert.Equal(t, errNumber, codeTables(d, &c.forest), name) })
	}
}

// An entry is the distance from the one before, so lists that do not rise would
// run over the end of the numbers.
func TestTablesThatDoNotRiseAreRefused(t *testing.T) {
	for name, c := range map[string]struct {
		cuts   []int64
		values []float64
		want   error
	}{
		"rising":                {[]int64{math.MinInt64, -1, 0, math.MaxInt64}, []float64{0, 0.25, 1}, nil},
		"neighbours at the end": {[]int64{math.MaxInt64 - 1, math.MaxInt64}, []float64{math.Nextafter(1, 0), 1}, nil},
		"one of each":           {[]int64{-7}, []float64{1}, nil},
		"none":                  {nil, nil, nil},
		"equal cuts":            {[]int64{4, 4}, nil, errCuts},
		"falling cuts":          {[]int64{4, 3}, nil, errCuts},
		"falling at the end":    {[]int64{math.MinInt64, math.MaxInt64, math.MinInt64}, nil, errCuts},
		"equal values":          {nil, []float64{0.5, 0.5}, errValues},
		"falling values":        {nil, []float64{0.5, 0.25}, errValues},
		"zero again":            {nil, []float64{0, 0}, errValues},
	} {
		t.Run(name, func(t *testing.T) {
			recode(t, func(e *coder) {
				require.Equal(t, c.want, codeTables(e, &forest.Forest{Cuts: [][]int64{c.cuts}, Values: c.values}))
			}, func(d *coder) {
				got := &forest.Forest{Cuts: [][]int64{make([]int64, len(c.cuts))}, Values: make([]float64, len(c.values))}
				require.Equal(t, c.want, codeTables(d, got), "the same fault where it is read")
				if c.want == nil {
					assert.ElementsMatch(t, c.cuts, got.Cuts[0])
					assert.ElementsMatch(t, c.values, got.Values)
				}
			})
		})
	}
}

// A tree has as many nodes as declared: no more, and no fewer.
func TestTreesOfAnotherSizeAreRefused(t *testing.T) {
	leaf, split := forest.Node{Feature: forest.Leaf}, forest.Node{}
	f := &forest.Forest{Cuts: [][]int64{{1, 2}}, Values: []float64{0.5, 1}}
	for name, c := range map[string]struct {
		tree forest.Tree
		want error
	}{
		"whole":         {forest.Tree{split, leaf, leaf}, nil},
		"too many":      {forest.Tree{leaf, leaf}, errTreeSize},
		"too few":       {forest.Tree{split, leaf}, errTreeSize},
		"a split alone": {forest.Tree{split}, errTreeSize},
	} {
		assert.Equal(t, c.want, codeTrees(newEncoder(), f, []forest.Tree{c.tree}, nil), name)
	}
	// A whole tree of three nodes, read as one of two.
	c := newEncoder()
	require.NoError(t, codeTrees(c, f, []forest.Tree{{split, leaf, leaf}}, nil))
	assert.Equal(t, errTreeSize, codeTrees(newDecoder(c.finish()), f, []forest.Tree{make(forest.Tree, 2)}, nil))
}

// Of four values the lowest and the highest have bits of their own, so two bits
// behind those may name the second and the third only.
func TestValuesAreNamedInOneWayOnly(t *testing.T) {
	f := &forest.Forest{Cuts: [][]int64{nil}, Values: []float64{0, 0.25, 0.5, 1}}
	for index, want := range map[int]error{0: errValue, 1: nil, 2: nil, 3: errValue} {
		recode(t, func(c *coder) {
			coder := newTreeCoder(c, f)
			c.bit(&coder.classes[0], 0)
			c.bit(&coder.classes[1], 0)
			at := 1
			for k := 1; k >= 0; k-- {
				at = at<<1 | c.bit(&coder.values[at], index>>k&1)
			}
		}, func(c *coder) {
			tree := make(forest.Tree, 1)
			require.Equal(t, want, codeTrees(c, f, []forest.Tree{tree}, nil), "value %d", index)
			if want == nil {
				assert.Equal(t, forest.Tree{{Index: uint32(index), Feature: forest.Leaf}}, tree)
			}
		})
	}
}

// FORMAT.md: 8n + (⌊8x / 2ⁿ⌋ mod 8), with n = ⌊log₂ x⌋.
func TestLogarithms(t *testing.T) {
	for x, want := range map[int]int{1: 0, 2: 8, 3: 12, 4: 16, 5: 18, 6: 20, 7: 22, 8: 24, 9: 25, 15: 31, 16: 32, 17: 32, 18: 33, 1000: 79, 1024: 80} {
		assert.Equal(t, want, logarithm(x), x)
	}
}

// FORMAT.md: the stream ends with the shortest run of bytes (none if low is 0)
// that, with zeros behind it, lies in the interval; of those, the lowest.
func TestStreamsEndShortly(t *testing.T) {
	const all = ^uint64(0)
	for _, c := range []struct {
		low, high uint64
		want      []byte
	}{
		{0, all, nil},
		{0, 0, nil},
		{1, all, []byte{1}},
		{1 << 56, 1 << 56, []byte{1}},
		{1<<56 + 1, 2<<56 - 1, []byte{1, 1}},
		{1<<56 + 1, 2 << 56, []byte{2}},
		{0x0102_0000_0000_0001, 0x0102_ffff_ffff_ffff, []byte{1, 2, 1}},
		{0x0102_0304_0506_0708, 0x0102_0304_0506_0708, []byte{1, 2, 3, 4, 5, 6, 7, 8}},
		{0xff00_0000_0000_0001, all, []byte{0xff, 1}},
	} {
		e := &coder{low: c.low, high: c.high}
		assert.Equal(t, c.want, e.finish(), "%x to %x", c.low, c.high)
	}
}

// FORMAT.md: the interval is 0 to 2^64 - 1 at first, and a reader has the first
// eight bytes in view.
func TestDecodersBeginWithTheWholeInterval(t *testing.T) {
	d := newDecoder([]byte{1, 2, 3, 4, 5, 6, 7, 8, 9})
	assert.Zero(t, d.low)
	assert.Equal(t, uint64(math.MaxUint64), d.high)
	assert.Equal(t, uint64(0x0102030405060708), d.window)
}

// Nothing may stand behind a stream, not even zeros, which are what is read there.
func TestStreamsEndWithTheirData(t *testing.T) {
	for behind, want := range map[string]bool{"": true, "\x00": false, "12345678, and more": false} {
		c := newEncoder()
		_, err := newNumbers().code(c, 1000)
		require.NoError(t, err)
		d := newDecoder(append(c.finish(), behind...))
		x, err := newNumbers().code(d, 0)
		require.NoError(t, err)
		assert.Equal(t, uint64(1000), x)
		assert.Equal(t, want, d.complete(), "%q", behind)
	}
}

// A value is not asked for where there is one only: the interval stays whole.
func TestOneValueTakesNoBit(t *testing.T) {
	c := newEncoder()
	f := &forest.Forest{Cuts: [][]int64{nil}, Values: []float64{0.5}}
	require.NoError(t, codeTrees(c, f, []forest.Tree{{{Feature: forest.Leaf}}}, nil))
	assert.Equal(t, &coder{high: ^uint64(0)}, c)
}

// touched are the chances that have seen a bit.
func touched(list []chance) (at []int) {
	for i, p := range list {
		if p != even {
			at = append(at, i)
		}
	}
	return at
}

// FORMAT.md: how far the space is narrowed counts in fourths, rounded down, and
// from 63 of them on alike; for features in halves of that.
func TestChancesByHowFarTheSpaceIsNarrowed(t *testing.T) {
	f := &forest.Forest{Values: []float64{0.25, 0.5, 1}}
	for range 17 {
		f.Cuts = append(f.Cuts, make([]int64, 100))
	}
	for narrowed, class := range map[int]int{0: 0, 3: 0, 4: 1, 247: 61, 248: 62, 251: 62, 252: 63, 256: 63, 5000: 63} {
		coder := newTreeCoder(newEncoder(), f)
		coder.narrowed = narrowed
		_, err := coder.node(forest.Node{}, leftChild)
		require.NoError(t, err)
		assert.Equal(t, []int{class}, touched(coder.leaves), narrowed)
		assert.Equal(t, []int{(7*16+15)*32 + class/2}, touched(coder.features[0]), narrowed)
		_, err = coder.node(forest.Node{Index: 1, Feature: forest.Leaf}, afterOther)
		require.NoError(t, err)
		assert.Equal(t, []int{class, 4*64 + class}, touched(coder.leaves), narrowed)
		assert.Equal(t, []int{2 * (4*64 + class), 2*(4*64+class) + 1}, touched(coder.classes), narrowed)
	}
}

// FORMAT.md's chances of a root, where nothing is narrowed yet (0): a feature's
// by the bit length of its possible cuts, at most 7, and how many features come
// after it, at most 15; a cut's by from and to where there are at most 64 cuts,
// else by the bit lengths of the range at hand and of the one at the start.
func TestChancesAreChosenByTheFormat(t *testing.T) {
	f := &forest.Forest{Values: []float64{0.5, 1}, Cuts: [][]int64{make([]int64, 200), {1}, make([]int64, 65), make([]int64, 64)}}
	for range 20 {
		f.Cuts = append(f.Cuts, []int64{1})
	}
	for _, c := range []struct {
		feature, width, after int
		cut                   []int // the chance of the first halving
	}{
		{0, 7, 15, []int{8*64 + 8}},
		{2, 7, 15, []int{7*64 + 7}},
		{3, 7, 15, []int{0*65 + 64}},
		{9, 1, 14, nil},
		{22, 1, 1, nil},
	} {
		coder := newTreeCoder(newEncoder(), f)
		_, err := coder.node(forest.Node{Feature: uint16(c.feature)}, leftChild)
		require.NoError(t, err)
		assert.Equal(t, []int{0}, touched(coder.leaves))
		assert.Equal(t, []int{(c.width*16 + c.after) * 32}, touched(coder.features[c.feature]), "feature %d", c.feature)
		assert.Empty(t, touched(coder.features[23]), "the last needs no bit")
		assert.Subset(t, touched(coder.cuts[c.feature]), c.cut, "feature %d", c.feature)
	}
}
