package modelfile

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"lendleaf/core/baseline"
	"lendleaf/core/calibration"
	"lendleaf/core/canonical"
	"lendleaf/core/definition"
	"lendleaf/core/feature"
	"lendleaf/core/forest"
	"lendleaf/core/novelty"
)

var update = flag.Bool("update", false, "write the fixture of the version at hand anew")

// smallContent is what the fixture of version 1 holds.
func smallContent(t testing.TB) Content {
	t.Helper()
	d, err := definition.Parse([]byte(`{"name": "parcels", "fields": [
		{"name": "weight", "text": "Weight", "noun": "weight", "kind": "number", "min": 0, "max": 50, "step": 0.01},
		{"name": "colour", "text": "Colour", "noun": "colour", "kind": "choice", "optional": true,
		 "labels": [{"name": "red", "text": "Red"}, {"name": "blue", "text": "Blue"}]}],
		"form": [{"field": "weight", "input": "number"}, {"field": "colour", "input": "select"}],
		"target": {"columns": ["lost"], "positive": {"name": "Lost", "spellings": ["1"]}, "negative": {"name": "Found", "spellings": ["0"]}},
		"features": [{"name": "weight", "field": "weight", "kind": "plain"}, {"name": "colour", "field": "colour", "kind": "rate"}]}`))
	require.NoError(t, err)
	leaf := func(value uint32) forest.Node { return forest.Node{Index: value, Feature: forest.Leaf} }
	return Content{
		Definition: d,
		Learned:    feature.Learned{Typical: map[string]int64{"colour": 1}, Rates: map[string][]float64{"colour": {0.5, 0.25}}},
		Threshold:  0.4,
		Training:   Training{Split: SplitAll, Rows: 8, Positives: 3},
		Forest: &forest.Forest{
			Cuts:   [][]int64{{120, 1999}, {0}},
			Values: []float64{0, 1. / 3, 1},
			Trees: []forest.Tree{
				{{Index: 1}, {Index: 0, Feature: 1}, leaf(0), leaf(1), leaf(2)},
				{{Index: 0}, leaf(0), leaf(1)},
			},
		},
	}
}

func newModel(t testing.TB, c Content) *Model {
	t.Helper()
	m, err := New(c)
	require.NoError(t, err)
	return m
}

func smallModel(t testing.TB) *Model {
	t.Helper()
	return newModel(t, smallContent(t))
}

func TestModelsComeBack(t *testing.T) {
	m := smallModel(t)
	file, err := Encode(m)
	require.NoError(t, err)
	again, err := Decode(file)
	require.NoError(t, err)
	assert.Equal(t, m.Forest, again.Forest)
	assert.Equal(t, m.Learned, again.Learned)
	assert.Equal(t, m.Training, again.Training)
	assert.Equal(t, m.Threshold, again.Threshold)
	twice, err := Encode(again)
	require.NoError(t, err)
	assert.Equal(t, file, twice)
}

func TestDecodingInStepsPausesAfterEachTree(t *testing.T) {
	m := smallModel(t)
	file, err := Encode(m)
	require.NoError(t, err)
	pauses := 0
	again, err := DecodeInSteps(file, func() { pauses++ })
	require.NoError(t, err)
	assert.Equal(t, m.Forest, again.Forest)
	assert.Equal(t, 3+len(m.Forest.Trees), pauses, "after the hash, the manifest, each tree and the forest")
}

// Who pauses may never come back: a panic goes through to the caller, whose
// goroutine it is.
func TestPausesAreOnTheCallersGoroutine(t *testing.T) {
	file, err := Encode(smallModel(t))
	require.NoError(t, err)
	for last := range 5 {
		assert.PanicsWithValue(t, "enough", func() {
			DecodeInSteps(file, func() {
				if last--; last < 0 {
					panic("enough")
				}
			})
		})
	}
}

func TestABaselineComesBackAndMustFit(t *testing.T) {
	c := smallContent(t)
	c.Baseline = baseline.Baseline{{Cuts: []int64{100, 900}, Counts: []int{2, 3, 1}}, {Cuts: []int64{0}, Counts: []int{3, 2}, Missing: 1}}
	file, err := Encode(newModel(t, c))
	require.NoError(t, err)
	again, err := Decode(file)
	require.NoError(t, err)
	assert.Equal(t, c.Baseline, again.Baseline)
	c.Baseline = c.Baseline[:1]
	_, err = New(c)
	require.ErrorIs(t, err, ErrContent)
	require.ErrorIs(t, err, baseline.ErrBaseline)
}

