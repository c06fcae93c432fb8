package serve

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestHealth(t *testing.T) {
	host, _ := serveFor(t)
	_, port, err := net.SplitHostPort(host)
	require.NoError(t, err)
	require.NoError(t, tested.Run(t.Context(), []string{"-health", "-addr", ":" + port}, environment(), io.Discard), "no host is this one")
	assert.JSONEq(t, `{"status":"ok"}`, get(t, "http://"+host+"/healthz"))
	assert.JSONEq(t, `{"status":"ready"}`, get(t, "http://"+host+"/readyz"))
	w := httptest.NewRecorder()
	stopped, stop := context.WithCancel(t.Context())
	stop()
	health(stopped)["/readyz"].ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/readyz", nil))
	assert.Equal(t, http.StatusServiceUnavailable, w.Code)
	assert.JSONEq(t, `{"detail":"Stopping"}`, w.Body.String())
	w = httptest.NewRecorder()
	health(stopped)["/healthz"].ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/healthz", nil))
	assert.Equal(t, "application/json", w.Header().Get("Content-Type"))
	assert.JSONEq(t, `{"status":"ok"}`, w.Body.String(), "it runs until it has stopped")
}

func TestAServerThatIsNotWell(t *testing.T) {
	asked := ""
	ill := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = r.Method + " " + r.URL.Path
		w.WriteHeader(http.StatusServiceUnavailable)
	}))
	defer ill.Close()
	err := tested.Run(t.Context(), []string{"-health", "-addr", strings.TrimPrefix(ill.URL, "http://")}, environment(), io.Discard)
	require.ErrorContains(t, err, "503")
	assert.Equal(t, "HEAD /readyz", asked)
}
