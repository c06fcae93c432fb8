package docs_test

import (
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"lendleaf/core"
	"lendleaf/server/docs"
	"lendleaf/site"
)

func TestDocs(t *testing.T) {
	m, err := core.Load(site.Model())
	require.NoError(t, err)
	handlers, err := docs.New(m, docs.Server{Example: []byte(`{"age":34}`), Recorded: "Nothing is recorded."})
	require.NoError(t, err)
	get := func(method, path string) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		handlers[path].ServeHTTP(w, httptest.NewRequest(method, path, nil))
		return w
	}
	page := get(http.MethodGet, "/docs")
	assert.Equal(t, http.StatusOK, page.Code)
	assert.Equal(t, "text/html; charset=utf-8", page.Header().Get("Content-Type"))
	assert.Contains(t, page.Body.String(), "Nothing is recorded.")
	for _, f := range m.Schema().Fields {
		assert.Contains(t, html.UnescapeString(page.Body.String()), "<code>"+f.Name+"</code>")
		for _, l := range f.Labels {
			assert.Contains(t, html.UnescapeString(page.Body.String()), "<code>"+l.Name+"</code>")
		}
	}
	assert.Contains(t, page.Body.String(), "&#34;age&#34;: 34")
	for status, word := range map[int]string{
		http.StatusBadRequest: "no UTF-8", http.StatusUnauthorized: "token", http.StatusRequestEntityTooLarge: "larger",
		http.StatusUnsupportedMediaType: "gzip", http.StatusUnprocessableEntity: "fault", http.StatusTooManyRequests: "busy",
		http.StatusServiceUnavailable: "come again", http.StatusInternalServerError: "X-Request-Id",
	} {
		assert.Regexp(t, fmt.Sprintf(`<th scope="row">%d</th><td>[^<]*%s`, status, word), page.Body.String())
	}
	for _, inline := range []string{"<style", "style=", "onclick=", "<script>", "http://", "https://"} {
		assert.NotContains(t, page.Body.String(), inline)
	}
	for _, rooted := range []string{`="/`, `("/`} { // a proxy may know the server by another path
		assert.NotContains(t, page.Body.String()+get(http.MethodGet, "/docs/docs.js").Body.String(), rooted)
	}
	assert.Equal(t, "text/css; charset=utf-8", get(http.MethodGet, "/docs/docs.css").Header().Get("Content-Type"))
	assert.Contains(t, get(http.MethodGet, "/docs/docs.js").Header().Get("Content-Type"), "javascript")
	assert.Len(t, handlers, 3)
	_, err = docs.New(m, docs.Server{Example: []byte("{")})
	assert.Error(t, err)
	assert.NotContains(t, page.Body.String(), `id="token"`)
	assert.NotContains(t, page.Body.String(), "Other protocols")
	handlers, err = docs.New(m, docs.Server{Example: []byte("{}"), Speaks: []string{"v2"}})
	require.NoError(t, err)
	assert.Contains(t, get(http.MethodGet, "/docs").Body.String(), "v2/models/loan-default/infer")
	assert.NotContains(t, get(http.MethodGet, "/docs").Body.String(), "invocations")
	handlers, err = docs.New(m, docs.Server{Example: []byte("{}"), Guarded: true})
	require.NoError(t, err)
	assert.Contains(t, get(http.MethodGet, "/docs").Body.String(), `id="token"`)
}
