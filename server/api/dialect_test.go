package api

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"lendleaf/core"
	"lendleaf/core/rows"
	"lendleaf/server/record"
)

// newSpeaker serves the shipped model in all protocols.
func newSpeaker(t *testing.T, o Options) *API {
	t.Helper()
	o.MaxBody, o.MaxStream, o.Pause, o.Protocols = 1<<22, 1<<22, time.Minute, []string{"v2", "mlflow"}
	a, err := New(loadModel(t), o)
	require.NoError(t, err)
	return a
}

// says posts a body to a path, and returns status and answer.
func says(a *API, path, body string, headers ...string) (int, string) {
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(body))
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	Speak([]string{"v2", "mlflow"}, a).ServeHTTP(w, r)
	return w.Code, w.Body.String()
}

const inferPath = "/v2/models/loan-default/infer"

// others are applicants beside the usual one: one whose optional fields are null.
const other = `{"income": 5100233, "age": 77.5, "experience": 0, "married": null, "house_ownership": "owned", "car_ownership": null, ` +
	`"profession": "surgeon", "city": "bhopal", "state": "madhya_pradesh", "current_job_yrs": 0, "current_house_yrs": 14}`

// scoresOf are the core's own scores of applicants in JSON.
func scoresOf(t *testing.T, m *core.Model, applicants ...string) (scores []core.Score) {
	t.Helper()
	shape := rows.NewShape(m.Schema())
	for _, text := range applicants {
		var row rows.Row
		shape.Object(&row, []byte(text), 1)
		require.Empty(t, row.Faults)
		scores = append(scores, m.Score(row.Record))
	}
	return scores
}

// columnsOf are applicants in JSON by their members.
func columnsOf(t *testing.T, applicants ...string) map[string][]json.RawMessage {
	t.Helper()
	columns := map[string][]json.RawMessage{}
	for _, text := range applicants {
		var members map[string]json.RawMessage
		require.NoError(t, json.Unmarshal([]byte(text), &members))
		for name, value := range members {
			columns[name] = append(columns[name], value)
		}
	}
	return columns
}

func inJSONText(t *testing.T, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	require.NoError(t, err)
	return string(text)
}

// frameOf is a data frame of applicants, as pandas writes it split.
func frameOf(t *testing.T, applicants ...string) string {
	columns := columnsOf(t, applicants...)
	var names []string
	data := make([][]json.RawMessage, len(applicants))
	for name, values := range columns {
		names = append(names, name)
		for i := range data {
			data[i] = append(data[i], values[i])
		}
	}
	return inJSONText(t, map[string]any{"index": []int{0, 1}, "columns": append(names, "unknown"), "data": func() (all [][]json.RawMessage) {
		for _, row := range data {
			all = append(all, append(row, json.RawMessage(`"}{"`)))
		}
		return all
	}()})
}

// All forms of MLflow's requests are scored as the core scores.
func TestInvocations(t *testing.T) {
	a := newSpeaker(t, Options{})
	scores := scoresOf(t, a.model, applicant, other)
	var want strings.Builder
	want.WriteString(`{"predictions":[`)
	for i, s := range scores {
		fmt.Fprintf(&want, `%s{"prediction":%q,"probability_default":%s}`, map[bool]string{true: ","}[i > 0], a.model.Outcome(s), strconv.FormatFloat(s.Probability, 'g', -1, 64))
	}
	want.WriteString(`]}`)
	list := "[" + applicant + "," + other + "]"
	for name, body := range map[string]string{
		"records":         `{"dataframe_records": ` + list + `}`,
		"instances":       ` { "instances" : ` + list + `, "params": {"x": [1]} } `,
		"inputs, a list":  `{"inputs": ` + list + `}`,
		"inputs, columns": `{"inputs": ` + inJSONText(t, columnsOf(t, applicant, other)) + `}`,
		"split":           `{"dataframe_split": ` + frameOf(t, applicant, other) + `}`,
		"the last counts": `{"dataframe_records": [], "dataframe_records": ` + list + `}`,
	} {
		status, answer := says(a, "/invocations", body, "Content-Type", "application/json; charset=utf-8")
		assert.Equal(t, http.StatusOK, status, name)
		assert.Equal(t, want.String(), answer, name)
	}
	// What pandas has for a missing value; in a text it is one.
	frame := strings.Replace(frameOf(t, applicant, other), "null", "NaN", -1)
	require.Contains(t, frame, "NaN")
	status, answer := says(a, "/invocations", `{"\"NaN\\": NaN, "dataframe_split": `+frame+`}`)
	assert.Equal(t, http.StatusOK, status, answer)
	assert.Equal(t, want.String(), answer)
	status, answer = says(a, "/invocations", `{"inputs": [{"NaN": NaN, "age": NaN, "city": "NaN"}]}`)
	assert.Equal(t, http.StatusBadRequest, status)
	assert.Contains(t, answer, "age: ")
	for _, empty := range []string{`{"inputs": []}`, `{"instances": []}`, `{"inputs": {}}`, `{"dataframe_split": {"columns": ["age"], "data": []}}`, `{"dataframe_split": {}}`} {
		status, answer := says(a, "/invocations", empty)
		assert.Equal(t, http.StatusOK, status, empty)
		assert.Equal(t, `{"predictions":[]}`, answer, empty)
	}
}

