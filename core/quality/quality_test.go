package quality_test

import (
	"bytes"
	"encoding/json"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"lendleaf/core/quality"
)

// All that the committed report says is read, and written as it was.
func TestTheReportIsReadWhole(t *testing.T) {
	text, err := os.ReadFile("../../site/model/report.json")
	require.NoError(t, err)
	r, err := quality.Parse(text)
	require.NoError(t, err)
	var again bytes.Buffer
	e := json.NewEncoder(&again)
	e.SetIndent("", "  ")
	require.NoError(t, e.Encode(r))
	assert.Equal(t, string(text), again.String())
}

func TestParseRefuses(t *testing.T) {
	for _, text := range []string{"", "{", `{"by_person": 1}`} {
		r, err := quality.Parse([]byte(text))
		assert.ErrorContains(t, err, "the model's report: ", text)
		assert.Nil(t, r)
	}
}

// A report that was written before there were all of today's figures lacks some.
func TestFiguresThatNobodyMeasuredAreNone(t *testing.T) {
	r, err := quality.Parse([]byte(`{"random": {"figures": {"auc_pr": 0.5, "roc_auc": 0.75}}}`))
	require.NoError(t, err)
	f := r.Random.Figures
	require.NotNil(t, f.ROCAUC)
	assert.Equal(t, 0.75, *f.ROCAUC)
	assert.Nil(t, f.KS)
	assert.Nil(t, r.ByPerson.Figures.ROCAUC)
}
