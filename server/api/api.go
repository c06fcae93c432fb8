// Package api answers prediction requests as the reference service does, with
// the fields of a model.
package api

import (
	"context"
	"errors"
	"io"
	"iter"
	"maps"
	"net/http"
	"strconv"
	"sync"
	"time"

	"lendleaf/core"
	"lendleaf/core/rows"
	"lendleaf/core/schema"
	"lendleaf/server/client"
	"lendleaf/server/record"
)

// API answers the requests of the API, and describes it. It may be used from many goroutines.
type API struct {
	Routes
	model      *core.Model
	maxBody    int64
	maxBatch   int
	maxStream  int64
	maxRow     int
	maxColumns int
	pause      time.Duration
	observer   Observer
	keep       func(context.Context, *record.Batch) error
	shadow     func(*record.Batch)
	proxies    client.Proxies
	shape      *shape
	budgets    budgets
	works      sync.Pool // of *work, for small bodies
	largeWorks sync.Pool // and for others
}

// Options say how an API serves.
type Options struct {
	MaxBody    int64         // bytes of a request's body, unpacked; larger ones are refused
	MaxBatch   int           // applicants in an array; 0: as many as the body holds
	MaxStream  int64         // bytes of a body of rows that are answered one by one, unpacked
	MaxRow     int           // bytes of one of these rows; 0: rows.DefaultLimit
	MaxColumns int           // of a CSV; 0: four times the fields
	Pause      time.Duration // longest time for some rows of such a body to come, or to go
	Budget     *rows.Budget  // bytes that all requests under way may hold together; nil: any number
	Report     []byte        // report.json of a model, or nil
	Protocols  []string      // names of further Protocols that are spoken
	Guarded    bool          // whether requests must bear a token, for the description
	Observer   Observer      // told of all that is scored or at fault; may be nil

	// Keep is given what is asked and answered, before it is answered; where it
	// has an error, the answer is 503. Nil: nothing is recorded.
	Keep    func(context.Context, *record.Batch) error
	Shadow  func(*record.Batch) // is given what was answered, afterwards; nil: nobody
	Proxies client.Proxies      // who may say for whom they ask; only records need it
}

// Observer is told what comes of requests, from many goroutines. It must not keep
// what it is given.
type Observer interface {
	Scored(records []schema.Record, scores []core.Score)
	Faulty(field string) // "": the body, or a row, as a whole
}

// nobody does not observe.
type nobody struct{}

func (nobody) Scored([]schema.Record, []core.Score) {}
func (nobody) Faulty(string)                        {}

// New makes an API that scores with a model. Its error is that of the report.
func New(model *core.Model, o Options) (*API, error) {
	facts, err := describe(model, o.Report)
	if err != nil {
		return nil, err
	}
	a := &API{model: model, maxBody: o.MaxBody, maxBatch: o.MaxBatch, maxStream: o.MaxStream, maxRow: o.MaxRow, maxColumns: o.MaxColumns, pause: o.Pause, budgets: newBudgets(o.Budget), observer: o.Observer, keep: o.Keep, shadow: o.Shadow, proxies: o.Proxies, shape: newShape(model.Schema())}
	if a.observer == nil {
		a.observer = nobody{}
	}
	a.Routes = Routes{map[string]http.Handler{
		"/api/predict":  Methods(a.predict, http.MethodPost),
		"/api/model":    described(facts),
		"/openapi.json": described(openAPI(model, o.Keep != nil, o.Guarded)),
	}, http.HandlerFunc(NotFound)}
	for _, name := range o.Protocols {
		maps.Copy(a.Paths, Protocols[name].routes(a))
	}
	return a, nil
}

// predict scores one applicant, or an array of them.
func (a *API) predict(w http.ResponseWriter, r *http.Request) {
	kind, limit := streamType(r.Header.Get("Content-Type")), a.maxBody
	if kind != "" {
		limit = a.maxStream
	}
	held := a.budgets.hold(r.Context())
	defer held.release()
	body, done, err := open(r, limit, held)
	if err != nil {
		a.failRead(w, err)
		return
	}
	defer done()
	if kind != "" {
		a.stream(w, r, kind, body, held)
		return
	}
	a.whole(w, r, body, held, contract{})
}

// speak scores what is asked in the dialect of another protocol.
func (a *API) speak(w http.ResponseWriter, r *http.Request, in dialect) {
	held := a.budgets.hold(r.Context())
	defer held.release()
	body, done, err := open(r, a.maxBody, held)
	if err != nil {
		a.failRead(w, err)
		return
	}
	defer done()
	a.whole(w, r, body, held, in)
}

