package api

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const inferPath = "/v2/models/loan-default/infer"

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
