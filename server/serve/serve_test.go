package serve

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/pem"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"lendleaf/core"
	"lendleaf/site"
)

// tested has the shipped model, and a page of two files.
var tested = Server{
	Name: "server", Model: site.Model(), Report: site.Report(),
	Page: func() (fs.FS, error) {
		return fstest.MapFS{"index.html": {Data: []byte("<!doctype html>")}, "lendleaf.js": {Data: []byte("lendleaf")}}, nil
	},
}

func TestAServerWithoutItsPageSaysSo(t *testing.T) {
	without := tested
	without.Page = func() (fs.FS, error) { return nil, site.ErrNotBuilt }
	require.ErrorIs(t, without.Run(t.Context(), nil, environment(), io.Discard), site.ErrNotBuilt)
}

// What a server cannot start with, it says before it listens.
func TestServersThatCannotStart(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer taken.Close()
	none := filepath.Join(t.TempDir(), "none")
	for want, args := range map[string][]string{
		none: {"-tokens", none}, "address already in use": {"-addr", taken.Addr().String()}, "listen tcp": {"-metrics-addr", taken.Addr().String()},
	} {
		log := &logBuffer{}
		require.ErrorContains(t, tested.Run(t.Context(), append([]string{"-addr", "127.0.0.1:0"}, args...), environment(), log), want)
		assert.NotContains(t, log.String(), "listening")
	}
	bad := tested
	bad.Report = []byte("{")
	require.ErrorContains(t, bad.Run(t.Context(), nil, environment(), io.Discard), "report")
	bad = tested
	bad.Page = func() (fs.FS, error) { return fstest.MapFS{"a.wasm": {Data: []byte{0x1f, 0x8b}}}, nil }
	require.ErrorIs(t, bad.Run(t.Context(), nil, environment(), io.Discard), io.ErrUnexpectedEOF)
}

func TestAMissingModelFileIsNamed(t *testing.T) {
	err := tested.Run(t.Context(), []string{"-model", "no-such-file"}, environment(), io.Discard)
	require.ErrorContains(t, err, "no-such-file")
}

// A request that has begun is answered although the server is told to stop.
func TestStoppingAnswersWhatHasBegun(t *testing.T) {
	begun, release := make(chan struct{}), make(chan struct{})
	handler := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		close(begun)
		<-release
		_, _ = io.WriteString(w, "answered")
	})
	listener, err := net.Listen("tcp", "localhost:0")
	require.NoError(t, err)
	o, err := parse("server", nil, environment(), io.Discard)
	require.NoError(t, err)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- serve(ctx, slog.New(slog.DiscardHandler), listener, handler, o) }()
	answer := make(chan string, 1)
	go func() {
		response, err := http.Get("http://" + listener.Addr().String())
		if err != nil {
			answer <- err.Error()
			return
		}
		defer response.Body.Close()
		body, _ := io.ReadAll(response.Body)
		answer <- string(body)
	}()
	<-begun
	stop()
	time.AfterFunc(50*time.Millisecond, func() { close(release) })
	assert.Equal(t, "answered", <-answer)
	require.NoError(t, <-ended)
}

// logBuffer takes log lines from several goroutines.
type logBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *logBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *logBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

var address = regexp.MustCompile(`address=(\S+)`)

// The whole server, from its start to its stop; its log has nothing of an
// applicant.
func TestServer(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	log, ended := &logBuffer{}, make(chan error, 1)
	go func() { ended <- tested.Run(ctx, []string{"-addr", "localhost:0"}, environment(), log) }()
	require.Eventually(t, func() bool { return address.MatchString(log.String()) }, time.Minute, 5*time.Millisecond)
	host := address.FindStringSubmatch(log.String())[1]
	base := "http://" + host
	for path, want := range map[string]string{"/": "<!doctype html>", "/lendleaf.js": "lendleaf"} {
		assert.Contains(t, get(t, base+path), want)
	}
	require.NoError(t, tested.Run(t.Context(), []string{"-health", "-addr", host}, environment(), io.Discard))
	response, err := http.Post(base+"/api/predict?name=canary", "application/json", strings.NewReader(`{"age": "canary"}`))
	require.NoError(t, err)
	defer response.Body.Close()
	assert.Equal(t, http.StatusUnprocessableEntity, response.StatusCode)
	assert.NotEmpty(t, response.Header.Get("Content-Security-Policy"))
	stop()
	require.NoError(t, <-ended)
	assert.Contains(t, log.String(), "stopped")
	assert.NotContains(t, log.String(), "canary")
	require.Error(t, tested.Run(t.Context(), []string{"-health", "-addr", host}, environment(), io.Discard))
}

