package core_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/csv"
	"io"
	"math"
	"slices"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"lendleaf/core"
	"lendleaf/core/feature"
	"lendleaf/core/forest"
	"lendleaf/core/modelfile"
	"lendleaf/core/schema"
)

// floatWalk scores as the forest's plain meaning has it: inputs are numbers as
// people give them, rates are rates, thresholds lie between two values, and a
// node asks whether one float64 is at most another. It shares no code with
// packages feature and forest.
type floatWalk struct {
	model      *modelfile.Model
	specs      []feature.Spec
	thresholds [][]float64
	rights     [][]int
}

func newFloatWalk(m *modelfile.Model) floatWalk {
	w := floatWalk{model: m, specs: m.Definition.Features.Specs(), thresholds: make([][]float64, len(m.Forest.Cuts))}
	for _, tree := range m.Forest.Trees {
		w.rights = append(w.rights, rights(tree))
	}
	for i, spec := range w.specs {
		step := 1.0
		if f := m.Definition.Field(spec.Field); f.Kind == schema.Number {
			step = f.Step
		}
		rates := slices.Compact(slices.Sorted(slices.Values(m.Learned.Rates[spec.Field])))
		for _, cut := range m.Forest.Cuts[i] {
			threshold := (float64(cut) + 0.5) * step
			if spec.Kind == feature.Rate {
				threshold = (rates[cut] + rates[cut+1]) / 2
			}
			w.thresholds[i] = append(w.thresholds[i], threshold)
		}
	}
	return w
}

// probability takes field values as JSON has them: float64, string or nil.
func (w floatWalk) probability(t testing.TB, input map[string]any) float64 {
	t.Helper()
	inputs := make([]float64, len(w.specs))
	for i, spec := range w.specs {
		inputs[i] = w.input(t, spec, input[spec.Field])
	}
	sum := 0.0
	for i := range w.model.Forest.Trees {
		sum += w.leaf(i, inputs)
	}
	return sum / float64(len(w.model.Forest.Trees))
}

func (w floatWalk) input(t testing.TB, spec feature.Spec, value any) float64 {
	t.Helper()
	f := w.model.Definition.Field(spec.Field)
	if value == nil {
		n, ok := w.model.Learned.Typical[f.Name]
		require.True(t, ok, f.Name)
		if f.Kind == schema.Number {
			return float64(n) * f.Step
		}
		value = f.Labels[n].Name
	}
	switch spec.Kind {
	case feature.Plain:
		return math.RoundToEven(value.(float64)/f.Step) * f.Step
	case feature.Indicator:
		if value == spec.Label {
			return 1
		}
		return 0
	case feature.Class:
		return float64(slices.IndexFunc(spec.Classes, func(c feature.LabelClass) bool { return slices.Contains(c.Labels, value.(string)) }))
	}
	return w.model.Learned.Rates[f.Name][slices.IndexFunc(f.Labels, func(l schema.Label) bool { return l.Name == value })]
}

// leaf is the value at the end of a tree's walk.
func (w floatWalk) leaf(i int, inputs []float64) float64 {
	tree, at := w.model.Forest.Trees[i], 0
	for tree[at].Feature != forest.Leaf {
		if n := tree[at]; inputs[n.Feature] <= w.thresholds[n.Feature][n.Index] {
			at++
		} else {
			at = w.rights[i][at]
		}
	}
	return w.model.Forest.Values[tree[at].Index]
}

// rights says where the right subtree of each split begins: in preorder, where
// the left one ends.
func rights(tree forest.Tree) []int {
	table := make([]int, len(tree))
	var open []int // splits whose left subtree is not over
	for i, n := range tree {
		if n.Feature != forest.Leaf {
			open = append(open, i)
		} else if last := len(open) - 1; last >= 0 { // it ends the left subtree of the last one
			table[open[last]] = i + 1
			open = open[:last]
		}
	}
	return table
}

// The machines' ratio in steps of 0.01 is where floats could go wrong.
func TestFloatWalkAgreesOnMachines(t *testing.T) {
	trained, data := trainMachines(t)
	walk := newFloatWalk(trained)
	m := core.New(trained)
	s := m.Schema()
	for _, r := range data.Records {
		input := map[string]any{}
		for i, f := range s.Fields {
			switch {
			case r[i] == schema.Missing:
			case f.Kind == schema.Choice:
				input[f.Name] = f.Labels[r[i]].Name
			default:
				input[f.Name] = f.Number(r[i])
			}
		}
		require.Equal(t, walk.probability(t, input), m.Score(r).Probability, "%v", r)
	}
}

// Every test row of the loan data, read here without package dataset.
func TestFloatWalkAgreesOnEveryTestRow(t *testing.T) {
	rows := unpack(t, outside(t, "training.csv.gz"))
	lines := csv.NewReader(bytes.NewReader(rows))
	table, err := lines.ReadAll()
	require.NoError(t, err)
	content, err := modelfile.Decode(readFile(t, shippedModel))
	require.NoError(t, err)
	walk := newFloatWalk(content)
	m := core.New(content)
	s := m.Schema()
	compared := 0
	for list := bufio.NewScanner(bytes.NewReader(unpack(t, outside(t, "test_rows.txt.gz")))); list.Scan(); compared++ {
		if raceDetector && compared%20 != 0 {
			continue // the detector slows the walk down a lot, and there is no race in it
		}
		row, err := strconv.Atoi(list.Text())
		require.NoError(t, err)
		texts, input := map[string]string{}, map[string]any{}
		for column, header := range table[0] {
			i := s.Column(header)
			if i < 0 {
				continue
			}
			f := &s.Fields[i]
			texts[f.Name] = table[row+1][column]
			input[f.Name] = f.Read(texts[f.Name]).Text
			if f.Kind == schema.Number {
				input[f.Name], err = strconv.ParseFloat(texts[f.Name], 64)
				require.NoError(t, err)
			}
		}
		want := walk.probability(t, input)
		if got := m.Score(typed(t, s, texts)).Probability; got != want {
			require.Equal(t, want, got, "row %d", row)
		}
	}
	assert.Equal(t, 25_200, compared)
}

func unpack(t testing.TB, packed []byte) []byte {
	t.Helper()
	r, err := gzip.NewReader(bytes.NewReader(packed))
	require.NoError(t, err)
	plain, err := io.ReadAll(r)
	require.NoError(t, err)
	return plain
}
