package interop_test

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"encoding/json"
	"errors"
	"io"
	"math"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"lendleaf/core/interop"
)

// dumpNode is a node as a dump holds it.
type dumpNode struct {
	Left, Right, Feature int32
	Threshold            float64
	Fractions            [2]float64
}

func leaf(positive float64) dumpNode {
	return dumpNode{-1, -1, -2, -2, [2]float64{1 - positive, positive}}
}

func smallTree() []dumpNode {
	return []dumpNode{{Left: 1, Right: 2, Feature: 0, Threshold: 0.5}, leaf(0.25), leaf(1)}
}

type object = map[string]any

// smallHeader is that of a dump of one smallTree about kilns.
func smallHeader() object {
	clay := func(label string) object {
		return object{"field": "clay", "label": label, "categories": []string{"red", "blue", "white"}}
	}
	return object{
		"format": "lendleaf-sklearn", "version": 1, "sklearn": "1.6.1", "estimator": "DecisionTreeClassifier",
		"classes": []string{"0", "1"},
		"inputs": []object{
			{"feature": "heat", "mean": 20, "scale": 10}, {"feature": "bricks"}, clay("blue"), clay("white"),
			{"feature": "exposure", "categories": []string{"sheltered", "open", "bare"}}, {"feature": "site_rate"},
		},
		"rates":   object{"site": object{"north": 0.5, "east": 0.1, "south": 0.1, "west": 0.2, "hill": 1}},
		"typical": object{"clay": "red"},
		"nodes":   []int{3},
	}
}

// plain is a dump before it is packed.
func plain(t testing.TB, header object, nodes ...dumpNode) []byte {
	t.Helper()
	line, err := json.Marshal(header)
	require.NoError(t, err)
	b := bytes.NewBuffer(append(line, '\n'))
	require.NoError(t, binary.Write(b, binary.LittleEndian, nodes))
	return b.Bytes()
}

func gzipped(t testing.TB, content []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, err := w.Write(content)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return b.Bytes()
}

func pack(t testing.TB, header object, nodes ...dumpNode) []byte {
	t.Helper()
	return gzipped(t, plain(t, header, nodes...))
}

func TestDefaultThresholdIsPredicts(t *testing.T) {
	for first, want := range map[string]float64{"0": math.Nextafter(0.5, 1), "1": 0.5} {
		h := smallHeader()
		h["classes"] = []string{first, map[string]string{"0": "1", "1": "0"}[first]}
		m, err := interop.Import(bytes.NewReader(pack(t, h, smallTree()...)), kilns(t))
		require.NoError(t, err)
		assert.Equal(t, want, m.Threshold)
		if first == "0" {
			assert.Equal(t, []float64{0.25, 1}, m.Forest.Values)
		} else {
			assert.Equal(t, []float64{0, 0.75}, m.Forest.Values)
		}
	}
}

