package api

import (
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
