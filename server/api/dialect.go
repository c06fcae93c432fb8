package api

import (
	"bytes"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"strconv"
	"strings"

	"lendleaf/core"
	"lendleaf/core/rows"
)

// dialect is how a protocol asks for scores and is answered. What lies between is
// the same for all: limits, rows, scores, records, metrics.
type dialect interface {
	// read reads the applicants of a work's body, and returns what is wrong with
	// them, if anything is. Its other errors are about the request as a whole.
	read(a *API, w *work, r *http.Request) (iter.Seq[fault], error)
	// answer appends the answer to a request.
	answer(dst []byte, a *API, scores []core.Score) []byte
	// refuse answers what is wrong with applicants.
	refuse(a *API, out http.ResponseWriter, w *work, faults iter.Seq[fault])
}

// contract is the dialect of the replaced service.
type contract struct{}

func (contract) read(a *API, w *work, r *http.Request) (iter.Seq[fault], error) {
	return a.shape.read(w, r.Header.Get("Content-Type"), a.maxBatch)
}

func (contract) answer(dst []byte, a *API, scores []core.Score) []byte {
	return a.appendAnswer(dst, scores)
}

func (contract) refuse(a *API, out http.ResponseWriter, _ *work, faults iter.Seq[fault]) {
	a.writeFaults(out, faults)
}

// malformed says why a request is none of its protocol. It repeats no values.
type malformed string

func (m malformed) Error() string { return string(m) }

// malform is a malformed of a format; names that clients chose are cut in it.
func malform(format string, names ...string) error {
	var shown []any
	for _, name := range names {
		shown = append(shown, name[:min(len(name), 64)])
	}
	return malformed(fmt.Sprintf(format, shown...))
}

// speaker answers in the words of another protocol.
type speaker struct {
	http.ResponseWriter
	words func(status int, detail string) []byte // of a fault, as JSON
}

// Unwrap lets http.ResponseController find what the writer can do.
func (s *speaker) Unwrap() http.ResponseWriter { return s.ResponseWriter }

// Speak lets whoever answers for the paths of protocols say faults in their words,
// even if he knows of none.
func Speak(protocols []string, next http.Handler) http.Handler {
	if len(protocols) == 0 {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for _, name := range protocols {
			if p := Protocols[name]; r.URL.Path == p.path || strings.HasPrefix(r.URL.Path, p.path+"/") {
				w = &speaker{w, p.words}
			}
		}
		next.ServeHTTP(w, r)
	})
}

// wordsOf are those of the protocol that is spoken, whatever lies around the writer.
func wordsOf(w http.ResponseWriter) func(status int, detail string) []byte {
	for {
		switch known := w.(type) {
		case *speaker:
			return known.words
		case interface{ Unwrap() http.ResponseWriter }:
			w = known.Unwrap()
		default:
			return contractFault
		}
	}
}

// Protocol is one that an API may speak beside its own.
type Protocol struct {
	path   string // where its own paths begin
	routes func(*API) map[string]http.Handler
	words  func(status int, detail string) []byte
}

// Protocols are all, by name.
var Protocols = map[string]*Protocol{
	"v2":     {inferencePath, (*API).inferenceRoutes, inferenceFault},
	"mlflow": {invocationsPath, (*API).invocationRoutes, invocationFault},
}

// members returns those of a text that is a JSON object. It holds memory for a copy
// of their names.
func (w *work) members(text []byte) (iter.Seq2[string, []byte], error) {
	w.parts += len(text)
	if err := w.held.set(w.bytes()); err != nil {
		return nil, err
	}
	text = bytes.TrimLeft(text, " \t\r\n")
	if len(text) == 0 || text[0] != '{' {
		return nil, malformed("the body is no JSON object")
	}
	if _, err := rows.Values(text); err != nil {
		return nil, malformed(err.Error())
	}
	return rows.Members(text), nil
}

// cut cuts an array of JSON into its values. It holds the memory for that, which is
// many times what short values have.
func (w *work) cut(array []byte) ([][]byte, error) {
	if len(array) == 0 || array[0] != '[' {
		return nil, malformed("an array of values is missing")
	}
	w.parts += (bytes.Count(array, []byte{','}) + 1) * valueSize
	if err := w.held.set(w.bytes()); err != nil {
		return nil, err
	}
	return rows.Values(array)
}

