package api

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"lendleaf/core"
	"lendleaf/core/rows"
	"lendleaf/server/record"
)

// newSpeaker serves the shipped model in all protocols.
func newSpeaker(t *testing.T, o Options) *API {
	t.Helper()
	o.MaxBody, o.MaxStream, o.Pause, o.Protocols = 1<<22, 1<<22, time.Minute, []string{"v2", "mlflow"}
	a, err := New(loadModel(t), o)
	require.NoError(t, err)
	return a
}

// says posts a body to a path, and returns status and answer.
func says(a *API, path, body string, headers ...string) (int, string) {
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(body))
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	Speak([]string{"v2", "mlflow"}, a).ServeHTTP(w, r)
	return w.Code, w.Body.String()
}

// others are applicants beside the usual one: one whose optional fields are null.
const other = `{"income": 5100233, "age": 77.5, "experience": 0, "married": null, "house_ownership": "owned", "car_ownership": null, ` +
	`"profession": "surgeon", "city": "bhopal", "state": "madhya_pradesh", "current_job_yrs": 0, "current_house_yrs": 14}`

// scoresOf are the core's own scores of applicants in JSON.
func scoresOf(t *testing.T, m *core.Model, applicants ...string) (scores []core.Score) {
	t.Helper()
	shape := rows.NewShape(m.Schema())
	for _, text := range applicants {
		var row rows.Row
		shape.Object(&row, []byte(text), 1)
		require.Empty(t, row.Faults)
		scores = append(scores, m.Score(row.Record))
	}
	return scores
}

// columnsOf are applicants in JSON by their members.
func columnsOf(t *testing.T, applicants ...string) map[string][]json.RawMessage {
	t.Helper()
	columns := map[string][]json.RawMessage{}
	for _, text := range applicants {
		var members map[string]json.RawMessage
		require.NoError(t, json.Unmarshal([]byte(text), &members))
		for name, value := range members {
			columns[name] = append(columns[name], value)
		}
	}
	return columns
}

func inJSONText(t *testing.T, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	require.NoError(t, err)
	return string(text)
}

// What counts for the API counts for all protocols: records, observers, budgets.
func TestProtocolsAreRecordedAndObserved(t *testing.T) {
	var s seen
	var kept []*record.Batch
	a := newSpeaker(t, Options{Observer: &s, Keep: func(_ context.Context, b *record.Batch) error {
		kept = append(kept, b)
		return nil
	}})
	old := strings.Replace(applicant, "34", "12", 1)
	says(a, "/invocations", `{"inputs": [`+applicant+`,`+applicant+`]}`)
	says(a, inferPath, `{"inputs": `+inJSONText(t, tensorsOf(t, applicant))+`}`)
	says(a, "/invocations", `{"dataframe_split": `+frameOf(t, applicant, old)+`}`)
	says(a, inferPath, `{"inputs": `+inJSONText(t, tensorsOf(t, old))+`}`)
	assert.Equal(t, seen{3, []string{"age", "age"}}, s)
	require.Len(t, kept, 4)
	assert.Len(t, kept[0].Predictions, 2)
	assert.Equal(t, scoresOf(t, a.model, applicant)[0], kept[1].Predictions[0].Score)
	assert.Equal(t, 1, kept[2].Predictions[0].Place)
	assert.Contains(t, kept[3].Predictions[0].Fault, "age: ")
}

func TestManyFaultsAreToldInShort(t *testing.T) {
	a := newSpeaker(t, Options{})
	for n, want := range map[int]string{10: "applicant 9: ", 11: "and 1 more applicants.", 30: "and 20 more applicants."} {
		status, answer := says(a, "/invocations", `{"inputs": [`+strings.Repeat(",{}", n)[1:]+`]}`)
		assert.Equal(t, http.StatusBadRequest, status)
		assert.Contains(t, answer, want)
		assert.Equal(t, n > 10, strings.Contains(answer, "more applicants"))
		assert.Equal(t, min(n, 10), strings.Count(answer, "income: "))
	}
	_, answer := says(a, inferPath, `{"inputs": [{"name": "`+strings.Repeat("x", 100)+`"}]}`)
	assert.Equal(t, `{"error":"unexpected input \"`+strings.Repeat("x", 64)+`\""}`, answer)
}

// around lies around another writer.
type around struct{ http.ResponseWriter }

func (a around) Unwrap() http.ResponseWriter { return a.ResponseWriter }

// Around the writer of a protocol there may be others.
func TestWordsAreFoundInOtherWriters(t *testing.T) {
	w := httptest.NewRecorder()
	Speak([]string{"v2"}, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		Fail(around{w}, http.StatusTeapot, "x")
	})).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/v2/x", nil))
	assert.Equal(t, `{"error":"x"}`, w.Body.String())
}

