package guard_test

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"lendleaf/server/guard"
)

func fail(w http.ResponseWriter, status int, detail string) {
	w.WriteHeader(status)
	_, _ = io.WriteString(w, detail)
}

var well = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "well") })

func ask(h http.Handler, change func(*http.Request)) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, "/api/predict?name=canary", strings.NewReader("canary"))
	if change != nil {
		change(r)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestLimitRefusesAtOnce(t *testing.T) {
	begun, release := make(chan struct{}), make(chan struct{})
	h := guard.Limit(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		begun <- struct{}{}
		<-release
	}), 2, fail)
	var running sync.WaitGroup
	for range 2 {
		running.Go(func() { ask(h, nil) })
		<-begun
	}
	w := ask(h, nil)
	assert.Equal(t, http.StatusTooManyRequests, w.Code)
	assert.Equal(t, "1", w.Header().Get("Retry-After"))
	close(release)
	running.Wait()
	running.Go(func() { assert.Equal(t, http.StatusOK, ask(h, nil).Code, "places are given back") })
	<-begun
	running.Wait()
}

func TestTokens(t *testing.T) {
	tokens, err := guard.ReadTokens(strings.NewReader("first\n\n  second \r\n"))
	require.NoError(t, err)
	require.Len(t, tokens, 2)
	h := tokens.Require(well, fail)
	for header, want := range map[string]int{
		"Bearer first": http.StatusOK, "bearer second": http.StatusOK,
		"": http.StatusUnauthorized, "Bearer": http.StatusUnauthorized, "Bearer third": http.StatusUnauthorized,
		"Basic first": http.StatusUnauthorized, "first": http.StatusUnauthorized, "Bearer first second": http.StatusUnauthorized,
	} {
		w := ask(h, func(r *http.Request) { r.Header.Set("Authorization", header) })
		assert.Equal(t, want, w.Code, header)
		assert.Equal(t, want == http.StatusUnauthorized, w.Header().Get("WWW-Authenticate") == "Bearer", header)
	}
	assert.Equal(t, "Not authenticated", ask(h, nil).Body.String(), "and nothing of what is guarded")
	assert.Equal(t, "well", ask(h, func(r *http.Request) { r.Header.Set("Authorization", "Bearer first") }).Body.String())
}

func TestTokensThatAreNone(t *testing.T) {
	broken := errors.New("the disk is broken")
	for want, file := range map[error]io.Reader{
		guard.ErrTokens: strings.NewReader("\n"), broken: iotest.ErrReader(broken),
		bufio.ErrTooLong: strings.NewReader("first\n" + strings.Repeat("x", 1<<17)), // more than a line may have
	} {
		tokens, err := guard.ReadTokens(file)
		require.ErrorIs(t, err, want)
		assert.Nil(t, tokens)
	}
}

func TestPanicsAreAnsweredAndLogged(t *testing.T) {
	var log bytes.Buffer
	mux := http.NewServeMux()
	mux.HandleFunc("/api/predict", func(http.ResponseWriter, *http.Request) { panic("canary") })
	w := ask(guard.Watch(mux, slog.New(slog.NewTextHandler(&log, nil)), false, fail, nil), nil)
	assert.Equal(t, http.StatusInternalServerError, w.Code)
	assert.Equal(t, "Internal Server Error", w.Body.String())
	id := w.Header().Get("X-Request-Id")
	assert.NotEmpty(t, id)
	assert.Contains(t, log.String(), id)
	assert.Contains(t, log.String(), "pattern=/api/predict")
	assert.NotContains(t, log.String(), "canary")
}

func TestPanicsAfterAnAnswerCutItOff(t *testing.T) {
	for name, begin := range map[string]func(http.ResponseWriter){
		"half a body": func(w http.ResponseWriter) { _, _ = io.WriteString(w, "half") },
		"a status":    func(w http.ResponseWriter) { w.WriteHeader(http.StatusOK) },
	} {
		h := guard.Watch(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			begin(w)
			panic("late")
		}), slog.New(slog.DiscardHandler), false, fail, nil)
		assert.PanicsWithValue(t, http.ErrAbortHandler, func() { ask(h, nil) }, name)
	}
}