func TestInvocationsThatAreNone(t *testing.T) {
	a := newSpeaker(t, Options{MaxBatch: 3})
	for body, want := range map[string]string{
		``:                                    "no JSON object",
		`[]`:                                  "no JSON object",
		`{"inputs": [}`:                       "no JSON",
		`{"inputs": []} x`:                    "no JSON",
		`{}`:                                  "exactly one of",
		`{"columns": [], "data": []}`:         "exactly one of",
		`{"inputs": [], "instances": []}`:     "exactly one of",
		`{"inputs": 5}`:                       "inputs must be a list",
		`{"instances": {"age": [1]}}`:         "instances must be a list",
		`{"instances": [[1, 2]]}`:             "applicant 0: it is no JSON object",
		`{"inputs": {"x": [1]}}`:              "applicant 0: income: ",
		`{"dataframe_split": {"columns": 5}}`: "an array of values is missing",
		`{"inputs": {"age": 5}}`:              "an array of values is missing",
		`{"inputs": {"age": [5], "income": [1, 2]}}`:                           `inputs \"income\": a column has more or fewer values`,
		`{"dataframe_split": []}`:                                              "dataframe_split must be an object",
		`{"dataframe_split": {"columns": [1], "data": []}}`:                    "a column's name must be a text",
		`{"dataframe_split": {"columns": ["age", "\u0061ge"], "data": []}}`:    `column \"age\": two columns have this name`,
		`{"dataframe_split": {"columns": ["age"], "data": [[1], [1, 2]]}}`:     "more or fewer values than there are columns",
		`{"dataframe_split": {"columns": ["age"], "data": [5]}}`:               "an array of values is missing",
		`{"dataframe_records": [` + applicant + `, {"age": "canary"}, 5]}`:     "applicant 1: income: ",
		`{"dataframe_split": {"columns": ["age", "x"], "data": [["c", "d"]]}}`: "applicant 0: income: ",
	} {
		status, answer := says(a, "/invocations", body)
		assert.Equal(t, http.StatusBadRequest, status, body)
		assert.True(t, strings.HasPrefix(answer, `{"error_code":"BAD_REQUEST","message":"`), answer)
		assert.Contains(t, answer, want, body)
		assert.NotContains(t, answer, "canary", "no values are repeated")
		assert.True(t, json.Valid([]byte(answer)))
	}
	status, answer := says(a, "/invocations", "age\n5\n", "Content-Type", "text/csv")
	assert.Equal(t, http.StatusUnsupportedMediaType, status)
	assert.Equal(t, `{"error_code":"BAD_REQUEST","message":"the content type must be application/json"}`, answer)
	four := strings.Repeat(",[1]", 4)[1:]
	for _, body := range []string{`{"dataframe_split": {"columns": ["age"], "data": [` + four + `]}}`, `{"inputs": {"age": [1,2,3,4]}}`, `{"inputs": [{},{},{},{}]}`} {
		status, answer = says(a, "/invocations", body)
		assert.Equal(t, http.StatusRequestEntityTooLarge, status, body)
		assert.Contains(t, answer, "Request Entity Too Large")
	}
}