// Wherever the memory ends, a request is refused and gives back what it has.
func TestProtocolsAreRefusedWhereMemoryEnds(t *testing.T) {
	many := make([]string, 200)
	for i := range many {
		many[i] = applicant
	}
	inputs := tensorsOf(t, many...)
	var behind []byte
	for _, tensor := range inputs {
		data := bytesOf(t, tensor["datatype"].(string), tensor["data"].([]json.RawMessage))
		tensor["parameters"] = map[string]any{"binary_data_size": len(data)}
		behind = append(behind, data...)
	}
	written := inJSONText(t, map[string]any{"inputs": tensorsOf(t, many...)})
	for _, tensor := range inputs {
		delete(tensor, "data")
	}
	header := inJSONText(t, map[string]any{"inputs": inputs})
	for name, c := range map[string]struct{ path, body, length string }{
		"tensors": {inferPath, written, ""},
		"bytes":   {inferPath, header + string(behind), strconv.Itoa(len(header))},
		"columns": {"/invocations", `{"inputs": ` + inJSONText(t, columnsOf(t, many...)) + `}`, ""},
		"frame":   {"/invocations", `{"dataframe_split": ` + strings.ReplaceAll(frameOf(t, many...), `"}{"`, "NaN") + `}`, ""},
	} {
		statuses := map[int]int{}
		for limit := int64(16 << 10); limit < 16<<20; limit += limit / 16 {
			budget := rows.NewBudget(limit, nil)
			a := newSpeaker(t, Options{Budget: budget})
			a.budgets.patience = 0
			status, answer := says(a, c.path, c.body, headerLength, c.length)
			statuses[status]++
			assert.Zero(t, budget.Taken(), name)
			assert.True(t, json.Valid([]byte(answer)))
		}
		assert.Positive(t, statuses[http.StatusRequestEntityTooLarge], name)
		assert.Positive(t, statuses[http.StatusOK], name)
		assert.Equal(t, 0, statuses[http.StatusBadRequest], name)
	}
}

// Short values and short rows cost many times what they are long by.
func TestProtocolsHoldPartsOfABudget(t *testing.T) {
	budget := rows.NewBudget(8<<20, nil)
	a := newSpeaker(t, Options{Budget: budget})
	values := strings.Repeat("1,", 1<<20)
	for _, c := range []struct{ path, body string }{
		{inferPath, `{"inputs": [{"name": "age", "datatype": "FP64", "shape": [1048577], "data": [` + values + `1]}]}`},
		{"/invocations", `{"inputs": {"age": [` + values + `1]}}`},
		{"/invocations", `{"dataframe_split": {"columns": ["current_house_yrs"], "data": [` + strings.Repeat("[1],", 1<<19) + `[1]]}}`},
	} {
		status, _ := says(a, c.path, c.body)
		assert.Equal(t, http.StatusRequestEntityTooLarge, status)
		assert.Equal(t, int64(0), budget.Taken(), "all is given back")
	}
	status, _ := says(a, "/invocations", `{"inputs": [`+applicant+`]}`)
	assert.Equal(t, http.StatusOK, status)

	// Cutting alone is too much, before anybody sees that the request is none.
	header := `{"inputs": [{"name": "age", "datatype": "BOOL", "shape": [1], "parameters": {"binary_data_size": 100000}}]}`
	for _, c := range []struct{ body, length string }{
		{`{"inputs": [], "outputs": [` + strings.Repeat("1,", 100_000) + `1]}`, ""}, {header + strings.Repeat("x", 100_000), strconv.Itoa(len(header))},
	} {
		status, answer := says(a, inferPath, c.body, headerLength, c.length)
		assert.Equal(t, http.StatusRequestEntityTooLarge, status, answer)
		status, _ = says(newSpeaker(t, Options{}), inferPath, c.body, headerLength, c.length)
		assert.Equal(t, http.StatusBadRequest, status)
	}
}

// Whatever is asked, the answer is JSON of the protocol, and nothing breaks.
func FuzzProtocols(f *testing.F) {
	m, err := shipped()
	require.NoError(f, err)
	a, err := New(m, Options{MaxBody: 1 << 16, MaxBatch: 100, Protocols: []string{"v2", "mlflow"}})
	require.NoError(f, err)
	for _, body := range []string{
		`{"inputs": [` + applicant + `]}`, `{"dataframe_split": {"columns": ["age"], "data": [[NaN], [1]]}}`, `{"inputs": {"age": [1, [2]]}}`,
		`{"id": "x", "inputs": [{"name": "age", "shape": [1, 1], "datatype": "FP32", "data": [[1]]}], "outputs": [{"name": "prediction"}]}`,
		`{"inputs": [{"name": "city", "shape": [1], "datatype": "BYTES", "parameters": {"binary_data_size": 5}}]}` + "\x01\x00\x00\x00a",
	} {
		f.Add(body, len(body), true)
		f.Add(body, 0, false)
	}
	f.Fuzz(func(t *testing.T, body string, length int, behind bool) {
		headers := []string{}
		if behind {
			headers = []string{headerLength, strconv.Itoa(length)}
		}
		for _, path := range []string{inferPath, "/invocations"} {
			status, answer := says(a, path, body, headers...)
			require.Contains(t, []int{http.StatusOK, http.StatusBadRequest, http.StatusRequestEntityTooLarge}, status, answer)
			require.True(t, json.Valid([]byte(answer)), answer)
		}
	})
}
