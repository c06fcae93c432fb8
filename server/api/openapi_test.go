package api

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/pb33f/libopenapi"
	validator "github.com/pb33f/libopenapi-validator"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"lendleaf/core/metrics"
	"lendleaf/core/quality"
)

func get(t *testing.T, a *API, path string) []byte {
	t.Helper()
	w := httptest.NewRecorder()
	a.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
	require.Equal(t, http.StatusOK, w.Code)
	return w.Body.Bytes()
}

func newValidator(t *testing.T, a *API) validator.Validator {
	t.Helper()
	document, err := libopenapi.NewDocument(get(t, a, "/openapi.json"))
	require.NoError(t, err)
	v, errs := validator.NewValidator(document)
	require.Empty(t, errs)
	return v
}

func TestDescriptionIsOpenAPI(t *testing.T) {
	for _, guarded := range []bool{false, true} {
		a, err := New(loadModel(t), Options{Guarded: guarded})
		require.NoError(t, err)
		valid, faults := newValidator(t, a).ValidateDocument()
		assert.True(t, valid, "%v", faults)
		assert.Equal(t, guarded, bytes.Contains(get(t, a, "/openapi.json"), []byte(`"401"`)))
	}
}

// What the reference took is valid, and what it refused for what a field holds
// is not; every answer is as described.
func TestRecordedExchangesAreAsDescribed(t *testing.T) {
	a := newAPI(t)
	v := newValidator(t, a)
	kinds := map[int]int{}
	for _, e := range readExchanges(t, unpacked(t, "testdata/exchanges.jsonl.gz")) {
		if e.Path != "/api/predict" || e.Method != http.MethodPost || !json.Valid([]byte(e.Body)) {
			continue
		}
		request := func() *http.Request {
			r := httptest.NewRequest(e.Method, e.Path, strings.NewReader(e.Body))
			r.Header.Set("Content-Type", "application/json")
			return r
		}
		w := httptest.NewRecorder()
		a.ServeHTTP(w, request())
		kinds[w.Code]++
		if !strings.Contains(e.Body, "e400") { // which JSON Schema takes for a number
			taken, faults := v.ValidateHttpRequest(request())
			assert.Equal(t, w.Code == http.StatusOK, taken, "%s: %s\n%v", e.Name, e.Body, faults)
		}
		asDescribed, faults := v.ValidateHttpResponse(request(), w.Result())
		assert.True(t, asDescribed, "%s: %v", e.Name, faults)
	}
	assert.Greater(t, kinds[http.StatusOK], 5)
	assert.Greater(t, kinds[http.StatusUnprocessableEntity], 20)
}

func TestModelIsDescribed(t *testing.T) {
	m := loadModel(t)
	report := `{"model":{"hash":"` + m.Hash() + `"},"by_person":{"rows":7,"figures":{"auc_pr":0.25}},"random":{"rows":9}}`
	a, err := New(m, Options{Report: []byte(report)})
	require.NoError(t, err)
	var f facts
	require.NoError(t, json.Unmarshal(get(t, a, "/api/model"), &f))
	assert.Equal(t, m.Hash(), f.Hash)
	assert.Equal(t, m.Threshold(), f.Threshold)
	assert.Len(t, f.Fields, len(m.Schema().Fields))
	assert.Equal(t, m.Training(), f.Training)
	assert.Nil(t, f.Score.Rates, "the shipped model's calibration does not hold")
	require.NotNil(t, f.Metrics)
	assert.Equal(t, quality.Summary{Rows: 7, Figures: metrics.Figures{AUCPR: 0.25}}, f.Metrics.ByPerson)

	a, err = New(m, Options{Report: []byte(strings.Replace(report, m.Hash()[:6], "000000", 1))})
	require.NoError(t, err)
	f = facts{}
	require.NoError(t, json.Unmarshal(get(t, a, "/api/model"), &f))
	assert.Nil(t, f.Metrics, "the report of another model says nothing about this one")

	_, err = New(m, Options{Report: []byte("{")})
	require.Error(t, err)
}

func TestDescriptionsAreOnlyRead(t *testing.T) {
	a := newAPI(t)
	for _, path := range []string{"/api/model", "/openapi.json"} {
		w := httptest.NewRecorder()
		a.ServeHTTP(w, httptest.NewRequest(http.MethodPost, path, nil))
		assert.Equal(t, http.StatusMethodNotAllowed, w.Code)
		assert.Equal(t, "GET, HEAD", w.Header().Get("Allow"))
		body, err := io.ReadAll(w.Body)
		require.NoError(t, err)
		assert.JSONEq(t, `{"detail":"Method Not Allowed"}`, string(body))
	}
}
