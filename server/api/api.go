// Package api answers prediction requests as the reference service does, with
// the fields of a model.
package api

import (
	"errors"
	"net/http"
	"strconv"
	"sync"
	"time"

	"lendleaf/core"
	"lendleaf/core/dataset"
)

// API answers the requests under /api/. It may be used from many goroutines.
type API struct {
	model     *core.Model
	maxBody   int64
	maxBatch  int
	maxStream int64
	pause     time.Duration
	shape     *shape
	mux       *http.ServeMux
	works     sync.Pool // of *work
}

// Options say how an API serves.
type Options struct {
	MaxBody   int64         // bytes of a request's body, unpacked; larger ones are refused
	MaxBatch  int           // applicants in an array; 0: as many as the body holds
	MaxStream int64         // bytes of a body of rows that are answered one by one, unpacked
	Pause     time.Duration // longest time for some rows of such a body to come, or to go
	Report    []byte        // report.json of a model, or nil
}

// New makes an API that scores with a model. Its error is that of the report.
func New(model *core.Model, o Options) (*API, error) {
	facts, err := describe(model, o.Report)
	if err != nil {
		return nil, err
	}
	a := &API{model: model, maxBody: o.MaxBody, maxBatch: o.MaxBatch, maxStream: o.MaxStream, pause: o.Pause, shape: newShape(model.Schema()), mux: http.NewServeMux()}
	a.mux.HandleFunc("/api/model", described(facts))
	a.mux.HandleFunc("/openapi.json", described(openAPI(model)))
	a.mux.HandleFunc("POST /api/predict", a.predict)
	a.mux.HandleFunc("/api/predict", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Allow", http.MethodPost)
		MethodNotAllowed(w, r)
	})
	a.mux.HandleFunc("/api/predict/{$}", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/api/predict", http.StatusTemporaryRedirect)
	})
	a.mux.HandleFunc("/", NotFound)
	return a, nil
}

func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) { a.mux.ServeHTTP(w, r) }

// predict scores one applicant, or an array of them.
func (a *API) predict(w http.ResponseWriter, r *http.Request) {
	contentType := r.Header.Get("Content-Type")
	kind, limit := streamType(contentType), a.maxBody
	if kind != "" {
		limit = a.maxStream
	}
	body, done, err := open(r, limit)
	if err != nil {
		a.failRead(w, err)
		return
	}
	defer done()
	if kind != "" {
		a.stream(w, r, kind, body)
		return
	}
	work := a.borrow()
	defer a.giveBack(work)
	if work.body, err = appendAll(work.body[:0], body); err != nil {
		a.failRead(w, err)
		return
	}
	records, ok := a.shape.plain(work, contentType)
	var faults []fault
	if !ok {
		records, faults, err = a.shape.read(work.body, contentType)
	}
	switch {
	case err != nil:
		Fail(w, http.StatusBadRequest, "There was an error parsing the body")
	case a.maxBatch > 0 && len(records) > a.maxBatch:
		Fail(w, http.StatusRequestEntityTooLarge, "Request Entity Too Large")
	case faults != nil:
		write(w, http.StatusUnprocessableEntity, appendFaults(nil, faults))
	default:
		work.scores = a.model.AppendScoresOnAllCores(work.scores[:0], records)
		work.answer = a.appendAnswer(work.answer[:0], work.scores)
		write(w, http.StatusOK, work.answer)
	}
}

// failRead answers a request whose body cannot be read.
func (a *API) failRead(w http.ResponseWriter, err error) {
	var column dataset.ColumnError
	switch {
	case errors.Is(err, errTooLarge):
		w.Header().Set("Connection", "close") // the rest is not wanted
		Fail(w, http.StatusRequestEntityTooLarge, "Request Entity Too Large")
	case errors.Is(err, errEncodingUnknown):
		w.Header().Set("Accept-Encoding", "gzip, zstd")
		Fail(w, http.StatusUnsupportedMediaType, "Unsupported Media Type")
	case errors.As(err, &column), errors.Is(err, dataset.ErrEmpty):
		Fail(w, http.StatusUnprocessableEntity, err.Error())
	default: // the client has gone, or is too slow
		Fail(w, http.StatusBadRequest, "There was an error parsing the body")
	}
}

// NotFound answers a request for what is not there.
func NotFound(w http.ResponseWriter, _ *http.Request) { Fail(w, http.StatusNotFound, "Not Found") }

// MethodNotAllowed answers a request with a method that its path does not take.
// The header Allow is the caller's.
func MethodNotAllowed(w http.ResponseWriter, _ *http.Request) {
	Fail(w, http.StatusMethodNotAllowed, "Method Not Allowed")
}

// Fail answers with a fault of the request as a whole.
func Fail(w http.ResponseWriter, status int, detail string) {
	write(w, status, append(appendString([]byte(`{"detail":`), detail), '}'))
}

func write(w http.ResponseWriter, status int, body []byte) {
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Content-Length", strconv.Itoa(len(body)))
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	// What comes of a client that has gone is not the server's business.
	_, _ = w.Write(body)
}