// valueSize is what a value costs in a list that grows, in bytes.
const valueSize = 2 * 24

// column is what a list of applicants has for a member. An unknown member has no
// name, and is passed over.
type column struct {
	name   []byte // as JSON
	values [][]byte
}

// column begins the column of a member.
func (a *API) column(name string, values [][]byte) column {
	if !a.shape.rows.Knows(name) {
		return column{}
	}
	return column{rows.AppendText(nil, name), values}
}

// begins and ends of applicants in a list: the brackets, and the comma between.
const punctuation = len(`{},`)

// listRow appends an applicant to the work's list.
func (w *work) listRow(columns []column, value func(i int) []byte) error {
	need := punctuation
	for i, c := range columns {
		need += len(c.name) + len(value(i)) + len(`:,`)
	}
	if err := w.listRoom(need); err != nil {
		return err
	}
	separator := byte('{')
	if len(w.list) == 0 {
		w.list = append(w.list, '[')
	} else {
		w.list = append(w.list, ',')
	}
	for i, c := range columns {
		if c.name != nil {
			w.list = append(append(append(append(w.list, separator), c.name...), ':'), value(i)...)
			separator = ','
		}
	}
	if separator == '{' {
		w.list = append(w.list, '{')
	}
	w.list = append(w.list, '}')
	return nil
}

// listRoom makes room for more of the list, and for its end.
func (w *work) listRoom(need int) error {
	if len(w.list)+need+2 <= cap(w.list) {
		return nil
	}
	room := max(minRoom, 2*cap(w.list), len(w.list)+need+2)
	if err := w.held.set(w.bytes() + room); err != nil {
		return err
	}
	w.list = append(make([]byte, 0, room), w.list...)
	return w.held.set(w.bytes())
}

// listColumns makes a list of so many applicants from columns.
func (a *API) listColumns(w *work, columns []column, size int) error {
	if a.maxBatch > 0 && size > a.maxBatch {
		return errTooLarge
	}
	for i := range size {
		if err := w.listRow(columns, func(c int) []byte {
			if columns[c].name == nil {
				return nil
			}
			return columns[c].values[i]
		}); err != nil {
			return err
		}
	}
	return w.listEnd()
}

// listEnd ends the list, which is then the work's text.
func (w *work) listEnd() error {
	if err := w.listRoom(0); err != nil {
		return err
	}
	if len(w.list) == 0 {
		w.list = append(w.list, '[')
	}
	w.list = append(w.list, ']')
	w.text = w.list
	return nil
}

// readList reads the applicants of the work's text, which is a list.
func (a *API) readList(w *work) (iter.Seq[fault], error) {
	faulty, err := w.readAll(rows.NewJSONText(w.text, a.shape.rows), a.maxBatch)
	var syntax rows.SyntaxError
	switch {
	case errors.As(err, &syntax):
		return nil, malformed(err.Error())
	case err != nil:
		return nil, err
	case a.maxBatch > 0 && w.size > a.maxBatch:
		return nil, errTooLarge
	case faulty:
		return a.shape.faultsOfList(w.text), nil
	}
	return nil, nil
}

// inWords says what is wrong with a work's applicants, of which it names the first.
func (a *API) inWords(w *work) string {
	var said []string
	faulty := 0
	for i, row := range a.shape.applicants(w.text) {
		if len(row.Faults) == 0 {
			continue
		}
		for _, e := range row.Faults {
			a.observer.Faulty(e.Field())
		}
		if faulty++; faulty <= mostSaid {
			said = append(said, "applicant "+strconv.Itoa(i)+": "+rows.Reasons(row.Faults))
		}
	}
	if faulty > mostSaid {
		said = append(said, fmt.Sprintf("and %d more applicants.", faulty-mostSaid))
	}
	return strings.Join(said, " ")
}

// mostSaid is of how many applicants a protocol says at once what is wrong.
const mostSaid = 10
