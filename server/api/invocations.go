package api

import (
	"bytes"
	"iter"
	"net/http"

	"lendleaf/core"
	"lendleaf/core/rows"
)

// invocationsPath is where MLflow's scoring server is asked.
const invocationsPath = "/invocations"

// invocation is a request as MLflow's scoring server takes it. Its applicants are
// rows of a data frame, or columns.
type invocation struct{}

func (invocation) read(a *API, w *work, r *http.Request) (iter.Seq[fault], error) {
	w.begin()
	if !isJSON(r.Header.Get("Content-Type")) {
		return nil, errType
	}
	body, err := w.missing()
	if err != nil {
		return nil, err
	}
	members, err := w.members(body)
	if err != nil {
		return nil, err
	}
	form, given := "", []byte(nil)
	for name, value := range members {
		switch name {
		case "dataframe_split", "dataframe_records", "instances", "inputs":
			if form != "" && form != name {
				return nil, errForm
			}
			form, given = name, value
		}
	}
	switch {
	case form == "":
		return nil, errForm
	case form == "dataframe_split" && given[0] == '{':
		err = a.listFrame(w, given)
	case form == "inputs" && given[0] == '{':
		err = a.listDict(w, given)
	case form == "dataframe_split":
		err = malformed("dataframe_split must be an object")
	case given[0] != '[':
		err = malform("%s must be a list of applicants", form)
	default:
		w.text = given
	}
	if err != nil {
		return nil, err
	}
	return a.readList(w)
}

// missing is the work's body with null for each NaN, which is what pandas has for
// a missing value and what MLflow's own client writes, though it is no JSON.
func (w *work) missing() ([]byte, error) {
	count := bytes.Count(w.body, []byte("NaN"))
	if count == 0 {
		return w.body, nil
	}
	room := len(w.body) + count
	if err := w.held.set(w.bytes() + room); err != nil {
		return nil, err
	}
	w.decoded = make([]byte, 0, room)
	quoted := false
	for rest := w.body; len(rest) > 0; {
		n := 1
		switch {
		case rest[0] == '"':
			quoted = !quoted
		case rest[0] == '\\' && len(rest) > 1:
			n = 2
		case !quoted && bytes.HasPrefix(rest, []byte("NaN")):
			w.decoded = append(w.decoded, "null"...)
			rest = rest[len("NaN"):]
			continue
		}
		w.decoded = append(w.decoded, rest[:n]...)
		rest = rest[n:]
	}
	return w.decoded, nil
}

// errForm says what a body must have.
const errForm = malformed("the input must be a JSON object with exactly one of dataframe_split, dataframe_records, instances and inputs")

// listFrame makes a list of a data frame's columns and rows.
func (a *API) listFrame(w *work, frame []byte) error {
	members, err := w.members(frame)
	if err != nil {
		return err
	}
	var named, data [][]byte
	for name, value := range members {
		switch name {
		case "columns":
			named, err = w.cut(value)
		case "data":
			data, err = w.cut(value)
		}
		if err != nil {
			return err
		}
	}
	columns, err := a.columns(named)
	if err != nil {
		return err
	}
	if a.maxBatch > 0 && len(data) > a.maxBatch {
		return errTooLarge
	}
	before := w.parts
	for _, row := range data {
		values, err := w.cut(row)
		if err != nil {
			return err
		}
		if len(values) != len(columns) {
			return malformed("a row of dataframe_split has more or fewer values than there are columns")
		}
		if err := w.listRow(columns, func(i int) []byte { return values[i] }); err != nil {
			return err
		}
		w.parts = before // each row's list goes at once
	}
	return w.listEnd()
}

// columns are those of a data frame's names.
func (a *API) columns(named [][]byte) (columns []column, err error) {
	known := map[string]bool{}
	for _, raw := range named {
		if raw[0] != '"' {
			return nil, malformed("a column's name must be a text")
		}
		name := rows.Unquoted(raw)
		if known[name] {
			return nil, malform("column %q: two columns have this name", name)
		}
		known[name] = true
		columns = append(columns, a.column(name, nil))
	}
	return columns, nil
}

// listDict makes a list of an object of columns.
func (a *API) listDict(w *work, dict []byte) error {
	var columns []column
	size := -1
	for name, value := range rows.Members(dict) {
		values, err := w.cut(value)
		if err != nil {
			return err
		}
		if size >= 0 && len(values) != size {
			return malform("inputs %q: a column has more or fewer values than another", name)
		}
		size = len(values)
		columns = append(columns, a.column(name, values))
	}
	return a.listColumns(w, columns, max(size, 0))
}

func (invocation) answer(dst []byte, a *API, scores []core.Score) []byte {
	target := a.model.Schema().Target
	probability := append(rows.AppendText([]byte{','}, rows.ProbabilityColumn(target)), ':')
	dst = append(dst, `{"predictions":[`...)
	for i, s := range scores {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = rows.AppendText(append(dst, `{"prediction":`...), a.model.Outcome(s))
		dst = append(rows.Exact.AppendProbability(append(dst, probability...), s.Probability), '}')
	}
	return append(dst, `]}`...)
}

func (invocation) refuse(a *API, out http.ResponseWriter, w *work, _ iter.Seq[fault]) {
	Fail(out, http.StatusBadRequest, a.inWords(w))
}

// invocationRoutes are the protocol's paths that depend on the model.
func (a *API) invocationRoutes() map[string]http.Handler {
	return map[string]http.Handler{invocationsPath: Methods(func(w http.ResponseWriter, r *http.Request) { a.speak(w, r, invocation{}) }, http.MethodPost)}
}

// invocationFault is a fault as MLflow says it.
func invocationFault(status int, detail string) []byte {
	code, ok := map[int]string{
		http.StatusUnauthorized: "UNAUTHENTICATED", http.StatusNotFound: "ENDPOINT_NOT_FOUND", http.StatusTooManyRequests: "REQUEST_LIMIT_EXCEEDED",
		http.StatusServiceUnavailable: "TEMPORARILY_UNAVAILABLE", http.StatusInternalServerError: "INTERNAL_ERROR",
	}[status]
	if !ok {
		code = "BAD_REQUEST"
	}
	return append(rows.AppendText(append(rows.AppendText([]byte(`{"error_code":`), code), `,"message":`...), detail), '}')
}
