package checks

import (
	"bufio"
	"compress/gzip"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/pb33f/libopenapi"
	validator "github.com/pb33f/libopenapi-validator"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"lendleaf/core"
	"lendleaf/server/api"
	"lendleaf/server/record"
)

func newAPI(t *testing.T, o api.Options) *api.API {
	t.Helper()
	file, err := os.ReadFile("../../site/model/loan-default.lendleaf")
	require.NoError(t, err)
	m, err := core.Load(file)
	require.NoError(t, err)
	a, err := api.New(m, o)
	require.NoError(t, err)
	return a
}

func description(t *testing.T, a *api.API) []byte {
	t.Helper()
	w := httptest.NewRecorder()
	a.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/openapi.json", nil))
	require.Equal(t, http.StatusOK, w.Code)
	return w.Body.Bytes()
}

func newValidator(t *testing.T, a *api.API) validator.Validator {
	t.Helper()
	document, err := libopenapi.NewDocument(description(t, a))
	require.NoError(t, err)
	v, errs := validator.NewValidator(document)
	require.Empty(t, errs)
	return v
}

func TestDescriptionIsOpenAPI(t *testing.T) {
	keep := func(context.Context, *record.Batch) error { return nil }
	for _, o := range []api.Options{{}, {Guarded: true}, {Keep: keep}} {
		valid, faults := newValidator(t, newAPI(t, o)).ValidateDocument()
		assert.True(t, valid, "%v", faults)
	}
}

func TestModelIsAsDescribed(t *testing.T) {
	a := newAPI(t, api.Options{})
	request, w := httptest.NewRequest(http.MethodGet, "/api/model", nil), httptest.NewRecorder()
	a.ServeHTTP(w, request)
	asDescribed, faults := newValidator(t, a).ValidateHttpResponse(request, w.Result())
	assert.True(t, asDescribed, "%v", faults)
}

// exchange is one recorded request to the reference service.
type exchange struct{ Name, Method, Path, Body string }

func recordedExchanges(t *testing.T) []exchange {
	t.Helper()
	f, err := os.Open("../../server/api/testdata/exchanges.jsonl.gz")
	require.NoError(t, err)
	defer f.Close()
	r, err := gzip.NewReader(f)
	require.NoError(t, err)
	var all []exchange
	for d := json.NewDecoder(bufio.NewReader(r)); ; {
		var e exchange
		err := d.Decode(&e)
		if err == io.EOF {
			return all
		}
		require.NoError(t, err)
		all = append(all, e)
	}
}

// What the reference took is valid, and what it refused for what a field holds
// is not; every answer is as described.
func TestRecordedExchangesAreAsDescribed(t *testing.T) {
	a := newAPI(t, api.Options{MaxBody: 1 << 26})
	v := newValidator(t, a)
	kinds := map[int]int{}
	for _, e := range recordedExchanges(t) {
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
