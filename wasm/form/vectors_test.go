package form_test

import (
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"lendleaf/core"
	"lendleaf/wasm/form"
)

// vector is an applicant of the core's vectors: as the API takes it, and what the
// model of another library says of it.
type vector struct {
	Input                   map[string]any
	Faults                  []any
	Probability, Prediction string
}

// vectors are those that have nothing wrong.
func vectors(t *testing.T) []vector {
	t.Helper()
	text, err := os.Open("../../core/testdata/vectors.json")
	require.NoError(t, err)
	defer text.Close()
	var file struct{ Vectors []vector }
	d := json.NewDecoder(text)
	d.UseNumber()
	require.NoError(t, d.Decode(&file))
	var right []vector
	for _, v := range file.Vectors {
		if len(v.Faults) == 0 {
			right = append(right, v)
		}
	}
	require.Greater(t, len(right), 100)
	return right
}

// texts are a vector's input as it would be typed.
func (v vector) texts() map[string]string {
	texts := map[string]string{}
	for field, value := range v.Input {
		if value != nil {
			texts[field] = fmt.Sprint(value)
		}
	}
	return texts
}

func (v vector) percent(t *testing.T) float64 {
	t.Helper()
	p, err := strconv.ParseFloat(v.Probability, 64)
	require.NoError(t, err)
	return p * 100
}

func shipped(t *testing.T) *core.Model {
	t.Helper()
	file, err := os.ReadFile("../../site/model/loan-default.lendleaf")
	require.NoError(t, err)
	m, err := core.Load(file)
	require.NoError(t, err)
	return m
}

// What the page shows of a vector is the vector's own figure, and what it says of
// two of them is how their figures differ.
func TestVectors(t *testing.T) {
	m := shipped(t)
	said := map[string]bool{}
	before := 0.0
	s := form.NewSession(m)
	for i, v := range vectors(t) {
		percent := v.percent(t)
		a := applicant(m, v.texts())
		s.Predict(a, "")
		require.Empty(t, s.Faults, "%v", v.Input)
		shown := s.First
		if i > 0 {
			shown = s.Tried
			want := difference(before, percent)
			said[strings.Fields(want)[2]] = true
			assert.Equal(t, want, shown.Difference)
		}
		assert.Equal(t, []form.Probability{
			{Outcome: "Default", ID: "probability-default", Percent: fmt.Sprintf("%.1f%%", percent)},
			{Outcome: "No Default", ID: "probability-no-default", Percent: fmt.Sprintf("%.1f%%", 100-percent)},
		}, shown.Probabilities)
		assert.Equal(t, v.Prediction, shown.Prediction)
		s.Accept(a)
		before = percent
	}
	assert.True(t, said["more"] && said["less"])
}

// difference says how far a share is from an earlier one, both in percent.
func difference(before, now float64) string {
	switch points := fmt.Sprintf("%.1f", max(before, now)-min(before, now)); {
	case points == "0.0":
		return "as in the first answer"
	case now > before:
		return points + " points more than in the first answer"
	default:
		return points + " points less than in the first answer"
	}
}
