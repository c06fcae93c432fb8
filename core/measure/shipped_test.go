package measure_test

import (
	"encoding/json"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"lendleaf/core/metrics"
	"lendleaf/core/quality"
)

// What the committed report says of the shipped model on the random split is what
// others measure, who share nothing with this house but the scores:
// testdata/shipped.py.
func TestTheShippedReportIsWhatOthersMeasure(t *testing.T) {
	var peers struct {
		quality.Summary
		Interval []float64 `json:"auc_pr_interval"`
	}
	require.NoError(t, json.Unmarshal(readFile(t, "testdata/shipped.json"), &peers))
	r, err := quality.Parse(readFile(t, "../../site/model/report.json"))
	require.NoError(t, err)
	got := r.Random.Summary
	assert.Equal(t, peers.Rows, got.Rows)
	assert.Equal(t, peers.People, got.People)
	assert.InDelta(t, peers.BaseRate, got.BaseRate, 1e-6)
	assert.Equal(t, list(peers.Figures.Map(sixth)), list(got.Figures))

	// Both draw 1,000 samples of people, each its own. 90 % of them would lie in an
	// interval that is narrower by 0.004 at either end.
	require.Len(t, peers.Interval, 2)
	assert.InDeltaSlice(t, peers.Interval, []float64{got.Low.AUCPR, got.High.AUCPR}, 0.0015)
}

// sixth keeps six decimals, as a report does.
func sixth(x float64) float64 { return math.Round(x*1e6) / 1e6 }

// list writes figures out, for pointers to be compared by what they point to.
func list(f metrics.Figures) string {
	text, err := json.Marshal(f)
	if err != nil {
		return err.Error()
	}
	return string(text)
}