func get(t *testing.T, url string) string {
	t.Helper()
	response, err := http.Get(url)
	require.NoError(t, err)
	defer response.Body.Close()
	require.Equal(t, http.StatusOK, response.StatusCode, url)
	body, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	return string(body)
}

// serveFor starts the whole server and returns its address and log.
func serveFor(t *testing.T, args ...string) (host string, log *logBuffer) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	log = &logBuffer{}
	ended := make(chan error, 1)
	go func() {
		ended <- tested.Run(ctx, append([]string{"-addr", "localhost:0"}, args...), environment(), log)
	}()
	t.Cleanup(func() {
		stop()
		assert.NoError(t, <-ended)
	})
	require.Eventually(t, func() bool { return address.MatchString(log.String()) }, time.Minute, 5*time.Millisecond)
	return address.FindStringSubmatch(log.String())[1], log
}

func TestTokensGuardTheAPIAlone(t *testing.T) {
	tokens := filepath.Join(t.TempDir(), "tokens")
	require.NoError(t, os.WriteFile(tokens, []byte("secret\n"), 0o600))
	host, log := serveFor(t, "-tokens", tokens, "-log-requests")
	get(t, "http://"+host+"/")
	get(t, "http://"+host+"/docs")
	response, err := http.Get("http://" + host + "/api/model?canary")
	require.NoError(t, err)
	response.Body.Close()
	assert.Equal(t, http.StatusUnauthorized, response.StatusCode)
	request, err := http.NewRequest(http.MethodGet, "http://"+host+"/api/model", nil)
	require.NoError(t, err)
	request.Header.Set("Authorization", "Bearer secret")
	response, err = http.DefaultClient.Do(request)
	require.NoError(t, err)
	response.Body.Close()
	assert.Equal(t, http.StatusOK, response.StatusCode)
	assert.Contains(t, log.String(), "status=401")
	assert.NotContains(t, log.String(), "secret")
	assert.NotContains(t, log.String(), "canary")
}

func TestOtherOriginsMayCallWhereTheyAreNamed(t *testing.T) {
	host, _ := serveFor(t, "-cors-origins", "https://bank.example")
	ask := func(origin string) string {
		request, err := http.NewRequest(http.MethodOptions, "http://"+host+"/api/predict", nil)
		require.NoError(t, err)
		request.Header.Set("Origin", origin)
		request.Header.Set("Access-Control-Request-Method", http.MethodPost)
		request.Header.Set("Access-Control-Request-Headers", "content-type")
		response, err := http.DefaultClient.Do(request)
		require.NoError(t, err)
		response.Body.Close()
		return response.Header.Get("Access-Control-Allow-Origin")
	}
	assert.Equal(t, "https://bank.example", ask("https://bank.example"))
	request, err := http.NewRequest(http.MethodGet, "http://"+host+"/api/model", nil)
	require.NoError(t, err)
	request.Header.Set("Origin", "https://bank.example")
	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	response.Body.Close()
	assert.Contains(t, response.Header.Get("Access-Control-Expose-Headers"), "X-Prediction-Id")
	assert.Contains(t, response.Header.Get("Access-Control-Expose-Headers"), "X-Model-Hash")
	assert.Empty(t, ask("https://other.example"))
}

func TestModelIsReadAgain(t *testing.T) {
	name := filepath.Join(t.TempDir(), "model")
	require.NoError(t, os.WriteFile(name, site.Model(), 0o600))
	host, log := serveFor(t, "-model", name)
	machines, err := os.ReadFile("../../core/testdata/machines.lendleaf")
	require.NoError(t, err)
	hangUp := func(file []byte, want string) {
		require.NoError(t, os.WriteFile(name, file, 0o600))
		require.NoError(t, syscall.Kill(syscall.Getpid(), syscall.SIGHUP))
		require.Eventually(t, func() bool { return strings.Contains(log.String(), want) }, time.Minute, 5*time.Millisecond)
	}
	hangUp(machines[:1000], "the model stays as it was")
	assert.Contains(t, get(t, "http://"+host+"/api/model"), `"name":"loan-default"`)
	hangUp(machines, "model=machines")
	assert.Equal(t, 1, strings.Count(log.String(), "the model stays as it was"))
	require.Eventually(t, func() bool { return strings.Contains(get(t, "http://"+host+"/api/model"), `"name":"machines"`) }, time.Second*10, time.Millisecond)
}