func TestFaultsOfTheHeader(t *testing.T) {
	input := func(h object, i int) object { return h["inputs"].([]object)[i] }
	for name, c := range map[string]struct {
		change func(h object)
		want   error
	}{
		"another format":        {func(h object) { h["format"] = "else" }, interop.ErrMagic},
		"another version":       {func(h object) { h["version"] = 2 }, interop.ErrVersion},
		"a version of text":     {func(h object) { h["version"] = "1" }, interop.ErrMagic},
		"an unknown key":        {func(h object) { h["more"] = 1 }, interop.ErrContent},
		"three classes":         {func(h object) { h["classes"] = []string{"0", "1", "2"} }, interop.ErrContent},
		"one class twice":       {func(h object) { h["classes"] = []string{"1", "1"} }, interop.ErrContent},
		"other classes":         {func(h object) { h["classes"] = []string{"0", "yes"} }, interop.ErrMismatch},
		"no input":              {func(h object) { h["inputs"] = []object{} }, interop.ErrContent},
		"a scale of 0":          {func(h object) { input(h, 0)["scale"] = 0 }, interop.ErrContent},
		"a negative scale":      {func(h object) { input(h, 0)["scale"] = -1 }, interop.ErrContent},
		"an unknown feature":    {func(h object) { input(h, 0)["feature"] = "cold" }, interop.ErrMismatch},
		"a feature twice":       {func(h object) { input(h, 1)["feature"] = "heat" }, interop.ErrMismatch},
		"a feature and field":   {func(h object) { input(h, 2)["feature"] = "heat"; delete(input(h, 2), "label") }, interop.ErrContent},
		"a feature, no field":   {func(h object) { input(h, 2)["feature"] = "heat"; delete(input(h, 2), "field") }, interop.ErrContent},
		"a feature and label":   {func(h object) { input(h, 2)["feature"] = "heat" }, interop.ErrContent},
		"an unnamed input":      {func(h object) { delete(input(h, 0), "feature") }, interop.ErrContent},
		"an unknown label":      {func(h object) { input(h, 2)["label"] = "green" }, interop.ErrMismatch},
		"another's label":       {func(h object) { input(h, 2)["field"] = "site" }, interop.ErrMismatch},
		"no label of a rate's":  {func(h object) { h["inputs"].([]object)[5] = object{"field": "site", "label": "moon"} }, interop.ErrMismatch},
		"no label of a class's": {func(h object) { h["inputs"].([]object)[4] = object{"field": "site", "label": "moon"} }, interop.ErrMismatch},
		"an input too many":     {func(h object) { h["inputs"] = append(h["inputs"].([]object), object{"feature": "heat"}) }, interop.ErrMismatch},
		"all but the first":     {func(h object) { h["inputs"] = h["inputs"].([]object)[1:] }, interop.ErrMismatch},
		"an input too few":      {func(h object) { h["inputs"] = h["inputs"].([]object)[:5] }, interop.ErrMismatch},
		"another order":         {func(h object) { input(h, 4)["categories"] = []string{"open", "sheltered", "bare"} }, interop.ErrMismatch},
		"a category too few":    {func(h object) { input(h, 2)["categories"] = []string{"red", "blue"} }, interop.ErrMismatch},
		"an unknown category":   {func(h object) { input(h, 2)["categories"] = []string{"red", "blue", "green"} }, interop.ErrMismatch},
		"all, and one twice":    {func(h object) { input(h, 2)["categories"] = []string{"red", "blue", "white", "red"} }, interop.ErrMismatch},
		"a category twice":      {func(h object) { input(h, 2)["categories"] = []string{"red", "blue", "red"} }, interop.ErrMismatch},
		"categories of a rate":  {func(h object) { input(h, 5)["categories"] = []string{"north"} }, interop.ErrMismatch},
		"a rate too few":        {func(h object) { delete(h["rates"].(object)["site"].(object), "east") }, interop.ErrMismatch},
		"the first one's rate":  {func(h object) { delete(h["rates"].(object)["site"].(object), "north") }, interop.ErrMismatch},
		"a label's two rates":   {func(h object) { h["rates"].(object)["site"].(object)["North"] = 0.1 }, interop.ErrMismatch},
		"rates of no field":     {func(h object) { h["rates"].(object)["moon"] = object{"red": 0.1} }, interop.ErrMismatch},
		"an unknown rate":       {func(h object) { h["rates"].(object)["site"].(object)["moon"] = 0.1 }, interop.ErrMismatch},
		"a rate above 1":        {func(h object) { h["rates"].(object)["site"].(object)["east"] = 1.1 }, interop.ErrContent},
		"rates of another":      {func(h object) { h["rates"].(object)["clay"] = object{"red": 0.1} }, interop.ErrMismatch},
		"rates of one twice":    {func(h object) { h["rates"].(object)["Site"] = h["rates"].(object)["site"] }, interop.ErrMismatch},
		"a typical twice":       {func(h object) { h["typical"].(object)["Clay"] = "red" }, interop.ErrMismatch},
		"an unknown typical":    {func(h object) { h["typical"].(object)["fire"] = "hot" }, interop.ErrMismatch},
		"a typical non-label":   {func(h object) { h["typical"].(object)["clay"] = "green" }, interop.ErrMismatch},
		"another positive":      {func(h object) { h["classes"] = []string{"1", "yes"} }, interop.ErrMismatch},
		"threshold below 0":     {func(h object) { h["threshold"] = -0.5 }, interop.ErrContent},
		"threshold above 1":     {func(h object) { h["threshold"] = 1.5 }, interop.ErrContent},
		"no tree":               {func(h object) { h["nodes"] = []int{} }, interop.ErrContent},
		"an empty tree":         {func(h object) { h["nodes"] = []int{0} }, interop.ErrContent},
		"a vast tree":           {func(h object) { h["nodes"] = []int64{1 << 40} }, interop.ErrContent},
		"vast trees":            {func(h object) { h["nodes"] = []int{1 << 28, 1 << 28} }, interop.ErrContent},
		"a tree too many":       {func(h object) { h["nodes"] = []int{3, 1} }, interop.ErrContent},
		"more than the trees":   {func(h object) { h["nodes"] = []int{1} }, interop.ErrContent},
	} {
		t.Run(name, func(t *testing.T) {
			h := smallHeader()
			c.change(h)
			_, err := interop.Import(bytes.NewReader(pack(t, h, smallTree()...)), kilns(t))
			assert.ErrorIs(t, err, c.want)
		})
	}
}

