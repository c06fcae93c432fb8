package api

import (
	"bytes"
	"compress/gzip"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"lendleaf/core/schema"
)

const (
	csvHeader = "income,age,experience,married,house_ownership,car_ownership,profession,city,state,current_job_yrs,current_house_yrs\n"
	csvRow    = "1250000,34,6,single,rented,no,civil_engineer,patna,bihar,4,12\n"
)

func post(a *API, contentType, encoding string, body io.Reader) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, "/api/predict", body)
	r.Header.Set("Content-Type", contentType)
	if encoding != "" {
		r.Header.Set("Content-Encoding", encoding)
	}
	w := httptest.NewRecorder()
	a.ServeHTTP(w, r)
	return w
}

// one is the answer to the applicant of these tests.
func one(t *testing.T, a *API) map[string]any {
	t.Helper()
	var answer struct{ Results []map[string]any }
	require.NoError(t, json.Unmarshal(post(a, "application/json", "", strings.NewReader(applicant)).Body.Bytes(), &answer))
	require.Len(t, answer.Results, 1)
	return answer.Results[0]
}

// exact is the model's probability for the applicant of these tests.
func exact(t *testing.T, a *API) float64 {
	t.Helper()
	s := a.model.Schema()
	record, values := make(schema.Record, len(s.Fields)), make([]schema.Value, len(s.Fields))
	for i, cell := range strings.Split(strings.TrimSpace(csvRow), ",") {
		values[i] = s.Fields[i].Read(cell)
	}
	require.Empty(t, s.Record(record, values))
	return a.model.Score(record).Probability
}

func TestRowsOfJSONAreAnsweredInKind(t *testing.T) {
	a := newAPI(t)
	body := applicant + "\n" + strings.Replace(applicant, "34", "12", 1) + "\nnonsense\n" + strings.ReplaceAll(applicant, " ", "") + "\n"
	w := post(a, "application/x-ndjson; charset=utf-8", "", strings.NewReader(body))
	require.Equal(t, http.StatusOK, w.Code)
	assert.Equal(t, typeNDJSON, w.Header().Get("Content-Type"))
	var lines []map[string]any
	for line := range strings.Lines(w.Body.String()) {
		var record map[string]any
		require.NoError(t, json.Unmarshal([]byte(line), &record))
		lines = append(lines, record)
	}
	require.Len(t, lines, 5)
	good := one(t, a)
	p := exact(t, a)
	assert.InDelta(t, good["probabilities"].(map[string]any)["Default"], p, 0.0005)
	for i, line := range map[int]float64{0: 1, 3: 4} {
		assert.Equal(t, map[string]any{"line": line, "prediction": good["prediction"], "probabilities": map[string]any{"Default": p, "No Default": 1 - p}}, lines[i], "all digits")
	}
	detail := lines[1]["detail"].([]any)
	require.Len(t, detail, 1)
	assert.Equal(t, "age", detail[0].(map[string]any)["field"])
	assert.Equal(t, 3.0, lines[2]["line"])
	assert.Equal(t, map[string]any{"n_predictions": 2.0, "n_errors": 2.0}, lines[4])
}

func TestRowsOfCSVAreAnsweredInKind(t *testing.T) {
	a := newAPI(t)
	body := "\xef\xbb\xbf" + strings.ReplaceAll(csvHeader+csvRow, "\n", "\r\n") + strings.Replace(csvRow, "patna", "nowhere", 1) + strings.Replace(csvRow, "single", `"single"`, 1) + "1,2\n"
	w := post(a, typeCSV, "", strings.NewReader(body))
	require.Equal(t, http.StatusOK, w.Code)
	rows, err := csv.NewReader(w.Body).ReadAll()
	require.NoError(t, err)
	require.Len(t, rows, 6)
	assert.Equal(t, []string{"line", "prediction", "probability_default", "error"}, rows[0])
	assert.Equal(t, one(t, a)["prediction"], rows[1][1])
	assert.Equal(t, strconv.FormatFloat(exact(t, a), 'g', -1, 64), rows[1][2])
	assert.Equal(t, rows[1][1:], rows[3][1:])
	assert.Equal(t, []string{"3", "", "", "city: Select a city from the list."}, rows[2])
	assert.Equal(t, []string{"5", "", "", "wrong number of fields"}, rows[4])
	assert.Equal(t, []string{"", "", "", "n_predictions=2 n_errors=2"}, rows[5])
}