// Every answer of the API names the model, refusals too; no other model than the
// one that was asked for ever answers.
func TestModelsAreNamed(t *testing.T) {
	model, err := core.Load(site.Model())
	require.NoError(t, err)
	tokens := filepath.Join(t.TempDir(), "tokens")
	require.NoError(t, os.WriteFile(tokens, []byte("0123456789abcdef\n"), 0o600))
	name := filepath.Join(t.TempDir(), "model")
	require.NoError(t, os.WriteFile(name, site.Model(), 0o600))
	host, log := serveFor(t, "-model", name, "-model-hash", strings.ToUpper(model.Hash()), "-tokens", tokens)
	ask := func(method, path, token, kind, body string, status int) {
		t.Helper()
		request, err := http.NewRequest(method, "http://"+host+path, strings.NewReader(body))
		require.NoError(t, err)
		request.Header.Set("Content-Type", kind)
		request.Header.Set("Authorization", "Bearer "+token)
		response, err := http.DefaultClient.Do(request)
		require.NoError(t, err)
		defer response.Body.Close()
		assert.Equal(t, status, response.StatusCode)
		assert.Equal(t, []string{model.Hash()}, response.Header.Values("X-Model-Hash"), "%s %s %d", method, path, status)
	}
	const token = "0123456789abcdef"
	ask(http.MethodPost, "/api/predict", token, "", goodApplicant, http.StatusOK)
	ask(http.MethodPost, "/api/predict", token, "application/x-ndjson", strings.ReplaceAll(goodApplicant, "\n", ""), http.StatusOK)
	ask(http.MethodPost, "/api/predict", token, "text/csv", "age\n1\n", http.StatusUnprocessableEntity)
	ask(http.MethodPost, "/api/predict", token, "", "{}", http.StatusUnprocessableEntity)
	ask(http.MethodGet, "/api/predict", token, "", "", http.StatusMethodNotAllowed)
	ask(http.MethodGet, "/api/model", token, "", "", http.StatusOK)
	ask(http.MethodPost, "/api/predict", "another", "", goodApplicant, http.StatusUnauthorized)

	machines, err := os.ReadFile("../../core/testdata/machines.lendleaf")
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(name, machines, 0o600))
	require.NoError(t, syscall.Kill(syscall.Getpid(), syscall.SIGHUP))
	require.Eventually(t, func() bool { return strings.Contains(log.String(), "the model stays as it was") }, time.Minute, 5*time.Millisecond)
	assert.Contains(t, log.String(), errOtherModel.Error())
	ask(http.MethodPost, "/api/predict", token, "", goodApplicant, http.StatusOK)
	err = tested.Run(t.Context(), []string{"-addr", "localhost:0", "-model", name, "-model-hash", model.Hash()}, environment(), io.Discard)
	require.ErrorIs(t, err, errOtherModel)
	for _, bad := range []string{"x", "0123", model.Hash() + "00", model.Hash()[1:]} {
		err = tested.Run(t.Context(), []string{"-model-hash", bad}, environment(), io.Discard)
		var wrong UsageError
		require.ErrorAs(t, err, &wrong, bad)
	}
}

func TestTLS(t *testing.T) {
	certified := httptest.NewTLSServer(http.NotFoundHandler()) // has a certificate at hand
	defer certified.Close()
	folder := t.TempDir()
	certificate := certified.TLS.Certificates[0]
	key, err := x509.MarshalPKCS8PrivateKey(certificate.PrivateKey)
	require.NoError(t, err)
	write := func(name, kind string, der []byte) string {
		name = filepath.Join(folder, name)
		require.NoError(t, os.WriteFile(name, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600))
		return name
	}
	flags := []string{"-tls-cert", write("cert.pem", "CERTIFICATE", certificate.Certificate[0]), "-tls-key", write("key.pem", "PRIVATE KEY", key)}
	host, _ := serveFor(t, flags...)
	response, err := certified.Client().Get("https://" + strings.Replace(host, "localhost", "127.0.0.1", 1) + "/healthz")
	require.NoError(t, err)
	response.Body.Close()
	assert.Equal(t, http.StatusOK, response.StatusCode)
	require.NoError(t, tested.Run(t.Context(), append(flags, "-health", "-addr", host), environment(), io.Discard))
}
