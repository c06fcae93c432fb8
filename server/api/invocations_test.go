package api

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"lendleaf/server/record"
)

// frameOf is a data frame of applicants, as pandas writes it split.
func frameOf(t *testing.T, applicants ...string) string {
	columns := columnsOf(t, applicants...)
	var names []string
	data := make([][]json.RawMessage, len(applicants))
	for name, values := range columns {
		names = append(names, name)
		for i := range data {
			data[i] = append(data[i], values[i])
		}
	}
	return inJSONText(t, map[string]any{"index": []int{0, 1}, "columns": append(names, "unknown"), "data": func() (all [][]json.RawMessage) {
		for _, row := range data {
			all = append(all, append(row, json.RawMessage(`"}{"`)))
		}
		return all
	}()})
}

// All forms of MLflow's requests are scored as the core scores.
func TestInvocations(t *testing.T) {
	a := newSpeaker(t, Options{})
	scores := scoresOf(t, a.model, applicant, other)
	var want strings.Builder
	want.WriteString(`{"predictions":[`)
	for i, s := range scores {
		fmt.Fprintf(&want, `%s{"prediction":%q,"probability_default":%s}`, map[bool]string{true: ","}[i > 0], a.model.Outcome(s), strconv.FormatFloat(s.Probability, 'g', -1, 64))
	}
	want.WriteString(`]}`)
	list := "[" + applicant + "," + other + "]"
	for name, body := range map[string]string{
		"records":         `{"dataframe_records": ` + list + `}`,
		"instances":       ` { "instances" : ` + list + `, "params": {"x": [1]} } `,
		"inputs, a list":  `{"inputs": ` + list + `}`,
		"inputs, columns": `{"inputs": ` + inJSONText(t, columnsOf(t, applicant, other)) + `}`,
		"split":           `{"dataframe_split": ` + frameOf(t, applicant, other) + `}`,
		"the last counts": `{"dataframe_records": [], "dataframe_records": ` + list + `}`,
	} {
		status, answer := says(a, "/invocations", body, "Content-Type", "application/json; charset=utf-8")
		assert.Equal(t, http.StatusOK, status, name)
		assert.Equal(t, want.String(), answer, name)
	}
	// What pandas has for a missing value; in a text it is one.
	frame := strings.Replace(frameOf(t, applicant, other), "null", "NaN", -1)
	require.Contains(t, frame, "NaN")
	status, answer := says(a, "/invocations", `{"\"NaN\\": NaN, "dataframe_split": `+frame+`}`)
	assert.Equal(t, http.StatusOK, status, answer)
	assert.Equal(t, want.String(), answer)
	status, answer = says(a, "/invocations", `{"inputs": [{"NaN": NaN, "age": NaN, "city": "NaN"}]}`)
	assert.Equal(t, http.StatusBadRequest, status)
	assert.Contains(t, answer, "age: ")
	for _, empty := range []string{`{"inputs": []}`, `{"instances": []}`, `{"inputs": {}}`, `{"dataframe_split": {"columns": ["age"], "data": []}}`, `{"dataframe_split": {}}`} {
		status, answer := says(a, "/invocations", empty)
		assert.Equal(t, http.StatusOK, status, empty)
		assert.Equal(t, `{"predictions":[]}`, answer, empty)
	}
}

func TestInvocationsThatAreNone(t *testing.T) {
	a := newSpeaker(t, Options{MaxBatch: 3})
	for body, want := range map[string]string{
		``:                                    "no JSON object",
		`[]`:                                  "no JSON object",
		`{"inputs": [}`:                       "no JSON",
		`{"inputs": []} x`:                    "no JSON",
		`{}`:                                  "exactly one of",
		`{"columns": [], "data": []}`:         "exactly one of",
		`{"inputs": [], "instances": []}`:     "exactly one of",
		`{"inputs": 5}`:                       "inputs must be a list",
		`{"instances": {"age": [1]}}`:         "instances must be a list",
		`{"instances": [[1, 2]]}`:             "applicant 0: it is no JSON object",
		`{"inputs": {"x": [1]}}`:              "applicant 0: income: ",
		`{"dataframe_split": {"columns": 5}}`: "an array of values is missing",
		`{"inputs": {"age": 5}}`:              "an array of values is missing",
		`{"inputs": {"age": [5], "income": [1, 2]}}`:                           `inputs \"income\": a column has more or fewer values`,
		`{"dataframe_split": []}`:                                              "dataframe_split must be an object",
		`{"dataframe_split": {"columns": [1], "data": []}}`:                    "a column's name must be a text",
		`{"dataframe_split": {"columns": ["age", "\u0061ge"], "data": []}}`:    `column \"age\": two columns have this name`,
		`{"dataframe_split": {"columns": ["age"], "data": [[1], [1, 2]]}}`:     "more or fewer values than there are columns",
		`{"dataframe_split": {"columns": ["age"], "data": [5]}}`:               "an array of values is missing",
		`{"dataframe_records": [` + applicant + `, {"age": "canary"}, 5]}`:     "applicant 1: income: ",
		`{"dataframe_split": {"columns": ["age", "x"], "data": [["c", "d"]]}}`: "applicant 0: income: ",
	} {
		status, answer := says(a, "/invocations", body)
		assert.Equal(t, http.StatusBadRequest, status, body)
		assert.True(t, strings.HasPrefix(answer, `{"error_code":"BAD_REQUEST","message":"`), answer)
		assert.Contains(t, answer, want, body)
		assert.NotContains(t, answer, "canary", "no values are repeated")
		assert.True(t, json.Valid([]byte(answer)))
	}
	status, answer := says(a, "/invocations", "age\n5\n", "Content-Type", "text/csv")
	assert.Equal(t, http.StatusUnsupportedMediaType, status)
	assert.Equal(t, `{"error_code":"BAD_REQUEST","message":"the content type must be application/json"}`, answer)
	four := strings.Repeat(",[1]", 4)[1:]
	for _, body := range []string{`{"dataframe_split": {"columns": ["age"], "data": [` + four + `]}}`, `{"inputs": {"age": [1,2,3,4]}}`, `{"inputs": [{},{},{},{}]}`} {
		status, answer = says(a, "/invocations", body)
		assert.Equal(t, http.StatusRequestEntityTooLarge, status, body)
		assert.Contains(t, answer, "Request Entity Too Large")
	}
}

// A missing value is one outside of texts alone.
func TestTextsThatAreNotMissing(t *testing.T) {
	var agent string
	a := newSpeaker(t, Options{Keep: func(_ context.Context, b *record.Batch) error {
		agent = b.Predictions[0].Client.Agent
		return nil
	}})
	status, answer := says(a, "/invocations", `{"inputs": [`+strings.NewReplacer(`"no"`, "NaN", "{", `{"user_agent": "\"NaN\\\\", "note": [NaN, "NaN"], `).Replace(applicant)+`]}`)
	assert.Equal(t, http.StatusOK, status, answer)
	assert.Equal(t, `"NaN\\`, agent)
}