// tensorsOf are the tensors of applicants. The datatypes differ from field to field.
func tensorsOf(t *testing.T, applicants ...string) (inputs []map[string]any) {
	datatypes := map[string]string{"income": "INT64", "age": "FP32", "experience": "UINT8", "current_job_yrs": "FP64", "current_house_yrs": "INT32"}
	for name, values := range columnsOf(t, applicants...) {
		datatype := "BYTES"
		if d, ok := datatypes[name]; ok {
			datatype = d
		}
		inputs = append(inputs, map[string]any{"name": name, "datatype": datatype, "shape": []int{len(values)}, "data": values})
	}
	return inputs
}

// output is a tensor that comes back.
type output struct {
	Name, Datatype string
	Shape          []int
	Data           []any
}

type inferred struct {
	ID           string
	ModelName    string `json:"model_name"`
	ModelVersion string `json:"model_version"`
	Outputs      []output
}

func infer(t *testing.T, a *API, path, body string, headers ...string) inferred {
	t.Helper()
	status, text := says(a, path, body, headers...)
	require.Equal(t, http.StatusOK, status, text)
	var answer inferred
	require.NoError(t, json.Unmarshal([]byte(text), &answer))
	return answer
}

// outputsFor are the outputs of the usual two applicants.
func outputsFor(t *testing.T, a *API) []output {
	label, probability := output{"prediction", "BYTES", []int{2}, nil}, output{"probability_default", "FP64", []int{2}, nil}
	for _, s := range scoresOf(t, a.model, applicant, other) {
		label.Data = append(label.Data, a.model.Outcome(s))
		probability.Data = append(probability.Data, s.Probability)
	}
	return []output{label, probability}
}

func TestInference(t *testing.T) {
	a := newSpeaker(t, Options{})
	version := a.model.Hash()[:versionDigits]
	want := outputsFor(t, a)
	inputs := tensorsOf(t, applicant, other)
	body := inJSONText(t, map[string]any{"id": "4\"2", "inputs": inputs, "parameters": map[string]any{"binary_data_output": true}})
	for _, path := range []string{inferPath, "/v2/models/loan-default/versions/" + version + "/infer"} {
		assert.Equal(t, inferred{"4\"2", "loan-default", version, want}, infer(t, a, path, body))
	}
	for _, tensor := range inputs { // one value in each row
		var rows [][]json.RawMessage
		for _, v := range tensor["data"].([]json.RawMessage) {
			rows = append(rows, []json.RawMessage{v})
		}
		tensor["shape"], tensor["data"] = []int{2, 1}, rows
	}
	assert.Equal(t, want, infer(t, a, inferPath, inJSONText(t, map[string]any{"inputs": inputs})).Outputs)
	chosen := inJSONText(t, map[string]any{"inputs": inputs, "outputs": []map[string]any{{"name": "probability_default", "parameters": map[string]any{"binary_data": true}}}})
	assert.Equal(t, want[1:], infer(t, a, inferPath, chosen).Outputs)
	assert.Equal(t, []int{0}, infer(t, a, inferPath, `{"inputs": []}`).Outputs[0].Shape)
	assert.Equal(t, []int{0}, infer(t, a, inferPath, `{"inputs": []}`, headerLength, "14").Outputs[0].Shape)
	assert.Equal(t, want, infer(t, a, inferPath, strings.Replace(chosen, `"outputs"`, `"unknown"`, 1)).Outputs)
}

// bytesOf are values as bytes behind the JSON.
func bytesOf(t *testing.T, datatype string, values []json.RawMessage) []byte {
	t.Helper()
	var b bytes.Buffer
	for _, raw := range values {
		if datatype == "BYTES" {
			var text string
			require.NoError(t, json.Unmarshal(raw, &text))
			require.NoError(t, binary.Write(&b, binary.LittleEndian, uint32(len(text))))
			b.WriteString(text)
			continue
		}
		x, err := strconv.ParseFloat(string(raw), 64)
		require.NoError(t, err)
		require.NoError(t, binary.Write(&b, binary.LittleEndian, map[string]any{
			"INT64": int64(x), "FP32": float32(x), "UINT8": uint8(x), "FP64": x, "INT32": int32(x),
		}[datatype]))
	}
	return b.Bytes()
}

