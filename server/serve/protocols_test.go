package serve

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"lendleaf/server/api"
	"lendleaf/server/guard"
	"lendleaf/site"
)

// call sends a request with a token, or without one.
func call(t *testing.T, method, url, token, body string) (int, string, http.Header) {
	t.Helper()
	request, err := http.NewRequest(method, url, strings.NewReader(body))
	require.NoError(t, err)
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	return response.StatusCode, string(answer), response.Header
}

const secret = "a-token-of-some-length-for-tests"

func TestProtocolsAreSpoken(t *testing.T) {
	tokens := filepath.Join(t.TempDir(), "tokens")
	require.NoError(t, os.WriteFile(tokens, []byte(secret+"\n"), 0o600))
	host, log := serveFor(t, "-protocols", "v2,mlflow", "-tokens", tokens, "-log-requests")
	base := "http://" + host
	for _, path := range []string{"/v2/health/live", "/v2/health/ready", "/ping", "/health", "/version"} {
		get(t, base+path) // is open
		status, _, _ := call(t, http.MethodHead, base+path, "", "")
		assert.Equal(t, http.StatusOK, status, path)
	}
	for _, c := range []struct {
		method, path, body, want string
		status                   int
	}{
		{http.MethodGet, "/v2", "", `"extensions"`, http.StatusOK},
		{http.MethodGet, "/v2/models/loan-default", "", `"platform":"lendleaf"`, http.StatusOK},
		{http.MethodGet, "/v2/models/loan-default/ready", "", `"ready":true`, http.StatusOK},
		{http.MethodPost, "/v2/models/loan-default/infer", `{"inputs": []}`, `"outputs":[`, http.StatusOK},
		{http.MethodPost, "/v2/models/loan-default/infer", `{`, `{"error":"`, http.StatusBadRequest},
		{http.MethodGet, "/v2/models/loan-default/infer", ``, `{"error":"Method Not Allowed"}`, http.StatusMethodNotAllowed},
		{http.MethodGet, "/v2/models/canary", "", `{"error":"Not Found"}`, http.StatusNotFound},
		{http.MethodPost, "/invocations", `{"inputs": [` + goodApplicant + `]}`, `{"predictions":[{"prediction":`, http.StatusOK},
		{http.MethodGet, "/invocations", ``, `{"error_code":"BAD_REQUEST","message":"Method Not Allowed"}`, http.StatusMethodNotAllowed},
	} {
		status, answer, header := call(t, c.method, base+c.path, secret, c.body)
		assert.Equal(t, c.status, status, c.path)
		assert.Contains(t, answer, c.want, c.path)
		assert.NotEmpty(t, header.Get("X-Model-Hash"), c.path)
		status, answer, _ = call(t, c.method, base+c.path, "", c.body)
		assert.Equal(t, http.StatusUnauthorized, status, c.path)
		if c.path == "/invocations" {
			assert.Equal(t, `{"error_code":"UNAUTHENTICATED","message":"Not authenticated"}`, answer)
		} else {
			assert.Equal(t, `{"error":"Not authenticated"}`, answer, c.path)
		}
	}
	assert.Contains(t, log.String(), "pattern=/v2/models/loan-default/infer")
	assert.NotContains(t, log.String(), "canary")
}

func TestProtocolsAreOffUnlessNamed(t *testing.T) {
	host, _ := serveFor(t, "-protocols", "mlflow")
	assert.Equal(t, "application/json", func() string {
		_, _, h := call(t, http.MethodGet, "http://"+host+"/ping", "", "")
		return h.Get("Content-Type")
	}())
	for _, path := range []string{"/v2", "/v2/health/live", "/v2/models/loan-default"} {
		status, answer, _ := call(t, http.MethodGet, "http://"+host+path, "", "")
		assert.Equal(t, http.StatusNotFound, status)
		assert.Equal(t, `{"detail":"Not Found"}`, answer)
	}
	host, _ = serveFor(t)
	for _, path := range []string{"/invocations", "/ping", "/version", "/v2"} {
		status, _, _ := call(t, http.MethodGet, "http://"+host+path, "", "")
		assert.Equal(t, http.StatusNotFound, status, path)
	}
	var wrong UsageError
	require.ErrorAs(t, tested.Run(t.Context(), []string{"-protocols", "v2,v3"}, environment(), io.Discard), &wrong)
	assert.ErrorContains(t, wrong, `-protocols: "v3" is none of mlflow, v2`)
}

// What fails below, and what is refused before it, is said in the protocol's words.
func TestFaultsAreSaidInTheWordsOfTheProtocol(t *testing.T) {
	fails := guard.Watch(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("x") }), slog.New(slog.DiscardHandler), false, api.Fail, nil)
	for path, want := range map[string]string{
		"/v2/models/x/infer": `{"error":"Internal Server Error"}`, "/v2": `{"error":"Internal Server Error"}`,
		"/invocations": `{"error_code":"INTERNAL_ERROR","message":"Internal Server Error"}`,
		"/api/predict": `{"detail":"Internal Server Error"}`, "/v2x": `{"detail":"Internal Server Error"}`,
	} {
		w := httptest.NewRecorder()
		api.Speak([]string{"v2", "mlflow"}, fails).ServeHTTP(w, httptest.NewRequest(http.MethodPost, path, nil))
		assert.Equal(t, http.StatusInternalServerError, w.Code)
		assert.Equal(t, want, w.Body.String(), path)
	}
}

// A model that is read again is found by its own name.
func TestProtocolsFollowTheModel(t *testing.T) {
	name := filepath.Join(t.TempDir(), "model")
	require.NoError(t, os.WriteFile(name, site.Model(), 0o600))
	host, log := serveFor(t, "-model", name, "-protocols", "v2")
	machines, err := os.ReadFile("../../core/testdata/machines.lendleaf")
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(name, machines, 0o600))
	require.NoError(t, syscall.Kill(syscall.Getpid(), syscall.SIGHUP))
	require.Eventually(t, func() bool { return strings.Contains(log.String(), "model=machines") }, time.Minute, 5*time.Millisecond)
	require.Eventually(t, func() bool {
		status, _, _ := call(t, http.MethodGet, "http://"+host+"/v2/models/machines", "", "")
		return status == http.StatusOK
	}, time.Minute, time.Millisecond)
	status, _, _ := call(t, http.MethodGet, "http://"+host+"/v2/models/loan-default", "", "")
	assert.Equal(t, http.StatusNotFound, status)
}
