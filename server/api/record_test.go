package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"lendleaf/core/schema"
	"lendleaf/server/client"
	"lendleaf/server/record"
)

// recorder keeps batches in memory.
type recorder struct {
	batches []*record.Batch
	failed  error
	after   int // batches that are kept before it fails
}

func (r *recorder) keep(_ context.Context, b *record.Batch) error {
	if r.failed != nil && len(r.batches) >= r.after {
		return r.failed
	}
	r.batches = append(r.batches, b)
	return nil
}

func newRecorded(t testing.TB) (*API, *recorder) {
	t.Helper()
	proxies, err := client.ParseProxies([]string{"192.0.2.0/24"}) // httptest's clients are 192.0.2.1
	require.NoError(t, err)
	r := &recorder{}
	a, err := New(loadModel(t), Options{MaxBody: 1 << 26, MaxStream: 1 << 40, Pause: time.Minute, Keep: r.keep, Proxies: proxies})
	require.NoError(t, err)
	return a, r
}

// ask posts a body and returns the answer and the batches recorded.
func ask(a *API, r *recorder, contentType, body string) (*httptest.ResponseRecorder, []*record.Batch) {
	r.batches = nil
	return post(a, contentType, "", strings.NewReader(body)), r.batches
}

func TestAnApplicantIsRecorded(t *testing.T) {
	a, r := newRecorded(t)
	w, batches := ask(a, r, "", applicant)
	require.Equal(t, http.StatusOK, w.Code)
	assert.Equal(t, post(newAPI(t), "", "", strings.NewReader(applicant)).Body.String(), w.Body.String(), "the answer is the same")
	require.Len(t, batches, 1)
	b := batches[0]
	require.Len(t, b.Predictions, 1)
	p := b.Predictions[0]
	assert.NotEmpty(t, b.ID)
	assert.Equal(t, b.ID, w.Header().Get("X-Request-Id"))
	assert.Equal(t, b.ID+"-0", w.Header().Get("X-Prediction-Id"))
	assert.Equal(t, 1, b.Size)
	assert.Positive(t, b.Latency)
	assert.WithinDuration(t, time.Now(), b.Start, time.Minute)
	assert.Same(t, a.model, b.Model)
	assert.Equal(t, netip.MustParseAddr("192.0.2.1"), b.Client.Address)
	assert.Equal(t, a.model.Score(p.Record), p.Score)
	assert.Empty(t, p.Fault)
	assert.Nil(t, p.Client)
	for i, n := range p.Record {
		f := &a.model.Schema().Fields[i]
		v := f.Value(n)
		assert.Contains(t, applicant, fmt.Sprintf("%q: ", f.Name))
		assert.Contains(t, applicant, strings.TrimSuffix(v.Text, ".0"))
	}
	kept := p.Record[0]
	ask(a, &recorder{}, "", strings.Replace(applicant, "1250000", "1", 1))
	assert.Equal(t, kept, p.Record[0], "the record is a copy")
}

func TestAnArrayIsRecorded(t *testing.T) {
	a, r := newRecorded(t)
	w, batches := ask(a, r, "", "["+applicant+","+strings.Replace(applicant, "34", "35.4", 1)+"]")
	require.Equal(t, http.StatusOK, w.Code)
	assert.NotEmpty(t, w.Header().Get("X-Request-Id"))
	assert.Empty(t, w.Header().Get("X-Prediction-Id"))
	require.Len(t, batches, 1)
	require.Equal(t, 2, batches[0].Size)
	require.Len(t, batches[0].Predictions, 2)
	age := a.model.Schema().Index("age")
	for i, p := range batches[0].Predictions {
		assert.Equal(t, i, p.Place)
		assert.EqualValues(t, 34+i, p.Record[age])
	}
	w, batches = ask(a, r, "", "[]")
	assert.Equal(t, http.StatusOK, w.Code)
	assert.Empty(t, batches)
}

