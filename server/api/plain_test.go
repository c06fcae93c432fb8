package api

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const applicant = `{"income": 1250000, "age": 34, "experience": 6, "married": "single", "house_ownership": "rented", ` +
	`"car_ownership": "no", "profession": "civil_engineer", "city": "patna", "state": "bihar", "current_job_yrs": 4, "current_house_yrs": 12}`

// requireAgreement holds what the quick reader accepts against the thorough one.
func requireAgreement(t *testing.T, a *API, body []byte) (plain bool) {
	t.Helper()
	w := &work{body: bytes.Clone(body)}
	got, ok := a.shape.plain(w, "application/json")
	if !ok {
		return false
	}
	require.Equal(t, body, w.body, "the body is left as it is: the thorough reader may need it")
	_, want, faults, err := a.shape.read(body, "application/json", 0)
	require.NoError(t, err)
	require.Nil(t, faults)
	require.Equal(t, len(want), len(got))
	for i := range want {
		require.Equal(t, want[i], got[i])
	}
	return true
}

func TestPlainReaderTakesTheUsual(t *testing.T) {
	a := newAPI(t)
	for _, body := range []string{
		applicant, " \n[" + applicant + " , " + applicant + "]\t", "[]", "[ ]",
		strings.ReplaceAll(applicant, `"single"`, "null"), strings.ReplaceAll(applicant, " ", ""),
		strings.ReplaceAll(applicant, "34", "34.4999e0"), strings.ReplaceAll(applicant, "1250000", "123456789012345678901"),
		strings.Replace(applicant, "{", `{"note": "é", "n": -1.5e-3, "x": true, "age": 55, `, 1),
	} {
		assert.True(t, requireAgreement(t, a, []byte(body)), body)
	}
}

func TestPlainReaderLeavesTheRestToTheThoroughOne(t *testing.T) {
	a := newAPI(t)
	for _, body := range []string{
		"", " ", "null", "1", `"x"`, "{}", "[1]", "[" + applicant + ",]", "[" + applicant, applicant + "x", applicant + applicant, "[,]",
		strings.Replace(applicant, "single", `s\u0069ngle`, 1), strings.Replace(applicant, "34", "true", 1),
		strings.Replace(applicant, "34", "034", 1), strings.Replace(applicant, "34", "3.", 1), strings.Replace(applicant, "34", "1e", 1),
		strings.Replace(applicant, "34", `"34"`, 1), strings.Replace(applicant, "34", "-1", 1), strings.Replace(applicant, "34", "1e999", 1),
		strings.Replace(applicant, "patna", "nowhere", 1), strings.Replace(applicant, "patna", "patn\xff", 1), strings.Replace(applicant, "patna", "pat\nna", 1),
		strings.Replace(applicant, "{", `{"deep": [1], `, 1), strings.Replace(applicant, `"age"`, `"agee"`, 1),
		strings.Replace(applicant, "{", "{,", 1), strings.Replace(applicant, "}", ",}", 1), strings.Replace(applicant, ":", "", 1),
	} {
		_, ok := a.shape.plain(&work{body: []byte(body)}, "application/json")
		assert.False(t, ok, body)
	}
	_, ok := a.shape.plain(&work{body: []byte(applicant)}, "text/plain")
	assert.False(t, ok)
}

// Neither reader panics, and what the quick one accepts the thorough one
// accepts too, as the same.
func FuzzBody(f *testing.F) {
	a := newAPI(f)
	for _, body := range []string{applicant, "[" + applicant + "]", "[]", "null", `{"age": 1e5}`, strings.Replace(applicant, "34", "23.5", 1)} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		if !requireAgreement(t, a, body) {
			w := httptest.NewRecorder()
			a.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/api/predict", bytes.NewReader(body)))
			require.Contains(t, []int{http.StatusOK, http.StatusBadRequest, http.StatusUnprocessableEntity}, w.Code)
		}
	})
}
