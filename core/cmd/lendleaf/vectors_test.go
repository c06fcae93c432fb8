package main

import (
	"encoding/csv"
	"encoding/json"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The command line gives the vectors' scores and finds their faults.
func TestScoreAgreesWithTheVectors(t *testing.T) {
	var file struct {
		Vectors []struct {
			Input       json.RawMessage
			Faults      []struct{ Field, Message string }
			Probability json.Number
			Prediction  string
		}
	}
	require.NoError(t, json.Unmarshal([]byte(read(t, "../../testdata/vectors.json")), &file))
	require.Greater(t, len(file.Vectors), 300)
	var in, out strings.Builder
	wantBad := [][]string{{"line", "field", "reason"}}
	for i, v := range file.Vectors {
		in.Write(append(v.Input, '\n'))
		for _, f := range v.Faults {
			_, advice, _ := strings.Cut(f.Message, ": ")
			wantBad = append(wantBad, []string{strconv.Itoa(i + 1), f.Field, advice})
		}
		if len(v.Faults) == 0 {
			out.WriteString(strings.TrimSuffix(string(v.Input), "}") +
				`,"prediction":"` + v.Prediction + `","probability_default":` + v.Probability.String() + "}\n")
		}
	}
	bad := filepath.Join(t.TempDir(), "bad.csv")
	r := lendleaf(in.String(), "score", "-model", shippedModel, "-format", formatNDJSON, "-bad", bad)
	assert.Equal(t, exitBadRows, r.code, r.err)
	assert.Equal(t, out.String(), r.out)
	got, err := csv.NewReader(strings.NewReader(read(t, bad))).ReadAll()
	require.NoError(t, err)
	assert.Equal(t, wantBad, got)
}