// Whose word counts for an address is the operator's choice; a program may be
// named by anybody, in a header or in the body.
func TestForWhomAClientAsks(t *testing.T) {
	a, r := newRecorded(t)
	says := func(more string) string { return strings.Replace(applicant, "{", "{"+more+",", 1) }
	whom := `"client_ip": "198.51.100.7", "user_agent": "visitor"`
	visitor := &record.Client{Address: netip.MustParseAddr("198.51.100.7"), Agent: "visitor"}
	_, batches := ask(a, r, "", says(whom))
	assert.Equal(t, visitor, batches[0].Predictions[0].Client)
	_, batches = ask(a, r, "", "["+says(`"user_agent": null`)+","+says(whom)+"]")
	assert.Nil(t, batches[0].Predictions[0].Client)
	assert.Equal(t, visitor, batches[0].Predictions[1].Client)
	_, batches = ask(a, r, typeNDJSON, applicant+"\n"+says(whom)+"\nuser_agent\n")
	assert.Nil(t, batches[0].Predictions[0].Client)
	assert.Equal(t, visitor, batches[0].Predictions[1].Client)
	assert.Nil(t, batches[0].Predictions[2].Client)
	_, batches = ask(a, r, "", says(`"user_agent": "`+strings.Repeat("x", 5000)+`"`))
	assert.Less(t, len(batches[0].Predictions[0].Client.Agent), 1000)
	_, batches = ask(a, r, "", says(`"client_ip": "nowhere"`))
	assert.False(t, batches[0].Predictions[0].Client.Address.IsValid(), "not the proxy's")

	a.proxies = nil
	_, batches = ask(a, r, "", says(whom))
	assert.Equal(t, &record.Client{Address: netip.MustParseAddr("192.0.2.1"), Agent: "visitor"}, batches[0].Predictions[0].Client)
}

// A record of what could not be answered repeats nothing that the model does
// not know: a person's name in the wrong box stays out of it.
func TestFaultsAreRecordedWithoutWhatWasSent(t *testing.T) {
	a, r := newRecorded(t)
	for _, c := range []struct {
		contentType, body string
		size              int
		want              map[int]string // by place
	}{
		{"", strings.Replace(applicant, "34", `"canary"`, 1), 1, map[int]string{0: "age: Enter a number between 21 and 79."}},
		{"", strings.Replace(applicant, "{", `{"user_agent": 5, "canary": "canary",`, 1), 1, map[int]string{0: "user_agent: Enter a text."}},
		{"", "[" + applicant + "," + strings.Replace(applicant, "patna", "canary", 1) + `,"canary"]`, 3,
			map[int]string{1: "city: Select a city from the list.", 2: "it is no JSON object"}},
		{"", "canary", 0, map[int]string{0: "JSON decode error"}},
		{"", "", 0, map[int]string{0: "Field required"}},
		{"", `"canary"`, 0, map[int]string{0: "Input should be a valid dictionary or object to extract fields from"}},
		{"text/plain", applicant, 0, map[int]string{0: "Input should be a valid dictionary or object to extract fields from"}},
	} {
		w, batches := ask(a, r, c.contentType, c.body)
		require.Equal(t, http.StatusUnprocessableEntity, w.Code)
		require.Len(t, batches, 1)
		assert.Equal(t, c.size, batches[0].Size)
		got := map[int]string{}
		for _, p := range batches[0].Predictions {
			got[p.Place] = p.Fault
			for i, n := range p.Record {
				assert.NotContains(t, a.model.Schema().Fields[i].Value(n).Text, "canary")
			}
		}
		assert.Equal(t, c.want, got, c.body)
		assert.Equal(t, c.size <= 1, w.Header().Get("X-Prediction-Id") != "")
	}
	age := a.model.Schema().Index("age")
	_, batches := ask(a, r, "", strings.Replace(applicant, "34", "12", 1))
	for i, n := range batches[0].Predictions[0].Record {
		assert.Equal(t, i == age, n == schema.Missing, "only what is right stays")
	}
}

