//go:build browser && peers

package browsertest

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestFirefox goes the main way through the page in Firefox: load, lock, errors,
// fill in by keyboard, predict, try another number, keep that.
func TestFirefox(t *testing.T) {
	m := loaded(t)
	var fields [][2]string
	for _, c := range m.Schema().Form {
		fields = append(fields, [2]string{c.Field, typed(m.Schema().Field(c.Field))})
	}
	text, err := json.Marshal(fields)
	require.NoError(t, err)
	out := judge(t, "firefox.js", ourServer(t), string(text), "income")
	var seen struct {
		Version                                  string
		Loaded, Sent                             int
		Faults                                   []string
		SummaryHasFocus, ResultHasFocus, Refused bool
		TriedHasFocus, AcceptedHasFocus          bool
		LinkLeadsTo                              string
		Prediction, Probability                  string
	}
	require.NoError(t, json.Unmarshal(out, &seen))
	t.Log(seen.Version)

	want := score(t, m, applicant)
	assert.Equal(t, m.Outcome(want), seen.Prediction)
	assert.Equal(t, percent(want.Probability), seen.Probability)
	required := 0
	for _, f := range m.Schema().Fields {
		if !f.Optional {
			required++
		}
	}
	assert.Len(t, seen.Faults, required)
	assert.True(t, seen.SummaryHasFocus, "the summary of errors has the keyboard")
	assert.True(t, seen.ResultHasFocus, "the answer has the keyboard")
	assert.Equal(t, m.Schema().Form[0].Field, seen.LinkLeadsTo, "the first fault leads to its field")
	assert.True(t, seen.TriedHasFocus, "what was tried has the keyboard")
	assert.True(t, seen.AcceptedHasFocus, "what was accepted has the keyboard")
	assert.True(t, seen.Refused, "the locked page can send requests")
	assert.NotZero(t, seen.Loaded)
	assert.Equal(t, seen.Loaded, seen.Sent, "requests after the page was ready")
}
