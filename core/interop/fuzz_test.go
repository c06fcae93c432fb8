package interop_test

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"lendleaf/core"
	"lendleaf/core/definition"
	"lendleaf/core/interop"
	"lendleaf/core/modelfile"
	"lendleaf/core/schema"
)

// pots is a small definition, whose dumps are small.
func pots(t testing.TB) *definition.Definition {
	t.Helper()
	d, err := definition.Parse([]byte(`{"name": "pots", "fields": [
		{"name": "heat", "text": "Heat", "noun": "heat", "kind": "number", "min": 0, "max": 10, "step": 1},
		{"name": "clay", "text": "Clay", "noun": "clay", "kind": "choice",
		 "labels": [{"name": "red", "text": "Red"}, {"name": "blue", "text": "Blue"}]}],
		"form": [{"field": "heat", "input": "number"}, {"field": "clay", "input": "select"}],
		"target": {"columns": ["cracked"], "positive": {"name": "Cracked", "spellings": ["1"]}, "negative": {"name": "Whole", "spellings": ["0"]}},
		"features": [{"name": "heat", "field": "heat", "kind": "plain"},
		 {"name": "clay_blue", "field": "clay", "kind": "indicator", "label": "blue"}]}`))
	require.NoError(t, err)
	return d
}

// potsHeader is that of a dump of one tree about pots.
func potsHeader(mean, scale float64, nodes int) object {
	return object{
		"format": "lendleaf-sklearn", "version": 1, "classes": []string{"0", "1"}, "nodes": []int{nodes},
		"inputs": []object{{"feature": "heat", "mean": mean, "scale": scale}, {"field": "clay", "label": "blue"}},
	}
}

// Whatever is imported can be written and read again; all else is refused by a
// fault of an import.
func FuzzImport(f *testing.F) {
	f.Add(plain(f, potsHeader(5, 2, 3), smallTree()...))
	f.Add(plain(f, potsHeader(0, 1, 1), leaf(0.5)))
	d := pots(f)
	f.Fuzz(func(t *testing.T, content []byte) {
		m, err := interop.ImportPlain(bytes.NewReader(content), d)
		if err != nil {
			requireFault(t, err)
			return
		}
		file, err := modelfile.Encode(m)
		require.NoError(t, err, "what is imported can be written")
		again, err := modelfile.Decode(file)
		require.NoError(t, err)
		twice, err := modelfile.Encode(again)
		require.NoError(t, err)
		require.Equal(t, file, twice)
	})
}

func requireFault(t *testing.T, err error) {
	t.Helper()
	for _, fault := range []error{interop.ErrMagic, interop.ErrVersion, interop.ErrContent, interop.ErrMismatch} {
		if errors.Is(err, fault) {
			return
		}
	}
	require.Fail(t, "no fault of an import", "%v", err)
}

// An imported tree gives every pot what a walk over the dump's nodes gives, as
// DUMP.md describes it: scaled in float64, rounded to float32, compared with a
// float64.
func FuzzImportedScores(f *testing.F) {
	f.Add(packNodes(f, smallTree()...), 5.0, 2.0)
	f.Add(packNodes(f, dumpNode{Left: 1, Right: 4, Feature: 1, Threshold: 0.5},
		dumpNode{Left: 2, Right: 3, Feature: 0, Threshold: -0.3}, leaf(0), leaf(1), leaf(0.25)), 4.4, 1.1)
	d := pots(f)
	f.Fuzz(func(t *testing.T, packed []byte, mean, scale float64) {
		nodes := make([]dumpNode, len(packed)/binary.Size(dumpNode{}))
		if _, err := binary.Decode(packed, binary.LittleEndian, nodes); err != nil || math.IsNaN(mean) || math.IsInf(mean, 0) || math.IsNaN(scale) || math.IsInf(scale, 0) {
			t.Skip("not to be written as a dump")
		}
		content, err := interop.ImportPlain(bytes.NewReader(plain(t, potsHeader(mean, scale, len(nodes)), nodes...)), d)
		if err != nil {
			requireFault(t, err)
			return
		}
		m := core.New(content)
		for heat := range int64(11) {
			for clay := range int64(2) {
				inputs := []float64{(float64(heat) - mean) / scale, float64(clay)}
				require.Equal(t, walk(nodes, inputs), m.Score(schema.Record{heat, clay}).Probability, "heat %d, clay %d", heat, clay)
			}
		}
	})
}

func walk(nodes []dumpNode, inputs []float64) float64 {
	n := nodes[0]
	for n.Left >= 0 {
		if float64(float32(inputs[n.Feature])) <= n.Threshold {
			n = nodes[n.Left]
		} else {
			n = nodes[n.Right]
		}
	}
	return math.Abs(n.Fractions[1]) // no negative zero
}

func packNodes(t testing.TB, nodes ...dumpNode) []byte {
	t.Helper()
	b, err := binary.Append(nil, binary.LittleEndian, nodes)
	require.NoError(t, err)
	return b
}

// The fuzz tests' seeds are imported.
func TestSeedsAreImported(t *testing.T) {
	for _, h := range []object{potsHeader(5, 2, 3), potsHeader(4.4, 1.1, 3)} {
		line, err := json.Marshal(h)
		require.NoError(t, err)
		m, err := interop.ImportPlain(bytes.NewReader(append(append(line, '\n'), packNodes(t, smallTree()...)...)), pots(t))
		require.NoError(t, err)
		assert.Equal(t, []float64{0.25, 1}, m.Forest.Values)
	}
}