// The extension that official clients use unless they are told not to.
func TestInferenceOfBytes(t *testing.T) {
	a := newSpeaker(t, Options{})
	full := strings.NewReplacer(`"married": null`, `"married": "single"`, `"car_ownership": null`, `"car_ownership": "yes"`).Replace(other)
	inputs := tensorsOf(t, applicant, full)
	var behind []byte
	for _, tensor := range inputs {
		data := bytesOf(t, tensor["datatype"].(string), tensor["data"].([]json.RawMessage))
		delete(tensor, "data")
		tensor["parameters"] = map[string]any{"binary_data_size": len(data)}
		behind = append(behind, data...)
	}
	header := inJSONText(t, map[string]any{"inputs": inputs})
	answer := infer(t, a, inferPath, header+string(behind), headerLength, strconv.Itoa(len(header)))
	for i, s := range scoresOf(t, a.model, applicant, full) {
		assert.Equal(t, s.Probability, answer.Outputs[1].Data[i])
	}
	status, text := says(a, inferPath, header+string(behind)+"x", headerLength, strconv.Itoa(len(header)))
	assert.Equal(t, http.StatusBadRequest, status)
	assert.Contains(t, text, "more bytes follow")
}

func TestBytesInJSON(t *testing.T) {
	for want, c := range map[string]struct {
		datatype string
		value    any
	}{
		"-1": {"INT8", int8(-1)}, "-300": {"INT16", int16(-300)}, "255": {"UINT8", uint8(255)}, "65535": {"UINT16", uint16(65535)},
		"18446744073709551615": {"UINT64", uint64(math.MaxUint64)}, "-9223372036854775808": {"INT64", int64(math.MinInt64)},
		"true": {"BOOL", true}, "0.5": {"FP32", float32(0.5)}, "61.1": {"FP64", 61.1}, "4294967295": {"UINT32", uint32(math.MaxUint32)},
	} {
		var b bytes.Buffer
		require.NoError(t, binary.Write(&b, binary.LittleEndian, c.value))
		raw, ok := inJSON(c.datatype, b.Bytes())
		assert.True(t, ok)
		assert.Equal(t, want, string(raw))
	}
	raw, ok := inJSON("BYTES", []byte("a\"\n"))
	assert.True(t, ok)
	assert.JSONEq(t, `"a\"\n"`, string(raw))
	for datatype, value := range map[string][]byte{"BYTES": {0xff}, "FP32": {0, 0, 0xc0, 0x7f}, "FP64": {0, 0, 0, 0, 0, 0, 0xf0, 0x7f}} {
		_, ok := inJSON(datatype, value)
		assert.False(t, ok, datatype)
	}
}

