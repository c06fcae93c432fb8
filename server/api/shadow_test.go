package api

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"lendleaf/server/record"
)

// A second model is asked once the answer is out, with what was scored and nothing
// else; without records too.
func TestTheChallengerIsAskedAfterwards(t *testing.T) {
	line := strings.ReplaceAll(applicant, "\n", "")
	faulty := strings.Replace(line, "34", "12", 1)
	for name, c := range map[string]struct {
		contentType, body string
		applicants        int
	}{
		"one":       {"", applicant, 1},
		"some":      {"", "[" + applicant + "," + applicant + "]", 2},
		"none":      {"", "[]", 0},
		"at fault":  {"", "[" + applicant + "," + faulty + "]", 0},
		"no JSON":   {"", "{", 0},
		"rows":      {"application/x-ndjson", line + "\n" + faulty + "\n" + line, 2},
		"many rows": {"application/x-ndjson", strings.Repeat(line+"\n", 1300), 1300},
	} {
		for _, recorded := range []bool{false, true} {
			w := httptest.NewRecorder()
			asked := 0
			r := &recorder{}
			o := Options{MaxBody: 1 << 26, MaxStream: 1 << 40, Pause: time.Minute, Shadow: func(b *record.Batch) {
				assert.NotZero(t, w.Body.Len(), "%s: the answer is not out", name)
				for _, p := range b.Predictions {
					if p.Fault == "" {
						asked++
					}
				}
			}}
			if recorded {
				o.Keep = r.keep
			}
			a, err := New(loadModel(t), o)
			require.NoError(t, err)
			request := httptest.NewRequest(http.MethodPost, "/api/predict", strings.NewReader(c.body))
			request.Header.Set("Content-Type", c.contentType)
			a.ServeHTTP(w, request)
			assert.Equal(t, c.applicants, asked, name)
			assert.Equal(t, recorded && c.contentType == "" && (name == "one" || name == "no JSON"), w.Header().Get(predictionHeader) != "", name)
		}
	}
}

// What must be recorded and cannot be is not answered, and no other model is asked.
func TestTheChallengerIsNotAskedInPlaceOfAnAnswer(t *testing.T) {
	for _, contentType := range []string{"", "application/x-ndjson"} {
		a, err := New(loadModel(t), Options{
			MaxBody: 1 << 26, MaxStream: 1 << 40, Pause: time.Minute,
			Keep:   func(context.Context, *record.Batch) error { return errors.New("full") },
			Shadow: func(*record.Batch) { t.Error("it was asked") },
		})
		require.NoError(t, err)
		w := post(a, contentType, "", strings.NewReader(strings.ReplaceAll(applicant, "\n", "")))
		assert.Equal(t, http.StatusServiceUnavailable, w.Code)
	}
}
