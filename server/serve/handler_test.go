package serve

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"lendleaf/server/guard"
)

var nothing = http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})

func TestEveryAnswerIsSecured(t *testing.T) {
	w := httptest.NewRecorder()
	secure(nothing).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", nil))
	assert.Equal(t, http.Header{
		"X-Content-Type-Options": {"nosniff"}, "Referrer-Policy": {"no-referrer"},
		"Content-Security-Policy": {"default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data:; " +
			"connect-src 'self'; worker-src 'self'; manifest-src 'self'; form-action 'none'; base-uri 'none'"},
	}, w.Header())
}

func TestCallsAreProtected(t *testing.T) {
	begun, release := make(chan struct{}), make(chan struct{})
	calls, err := protect(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		begun <- struct{}{}
		<-release
	}), &options{maxConcurrent: 1})
	require.NoError(t, err)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		calls.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", nil))
	}()
	<-begun
	w := httptest.NewRecorder()
	calls.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", nil))
	assert.Equal(t, http.StatusTooManyRequests, w.Code)
	close(release)
	<-ended

	empty := filepath.Join(t.TempDir(), "tokens")
	require.NoError(t, os.WriteFile(empty, nil, 0o600))
	for file, want := range map[string]error{empty: guard.ErrTokens, empty + ".none": os.ErrNotExist} {
		calls, err := protect(nothing, &options{maxConcurrent: 1, tokens: file})
		require.ErrorIs(t, err, want)
		require.ErrorContains(t, err, file)
		assert.Nil(t, calls)
	}
}

// Slow clients and large headers hold nothing for long.
func TestConnectionsHaveLimits(t *testing.T) {
	for read, header := range map[time.Duration]time.Duration{30 * time.Second: 10 * time.Second, 4 * time.Second: 4 * time.Second} {
		s := newServer(slog.New(slog.DiscardHandler), nothing, &options{readTime: read, writeTime: 7 * time.Second})
		assert.Equal(t, header, s.ReadHeaderTimeout)
		assert.Equal(t, read, s.ReadTimeout)
		assert.Equal(t, 7*time.Second, s.WriteTimeout)
		assert.Equal(t, 120*time.Second, s.IdleTimeout)
		assert.Equal(t, 16_384, s.MaxHeaderBytes)
		assert.True(t, s.DisableGeneralOptionsHandler)
	}
}

// A request that takes longer than the server may drain is cut off, and that is
// said.
func TestStoppingCutsOffWhatTakesTooLong(t *testing.T) {
	begun := make(chan struct{})
	listener, err := net.Listen("tcp", "localhost:0")
	require.NoError(t, err)
	ctx, stop := context.WithCancel(t.Context())
	ended, answered := make(chan error, 1), make(chan error, 1)
	go func() {
		ended <- serve(ctx, slog.New(slog.DiscardHandler), listener, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			close(begun)
			<-r.Context().Done()
		}), &options{readTime: time.Minute, writeTime: time.Minute, drainTime: time.Millisecond})
	}()
	go func() {
		response, err := http.Get("http://" + listener.Addr().String())
		if err == nil {
			response.Body.Close()
		}
		answered <- err
	}()
	<-begun
	stop()
	err = <-ended
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.ErrorContains(t, err, "requests were cut off")
	require.Error(t, <-answered)

	gone, err := net.Listen("tcp", "localhost:0")
	require.NoError(t, err)
	require.NoError(t, gone.Close())
	require.ErrorIs(t, serve(t.Context(), slog.New(slog.DiscardHandler), gone, nothing, &options{}), net.ErrClosed)
}