func TestInferenceThatIsNone(t *testing.T) {
	a := newSpeaker(t, Options{MaxBatch: 3})
	tensor := func(text string) string { return `{"inputs": [` + text + `]}` }
	for body, want := range map[string]string{
		``:                               "no JSON object",
		`[]`:                             "no JSON object",
		`{"inputs": 5}`:                  "inputs is of no use",
		`{"id": 5, "inputs": []}`:        "id is of no use",
		`{}`:                             "there are no inputs",
		`{"inputs": [{]}`:                "no JSON",
		tensor(`5`):                      "an input must be an object",
		tensor(`{"name": 5}`):            "an input's name is of no use",
		tensor(`{"datatype": 5}`):        "an input's datatype is of no use",
		tensor(`{"shape": 5}`):           "an input's shape is of no use",
		tensor(`{"data": 5}`):            "an input's data is of no use",
		tensor(`{"parameters": 5}`):      "an input's parameters is of no use",
		`{"inputs": [], "outputs": [5]}`: `unexpected output \"\"`,
		`{"inputs": [], "outputs": [{"name": [1]}]}`:             `unexpected output \"\"`,
		`{"inputs": [], "outputs": 5}`:                           "an array of values is missing",
		tensor(`{"shape": [` + strings.Repeat(" ", 300) + `1]}`): "an input's shape is of no use",
		tensor(`{"name": "age", "datatype": "FP64", "shape": [1], "data": [1], "parameters": {"x": 1, "binary_data_size": 0}}`): "binary_data_size is not what",
		tensor(`{"name": "age", "datatype": "FP64", "shape": [1], "data": [1], "parameters": {"binary_data_size": "x"}}`):       "binary_data_size is no size",
		tensor(`{"name": "age", "datatype": "FP64", "shape": ["x"], "data": [1]}`):                                              "its shape must be",
		tensor(`{"name": "age", "datatype": "FP64", "shape": [1], "data": [[[1]]]}`):                                            "not of its shape",
		tensor(`{"name": "age", "datatype": "UINT64", "shape": [2], "data": [1, 1e1]}`):                                         "not of its datatype",
		tensor(`{"shape": [1]}`):       `unexpected input \"\"`,
		tensor(`{"name": "canaries"}`): `unexpected input \"canaries\"`,
		tensor(`{"name": "age", "datatype": "BF16", "shape": [1], "data": [1]}`):                                                                       "none of the protocol's",
		tensor(`{"name": "age", "datatype": "FP64", "data": [1]}`):                                                                                     "its shape must be",
		tensor(`{"name": "age", "datatype": "FP64", "shape": [1, 2], "data": [1, 2]}`):                                                                 "its shape must be",
		tensor(`{"name": "age", "datatype": "FP64", "shape": [1, 1, 1], "data": [1]}`):                                                                 "its shape must be",
		tensor(`{"name": "age", "datatype": "FP64", "shape": [-1], "data": []}`):                                                                       "its shape must be",
		tensor(`{"name": "age", "datatype": "FP64", "shape": [2], "data": [1]}`):                                                                       "more or fewer values than its shape",
		tensor(`{"name": "age", "datatype": "FP64", "shape": [1]}`):                                                                                    "it has no data",
		tensor(`{"name": "age", "datatype": "FP64", "shape": [1], "data": [[1, 2]]}`):                                                                  "not of its shape",
		tensor(`{"name": "age", "datatype": "INT64", "shape": [1], "data": [1.5]}`):                                                                    "not of its datatype",
		tensor(`{"name": "age", "datatype": "FP64", "shape": [1], "data": [1]}, {"name": "age", "datatype": "FP64", "shape": [1], "data": [1]}`):       `unexpected input \"age\"`,
		tensor(`{"name": "age", "datatype": "FP64", "shape": [1], "data": [1]}, {"name": "income", "datatype": "FP64", "shape": [2], "data": [1, 2]}`): "more or fewer values than another",
		tensor(`{"name": "age", "datatype": "FP64", "shape": [1], "parameters": {"binary_data_size": 8}}`):                                             "binary_data_size is not what",
		tensor(`{"name": "age", "datatype": "FP64", "shape": [1], "parameters": {"binary_data_size": -8}}`):                                            "binary_data_size is no size",
		`{"inputs": [], "outputs": [{"name": "x"}]}`:                                                                                                   `unexpected output \"x\"`,
		`{"inputs": [], "outputs": [{"name": "prediction"}, {"name": "prediction"}]}`:                                                                  "asked for twice",
		`{"inputs": ` + inJSONText(t, tensorsOf(t, strings.Replace(applicant, "34", "12", 1), strings.Replace(applicant, "patna", "canary", 1))) + `}`: "applicant 1: city: ",
	} {
		status, answer := says(a, inferPath, body)
		assert.Equal(t, http.StatusBadRequest, status, body)
		assert.True(t, strings.HasPrefix(answer, `{"error":"`), answer)
		assert.Contains(t, answer, want, body)
		assert.NotContains(t, answer, `"canary`, "no values are repeated")
	}
	for _, length := range []string{"x", "-1", "3"} {
		status, answer := says(a, inferPath, `{}`, headerLength, length)
		assert.Equal(t, http.StatusBadRequest, status)
		assert.Contains(t, answer, headerLength)
	}
	for _, bad := range []struct{ datatype, bytes string }{{"FP64", "1234567"}, {"BYTES", "\x05\x00\x00\x00abc"}, {"BYTES", "\x05"}, {"BYTES", "\xff\xff\xff\xff"}, {"BYTES", "\x01\x00\x00\x00\xff"}} {
		header := tensor(fmt.Sprintf(`{"name": "age", "datatype": %q, "shape": [1], "parameters": {"binary_data_size": %d}}`, bad.datatype, len(bad.bytes)))
		status, answer := says(a, inferPath, header+bad.bytes, headerLength, strconv.Itoa(len(header)))
		assert.Equal(t, http.StatusBadRequest, status, answer)
	}
	status, _ := says(a, inferPath, tensor(`{"name": "age", "datatype": "FP64", "shape": [4], "data": [1, 2, 3, 4]}`))
	assert.Equal(t, http.StatusRequestEntityTooLarge, status)
}

