package guard_test

import (
	"bytes"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

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
	_, err = guard.ReadTokens(strings.NewReader("\n"))
	require.ErrorIs(t, err, guard.ErrTokens)
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
	h := guard.Watch(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "half")
		panic("late")
	}), slog.New(slog.DiscardHandler), false, fail, nil)
	assert.PanicsWithValue(t, http.ErrAbortHandler, func() { ask(h, nil) })
}

func TestRequestsAreLoggedWithoutWhatTheyHold(t *testing.T) {
	var log bytes.Buffer
	mux := http.NewServeMux()
	mux.Handle("/api/", well)
	h := guard.Watch(mux, slog.New(slog.NewTextHandler(&log, nil)), true, fail, nil)
	ask(h, func(r *http.Request) {
		r.Method = "CANARY"
		r.URL.Path = "/api/canary"
		r.Header.Set("User-Agent", "canary")
	})
	assert.Contains(t, log.String(), "status=200 bytes=4")
	assert.Contains(t, log.String(), "method=other")
	assert.NotContains(t, strings.ToLower(log.String()), "canary")
}