// NDJSON has no registered name; what clients call it, it is answered as.
func TestNamesOfRows(t *testing.T) {
	a := newAPI(t)
	for contentType, want := range map[string]string{
		"application/x-ndjson": "application/x-ndjson", "application/ndjson": "application/ndjson", "application/jsonl": "application/jsonl",
		"application/x-jsonlines": "application/x-jsonlines", "Application/JSONL; charset=UTF-8": "application/jsonl",
		" application/ndjson ;a": "application/ndjson", "APPLICATION/X-NDJSON;charset=utf-8;charset=utf-8": "application/x-ndjson",
	} {
		w := post(a, contentType, "", strings.NewReader(applicant+"\n"+applicant))
		assert.Equal(t, http.StatusOK, w.Code, contentType)
		assert.Equal(t, want, w.Header().Get("Content-Type"))
		assert.Equal(t, 3, strings.Count(w.Body.String(), "\n"), contentType)
	}
	w := post(a, "Text/CSV; header=present; header", "", strings.NewReader(csvHeader+csvRow))
	assert.Equal(t, http.StatusOK, w.Code)
	assert.Equal(t, "text/csv", w.Header().Get("Content-Type"))
	for _, contentType := range []string{"application/jsonl2", "text/jsonl", "application/json-seq", "ndjson", "text/csv2", "application/ndjson, text/csv", ";", "/"} {
		w := post(a, contentType, "", strings.NewReader(applicant))
		assert.Equal(t, http.StatusUnprocessableEntity, w.Code, contentType)
		assert.Contains(t, w.Body.String(), "model_attributes_type", "it is a text, as in the contract")
	}
}

func TestHeadersThatCannotBeUsed(t *testing.T) {
	a := newAPI(t)
	for body, want := range map[string]string{
		"":                                       "the file is empty: it has no header",
		strings.TrimPrefix(csvHeader, "income,"): `column "income": there is no such column`,
		"age," + csvHeader:                       `column "age": two columns have this name`,
	} {
		w := post(a, typeCSV, "", strings.NewReader(body))
		assert.Equal(t, http.StatusUnprocessableEntity, w.Code)
		var answer struct{ Detail string }
		require.NoError(t, json.Unmarshal(w.Body.Bytes(), &answer))
		assert.Equal(t, want, answer.Detail)
	}
}

// As JSON may, a CSV may lack what is optional.
func TestACSVMayLackWhatIsOptional(t *testing.T) {
	a := newAPI(t)
	var optional []string
	for _, f := range a.model.Schema().Fields {
		if f.Optional {
			optional = append(optional, f.Name)
		}
	}
	require.Equal(t, []string{"married", "house_ownership", "car_ownership"}, optional)
	short := post(a, typeCSV, "", strings.NewReader(strings.Replace(csvHeader, "married,house_ownership,car_ownership,", "", 1)+strings.Replace(csvRow, "single,rented,no,", "", 1)))
	open := post(a, typeCSV, "", strings.NewReader(csvHeader+strings.Replace(csvRow, "single,rented,no,", ",,,", 1)))
	require.Equal(t, http.StatusOK, short.Code)
	assert.Contains(t, short.Body.String(), "n_predictions=1 n_errors=0")
	assert.Equal(t, open.Body.String(), short.Body.String())
}

func pack(t *testing.T, encoding, text string) *bytes.Buffer {
	t.Helper()
	var packed bytes.Buffer
	var w io.WriteCloser = gzip.NewWriter(&packed)
	if encoding == "zstd" {
		var err error
		w, err = zstd.NewWriter(&packed)
		require.NoError(t, err)
	}
	_, err := io.WriteString(w, text)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return &packed
}

func TestPackedBodies(t *testing.T) {
	a := newAPI(t)
	plain := post(a, "application/json", "", strings.NewReader(applicant))
	rows := post(a, typeCSV, "", strings.NewReader(csvHeader+csvRow))
	for _, encoding := range []string{"gzip", "zstd"} {
		w := post(a, "application/json", encoding, pack(t, encoding, applicant))
		assert.Equal(t, http.StatusOK, w.Code, encoding)
		assert.Equal(t, plain.Body.String(), w.Body.String(), encoding)
		w = post(a, typeCSV, encoding, pack(t, encoding, csvHeader+csvRow))
		assert.Equal(t, rows.Body.String(), w.Body.String(), encoding)
		w = post(a, "application/json", encoding, strings.NewReader(applicant))
		assert.Equal(t, http.StatusBadRequest, w.Code, encoding)
	}
	w := post(a, "application/json", "compress", strings.NewReader(applicant))
	assert.Equal(t, http.StatusUnsupportedMediaType, w.Code)
	assert.JSONEq(t, `{"detail":"Unsupported Media Type"}`, w.Body.String())
}