func TestInferenceIsDescribed(t *testing.T) {
	a := newSpeaker(t, Options{})
	version := a.model.Hash()[:versionDigits]
	var model struct {
		Name, Platform  string
		Versions        []string
		Inputs, Outputs []struct {
			Name, Datatype string
			Shape          []int
		}
	}
	for _, path := range []string{"/v2/models/loan-default", "/v2/models/loan-default/versions/" + version} {
		require.NoError(t, json.Unmarshal(get(t, a, path), &model))
		assert.Equal(t, "loan-default", model.Name)
		assert.Equal(t, []string{version}, model.Versions)
		assert.Len(t, model.Inputs, len(a.model.Schema().Fields))
		assert.Equal(t, "FP64", model.Inputs[0].Datatype)
		assert.Equal(t, []int{-1}, model.Inputs[0].Shape)
		assert.Len(t, model.Outputs, 2)
		assert.JSONEq(t, `{"name":"loan-default","ready":true}`, string(get(t, a, path+"/ready")))
	}
	assert.JSONEq(t, `{"name":"lendleaf","version":"`+version+`","extensions":["binary_tensor_data"]}`, string(get(t, a, "/v2")))
	status, answer := says(a, "/v2/models/other/infer", "{}")
	assert.Equal(t, http.StatusNotFound, status)
	assert.Equal(t, `{"error":"Not Found"}`, answer)
	status, answer = says(newAPI(t), inferPath, "{}")
	assert.Equal(t, http.StatusNotFound, status, "it is off unless it is asked for")
	assert.Equal(t, `{"error":"Not Found"}`, answer)
}

// What counts for the API counts for all protocols: records, observers, budgets.
func TestProtocolsAreRecordedAndObserved(t *testing.T) {
	var s seen
	var kept []*record.Batch
	a := newSpeaker(t, Options{Observer: &s, Keep: func(_ context.Context, b *record.Batch) error {
		kept = append(kept, b)
		return nil
	}})
	old := strings.Replace(applicant, "34", "12", 1)
	says(a, "/invocations", `{"inputs": [`+applicant+`,`+applicant+`]}`)
	says(a, inferPath, `{"inputs": `+inJSONText(t, tensorsOf(t, applicant))+`}`)
	says(a, "/invocations", `{"dataframe_split": `+frameOf(t, applicant, old)+`}`)
	says(a, inferPath, `{"inputs": `+inJSONText(t, tensorsOf(t, old))+`}`)
	assert.Equal(t, seen{3, []string{"age", "age"}}, s)
	require.Len(t, kept, 4)
	assert.Len(t, kept[0].Predictions, 2)
	assert.Equal(t, scoresOf(t, a.model, applicant)[0], kept[1].Predictions[0].Score)
	assert.Equal(t, 1, kept[2].Predictions[0].Place)
	assert.Contains(t, kept[3].Predictions[0].Fault, "age: ")
}

