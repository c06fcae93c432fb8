package api

import (
	"encoding/json"
	"iter"
	"net/http"
	"slices"
	"strconv"

	"lendleaf/core"
	"lendleaf/core/rows"
	"lendleaf/core/schema"
)

// inferencePath is where the Open Inference Protocol (version 2, REST) begins.
const inferencePath = "/v2"

// headerLength says how much of a body is JSON, before the bytes of its tensors.
const headerLength = "Inference-Header-Content-Length"

// predictionOutput is the output with the labels; the one with the probabilities is
// named as the column of a CSV is.
const predictionOutput = "prediction"

// inference is a request of the Open Inference Protocol.
type inference struct {
	id      []byte   // JSON; nothing if none was given
	outputs []string // that are asked for; none: all
}

func (i *inference) read(a *API, w *work, r *http.Request) (iter.Seq[fault], error) {
	w.begin()
	header, rest, err := splitBody(w.body, r.Header.Get(headerLength))
	if err != nil {
		return nil, err
	}
	members, err := w.members(header)
	if err != nil {
		return nil, err
	}
	var inputs []byte
	for name, value := range members {
		switch {
		case name == "id" && value[0] == '"':
			i.id = value
		case name == "inputs" && value[0] == '[':
			inputs = value
		case name == "outputs":
			err = i.choose(a, w, value)
		case name == "id", name == "inputs":
			err = malform("%s is of no use", name)
		}
		if err != nil {
			return nil, err
		}
	}
	if inputs == nil {
		return nil, malformed("there are no inputs")
	}
	if err := a.listTensors(w, inputs, rest); err != nil {
		return nil, err
	}
	return a.readList(w)
}

// splitBody divides a body into its JSON and the bytes behind it.
func splitBody(body []byte, length string) (header, rest []byte, err error) {
	if length == "" {
		return body, nil, nil
	}
	n, err := strconv.Atoi(length)
	if err != nil || n < 0 || n > len(body) {
		return nil, nil, malformed(headerLength + " is no part of the body's length")
	}
	return body[:n], body[n:], nil
}

// choose reads which outputs are asked for.
func (i *inference) choose(a *API, w *work, outputs []byte) error {
	list, err := w.cut(outputs)
	if err != nil {
		return err
	}
	for _, raw := range list {
		name := ""
		if raw[0] == '{' {
			for member, value := range rows.Members(raw) {
				if member == "name" && value[0] == '"' {
					name = rows.Unquoted(value)
				}
			}
		}
		if !slices.Contains(outputsOf(a.model.Schema().Target), name) {
			return malform("unexpected output %q", name)
		}
		if slices.Contains(i.outputs, name) {
			return malform("output %q is asked for twice", name)
		}
		i.outputs = append(i.outputs, name)
	}
	return nil
}

func outputsOf(t schema.Target) []string {
	return []string{predictionOutput, rows.ProbabilityColumn(t)}
}

// listTensors makes a list of tensors, each of which has a member of all applicants.
func (a *API) listTensors(w *work, inputs, rest []byte) error {
	list, err := w.cut(inputs)
	if err != nil {
		return err
	}
	known := map[string]bool{}
	var columns []column
	size := 0
	for i, raw := range list {
		t, err := readTensor(raw)
		if err != nil {
			return err
		}
		if known[t.name] || !a.shape.rows.Knows(t.name) {
			return malform("unexpected input %q", t.name)
		}
		known[t.name] = true
		values, err := t.values(w, &rest)
		if err != nil {
			return err
		}
		if i > 0 && len(values) != size {
			return malform("input %q: it has more or fewer values than another", t.name)
		}
		size = len(values)
		columns = append(columns, a.column(t.name, values))
	}
	if len(rest) > 0 {
		return malformed("more bytes follow the JSON than its inputs have")
	}
	return a.listColumns(w, columns, size)
}

func (i *inference) answer(dst []byte, a *API, scores []core.Score) []byte {
	dst = rows.AppendText(append(dst, `{"model_name":`...), a.model.Name())
	dst = rows.AppendText(append(dst, `,"model_version":`...), a.model.Hash()[:versionDigits])
	if i.id != nil {
		dst = append(append(dst, `,"id":`...), i.id...)
	}
	dst = append(dst, `,"outputs":[`...)
	outputs := i.outputs
	if len(outputs) == 0 {
		outputs = outputsOf(a.model.Schema().Target)
	}
	for k, name := range outputs {
		if k > 0 {
			dst = append(dst, ',')
		}
		dst = a.appendOutput(dst, name, scores)
	}
	return append(dst, `]}`...)
}

func (a *API) appendOutput(dst []byte, name string, scores []core.Score) []byte {
	datatype := "FP64"
	if name == predictionOutput {
		datatype = "BYTES"
	}
	dst = rows.AppendText(append(dst, `{"name":`...), name)
	dst = append(append(append(dst, `,"datatype":"`...), datatype...), `","shape":[`...)
	dst = append(strconv.AppendInt(dst, int64(len(scores)), 10), `],"data":[`...)
	for i, s := range scores {
		if i > 0 {
			dst = append(dst, ',')
		}
		if name == predictionOutput {
			dst = rows.AppendText(dst, a.model.Outcome(s))
			continue
		}
		dst = rows.Exact.AppendProbability(dst, s.Probability)
	}
	return append(dst, `]}`...)
}

func (*inference) refuse(a *API, out http.ResponseWriter, w *work, _ iter.Seq[fault]) {
	Fail(out, http.StatusBadRequest, a.inWords(w))
}

// inferenceFault is a fault as the Open Inference Protocol says it.
func inferenceFault(_ int, detail string) []byte {
	return append(rows.AppendText([]byte(`{"error":`), detail), '}')
}

// inferenceRoutes are the protocol's paths of the model, by its name, with its
// version or without.
func (a *API) inferenceRoutes() map[string]http.Handler {
	name, version := a.model.Name(), a.model.Hash()[:versionDigits]
	routes := map[string]http.Handler{inferencePath: described(must(json.Marshal(object{"name": "lendleaf", "version": version, "extensions": []string{"binary_tensor_data"}})))}
	for _, at := range []string{inferencePath + "/models/" + name, inferencePath + "/models/" + name + "/versions/" + version} {
		routes[at] = described(must(json.Marshal(inferenceModel(name, version, a.model.Schema()))))
		routes[at+"/ready"] = described(must(json.Marshal(object{"name": name, "ready": true})))
		routes[at+"/infer"] = Methods(func(w http.ResponseWriter, r *http.Request) { a.speak(w, r, &inference{}) }, http.MethodPost)
	}
	return routes
}

// inferenceModel is what the protocol says of a model.
func inferenceModel(name, version string, s *schema.Schema) object {
	tensor := func(name, datatype string) object {
		return object{"name": name, "datatype": datatype, "shape": []int{-1}}
	}
	var inputs []object
	for i := range s.Fields {
		datatype := "FP64"
		if s.Fields[i].Kind == schema.Choice {
			datatype = "BYTES"
		}
		inputs = append(inputs, tensor(s.Fields[i].Name, datatype))
	}
	return object{
		"name": name, "versions": []string{version}, "platform": "lendleaf", "inputs": inputs,
		"outputs": []object{tensor(predictionOutput, "BYTES"), tensor(rows.ProbabilityColumn(s.Target), "FP64")},
	}
}