// A handler that gives up wants its connection cut off, and no answer and no
// line in the log.
func TestHandlersMayCutOff(t *testing.T) {
	var log bytes.Buffer
	h := guard.Watch(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }),
		slog.New(slog.NewTextHandler(&log, nil)), false, fail, nil)
	w := httptest.NewRecorder()
	assert.PanicsWithValue(t, http.ErrAbortHandler, func() { h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", nil)) })
	assert.Empty(t, w.Body.String())
	assert.Empty(t, log.String())
}

// told is an observer that remembers.
type told struct {
	began int
	ended []string
}

func (o *told) Began() { o.began++ }

func (o *told) Ended(method, pattern string, status int, bytes int64, took time.Duration) {
	o.ended = append(o.ended, fmt.Sprintln(method, pattern, status, bytes, took >= time.Millisecond))
}

func TestObserversAreToldOfEachRequest(t *testing.T) {
	mux := http.NewServeMux()
	o := &told{}
	h := guard.Watch(mux, slog.New(slog.DiscardHandler), false, fail, o)
	mux.HandleFunc("/twice", func(w http.ResponseWriter, _ *http.Request) {
		assert.Equal(t, 1, o.began, "before the handler")
		w.WriteHeader(http.StatusTeapot)
		w.WriteHeader(http.StatusOK) // which net/http passes over
		_, _ = io.WriteString(w, "12345")
		_, _ = io.WriteString(w, "678")
		time.Sleep(time.Millisecond)
	})
	mux.HandleFunc("/panics", func(http.ResponseWriter, *http.Request) { panic("at once") })
	mux.HandleFunc("/silent", func(http.ResponseWriter, *http.Request) { time.Sleep(time.Millisecond) })
	for _, path := range []string{"/twice", "/panics", "/silent"} {
		ask(h, func(r *http.Request) { r.URL.Path = path })
	}
	assert.Equal(t, 3, o.began)
	require.Len(t, o.ended, 3)
	assert.Equal(t, "POST /twice 418 8 true\n", o.ended[0])
	assert.Contains(t, o.ended[1], fmt.Sprint("POST /panics 500 ", len("Internal Server Error")))
	assert.Equal(t, "POST /silent 0 0 true\n", o.ended[2])
}

// brokenWriter is a client that has gone.
type brokenWriter struct{ http.ResponseWriter }

func (brokenWriter) Write([]byte) (int, error) { return 2, io.ErrClosedPipe }

func TestHandlersHearOfClientsThatHaveGone(t *testing.T) {
	o := &told{}
	h := guard.Watch(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		n, err := io.WriteString(w, "answer")
		assert.Equal(t, 2, n)
		assert.ErrorIs(t, err, io.ErrClosedPipe)
	}), slog.New(slog.DiscardHandler), false, fail, o)
	h.ServeHTTP(brokenWriter{httptest.NewRecorder()}, httptest.NewRequest(http.MethodGet, "/", nil))
	assert.Contains(t, o.ended[0], "GET  200 2")
}

// What a connection can do, handlers can have it do.
func TestHandlersReachTheConnection(t *testing.T) {
	w := httptest.NewRecorder()
	guard.Watch(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		assert.NoError(t, http.NewResponseController(w).Flush())
	}), slog.New(slog.DiscardHandler), false, fail, nil).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", nil))
	assert.True(t, w.Flushed)
}

func TestRequestsAreLoggedWithoutWhatTheyHold(t *testing.T) {
	var log bytes.Buffer
	mux := http.NewServeMux()
	mux.Handle("/api/", well)
	h := guard.Watch(mux, slog.New(slog.NewTextHandler(&log, nil)), true, fail, nil)
	var quiet bytes.Buffer
	ask(guard.Watch(mux, slog.New(slog.NewTextHandler(&quiet, nil)), false, fail, nil), nil)
	assert.Empty(t, quiet.String(), "unless it is asked for")
	ask(h, func(r *http.Request) {
		r.Method = "CANARY"
		r.URL.Path = "/api/canary"
		r.Header.Set("User-Agent", "canary")
	})
	assert.Contains(t, log.String(), "status=200 bytes=4")
	assert.Contains(t, log.String(), "method=other")
	assert.NotContains(t, strings.ToLower(log.String()), "canary")
}
