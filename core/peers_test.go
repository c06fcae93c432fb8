//go:build peers

package core_test

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"lendleaf/core/schema"
)

// The second reader of the model file, in Python and from FORMAT.md alone, gives
// drawn applicants the same vectors' probabilities, to the last bit.
func TestScoresAreThoseOfTheSecondReader(t *testing.T) {
	for _, name := range []string{machinesModel, shippedModel} {
		t.Run(name, func(t *testing.T) {
			m := load(t, name)
			records := drawRecords(m.Schema(), 3000)
			different := map[float64]bool{}
			for i, want := range secondReader(t, name, records) {
				require.Equal(t, want, m.Score(records[i]).Probability, "%v", records[i])
				different[want] = true
			}
			assert.Greater(t, len(different), 100)
		})
	}
}

// drawRecords draws records of which many are at an end of a range, or missing
// where they may be.
func drawRecords(s *schema.Schema, n int) []schema.Record {
	draw := rand.New(rand.NewPCG(8, 9))
	records := make([]schema.Record, n)
	for i := range records {
		records[i] = make(schema.Record, len(s.Fields))
		for j := range s.Fields {
			f := &s.Fields[j]
			switch {
			case f.Optional && draw.IntN(6) == 0:
				records[i][j] = schema.Missing
			case f.Kind == schema.Choice:
				records[i][j] = draw.Int64N(int64(len(f.Labels)))
			default:
				records[i][j] = drawNumber(draw, f)
			}
		}
	}
	return records
}

func drawNumber(draw *rand.Rand, f *schema.Field) int64 {
	low, high := -1e7, 1e7
	if f.Min != nil {
		low = *f.Min
	}
	if f.Max != nil {
		high = *f.Max
	}
	first, last := int64(low/f.Step), int64(high/f.Step)
	if draw.IntN(8) == 0 {
		return []int64{first, last}[draw.IntN(2)]
	}
	return first + draw.Int64N(last-first+1)
}

// secondReader returns the probability that it gives each record.
func secondReader(t *testing.T, model string, records []schema.Record) []float64 {
	t.Helper()
	var lines bytes.Buffer
	for _, r := range records {
		values := make([]any, len(r)) // nil: missing
		for i, n := range r {
			if n != schema.Missing {
				values[i] = n
			}
		}
		require.NoError(t, json.NewEncoder(&lines).Encode(values))
	}
	cmd := exec.Command("python3", "-B", "modelfile/testdata/reader.py", model)
	cmd.Stdin, cmd.Stderr = &lines, os.Stderr
	out, err := cmd.Output()
	require.NoError(t, err)
	answers := bytes.Fields(out)
	require.Len(t, answers, len(records))
	probabilities := make([]float64, len(records))
	for i, text := range answers {
		probabilities[i], err = strconv.ParseFloat(string(text), 64)
		require.NoError(t, err)
	}
	return probabilities
}