func TestEveryRowOfAStreamIsRecorded(t *testing.T) {
	a, r := newRecorded(t)
	rows := strings.Repeat(csvRow, streamRows) + strings.Replace(csvRow, "34", "12", 1) + "1,2\n" + csvRow
	w, batches := ask(a, r, typeCSV, csvHeader+rows)
	require.Equal(t, http.StatusOK, w.Code)
	require.Len(t, batches, 2)
	assert.Equal(t, w.Header().Get("X-Request-Id"), batches[0].ID)
	assert.Equal(t, batches[0].ID, batches[1].ID)
	assert.Equal(t, []int{streamRows, 3}, []int{batches[0].Size, batches[1].Size})
	line := 1
	for _, b := range batches {
		assert.Positive(t, b.Latency)
		for _, p := range b.Predictions {
			line++
			require.Equal(t, line, p.Place)
			if p.Fault == "" {
				require.Equal(t, a.model.Score(p.Record), p.Score)
			}
		}
	}
	last := batches[1].Predictions
	assert.Equal(t, "age: Enter a number between 21 and 79.", last[0].Fault)
	assert.Equal(t, "wrong number of fields", last[1].Fault)
	assert.Nil(t, last[1].Record)
	assert.Empty(t, last[2].Fault)
}

// Every recorded exchange of the reference is answered to the byte as without
// records.
func TestRecordingChangesNoAnswer(t *testing.T) {
	recorded, r := newRecorded(t)
	plain, kept := newAPI(t), 0
	for _, e := range readExchanges(t, unpacked(t, "testdata/exchanges.jsonl.gz")) {
		var answers [2]*httptest.ResponseRecorder
		r.batches = nil
		for i, a := range []*API{recorded, plain} {
			request := httptest.NewRequest(e.Method, e.Path, strings.NewReader(e.Body))
			for name, value := range e.Headers {
				request.Header.Set(name, value)
			}
			answers[i] = httptest.NewRecorder()
			a.ServeHTTP(answers[i], request)
		}
		assert.Equal(t, answers[1].Code, answers[0].Code, e.Name)
		assert.Equal(t, answers[1].Body.String(), answers[0].Body.String(), e.Name)
		for _, b := range r.batches {
			kept += len(b.Predictions)
		}
	}
	assert.Greater(t, kept, 50)
}

var errDisk = errors.New("the disk is full")

// What must be recorded and cannot be is not answered.
func TestNoAnswerWithoutARecord(t *testing.T) {
	a, r := newRecorded(t)
	r.failed = errDisk
	for contentType, body := range map[string]string{
		"": applicant, "application/json": "{}", typeCSV: csvHeader + csvRow, typeNDJSON: applicant,
	} {
		w, _ := ask(a, r, contentType, body)
		assert.Equal(t, http.StatusServiceUnavailable, w.Code, contentType)
		assert.Equal(t, "1", w.Header().Get("Retry-After"))
		assert.Equal(t, "application/json", w.Header().Get("Content-Type"))
		assert.JSONEq(t, `{"detail":"the answer cannot be recorded"}`, w.Body.String())
		assert.Empty(t, w.Header().Get("X-Prediction-Id"))
	}
	r.after = 1
	w, _ := ask(a, r, typeCSV, csvHeader+strings.Repeat(csvRow, streamRows+1))
	lines := strings.Split(strings.TrimSpace(w.Body.String()), "\n")
	assert.Equal(t, http.StatusOK, w.Code)
	require.Len(t, lines, 1+streamRows+1)
	assert.Equal(t, fmt.Sprintf(",,,the answer cannot be recorded; n_predictions=%d n_errors=0", streamRows), lines[1+streamRows])
}

func TestNothingIsRecordedUnlessAsked(t *testing.T) {
	w := post(newAPI(t), "", "", strings.NewReader(applicant))
	assert.Empty(t, w.Header().Get("X-Prediction-Id"))
	assert.Contains(t, string(get(t, newAPI(t), "/openapi.json")), Recorded(false))
	recorded, _ := newRecorded(t)
	assert.Contains(t, string(get(t, recorded, "/openapi.json")), Recorded(true))
}

func BenchmarkOneRecordedApplicant(b *testing.B) {
	a, _ := newRecorded(b)
	a.keep = func(context.Context, *record.Batch) error { return nil }
	b.ReportAllocs()
	for b.Loop() {
		w := httptest.NewRecorder()
		a.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/api/predict", strings.NewReader(applicant)))
		require.Equal(b, http.StatusOK, w.Code)
	}
}