// A few kilobytes may unpack to gigabytes.
func TestLimitsCountWhatIsUnpacked(t *testing.T) {
	a, err := New(loadModel(t), Options{MaxBody: 1000, MaxStream: 1000, Pause: time.Minute})
	require.NoError(t, err)
	for _, encoding := range []string{"", "gzip", "zstd"} {
		text := strings.Repeat(" ", 1<<20)
		body := strings.NewReader(text)
		packed := io.Reader(body)
		if encoding != "" {
			packed = pack(t, encoding, text)
		}
		assert.Equal(t, http.StatusRequestEntityTooLarge, post(a, "application/json", encoding, packed).Code, encoding)

		rows := csvHeader + strings.Repeat(csvRow, 1000)
		packed = strings.NewReader(rows)
		if encoding != "" {
			packed = pack(t, encoding, rows)
		}
		w := post(a, typeCSV, encoding, packed)
		lines := strings.Split(strings.TrimSpace(w.Body.String()), "\n")
		assert.Equal(t, http.StatusOK, w.Code, encoding)
		assert.Contains(t, lines[len(lines)-1], "the body is too large; n_predictions=", "the answer says that it was cut")
	}
}

// endless repeats a row until so many bytes are out.
type endless struct {
	row  string
	left int
	rest string
}

func (e *endless) Read(p []byte) (int, error) {
	if e.left <= 0 {
		return 0, io.EOF
	}
	n := 0
	for n < len(p) {
		if e.rest == "" {
			e.rest = e.row
		}
		k := copy(p[n:], e.rest)
		e.rest = e.rest[k:]
		n += k
	}
	e.left -= n
	return n, nil
}

// counter counts lines and bytes, and the largest heap that it sees.
type counter struct {
	http.ResponseWriter
	lines, bytes int
	heap         uint64
}

func (c *counter) Write(p []byte) (int, error) {
	c.lines += bytes.Count(p, []byte("\n"))
	c.bytes += len(p)
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	c.heap = max(c.heap, m.HeapAlloc)
	return len(p), nil
}

func TestStreamsTakeConstantMemory(t *testing.T) {
	a := newAPI(t)
	peak := func(bytes int) (lines int, heap uint64) {
		runtime.GC()
		r := httptest.NewRequest(http.MethodPost, "/api/predict", &endless{row: strings.ReplaceAll(applicant, "\n", "") + "\n", left: bytes})
		r.Header.Set("Content-Type", typeNDJSON)
		c := &counter{ResponseWriter: httptest.NewRecorder()}
		a.ServeHTTP(c, r)
		return c.lines, c.heap
	}
	lines, small := peak(1 << 20)
	assert.Greater(t, lines, 4000)
	lines, large := peak(16 << 20)
	assert.Greater(t, lines, 60_000)
	assert.Less(t, large, small+12<<20)
}

// Rows are answered before the last one is sent.
func TestStreamsAnswerWhileTheyAreSent(t *testing.T) {
	server := httptest.NewServer(newAPI(t))
	defer server.Close()
	from, to := io.Pipe()
	request, err := http.NewRequest(http.MethodPost, server.URL+"/api/predict", from)
	require.NoError(t, err)
	request.Header.Set("Content-Type", typeCSV)
	go fmt.Fprint(to, csvHeader+strings.Repeat(csvRow, streamRows))
	response, err := server.Client().Do(request)
	require.NoError(t, err)
	defer response.Body.Close()
	rows := csv.NewReader(response.Body)
	for range streamRows {
		_, err := rows.Read()
		require.NoError(t, err)
	}
	go func() {
		fmt.Fprint(to, csvRow)
		to.CloseWithError(io.EOF)
	}()
	rest, err := rows.ReadAll()
	require.NoError(t, err)
	require.Len(t, rest, 3)
	assert.Equal(t, fmt.Sprintf("n_predictions=%d n_errors=0", streamRows+1), rest[2][3])
}

func (c *counter) Flush() {}
