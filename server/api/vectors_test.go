package api

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The file of vectors that every way of scoring is checked with.
func TestVectorsOverHTTP(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "core", "testdata", "vectors.json"))
	require.NoError(t, err)
	var file struct {
		Vectors []struct {
			Input       json.RawMessage
			Faults      []struct{ Field string }
			Probability string
			Prediction  string
		}
	}
	require.NoError(t, json.Unmarshal(text, &file))
	require.NotEmpty(t, file.Vectors)
	a := newAPI(t)
	for _, v := range file.Vectors {
		w := httptest.NewRecorder()
		a.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/api/predict", strings.NewReader(string(v.Input))))
		if v.Faults != nil {
			require.Equal(t, http.StatusUnprocessableEntity, w.Code, "%s", v.Input)
			for _, f := range v.Faults {
				assert.Contains(t, w.Body.String(), `"loc":["body","PipelineInput","`+f.Field+`"`)
			}
			continue
		}
		p, err := strconv.ParseFloat(v.Probability, 64)
		require.NoError(t, err)
		assert.JSONEq(t, `{"n_predictions":1,"results":[{"prediction":"`+v.Prediction+`","probabilities":{"Default":`+
			strconv.FormatFloat(p, 'f', 3, 64)+`,"No Default":`+strconv.FormatFloat(1-p, 'f', 3, 64)+`}}]}`, w.Body.String(), "%s", v.Input)
	}
}

func TestPathsAndMethods(t *testing.T) {
	a, err := New(loadModel(t), Options{MaxBody: 100})
	require.NoError(t, err)
	for _, c := range []struct {
		method, path, body string
		status             int
		want               string
	}{
		{http.MethodGet, "/api/predict", "", http.StatusMethodNotAllowed, `{"detail":"Method Not Allowed"}`},
		{http.MethodHead, "/api/predict", "", http.StatusMethodNotAllowed, `{"detail":"Method Not Allowed"}`},
		{http.MethodOptions, "/api/predict", "", http.StatusMethodNotAllowed, `{"detail":"Method Not Allowed"}`},
		{http.MethodGet, "/api/nothing", "", http.StatusNotFound, `{"detail":"Not Found"}`},
		{http.MethodPost, "/api", "", http.StatusNotFound, `{"detail":"Not Found"}`},
		{http.MethodPost, "/api/predict", "[]", http.StatusOK, `{"results":[],"n_predictions":0}`},
		{http.MethodPost, "/api/predict", strings.Repeat(" ", 101), http.StatusRequestEntityTooLarge, `{"detail":"Request Entity Too Large"}`},
		{http.MethodPost, "/api/predict", "\"\xff\"", http.StatusBadRequest, `{"detail":"There was an error parsing the body"}`},
	} {
		w := httptest.NewRecorder()
		a.ServeHTTP(w, httptest.NewRequest(c.method, c.path, strings.NewReader(c.body)))
		assert.Equal(t, c.status, w.Code, "%s %s", c.method, c.path)
		assert.JSONEq(t, c.want, w.Body.String())
		if c.status == http.StatusMethodNotAllowed {
			assert.Equal(t, http.MethodPost, w.Header().Get("Allow"))
		}
	}
	w := httptest.NewRecorder()
	a.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/api/predict/", nil))
	assert.Equal(t, http.StatusTemporaryRedirect, w.Code)
	assert.Equal(t, "../predict", w.Header().Get("Location"))
}

// What is wrong with the reference, and right here.
func TestRightWhereTheReferenceIsWrong(t *testing.T) {
	a := newAPI(t)
	for body, want := range map[string]string{
		`{"age": NaN}`:                        `"type":"json_invalid"`,
		`{"age": -Infinity}`:                  `"type":"json_invalid"`,
		`{"age": 1e400}`:                      `"msg":"Input should be a finite number","input":"1e400"`,
		`{"city": "\ud800"}`:                  `"input":"` + "\ufffd" + `"`,
		`{"city": "amaravati", "age": "old"}`: `"constrained-int"`,
	} {
		w := httptest.NewRecorder()
		a.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/api/predict", strings.NewReader(body)))
		assert.Equal(t, http.StatusUnprocessableEntity, w.Code, body)
		assert.Contains(t, w.Body.String(), want, body)
		assert.True(t, json.Valid(w.Body.Bytes()), body)
	}
}

func BenchmarkOneApplicant(b *testing.B) { benchmark(b, 1) }

func BenchmarkTenThousandApplicants(b *testing.B) { benchmark(b, 10_000) }

func benchmark(b *testing.B, rows int) {
	const applicant = `{"income": 1250000, "age": 34, "experience": 6, "married": "single", "house_ownership": "rented", "car_ownership": "no",
		"profession": "civil_engineer", "city": "patna", "state": "bihar", "current_job_yrs": 4, "current_house_yrs": 12}`
	body := applicant
	if rows > 1 {
		body = "[" + strings.Repeat(applicant+",", rows-1) + applicant + "]"
	}
	a := newAPI(b)
	b.ReportAllocs()
	for b.Loop() {
		w := httptest.NewRecorder()
		a.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/api/predict", strings.NewReader(body)))
		require.Equal(b, http.StatusOK, w.Code)
	}
	b.ReportMetric(float64(rows*b.N)/b.Elapsed().Seconds(), "rows/s")
}