func TestFaultsOfATree(t *testing.T) {
	for name, change := range map[string]func(tree []dumpNode){
		"a threshold that is no number": func(tree []dumpNode) { tree[0].Threshold = math.NaN() },
		"an unknown input":              func(tree []dumpNode) { tree[0].Feature = 6 },
		"a negative input":              func(tree []dumpNode) { tree[0].Feature = -1 },
		"a child outside":               func(tree []dumpNode) { tree[0].Right = 3 },
		"a child that is the parent":    func(tree []dumpNode) { tree[0].Left = 0 },
		"one child twice":               func(tree []dumpNode) { tree[0].Left = 2 },
		"half a leaf":                   func(tree []dumpNode) { tree[1].Right = 2 },
		"half a leaf with an input":     func(tree []dumpNode) { tree[1].Right, tree[1].Feature = 2, 0 },
		"half a split":                  func(tree []dumpNode) { tree[0].Left = -1 },
		"a left child alone":            func(tree []dumpNode) { tree[0].Right = -1 },
		"a child before all":            func(tree []dumpNode) { tree[0].Left = -5 },
		"another's fraction":            func(tree []dumpNode) { tree[1].Fractions = [2]float64{math.NaN(), 0.5} },
		"a node without parent":         func(tree []dumpNode) { tree[0] = leaf(0.5) },
		"a fraction above 1":            func(tree []dumpNode) { tree[1].Fractions = [2]float64{-1, 2} },
		"a fraction that is no number":  func(tree []dumpNode) { tree[1].Fractions[1] = math.NaN() },
		"a fraction just below 0":       func(tree []dumpNode) { tree[1].Fractions = [2]float64{1, -1e-10} },
		"a fraction just above 1":       func(tree []dumpNode) { tree[1].Fractions = [2]float64{1 + 1e-10, 0} },
		"counts in place of fractions":  func(tree []dumpNode) { tree[1].Fractions = [2]float64{1, 1} },
	} {
		t.Run(name, func(t *testing.T) {
			tree := smallTree()
			change(tree)
			_, err := interop.Import(bytes.NewReader(pack(t, smallHeader(), tree...)), kilns(t))
			assert.ErrorIs(t, err, interop.ErrContent)
		})
	}
}

// Node 2 is the child of two others, while no other is without a parent.
func TestANodeHasOneParent(t *testing.T) {
	for _, c := range []struct {
		second []dumpNode // node 1 and what stands behind it
		want   error
	}{
		{[]dumpNode{{Left: 3, Right: 4}, leaf(0), leaf(0.5), leaf(1)}, nil},
		{[]dumpNode{{Left: 2, Right: 3}, leaf(0), leaf(0.5)}, interop.ErrContent},
	} {
		h := smallHeader()
		h["nodes"] = []int{1 + len(c.second)}
		_, err := interop.Import(bytes.NewReader(pack(t, h, append([]dumpNode{{Left: 1, Right: 2, Threshold: 1}}, c.second...)...)), kilns(t))
		assert.ErrorIs(t, err, c.want)
	}
}