// A missing value is one outside of texts alone.
func TestTextsThatAreNotMissing(t *testing.T) {
	var agent string
	a := newSpeaker(t, Options{Keep: func(_ context.Context, b *record.Batch) error {
		agent = b.Predictions[0].Client.Agent
		return nil
	}})
	status, answer := says(a, "/invocations", `{"inputs": [`+strings.NewReplacer(`"no"`, "NaN", "{", `{"user_agent": "\"NaN\\\\", "note": [NaN, "NaN"], `).Replace(applicant)+`]}`)
	assert.Equal(t, http.StatusOK, status, answer)
	assert.Equal(t, `"NaN\\`, agent)
}

func TestManyFaultsAreToldInShort(t *testing.T) {
	a := newSpeaker(t, Options{})
	for n, want := range map[int]string{10: "applicant 9: ", 11: "and 1 more applicants.", 30: "and 20 more applicants."} {
		status, answer := says(a, "/invocations", `{"inputs": [`+strings.Repeat(",{}", n)[1:]+`]}`)
		assert.Equal(t, http.StatusBadRequest, status)
		assert.Contains(t, answer, want)
		assert.Equal(t, n > 10, strings.Contains(answer, "more applicants"))
		assert.Equal(t, min(n, 10), strings.Count(answer, "income: "))
	}
	_, answer := says(a, inferPath, `{"inputs": [{"name": "`+strings.Repeat("x", 100)+`"}]}`)
	assert.Equal(t, `{"error":"unexpected input \"`+strings.Repeat("x", 64)+`\""}`, answer)
}

// around lies around another writer.
type around struct{ http.ResponseWriter }

func (a around) Unwrap() http.ResponseWriter { return a.ResponseWriter }

// Around the writer of a protocol there may be others.
func TestWordsAreFoundInOtherWriters(t *testing.T) {
	w := httptest.NewRecorder()
	Speak([]string{"v2"}, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		Fail(around{w}, http.StatusTeapot, "x")
	})).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/v2/x", nil))
	assert.Equal(t, `{"error":"x"}`, w.Body.String())
}

func TestBytesAreCutByTheirDatatype(t *testing.T) {
	for datatype, width := range map[string]int{"BOOL": 1, "UINT8": 1, "UINT16": 2, "UINT32": 4, "UINT64": 8, "INT8": 1, "INT16": 2, "INT32": 4, "INT64": 8, "FP32": 4, "FP64": 8, "BYTES": 4} {
		data := make([]byte, 3*width)
		of := &tensor{datatype: datatype, shape: [][]byte{[]byte("3")}, bytes: len(data)}
		rest := append(data, 7)
		values, err := of.values(&work{held: &holding{}}, &rest)
		require.NoError(t, err, datatype)
		assert.Len(t, values, 3, datatype)
		assert.Equal(t, []byte{7}, rest)
		if width > 1 {
			of.bytes--
			rest = data
			_, err = of.values(&work{held: &holding{}}, &rest)
			require.ErrorContains(t, err, "cut off", datatype)
		}
	}
}

// Wherever the memory ends, a request is refused and gives back what it has.
func TestProtocolsAreRefusedWhereMemoryEnds(t *testing.T) {
	many := make([]string, 200)
	for i := range many {
		many[i] = applicant
	}
	inputs := tensorsOf(t, many...)
	var behind []byte
	for _, tensor := range inputs {
		data := bytesOf(t, tensor["datatype"].(string), tensor["data"].([]json.RawMessage))
		tensor["parameters"] = map[string]any{"binary_data_size": len(data)}
		behind = append(behind, data...)
	}
	written := inJSONText(t, map[string]any{"inputs": tensorsOf(t, many...)})
	for _, tensor := range inputs {
		delete(tensor, "data")
	}
	header := inJSONText(t, map[string]any{"inputs": inputs})
	for name, c := range map[string]struct{ path, body, length string }{
		"tensors": {inferPath, written, ""},
		"bytes":   {inferPath, header + string(behind), strconv.Itoa(len(header))},
		"columns": {"/invocations", `{"inputs": ` + inJSONText(t, columnsOf(t, many...)) + `}`, ""},
		"frame":   {"/invocations", `{"dataframe_split": ` + strings.ReplaceAll(frameOf(t, many...), `"}{"`, "NaN") + `}`, ""},
	} {
		statuses := map[int]int{}
		for limit := int64(16 << 10); limit < 16<<20; limit += limit / 16 {
			budget := rows.NewBudget(limit, nil)
			a := newSpeaker(t, Options{Budget: budget})
			a.budgets.patience = 0
			status, answer := says(a, c.path, c.body, headerLength, c.length)
			statuses[status]++
			assert.Zero(t, budget.Taken(), name)
			assert.True(t, json.Valid([]byte(answer)))
		}
		assert.Positive(t, statuses[http.StatusRequestEntityTooLarge], name)
		assert.Positive(t, statuses[http.StatusOK], name)
		assert.Equal(t, 0, statuses[http.StatusBadRequest], name)
	}
}