// Files of every released version stay readable, byte for byte.
func TestReleasedVersions(t *testing.T) {
	const v1 = "testdata/v1.lendleaf" // smallModel, written by this test with -update
	file, err := Encode(smallModel(t))
	require.NoError(t, err)
	if *update {
		require.NoError(t, os.WriteFile(v1, file, 0o644))
	}
	released, err := os.ReadFile(v1)
	require.NoError(t, err)
	assert.Equal(t, released, file)
	m, err := Decode(released)
	require.NoError(t, err)
	assert.Equal(t, smallModel(t).Forest, m.Forest)
}

// The shipped model, whose trees are in several groups, and the machines': a
// writer would write exactly these bytes, and the hash is that of all before it.
func TestCommittedModelsComeBack(t *testing.T) {
	for _, name := range []string{shipped, filepath.Join("..", "testdata", "machines.lendleaf")} {
		file, err := os.ReadFile(name)
		require.NoError(t, err)
		m, err := Decode(file)
		require.NoError(t, err)
		assert.Equal(t, fmt.Sprintf("%x", file[len(file)-sha256.Size:]), m.Hash)
		again, err := Encode(m)
		require.NoError(t, err)
		assert.True(t, bytes.Equal(file, again), name)
	}
}

var shipped = filepath.Join("..", "..", "site", "model", "loan-default.lendleaf")

// redeclared replaces a text in a file's manifest.
func redeclared(t *testing.T, file []byte, old, new string) []byte {
	t.Helper()
	require.Equal(t, 1, bytes.Count(file, []byte(old)))
	changed := bytes.Replace(file, []byte(old), []byte(new), 1)
	size := binary.LittleEndian.Uint32(changed[10:])
	binary.LittleEndian.PutUint32(changed[10:], size+uint32(len(new)-len(old)))
	return sealed(changed)
}

func TestDeclarationsAreProved(t *testing.T) {
	file, err := Encode(smallModel(t))
	require.NoError(t, err)
	for name, c := range map[string]struct {
		old, new string
		want     error
	}{
		"definition": {`"name":"parcels"`, `"name":""`, definition.ErrDefinition},
		"features":   {`"kind":"rate"`, `"kind":"plain"`, feature.ErrFeature},
		"learned":    {`"typical":{"colour":1}`, `"typical":{}`, feature.ErrFeature},
		"threshold":  {`"threshold":0.4`, `"threshold":1.4`, ErrContent},
		"form":       {`"threshold":0.4`, `"threshold":0.40`, canonical.ErrForm},
	} {
		m, err := Decode(redeclared(t, file, c.old, c.new))
		assert.ErrorIs(t, err, ErrContent, name)
		assert.ErrorIs(t, err, c.want, name)
		assert.Nil(t, m, name)
	}
	m, err := Decode(redeclared(t, file, `"threshold":0.4`, `"threshold":0.45`))
	require.NoError(t, err)
	assert.Equal(t, 0.45, m.Threshold)
}

// A right calibration does not keep what follows from being looked at.
func TestEveryExtraIsProved(t *testing.T) {
	c := smallContent(t)
	c.Calibration = &calibration.Calibration{Steps: []calibration.Step{{From: 0.25, Rows: 4, Positives: 1}}, Rows: 9, Brier: 0.1, BaseBrier: 0.2}
	c.Novelty = &novelty.Summary{Ranges: []novelty.Range{{Field: 0, Low: 1, High: 5000}}, Rare: []novelty.Rare{}, Pairs: []novelty.Pair{}}
	c.Baseline = baseline.Baseline{{Cuts: []int64{100}, Counts: []int{2, 3}}, {Cuts: []int64{}, Counts: []int{5}}}
	file, err := Encode(newModel(t, c))
	require.NoError(t, err)
	m, err := Decode(file)
	require.NoError(t, err)
	assert.Equal(t, c.Calibration, m.Calibration)
	assert.Equal(t, c.Novelty, m.Novelty)
	assert.Equal(t, c.Baseline, m.Baseline)

	bad := c
	bad.Baseline = c.Baseline[1:]
	_, err = New(bad)
	assert.ErrorIs(t, err, baseline.ErrBaseline)
	bad.Novelty = &novelty.Summary{Ranges: []novelty.Range{{Field: 1}}}
	_, err = New(bad)
	assert.ErrorIs(t, err, novelty.ErrNovelty)
}

// JSON has no text for a number that is none.
func TestNumbersThatAreNoneAreNotWritten(t *testing.T) {
	c := smallContent(t)
	c.Learned.Rates["weight"] = []float64{math.NaN()} // of which no feature is the rate
	_, err := Encode(newModel(t, c))
	assert.ErrorIs(t, err, ErrContent)
	assert.ErrorIs(t, err, canonical.ErrValue)
}

// sealed replaces the hash of a changed file.
func sealed(file []byte) []byte {
	content := file[:len(file)-sha256.Size]
	sum := sha256.Sum256(content)
	return append(bytes.Clone(content), sum[:]...)
}

