package interop

import (
	"bufio"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"lendleaf/core/definition"
	"lendleaf/core/schema"
)

// bound returns the kilns' inputs and, for each, all thresholds of the forest.
func bound(t *testing.T) ([]scaled, [][]float64) {
	t.Helper()
	text, err := os.ReadFile("testdata/kilns.json")
	require.NoError(t, err)
	def, err := definition.Parse(text)
	require.NoError(t, err)
	file, err := os.Open("testdata/kilns.dump")
	require.NoError(t, err)
	defer file.Close()
	plain, err := unpack(file)
	require.NoError(t, err)
	d, err := openDump(plain)
	require.NoError(t, err)
	learned, err := learn(&d.header, def)
	require.NoError(t, err)
	inputs, err := bind(&d.header, def, learned)
	require.NoError(t, err)
	thresholds := make([][]float64, len(inputs))
	var nodes []node
	for _, n := range d.Nodes {
		nodes, err = d.tree(nodes, n)
		require.NoError(t, err)
		for _, n := range nodes {
			if n.left != none {
				thresholds[n.feature] = append(thresholds[n.feature], n.threshold)
			}
		}
	}
	return inputs, thresholds
}

// Every cut divides the whole range of its input as scikit-learn's arithmetic
// does, number by number. Besides the forest's thresholds there are some that
// lie exactly on a number, as rounding left it, and just beside.
func TestCutsDivideTheWholeRange(t *testing.T) {
	inputs, thresholds := bound(t)
	for i := range inputs {
		in := inputs[i]
		if in.high > 1<<20 {
			in.high = 100000 // an open range
		}
		require.NotEmpty(t, thresholds[i])
		for n := in.low; n <= in.high; n += max(1, (in.high-in.low)/8) {
			on := float64(float32((in.raw(n) - in.mean) / in.scale))
			thresholds[i] = append(thresholds[i], on, math.Nextafter(on, 9), math.Nextafter(on, -9))
		}
		thresholds[i] = append(thresholds[i], math.Inf(1), math.Inf(-1))
		for _, threshold := range thresholds[i] {
			cut := in.cut(threshold)
			for n := in.low; n <= in.high; n++ {
				if in.left(n, threshold) != (n <= cut) {
					require.Failf(t, "wrong side", "input %d, %d, threshold %v, cut %d", i, n, threshold, cut)
				}
			}
		}
	}
}

func TestRangesOfInputs(t *testing.T) {
	inputs, _ := bound(t)
	ranges := make([][2]int64, len(inputs))
	for i, in := range inputs {
		ranges[i] = [2]int64{in.low, in.high}
	}
	assert.Equal(t, [][2]int64{{-2000, 8000}, {0, 1 << 53}, {0, 1}, {0, 1}, {0, 2}, {0, 3}}, ranges)
}

func TestCutsOutsideTheRange(t *testing.T) {
	inputs, _ := bound(t)
	for i, in := range inputs {
		assert.Equal(t, in.low-1, in.cut(math.Inf(-1)), "input %d", i)
		assert.Equal(t, in.high, in.cut(math.Inf(1)), "input %d", i)
	}
	assert.EqualValues(t, int64(1<<53), inputs[1].cut(1e20))
}

// Bounds are numbers of any size and with any decimals.
func TestStepsOfARange(t *testing.T) {
	for _, c := range []struct {
		low, high, step float64
		want            [2]int64
	}{{-0.5, 0.75, 0.25, [2]int64{-2, 3}}, {-1e6, 12345678, 1, [2]int64{-1000000, 12345678}}} {
		f := schema.FieldSpec{Name: "x", Text: "x", Noun: "x", Kind: schema.Number, Min: &c.low, Max: &c.high, Step: c.step}
		s, err := schema.Compile(schema.Spec{
			Fields: []schema.FieldSpec{f}, Form: []schema.Control{{Field: "x", Input: schema.NumberInput}},
			Target: schema.Target{Columns: []string{"y"}, Positive: schema.Outcome{Name: "a", Spellings: []string{"a"}}, Negative: schema.Outcome{Name: "b", Spellings: []string{"b"}}},
		})
		require.NoError(t, err)
		low, high := stepsOf(&s.Fields[0])
		assert.Equal(t, c.want, [2]int64{low, high})
	}
}

// The header's line is at most 16 MiB long, its line feed included.
func TestHeaderIsBounded(t *testing.T) {
	for size, want := range map[int]error{16 << 20: nil, 16<<20 + 1: ErrContent} {
		_, err := readLine(bufio.NewReader(strings.NewReader(strings.Repeat("x", size-1) + "\n")))
		assert.ErrorIs(t, err, want)
	}
}

// There are 65,536 trees at most, and 2^28 nodes in all of them.
func TestNodesAreBounded(t *testing.T) {
	for name, c := range map[string]struct {
		nodes []int64
		want  error
	}{
		"no tree":           {nil, ErrContent},
		"an empty tree":     {[]int64{1, 0}, ErrContent},
		"a leaf":            {[]int64{1}, nil},
		"the most trees":    {slices.Repeat([]int64{3}, 1<<16), nil},
		"a tree too many":   {slices.Repeat([]int64{3}, 1<<16+1), ErrContent},
		"the largest tree":  {[]int64{1 << 28}, nil},
		"too large a tree":  {[]int64{1<<28 + 1}, ErrContent},
		"too large in sum":  {[]int64{1<<28 - 1, 2}, ErrContent},
		"as large in sum":   {[]int64{1<<28 - 1, 1}, nil},
		"wrapping in a sum": {[]int64{1, math.MaxInt64}, ErrContent},
	} {
		assert.ErrorIs(t, (&header{Nodes: c.nodes}).checkNodes(), c.want, name)
	}
}
