package api

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"lendleaf/core"
)

// exchange is one recorded request to the reference service, and its answer.
type exchange struct {
	Name, Method, Path, Body string
	Headers                  map[string]string
	Status                   int
	Response                 any
}

// shipped decodes the shipped model once for all tests.
var shipped = sync.OnceValues(func() (*core.Model, error) {
	return core.LoadFile(filepath.Join("..", "..", "site", "model", "loan-default.lendleaf"))
})

func loadModel(t testing.TB) *core.Model {
	t.Helper()
	m, err := shipped()
	require.NoError(t, err)
	return m
}

// newAPI serves the shipped model.
func newAPI(t testing.TB) *API {
	t.Helper()
	a, err := New(loadModel(t), Options{MaxBody: 1 << 26, MaxStream: 1 << 40, Pause: time.Minute})
	require.NoError(t, err)
	return a
}

func readExchanges(t *testing.T, r io.Reader) []exchange {
	t.Helper()
	var all []exchange
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 1<<22)
	for lines.Scan() {
		var e exchange
		require.NoError(t, json.Unmarshal(lines.Bytes(), &e))
		all = append(all, e)
	}
	require.NoError(t, lines.Err())
	require.NotEmpty(t, all)
	return all
}

func unpacked(t *testing.T, name string) io.Reader {
	t.Helper()
	f, err := os.Open(name)
	require.NoError(t, err)
	t.Cleanup(func() { f.Close() })
	r, err := gzip.NewReader(f)
	require.NoError(t, err)
	return r
}

// The sample is every eighth of the recorded exchanges of the reference
// service and all of the rarer kinds; testdata/README.md says more.
func TestSampleOfTheContract(t *testing.T) {
	replay(t, readExchanges(t, unpacked(t, "testdata/exchanges.jsonl.gz")))
}

func TestWholeContract(t *testing.T) {
	const name = "../../../shared/contract/exchanges.jsonl.gz"
	if _, err := os.Stat(name); err != nil {
		t.Skip("there is no ../shared/contract/exchanges.jsonl.gz")
	}
	replay(t, readExchanges(t, unpacked(t, name)))
}

func replay(t *testing.T, exchanges []exchange) {
	a := newAPI(t)
	for _, e := range exchanges {
		t.Run(e.Name, func(t *testing.T) { compare(t, a, e) })
	}
}

func compare(t *testing.T, a *API, e exchange) {
	r := httptest.NewRequest(e.Method, e.Path, strings.NewReader(e.Body))
	for name, value := range e.Headers {
		r.Header.Set(name, value)
	}
	w := httptest.NewRecorder()
	a.ServeHTTP(w, r)
	if e.Status == http.StatusInternalServerError {
		assert.Equal(t, http.StatusUnprocessableEntity, w.Code) // where the reference crashes
		return
	}
	require.Equal(t, e.Status, w.Code, "%s\n%s", e.Body, w.Body)
	var got any
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &got))
	if e.Status == http.StatusOK {
		compareScores(t, a.model, e.Response, got)
		return
	}
	assert.Equal(t, comparable(e.Response), comparable(got), e.Body)
}

// compareScores checks what does not depend on the forest, since the recorded
// one is not at hand.
func compareScores(t *testing.T, m *core.Model, want, got any) {
	answer := got.(map[string]any)
	results := answer["results"].([]any)
	require.Len(t, results, len(want.(map[string]any)["results"].([]any)))
	assert.EqualValues(t, len(results), answer["n_predictions"])
	for _, r := range results {
		result := r.(map[string]any)
		p := result["probabilities"].(map[string]any)
		require.Len(t, p, 2)
		yes, no := p["Default"].(float64), p["No Default"].(float64)
		assert.InDelta(t, 1, yes+no, 0.002)
		switch result["prediction"] {
		case "Default":
			assert.GreaterOrEqual(t, yes, m.Threshold()-0.0005)
		case "No Default":
			assert.LessOrEqual(t, yes, m.Threshold()+0.0005)
		default:
			t.Errorf("prediction %v", result["prediction"])
		}
	}
}

// comparable levels out where the contract says that answers may differ: the
// city that the reference's list lacks.
func comparable(v any) any {
	switch v := v.(type) {
	case string:
		return strings.ReplaceAll(strings.ReplaceAll(v, "'amaravati', ", ""), "'bhadravati', ", "")
	case json.Number:
		if f, err := v.Float64(); err == nil {
			return f
		}
	case []any:
		for i := range v {
			v[i] = comparable(v[i])
		}
	case map[string]any:
		for key := range v {
			v[key] = comparable(v[key])
		}
	}
	return v
}
