package api

import (
	"bufio"
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What FastAPI and pydantic make of bodies that nobody sends by mistake;
// testdata/hostile.py records it.
func TestHostileBodies(t *testing.T) {
	a := newAPI(t)
	lines := bufio.NewScanner(unpacked(t, "testdata/hostile.jsonl.gz"))
	lines.Buffer(nil, 1<<20)
	statuses := map[int]int{}
	for lines.Scan() {
		var e struct {
			Headers  map[string]string
			Body     []byte
			Status   int
			Response json.RawMessage
		}
		require.NoError(t, json.Unmarshal(lines.Bytes(), &e))
		statuses[e.Status]++
		w := post(a, e.Headers["content-type"], "", bytes.NewReader(e.Body))
		require.Equal(t, e.Status, w.Code, "%q", e.Body)
		if e.Status != http.StatusOK {
			assert.Equal(t, comparable(parsed(t, e.Response)), comparable(parsed(t, w.Body.Bytes())), "%q", e.Body)
			continue
		}
		// The response is what the body was taken for, and must score alike.
		again := post(a, "application/json", "", bytes.NewReader(e.Response))
		assert.Equal(t, http.StatusOK, again.Code)
		assert.Equal(t, again.Body.String(), w.Body.String(), "%q", e.Body)
	}
	require.NoError(t, lines.Err())
	assert.Greater(t, statuses[http.StatusOK], 100)
	assert.Greater(t, statuses[http.StatusBadRequest], 10)
	assert.Greater(t, statuses[http.StatusUnprocessableEntity], 400)
}

// parsed reads JSON in which integers may be past all float64.
func parsed(t *testing.T, text []byte) (v any) {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	require.NoError(t, d.Decode(&v))
	return v
}

// Everybody can read an answer, whatever was asked.
func TestAnswersHaveNoNumberPastAllFloats(t *testing.T) {
	a := newAPI(t)
	for body, want := range map[string]string{
		`1e400`:                             `"input":"1e400"`,
		`{"note": [1e400, -1e999, 1e5]}`:    `"input":{"note":["1e400","-1e999",1e5]}`,
		`[{"city": 1` + zeros(309) + `.0}]`: `"input":"1` + zeros(309) + `.0"`,
	} {
		w := post(a, "application/json", "", strings.NewReader(body))
		assert.Equal(t, http.StatusUnprocessableEntity, w.Code, body)
		assert.Contains(t, w.Body.String(), want, body)
		var answer any
		require.NoError(t, json.Unmarshal(w.Body.Bytes(), &answer), body)
	}
}

func zeros(n int) string { return strings.Repeat("0", n) }

// Surrogates that were written as if they were UTF-8 are half of something.
func TestHalvesOfSurrogatePairsAreMended(t *testing.T) {
	a := newAPI(t)
	for _, city := range []string{"\xed\xa0\x80", `\ud800`} {
		w := post(a, "application/json", "", strings.NewReader(strings.Replace(applicant, "patna", city, 1)))
		assert.Equal(t, http.StatusUnprocessableEntity, w.Code)
		assert.Contains(t, w.Body.String(), `"input":"`+"\ufffd"+`"`)
	}
}

func TestPathsAreTakenAsTheyCome(t *testing.T) {
	a := newAPI(t)
	for path, want := range map[string]struct {
		status   int
		location string
	}{
		"/api/predict?x=1":           {http.StatusOK, ""},
		"/api/%70redict":             {http.StatusOK, ""},
		"/api%2Fpredict":             {http.StatusOK, ""},
		"/api/predict/?x=1&y=%20":    {http.StatusTemporaryRedirect, "../predict?x=1&y=%20"},
		"/api/predict//":             {http.StatusTemporaryRedirect, "../../predict"},
		"/api%2Fpredict/":            {http.StatusTemporaryRedirect, "../api%2Fpredict"},
		"/api/predict%2F":            {http.StatusTemporaryRedirect, "./predict"},
		"/openapi.json/":             {http.StatusTemporaryRedirect, "../openapi.json"},
		"//api/predict":              {http.StatusNotFound, ""},
		"/api//predict":              {http.StatusNotFound, ""},
		"/api/./predict":             {http.StatusNotFound, ""},
		"/api/x/../predict":          {http.StatusNotFound, ""},
		"/API/predict":               {http.StatusNotFound, ""},
		"/api/predict%20":            {http.StatusNotFound, ""},
		"/api":                       {http.StatusNotFound, ""},
		"/api/":                      {http.StatusNotFound, ""},
		"//elsewhere.example/":       {http.StatusNotFound, ""},
		"/api/predict;a=b":           {http.StatusNotFound, ""},
		"/api/predict/%2e%2e/predic": {http.StatusNotFound, ""},
	} {
		w := httptest.NewRecorder()
		a.ServeHTTP(w, httptest.NewRequest(http.MethodPost, path, strings.NewReader("[]")))
		assert.Equal(t, want.status, w.Code, path)
		assert.Equal(t, want.location, w.Header().Get("Location"), path)
		if w.Code == http.StatusNotFound {
			assert.JSONEq(t, `{"detail":"Not Found"}`, w.Body.String(), path)
		}
	}
}

// Faults may be a thousand times as long as what they are about.
func TestManyFaultsAreNeverHeldTogether(t *testing.T) {
	a, err := New(loadModel(t), Options{MaxBody: 1 << 26, MaxBatch: 10_000, Pause: time.Minute})
	require.NoError(t, err)
	ask := func(n int) *counter {
		c := &counter{ResponseWriter: httptest.NewRecorder()}
		a.ServeHTTP(c, httptest.NewRequest(http.MethodPost, "/api/predict", strings.NewReader("["+strings.Repeat(`{"city":1},`, n-1)+"{}]")))
		return c
	}
	small := ask(100)
	large := ask(10_000)
	assert.Greater(t, large.bytes, 50<<20)
	assert.Less(t, large.heap, small.heap+32<<20)

	w := post(a, "application/json", "", strings.NewReader("["+strings.Repeat(`{},`, 10_000)+"{}]"))
	assert.Equal(t, http.StatusRequestEntityTooLarge, w.Code, "a batch is too large whether it is right or wrong")
}