// A billionth is what rounding may leave.
func TestFractionsSumToOne(t *testing.T) {
	for sum, want := range map[float64]error{
		1: nil, 1 + 0.95e-9: nil, 1 - 0.95e-9: nil, 1 + 1.05e-9: interop.ErrContent, 1 - 1.05e-9: interop.ErrContent,
	} {
		tree := smallTree()
		tree[1].Fractions = [2]float64{0.5, sum - 0.5}
		_, err := interop.Import(bytes.NewReader(pack(t, smallHeader(), tree...)), kilns(t))
		assert.ErrorIs(t, err, want, "%v", sum)
	}
}

// A disk's error is told wherever it comes: in the header, in a tree, or where
// the dump should end.
func TestErrorsOfTheSourceAreTold(t *testing.T) {
	broken := errors.New("disk on fire")
	dump := plain(t, smallHeader(), smallTree()...)
	for _, n := range []int{0, 10, len(dump) - 40, len(dump)} {
		_, err := interop.ImportPlain(io.MultiReader(bytes.NewReader(dump[:n]), iotest.ErrReader(broken)), kilns(t))
		assert.ErrorIs(t, err, broken, "after %d bytes", n)
	}
}

func TestALeafIsATree(t *testing.T) {
	h := smallHeader()
	h["nodes"] = []int{1}
	m, err := interop.Import(bytes.NewReader(pack(t, h, leaf(0.25))), kilns(t))
	require.NoError(t, err)
	assert.Equal(t, []float64{0.25}, m.Forest.Values)
	assert.Len(t, m.Forest.Trees[0], 1)
	_, err = interop.Import(bytes.NewReader(gzipped(t, append(plain(t, h, leaf(0.25)), 'x'))), kilns(t))
	assert.ErrorIs(t, err, interop.ErrContent)
	assert.ErrorContains(t, err, "there is more")
}

func TestThresholdsFromZeroToOne(t *testing.T) {
	for _, threshold := range []float64{0, 1} {
		h := smallHeader()
		h["threshold"] = threshold
		m, err := interop.Import(bytes.NewReader(pack(t, h, smallTree()...)), kilns(t))
		require.NoError(t, err)
		assert.Equal(t, threshold, m.Threshold)
	}
}

func TestDepthIsBounded(t *testing.T) {
	chain := func(splits int) error {
		var tree []dumpNode
		for i := range splits {
			at := int32(2 * i)
			tree = append(tree, dumpNode{Left: at + 1, Right: at + 2, Threshold: float64(i)}, leaf(0))
		}
		h := smallHeader()
		h["nodes"] = []int{2*splits + 1}
		_, err := interop.Import(bytes.NewReader(pack(t, h, append(tree, leaf(1))...)), kilns(t))
		return err
	}
	assert.NoError(t, chain(1<<12))
	assert.ErrorIs(t, chain(1<<12+1), interop.ErrContent)
}

func TestForeignAndTruncatedFiles(t *testing.T) {
	d := kilns(t)
	for name, file := range map[string][]byte{
		"nothing":    nil,
		"text":       []byte("heat,bricks\n"),
		"gzip alone": gzipped(t, nil),
		"no header":  gzipped(t, []byte("{}\n")),
	} {
		_, err := interop.Import(bytes.NewReader(file), d)
		assert.ErrorIs(t, err, interop.ErrMagic, name)
	}
	whole := pack(t, smallHeader(), smallTree()...)
	for n := range whole {
		_, err := interop.Import(bytes.NewReader(whole[:n]), d)
		require.Error(t, err, "the first %d bytes", n)
	}
	endless := io.MultiReader(strings.NewReader(`{"format":"`), endlessly('x'))
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, err := io.CopyN(w, endless, 20<<20)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	_, err = interop.Import(&b, d)
	assert.ErrorIs(t, err, interop.ErrContent)
}

type endlessly byte

func (e endlessly) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(e)
	}
	return len(p), nil
}

// A header may promise far more than follows.
func TestMemoryGrowsWithTheFileOnly(t *testing.T) {
	h := smallHeader()
	h["nodes"] = []int{1 << 28}
	file := pack(t, h, smallTree()...)
	d := kilns(t)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := interop.Import(bytes.NewReader(file), d)
	runtime.ReadMemStats(&after)
	assert.ErrorIs(t, err, interop.ErrContent)
	assert.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(4<<20))
}