// whole answers a body that is read as a whole before it is scored.
func (a *API) whole(w http.ResponseWriter, r *http.Request, body io.Reader, held *holding, in dialect) {
	if r.ContentLength > a.maxBody { // whoever asks before sending it need not send it
		a.failRead(w, errTooLarge)
		return
	}
	work := a.borrow(held)
	defer func() { a.giveBack(work) }()
	if err := a.fill(work, body); err != nil {
		a.failRead(w, err)
		return
	}
	rec := a.record(w, r)
	work.recorded = rec != nil
	faults, err := in.read(a, work, r)
	switch {
	case err != nil:
		a.failRead(w, err)
	case faults != nil:
		if rec != nil {
			err = held.set(work.bytes() + work.size*recordedSize)
		}
		if err != nil {
			a.failRead(w, err)
			return
		}
		if rec.faults(a.shape, work, faults) != nil {
			failRecord(w)
			return
		}
		in.refuse(a, w, work, faults)
	default:
		work.scores = a.model.AppendScoresOnAllCores(work.scores[:0], work.records)
		if rec.scores(work) != nil {
			failRecord(w)
			return
		}
		a.observer.Scored(work.records, work.scores)
		answer := in.answer(work.answer[:0], a, work.scores)
		if work.answer = answer; len(answer) > small { // which a client may be slow to take
			work.answer = nil
			a.giveBack(work)
			work = nil
			_ = held.set(cap(answer)) // which is less
		}
		write(w, http.StatusOK, answer)
		rec.answered()
	}
}

// failRead answers a request whose body cannot be read.
func (a *API) failRead(w http.ResponseWriter, err error) {
	var column rows.ColumnError
	var why malformed
	switch {
	case errors.As(err, &why):
		Fail(w, http.StatusBadRequest, err.Error())
	case errors.Is(err, errType):
		Fail(w, http.StatusUnsupportedMediaType, err.Error())
	case errors.Is(err, errTooLarge):
		w.Header().Set("Connection", "close") // the rest is not wanted
		Fail(w, http.StatusRequestEntityTooLarge, "Request Entity Too Large")
	case errors.Is(err, errBusy):
		w.Header().Set("Connection", "close")
		w.Header().Set("Retry-After", "1")
		Fail(w, http.StatusServiceUnavailable, "Service Unavailable")
	case errors.Is(err, errEncodingUnknown):
		w.Header().Set("Accept-Encoding", "gzip, zstd")
		Fail(w, http.StatusUnsupportedMediaType, "Unsupported Media Type")
	case errors.Is(err, rows.ErrTooLong), errors.Is(err, rows.ErrColumns):
		w.Header().Set("Connection", "close")
		Fail(w, http.StatusRequestEntityTooLarge, err.Error())
	case errors.As(err, &column), errors.Is(err, rows.ErrEmpty):
		Fail(w, http.StatusUnprocessableEntity, err.Error())
	default: // the client has gone, or is too slow
		Fail(w, http.StatusBadRequest, "There was an error parsing the body")
	}
}

// errType says that a protocol does not take the content type.
var errType = errors.New("the content type must be application/json")

// Fail answers with a fault of the request as a whole, in the words of the protocol
// that is spoken.
func Fail(w http.ResponseWriter, status int, detail string) {
	write(w, status, wordsOf(w)(status, detail))
}

func contractFault(_ int, detail string) []byte {
	return append(rows.AppendText([]byte(`{"detail":`), detail), '}')
}

// writeFaults answers 422 with faults, of which it holds only some at a time.
func (a *API) writeFaults(w http.ResponseWriter, faults iter.Seq[fault]) {
	text, begun := []byte(`{"detail":[`), false
	separator := ""
	for f := range faults {
		if !f.again {
			a.observer.Faulty(f.field)
		}
		text = f.append(append(text, separator...))
		separator = ","
		if len(text) < faultsAtOnce {
			continue
		}
		if !begun {
			head(w, http.StatusUnprocessableEntity)
			begun = true
		}
		if _, err := w.Write(text); err != nil {
			return // the client has gone
		}
		text = text[:0]
	}
	text = append(text, `]}`...)
	if !begun {
		write(w, http.StatusUnprocessableEntity, text)
		return
	}
	_, _ = w.Write(text)
}

// faultsAtOnce is how many bytes of faults are sent together.
const faultsAtOnce = 64 << 10

func write(w http.ResponseWriter, status int, body []byte) {
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	head(w, status)
	// What comes of a client that has gone is not the server's business.
	_, _ = w.Write(body)
}

// head begins an answer in JSON.
func head(w http.ResponseWriter, status int) {
	h := w.Header()
	h.Set("Content-Type", typeJSON)
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(status)
}