func TestBadFilesAreRefused(t *testing.T) {
	file, err := Encode(smallModel(t))
	require.NoError(t, err)
	change := func(at int, b byte) []byte {
		changed := bytes.Clone(file)
		changed[at] = b
		return changed
	}
	manifest := int(binary.LittleEndian.Uint32(file[10:]))
	spaced := bytes.Clone(file)
	spaced = append(spaced[:header+1], append([]byte(" "), spaced[header+1:]...)...)
	binary.LittleEndian.PutUint32(spaced[10:], uint32(manifest+1))
	cases := map[string]struct {
		file []byte
		want error
	}{
		"nothing":                   {nil, ErrMagic},
		"another file":              {[]byte("\x1f\x8b\x08 gzip, perhaps"), ErrMagic},
		"only magic":                {file[:8], ErrContent},
		"another version":           {change(8, 2), ErrVersion},
		"one bit changed":           {change(len(file)/2, file[len(file)/2]^1), ErrHash},
		"cut off":                   {file[:len(file)-1], ErrHash},
		"a section too long":        {sealed(change(10, file[10]+1)), errSections},
		"a manifest with a blank":   {sealed(spaced), ErrContent},
		"a manifest that is broken": {sealed(change(header, '[')), ErrContent},
		"a forest that is broken":   {sealed(change(header+manifest, 9)), ErrContent},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := Decode(c.file)
			require.ErrorIs(t, err, c.want)
		})
	}
	_, err = Decode(cases["a section too long"].file)
	require.ErrorIs(t, err, ErrContent)
}

func TestContentsThatDoNotFitAreRefused(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(*Content)
		wraps error
	}{
		"threshold above 1": {func(c *Content) { c.Threshold = math.Nextafter(1, 2) }, ErrContent},
		"threshold below 0": {func(c *Content) { c.Threshold = -math.SmallestNonzeroFloat64 }, ErrContent},
		"threshold −0":      {func(c *Content) { c.Threshold = math.Copysign(0, -1) }, ErrContent},
		"threshold NaN":     {func(c *Content) { c.Threshold = math.NaN() }, ErrContent},
		"calibration":       {func(c *Content) { c.Calibration = &calibration.Calibration{Rows: -1} }, calibration.ErrCalibration},
		"novelty":           {func(c *Content) { c.Novelty = &novelty.Summary{Ranges: []novelty.Range{{Field: 1}}} }, novelty.ErrNovelty},
		"baseline":          {func(c *Content) { c.Baseline = baseline.Baseline{} }, baseline.ErrBaseline},
		"a feature less":    {func(c *Content) { c.Forest.Cuts = c.Forest.Cuts[:1] }, ErrContent},
		"a feature more":    {func(c *Content) { c.Forest.Cuts = append(c.Forest.Cuts, nil) }, ErrContent},
		"forest":            {func(c *Content) { c.Forest.Values = nil }, forest.ErrForest},
		"learned":           {func(c *Content) { c.Learned.Rates = nil }, feature.ErrFeature},
	} {
		t.Run(name, func(t *testing.T) {
			content := smallContent(t)
			c.spoil(&content)
			m, err := New(content)
			require.ErrorIs(t, err, ErrContent)
			require.ErrorIs(t, err, c.wraps)
			require.Nil(t, m)
		})
	}
}

func TestThresholdsAtTheEndsAreTaken(t *testing.T) {
	for _, threshold := range []float64{0, 1} {
		c := smallContent(t)
		c.Threshold = threshold
		assert.Equal(t, threshold, newModel(t, c).Threshold)
	}
}

func TestForestsThatAreNotSimpleAreNotWritten(t *testing.T) {
	c := smallContent(t)
	c.Forest.Trees[0][1] = forest.Node{Index: 1}
	_, err := Encode(newModel(t, c))
	require.ErrorIs(t, err, ErrContent)
	require.ErrorIs(t, err, errUnreachable)
}

func FuzzDecode(f *testing.F) {
	file, err := Encode(smallModel(f))
	require.NoError(f, err)
	f.Add(file)
	f.Add(file[:20])
	f.Fuzz(func(t *testing.T, file []byte) {
		if len(file) < sha256.Size {
			return
		}
		file = sealed(file) // else no input would get past the hash
		m, err := Decode(file)
		if err != nil {
			return
		}
		again, err := Encode(m)
		require.NoError(t, err)
		require.Equal(t, file, again)
	})
}

func BenchmarkDecode(b *testing.B) {
	file, err := os.ReadFile(shipped)
	require.NoError(b, err)
	m, err := Decode(file)
	require.NoError(b, err)
	b.ReportAllocs()
	b.SetBytes(int64(len(file)))
	for b.Loop() {
		_, err := Decode(file)
		require.NoError(b, err)
	}
	b.ReportMetric(float64(m.Forest.Nodes())*float64(b.N)/b.Elapsed().Seconds()/1e6, "Mnodes/s")
}