// Short values and short rows cost many times what they are long by.
func TestProtocolsHoldPartsOfABudget(t *testing.T) {
	budget := rows.NewBudget(8<<20, nil)
	a := newSpeaker(t, Options{Budget: budget})
	values := strings.Repeat("1,", 1<<20)
	for _, c := range []struct{ path, body string }{
		{inferPath, `{"inputs": [{"name": "age", "datatype": "FP64", "shape": [1048577], "data": [` + values + `1]}]}`},
		{"/invocations", `{"inputs": {"age": [` + values + `1]}}`},
		{"/invocations", `{"dataframe_split": {"columns": ["current_house_yrs"], "data": [` + strings.Repeat("[1],", 1<<19) + `[1]]}}`},
	} {
		status, _ := says(a, c.path, c.body)
		assert.Equal(t, http.StatusRequestEntityTooLarge, status)
		assert.Equal(t, int64(0), budget.Taken(), "all is given back")
	}
	status, _ := says(a, "/invocations", `{"inputs": [`+applicant+`]}`)
	assert.Equal(t, http.StatusOK, status)

	// Cutting alone is too much, before anybody sees that the request is none.
	header := `{"inputs": [{"name": "age", "datatype": "BOOL", "shape": [1], "parameters": {"binary_data_size": 100000}}]}`
	for _, c := range []struct{ body, length string }{
		{`{"inputs": [], "outputs": [` + strings.Repeat("1,", 100_000) + `1]}`, ""}, {header + strings.Repeat("x", 100_000), strconv.Itoa(len(header))},
	} {
		status, answer := says(a, inferPath, c.body, headerLength, c.length)
		assert.Equal(t, http.StatusRequestEntityTooLarge, status, answer)
		status, _ = says(newSpeaker(t, Options{}), inferPath, c.body, headerLength, c.length)
		assert.Equal(t, http.StatusBadRequest, status)
	}
}

// Whatever is asked, the answer is JSON of the protocol, and nothing breaks.
func FuzzProtocols(f *testing.F) {
	m, err := shipped()
	require.NoError(f, err)
	a, err := New(m, Options{MaxBody: 1 << 16, MaxBatch: 100, Protocols: []string{"v2", "mlflow"}})
	require.NoError(f, err)
	for _, body := range []string{
		`{"inputs": [` + applicant + `]}`, `{"dataframe_split": {"columns": ["age"], "data": [[NaN], [1]]}}`, `{"inputs": {"age": [1, [2]]}}`,
		`{"id": "x", "inputs": [{"name": "age", "shape": [1, 1], "datatype": "FP32", "data": [[1]]}], "outputs": [{"name": "prediction"}]}`,
		`{"inputs": [{"name": "city", "shape": [1], "datatype": "BYTES", "parameters": {"binary_data_size": 5}}]}` + "\x01\x00\x00\x00a",
	} {
		f.Add(body, len(body), true)
		f.Add(body, 0, false)
	}
	f.Fuzz(func(t *testing.T, body string, length int, behind bool) {
		headers := []string{}
		if behind {
			headers = []string{headerLength, strconv.Itoa(length)}
		}
		for _, path := range []string{inferPath, "/invocations"} {
			status, answer := says(a, path, body, headers...)
			require.Contains(t, []int{http.StatusOK, http.StatusBadRequest, http.StatusRequestEntityTooLarge}, status, answer)
			require.True(t, json.Valid([]byte(answer)), answer)
		}
	})
}
