package serve

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/fstest"

	"github.com/andybalholm/brotli"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

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
		assert.Equal(t, "Accept-Encoding", w.Header().Get("Vary"))
		assert.Equal(t, "no-cache", w.Header().Get("Cache-Control"))
		assert.Equal(t, want.encoding != "", w.Header()["Content-Encoding"] != nil)
		r.Header.Set("If-None-Match", `"x", W/`+w.Header().Get("ETag"))
		again := httptest.NewRecorder()
		p.ServeHTTP(again, r)
		assert.Equal(t, http.StatusNotModified, again.Code)
		assert.Equal(t, []string{"Accept-Encoding"}, again.Header()["Vary"])
		assert.Empty(t, again.Body.String())
		r.Header.Set("If-None-Match", `"of another build"`)
		again = httptest.NewRecorder()
		p.ServeHTTP(again, r)
		assert.Equal(t, want.body, again.Body.String())
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

// A file's tags differ by what is sent, and by nothing else.
func TestTags(t *testing.T) {
	tag := func(text, accepted string) string {
		p, err := newPage(fstest.MapFS{"a.wasm": {Data: packed(t, text)}})
		require.NoError(t, err)
		r := httptest.NewRequest(http.MethodGet, "/a.wasm", nil)
		r.Header.Set("Accept-Encoding", accepted)
		w := httptest.NewRecorder()
		p.ServeHTTP(w, r)
		return w.Header().Get("ETag")
	}
	// printf program | sha256sum
	assert.Equal(t, `"1310ca2c8932dbd118668bd97442558a"`, tag("program", ""))
	assert.Equal(t, `"1310ca2c8932dbd118668bd97442558agzip"`, tag("program", "gzip"))
	assert.NotEqual(t, tag("program", ""), tag("another", ""))
}

func TestAccepts(t *testing.T) {
	for header, want := range map[string]bool{
		"gzip": true, "GZip": true, "br, gzip": true, "br,gzip ;q=0.5": true, "gzip;q=1": true, "gzip; q=0.001": true, "gzip;": true,
		"": false, "br": false, "xgzip": false, "gzip;q=0": false, "gzip; q=0.000": false, "gzip;Q=0": false, "gzip ; q = 0": false, "deflate;q=1, gzip;q=0.0": false,
	} {
		assert.Equal(t, want, accepts(header, "gzip"), header)
	}
}

func TestContentTypes(t *testing.T) {
	for name, want := range map[string]string{
		"a/lendleaf.wasm": "application/wasm", "model.lendleaf": "application/octet-stream", "manifest.webmanifest": "application/manifest+json",
		"index.html": "text/html; charset=utf-8", "style.css": "text/css; charset=utf-8", "icons/icon.svg": "image/svg+xml",
	} {
		assert.Equal(t, want, contentType(name))
	}
}

func TestPagesThatCannotBeUnpacked(t *testing.T) {
	whole := packed(t, "program")
	for _, data := range [][]byte{{0x1f, 0x8b}, whole[:len(whole)-4]} {
		p, err := newPage(fstest.MapFS{"lendleaf.wasm": {Data: data}})
		require.ErrorIs(t, err, io.ErrUnexpectedEOF)
		assert.Nil(t, p)
	}
}
