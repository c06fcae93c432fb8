// Package guard keeps requests from harming the server, and the server's
// failures from harming its clients. What it logs never holds anything of an
// applicant: no body, no query, no path but those that the server knows.
package guard

import (
	"bufio"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strings"
	"time"
)

// Fail answers with a status and a detail, as the API does.
type Fail func(w http.ResponseWriter, status int, detail string)

// Limit lets so many requests run at once, and refuses more at once with 429:
// whoever comes again later waits at home, not here.
func Limit(next http.Handler, atOnce int, fail Fail) http.Handler {
	places := make(chan struct{}, atOnce)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		select {
		case places <- struct{}{}:
			defer func() { <-places }()
			next.ServeHTTP(w, r)
		default:
			w.Header().Set("Retry-After", "1")
			fail(w, http.StatusTooManyRequests, "Too Many Requests")
		}
	})
}

// Tokens are the digests of the bearer tokens that a server takes.
type Tokens [][sha256.Size]byte

// ErrTokens says that a file of tokens is of no use.
var ErrTokens = errors.New("there is no token in it")

// ReadTokens reads tokens, one in each line; empty lines do not count. Its error is
// ErrTokens, or that of the reader.
func ReadTokens(r io.Reader) (Tokens, error) {
	var t Tokens
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		if token := strings.TrimSpace(lines.Text()); token != "" {
			t = append(t, sha256.Sum256([]byte(token)))
		}
	}
	if err := lines.Err(); err != nil {
		return nil, err
	}
	if len(t) == 0 {
		return nil, ErrTokens
	}
	return t, nil
}

// Require lets requests pass that bear one of the tokens. How long it takes
// says nothing about them.
func (t Tokens) Require(next http.Handler, fail Fail) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
		digest := sha256.Sum256([]byte(strings.TrimSpace(token)))
		known := 0
		for i := range t {
			known |= subtle.ConstantTimeCompare(t[i][:], digest[:])
		}
		if known == 0 || !strings.EqualFold(scheme, "Bearer") {
			w.Header().Set("WWW-Authenticate", "Bearer")
			fail(w, http.StatusUnauthorized, "Not authenticated")
			return
		}
		next.ServeHTTP(w, r)
	})
}

// idHeader tells a client by which name the log knows its request.
const idHeader = "X-Request-Id"

// Observer is told of each request: its method and pattern are of a few, its
// status is 0 if there was no answer.
type Observer interface {
	Began()
	Ended(method, pattern string, status int, bytes int64, took time.Duration)
}

// Watch gives each request an id, answers for a handler that panics, and logs
// that; with all set it logs every request. The observer may be nil. Handlers
// below must set the request's Pattern, which stands in for its path.
func Watch(next http.Handler, log *slog.Logger, all bool, fail Fail, observer Observer) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := rand.Text()
		w.Header().Set(idHeader, id)
		start, seen := time.Now(), &response{ResponseWriter: w}
		defer func() {
			if observer != nil {
				observer.Ended(method(r.Method), r.Pattern, seen.status, seen.bytes, time.Since(start))
			}
			if all {
				log.Info("request", "id", id, "method", method(r.Method), "pattern", r.Pattern, "status", seen.status, "bytes", seen.bytes, "took", time.Since(start))
			}
		}()
		defer recoverFrom(seen, r, log, id, fail)
		if observer != nil {
			observer.Began()
		}
		next.ServeHTTP(seen, r)
	})
}

// recoverFrom answers for a handler that panicked.
func recoverFrom(seen *response, r *http.Request, log *slog.Logger, id string, fail Fail) {
	failure := recover()
	if failure == http.ErrAbortHandler {
		panic(failure)
	}
	if failure == nil {
		return
	}
	// Its text may hold what a client sent, so its type must do.
	log.Error("a request failed", "id", id, "pattern", r.Pattern, "panic", fmt.Sprintf("%T", failure), "stack", string(debug.Stack()))
	if seen.status != 0 { // too late for another answer
		panic(http.ErrAbortHandler)
	}
	fail(seen, http.StatusInternalServerError, "Internal Server Error")
}

// method keeps free text out of the log.
func method(name string) string {
	switch name {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
		return name
	}
	return "other"
}

// response remembers what was answered.
type response struct {
	http.ResponseWriter
	status int
	bytes  int64
}

func (r *response) WriteHeader(status int) {
	if r.status == 0 {
		r.status = status
	}
	r.ResponseWriter.WriteHeader(status)
}

func (r *response) Write(p []byte) (int, error) {
	if r.status == 0 {
		r.status = http.StatusOK
	}
	n, err := r.ResponseWriter.Write(p)
	r.bytes += int64(n)
	return n, err
}

// Unwrap lets http.ResponseController find what the writer can do.
func (r *response) Unwrap() http.ResponseWriter { return r.ResponseWriter }
