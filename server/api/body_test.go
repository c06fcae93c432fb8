package api

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const applicant = `{"income": 1250000, "age": 34, "experience": 6, "married": "single", "house_ownership": "rented", ` +
	`"car_ownership": "no", "profession": "civil_engineer", "city": "patna", "state": "bihar", "current_job_yrs": 4, "current_house_yrs": 12}`

// with is the applicant with another value of a member.
func with(old, other string) string { return strings.Replace(applicant, old, other, 1) }

// odd are applicants that few send, and of which field each is at fault: "" none,
// "*" all of it.
var odd = map[string]string{
	applicant:                                "",
	with(`"single"`, "null"):                 "",
	with(" ", "\t"):                          "",
	with("single", `s\u0069ngle`):            "",
	with("34", "34.4999e0"):                  "",
	with("1250000", "123456789012345678901"): "",
	with("1250000", "1"+zeros(400)):          "",
	with("{", `{"note": "é", "n": -1.5e-3, "x": true, "age": 55, `): "",
	with("{", `{"age": "x", "deep": [{}, [1, {"age": null}]], `):    "",
	with("{", `{"client_ip": null, "user_agent": "\ud800", `):       "",
	with("{", `{"client_ip": "198.51.100.7", `):                     "",
	with("{", `{"client_ip": 5, `):                                  "client_ip",
	with("{", `{"client_ip": ["x"], `):                              "client_ip",
	with("{", `{"user_agent": false, `):                             "user_agent",
	with("{", `{"user_agent": {}, "user_agent": "x", `):             "",
	with("patna", "patn\xff"):                                       "*",
	with("{", "{\"note\": \"\xff\", "):                              "*",
	with("{", "{\"n\xffte\": 1, "):                                  "*",
	with("patna", "\xed\xa0\x80"):                                   "city",
	with("patna", `\ud800`):                                         "city",
	with("patna", "Patna"):                                          "city",
	with(`"patna"`, "7"):                                            "city",
	with(`"patna"`, "null"):                                         "city",
	with("34", `"34"`):                                              "age",
	with("34", "true"):                                              "age",
	with("34", "null"):                                              "age",
	with("34", "-1"):                                                "age",
	with("34", "1e999"):                                             "age",
	with("34", "[34]"):                                              "age",
	with(`"age": 34, `, ""):                                         "age",
	with(`"age"`, `"Age"`):                                          "age",
	with("34", "034"):                                               "*",
	with("34", "3."):                                                "*",
	with("34", "1e"):                                                "*",
	with("34", "NaN"):                                               "*",
	with("patna", "pat\tna"):                                        "*",
	with("patna", `pat\na\x`):                                       "*",
	with("{", "{,"):                                                 "*",
	with("}", ",}"):                                                 "*",
	with(":", ""):                                                   "*",
	applicant + "x":                                                 "*",
	applicant + applicant:                                           "*",
	"{}x":                                                           "*",
	"7":                                                             "*",
	`"x"`:                                                           "*",
	"null":                                                          "*",
}

// asJSON and asLine say which field of an applicant is at fault: "" none, "*" all
// of it.
func asJSON(t *testing.T, a *API, applicant string) string {
	w := post(a, "application/json", "", strings.NewReader(applicant))
	var answer struct{ Detail any }
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &answer))
	if w.Code == http.StatusOK {
		return ""
	}
	if list, ok := answer.Detail.([]any); ok {
		for _, of := range list {
			if location := of.(map[string]any)["loc"].([]any); len(location) > 2 {
				return fmt.Sprint(location[2])
			}
		}
	}
	return "*"
}

func asLine(t *testing.T, a *API, applicant string) string {
	w := post(a, typeNDJSON, "", strings.NewReader(applicant+"\n"+applicant))
	require.Equal(t, http.StatusOK, w.Code)
	lines := strings.Split(w.Body.String(), "\n")
	require.Len(t, lines, 4, "the stream goes on after a row at fault")
	var answer struct{ Detail []struct{ Field string } }
	require.NoError(t, json.Unmarshal([]byte(lines[0]), &answer))
	switch {
	case len(answer.Detail) == 0:
		return ""
	case answer.Detail[0].Field == "":
		return "*"
	}
	return answer.Detail[0].Field
}

func TestJSONAndLinesTakeTheSameApplicants(t *testing.T) {
	a := newAPI(t)
	for applicant, want := range odd {
		assert.Equal(t, want, asJSON(t, a, applicant), "as JSON: %s", applicant)
		assert.Equal(t, want, asLine(t, a, applicant), "as a line: %s", applicant)
	}
}

// Blanks and repeated members change nothing of an answer.
func TestBodiesThatMeanTheSame(t *testing.T) {
	a := newAPI(t)
	for body, same := range map[string]string{
		" \n" + applicant + "\t":                  applicant,
		" [ " + applicant + " ] ":                 "[" + applicant + "]",
		strings.ReplaceAll(applicant, " ", ""):    applicant,
		with("single", `s\u0069ngle`):             applicant,
		with("{", `{"age": 55, "city": 7, `):      applicant,
		with("34", "34.4999e0"):                   applicant,
		with("}", `, "\u0061ge": 55}`):            with("34", "55"),
		"[" + applicant + "," + applicant + "\n]": "[" + applicant + " ," + applicant + "]",
		"\xef\xbb\xbf" + applicant:                applicant,
		with("1250000", "123456789012345678901"):  with("1250000", "9007199254740992"),
	} {
		got, want := post(a, "application/json", "", strings.NewReader(body)), post(a, "", "", strings.NewReader(same))
		require.Equal(t, http.StatusOK, got.Code, body)
		assert.Equal(t, want.Body.String(), got.Body.String(), body)
	}
	w := post(a, "text/plain", "", strings.NewReader(applicant))
	assert.Equal(t, http.StatusUnprocessableEntity, w.Code)
}

// Nothing panics, and JSON and a line of the same are taken alike.
func FuzzBody(f *testing.F) {
	a := newAPI(f)
	for body := range odd {
		f.Add([]byte(body))
	}
	f.Add([]byte("[" + applicant + "]"))
	f.Fuzz(func(t *testing.T, body []byte) {
		w := httptest.NewRecorder()
		a.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/api/predict", bytes.NewReader(body)))
		require.Contains(t, []int{http.StatusOK, http.StatusBadRequest, http.StatusUnprocessableEntity}, w.Code)
		require.True(t, json.Valid(w.Body.Bytes()))
		if bytes.HasPrefix(body, []byte(`{"`)) && !bytes.ContainsAny(body, "\r\n\x00") && !bytes.HasSuffix(body, []byte{0x85}) && !bytes.HasSuffix(body, []byte{0xa0}) {
			require.Equal(t, asJSON(t, a, string(body)), asLine(t, a, string(body)))
		}
	})
}

func BenchmarkApplicants(b *testing.B) {
	a := newAPI(b)
	const many = 1000
	for name, c := range map[string]struct{ contentType, body string }{
		"json":   {"application/json", "[" + strings.Repeat(applicant+",", many-1) + applicant + "]"},
		"ndjson": {typeNDJSON, strings.Repeat(applicant+"\n", many)},
		"csv":    {typeCSV, csvHeader + strings.Repeat(csvRow, many)},
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				require.Equal(b, http.StatusOK, post(a, c.contentType, "", strings.NewReader(c.body)).Code)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*many), "ns/applicant")
		})
	}
}
