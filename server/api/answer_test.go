package api

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// No answer is kept on its way, since it is about a person: RFC 9111, section
// 5.2.2.5.
func TestAnswersAreNotStored(t *testing.T) {
	a := newAPI(t)
	for name, c := range map[string]struct {
		contentType, body string
		status            int
	}{
		"one":             {"application/json", applicant, http.StatusOK},
		"several":         {"application/json", "[" + applicant + "]", http.StatusOK},
		"at fault":        {"application/json", "{}", http.StatusUnprocessableEntity},
		"many faults":     {"application/json", "[" + strings.Repeat("{},", 1000) + "{}]", http.StatusUnprocessableEntity},
		"no JSON":         {"application/json", "{", http.StatusUnprocessableEntity},
		"no text":         {"application/json", "\xff", http.StatusBadRequest},
		"rows of CSV":     {typeCSV, csvHeader + csvRow, http.StatusOK},
		"rows of JSON":    {typeNDJSON, applicant, http.StatusOK},
		"an empty header": {typeCSV, "", http.StatusUnprocessableEntity},
	} {
		w := post(a, c.contentType, "", strings.NewReader(c.body))
		assert.Equal(t, c.status, w.Code, name)
		assert.Equal(t, []string{"no-store"}, w.Header().Values("Cache-Control"), name)
	}
}

// As many applicants as a batch may have are answered; one more is too many,
// right or wrong, and JSON that is broken is told first.
func TestBatchesHaveALimit(t *testing.T) {
	a, err := New(loadModel(t), Options{MaxBody: 1 << 20, MaxBatch: 2, Pause: time.Minute})
	require.NoError(t, err)
	for body, status := range map[string]int{
		"[]":                                    http.StatusOK,
		applicant:                               http.StatusOK,
		"[" + applicant + "]":                   http.StatusOK,
		"[" + applicant + "," + applicant + "]": http.StatusOK,
		"[" + applicant + "," + applicant + "," + applicant + "]": http.StatusRequestEntityTooLarge,
		"[" + applicant + "," + applicant + ",{}]":                http.StatusRequestEntityTooLarge,
		"[{}," + applicant + "," + applicant + "]":                http.StatusRequestEntityTooLarge,
		"[1,2,3]": http.StatusRequestEntityTooLarge,
		"[{},{}]": http.StatusUnprocessableEntity,
		"[" + applicant + "," + applicant + "," + applicant:         http.StatusUnprocessableEntity,
		"[" + applicant + "," + applicant + "," + applicant + "] x": http.StatusUnprocessableEntity,
	} {
		w := post(a, "application/json", "", strings.NewReader(body))
		assert.Equal(t, status, w.Code, body)
		if status == http.StatusRequestEntityTooLarge {
			assert.JSONEq(t, `{"detail":"Request Entity Too Large"}`, w.Body.String())
		}
	}
}
