//go:build peers

package interop_test

import (
	"bytes"
	"encoding/csv"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"lendleaf/core"
	"lendleaf/core/dataset"
	"lendleaf/core/definition"
	"lendleaf/core/interop"
)

// drawnCases is how many cases are drawn, from the seed 0 on.
const drawnCases = 100

// Pipelines and forests of drawn definitions, by drawn estimators, give what
// scikit-learn says of drawn rows and of every number of each field's range.
func TestImportAgreesOnDrawnCases(t *testing.T) {
	python, out := venv(t), t.TempDir()
	output, err := exec.Command(python, "-B", "testdata/differential.py", "0", strconv.Itoa(drawnCases), out).CombinedOutput()
	require.NoError(t, err, "%s", output)
	rows := 0
	for seed := range drawnCases {
		rows += compareDrawn(t, filepath.Join(out, strconv.Itoa(seed)))
	}
	t.Logf("%d rows agree", rows)
}

// compareDrawn imports one case, compares it on all its rows, and counts them.
func compareDrawn(t *testing.T, drawn string) int {
	t.Helper()
	d, err := definition.Parse(readFile(t, drawn+".json"))
	require.NoError(t, err, drawn)
	content, err := interop.Import(bytes.NewReader(readFile(t, drawn+".dump")), d)
	require.NoError(t, err, drawn)
	model := core.New(content)
	data, err := dataset.Read(bytes.NewReader(readFile(t, drawn+".csv")), model.Schema())
	require.NoError(t, err, drawn)
	want, err := csv.NewReader(bytes.NewReader(readFile(t, drawn+".txt"))).ReadAll()
	require.NoError(t, err)
	require.Len(t, want, len(data.Records))
	for i, s := range model.AppendScores(nil, data.Records) {
		p, err := strconv.ParseFloat(want[i][0], 64)
		require.NoError(t, err)
		require.InDelta(t, p, s.Probability, 1e-9, "%s, row %d: %v", drawn, i, data.Records[i])
		require.Equal(t, want[i][1] == "1", s.Positive, "%s, row %d: %v", drawn, i, p)
	}
	return len(want)
}
