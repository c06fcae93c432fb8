package serve

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/x509"
	"encoding/pem"
	"flag"
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

	"github.com/andybalholm/brotli"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"lendleaf/site"
)

func environment(pairs ...string) func(string) string {
	return func(name string) string {
		for i := 0; i < len(pairs); i += 2 {
			if pairs[i] == name {
				return pairs[i+1]
			}
		}
		return ""
	}
}

// tested has the shipped model, and a page of two files.
var tested = Server{
	Name: "server", Model: site.Model(), Report: site.Report(),
	Page: func() (fs.FS, error) {
		return fstest.MapFS{"index.html": {Data: []byte("<!doctype html>")}, "lendleaf.js": {Data: []byte("lendleaf")}}, nil
	},
}

func TestFlagsGoBeforeTheEnvironment(t *testing.T) {
	for name, c := range map[string]struct {
		args []string
		env  []string
		want string
	}{
		"default":                 {nil, nil, ":7860"},
		"port":                    {nil, []string{"PORT", "8080"}, ":8080"},
		"variable before port":    {nil, []string{"PORT", "8080", "LENDLEAF_ADDR", "localhost:9000"}, "localhost:9000"},
		"flag before all of them": {[]string{"-addr", ":1234"}, []string{"PORT", "8080", "LENDLEAF_ADDR", ":9000"}, ":1234"},
	} {
		t.Run(name, func(t *testing.T) {
			o, err := parse("server", c.args, environment(c.env...), io.Discard)
			require.NoError(t, err)
			assert.Equal(t, c.want, o.addr)
		})
	}
}

func TestWrongOptionsAreRefusedAtStart(t *testing.T) {
	for _, c := range []struct {
		args []string
		env  []string
	}{
		{[]string{"-addr", "nowhere:at:all"}, nil},
		{[]string{"-max-body", "0"}, nil},
		{[]string{"-read-timeout", "-1s"}, nil},
		{[]string{"-max-batch", "0"}, nil},
		{[]string{"-max-stream", "0"}, nil},
		{[]string{"-max-concurrent", "0"}, nil},
		{[]string{"-tls-cert", "cert.pem"}, nil},
		{[]string{"-cors-origins", "bank.example"}, nil},
		{[]string{"-cors-origins", "https://bank.example/"}, nil},
		{[]string{"-cors-origins", "https://bank.example,"}, nil},
		{[]string{"-no-such-flag"}, nil},
		{[]string{"argument"}, nil},
		{nil, []string{"LENDLEAF_MAX_BODY", "much"}},
		{nil, []string{"PORT", "70000"}},
	} {
		_, err := parse("server", c.args, environment(c.env...), io.Discard)
		var wrong UsageError
		require.ErrorAs(t, err, &wrong, "%v %v", c.args, c.env)
	}
}

func TestHelpListsEveryFlag(t *testing.T) {
	var out bytes.Buffer
	_, err := parse("server", []string{"-help"}, environment(), &out)
	require.ErrorIs(t, err, flag.ErrHelp)
	for _, name := range []string{"usage: server [flags]", "-addr", "-model", "-max-body", "-metrics-addr", "LENDLEAF_MAX_BODY"} {
		assert.Contains(t, out.String(), name)
	}
}

func TestAServerWithoutItsPageSaysSo(t *testing.T) {
	without := tested
	without.Page = func() (fs.FS, error) { return nil, site.ErrNotBuilt }
	require.ErrorIs(t, without.Run(t.Context(), nil, environment(), io.Discard), site.ErrNotBuilt)
}

func TestAMissingModelFileIsNamed(t *testing.T) {
	err := tested.Run(t.Context(), []string{"-model", "no-such-file"}, environment(), io.Discard)
	require.ErrorContains(t, err, "no-such-file")
}

func packed(t *testing.T, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, err := io.WriteString(w, text)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return b.Bytes()
}

func TestPageIsSentInTheBestEncoding(t *testing.T) {
	var br bytes.Buffer
	w := brotli.NewWriter(&br)
	_, err := io.WriteString(w, "program")
	require.NoError(t, err)
	require.NoError(t, w.Close())
	p, err := newPage(fstest.MapFS{
		"index.html":       {Data: []byte("<!doctype html>")},
		"lendleaf.wasm":    {Data: packed(t, "program")},
		"lendleaf.wasm.br": {Data: br.Bytes()},
	})
	require.NoError(t, err)
	for accepted, want := range map[string]struct{ encoding, body string }{
		"":                   {"", "program"},
		"gzip, br":           {"br", br.String()},
		"gzip":               {"gzip", string(packed(t, "program"))},
		"br;q=0, gzip;q=0.5": {"gzip", string(packed(t, "program"))},
		"deflate":            {"", "program"},
	} {
		r := httptest.NewRequest(http.MethodGet, "/lendleaf.wasm", nil)
		r.Header.Set("Accept-Encoding", accepted)
		w := httptest.NewRecorder()
		p.ServeHTTP(w, r)
		assert.Equal(t, want.encoding, w.Header().Get("Content-Encoding"), accepted)
		assert.Equal(t, want.body, w.Body.String(), accepted)
		assert.Equal(t, "application/wasm", w.Header().Get("Content-Type"))
		r.Header.Set("If-None-Match", w.Header().Get("ETag"))
		again := httptest.NewRecorder()
		p.ServeHTTP(again, r)
		assert.Equal(t, http.StatusNotModified, again.Code)
	}
}

func TestPagePaths(t *testing.T) {
	p, err := newPage(fstest.MapFS{"index.html": {Data: []byte("<!doctype html>")}, "more/index.html": {Data: []byte("more")}, ".gitkeep": {}})
	require.NoError(t, err)
	for _, c := range []struct {
		method, path string
		status       int
		body         string
	}{
		{http.MethodGet, "/", http.StatusOK, "<!doctype html>"},
		{http.MethodGet, "/index.html", http.StatusOK, "<!doctype html>"},
		{http.MethodGet, "/more/", http.StatusOK, "more"},
		{http.MethodHead, "/more", http.StatusTemporaryRedirect, ""},
		{http.MethodGet, "/.gitkeep", http.StatusNotFound, `{"detail":"Not Found"}`},
		{http.MethodGet, "/nothing", http.StatusNotFound, `{"detail":"Not Found"}`},
		{http.MethodPost, "/", http.StatusMethodNotAllowed, `{"detail":"Method Not Allowed"}`},
	} {
		w := httptest.NewRecorder()
		p.ServeHTTP(w, httptest.NewRequest(c.method, c.path, nil))
		assert.Equal(t, c.status, w.Code, c.path)
		assert.Equal(t, c.body, w.Body.String(), c.path)
	}
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

func TestHealth(t *testing.T) {
	host, _ := serveFor(t)
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
	assert.JSONEq(t, `{"status":"ok"}`, w.Body.String(), "it runs until it has stopped")
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
	require.Eventually(t, func() bool { return strings.Contains(get(t, "http://"+host+"/api/model"), `"name":"machines"`) }, time.Second*10, time.Millisecond)
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
