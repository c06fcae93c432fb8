package api

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"lendleaf/core"
	"lendleaf/core/schema"
)

// seen notes what it is told.
type seen struct {
	scored int
	faulty []string
}

func (s *seen) Scored(records []schema.Record, scores []core.Score) {
	if len(records) == len(scores) {
		s.scored += len(scores)
	}
}
func (s *seen) Faulty(field string) { s.faulty = append(s.faulty, field) }

// Whatever the form of a body, all its applicants are told of, and each field at
// fault, or the whole.
func TestObserversAreTold(t *testing.T) {
	old := strings.Replace(applicant, `"age": 34`, `"age": 340`, 1)
	require.NotEqual(t, applicant, old)
	oldRow := strings.Replace(csvRow, ",34,", ",340,", 1)
	for name, c := range map[string]struct {
		contentType, body string
		scored            int
		faulty            []string
	}{
		"one":             {"application/json", applicant, 1, nil},
		"two":             {"application/json", "[" + applicant + "," + applicant + "]", 2, nil},
		"one at fault":    {"application/json", old, 0, []string{"age"}},
		"rows of JSON":    {typeNDJSON, applicant + "\n" + old + "\n" + applicant, 2, []string{"age"}},
		"rows of CSV":     {"text/csv", csvHeader + csvRow + oldRow + csvRow + csvRow, 3, []string{"age"}},
		"a row is no row": {typeNDJSON, "5\n" + applicant, 1, []string{""}},
	} {
		t.Run(name, func(t *testing.T) {
			var s seen
			a, err := New(loadModel(t), Options{MaxBody: 1 << 20, MaxBatch: 10, MaxStream: 1 << 20, Pause: time.Minute, Observer: &s})
			require.NoError(t, err)
			post(a, c.contentType, "", strings.NewReader(c.body))
			assert.Equal(t, seen{c.scored, c.faulty}, s)
		})
	}
}

func TestRedirectsHaveNoBody(t *testing.T) {
	w := httptest.NewRecorder()
	Redirect(w, httptest.NewRequest(http.MethodPost, "/here/?a=b", nil))
	assert.Equal(t, http.StatusTemporaryRedirect, w.Code)
	assert.Equal(t, "../here?a=b", w.Header().Get("Location"))
	assert.Equal(t, "0", w.Header().Get("Content-Length"))
	assert.Empty(t, w.Body.Bytes())
}

// A path that lacks a slash, or has one too many, is counted as the one that is
// meant.
func TestPatternsAreOfRoutes(t *testing.T) {
	nothing := http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})
	routes := &Routes{Paths: map[string]http.Handler{"/here": nothing, "/there/": nothing}, Other: nothing}
	for path, want := range map[string]string{"/here": "/here", "/here/": "/here", "/there": "/there/", "/there/": "/there/", "/elsewhere": "/"} {
		r := httptest.NewRequest(http.MethodGet, path, nil)
		routes.ServeHTTP(httptest.NewRecorder(), r)
		assert.Equal(t, want, r.Pattern, path)
	}
}
