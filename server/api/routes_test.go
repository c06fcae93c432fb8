package api

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A redirect leads to what is meant, and behind a proxy that knows the server by
// a path of its own, still there.
func TestRedirectsStayBelowAProxysPath(t *testing.T) {
	nothing := http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})
	routes := &Routes{Paths: map[string]http.Handler{"/api/predict": nothing, "/report/": nothing, "/a:b": nothing, "/": nothing}, Other: http.HandlerFunc(NotFound)}
	for from, to := range map[string]string{
		"/api/predict/": "/api/predict", "/api/predict///": "/api/predict", "/api%2fpredict/": "/api%2fpredict",
		"/api/predict%2f": "/api/predict", "/api/predict%2F/": "/api/predict", "/api/predict/%2f/": "/api/predict",
		"/report": "/report/", "/a:b/?x=y": "/a:b?x=y", "/re%70ort": "/re%70ort/",
	} {
		for _, origin := range []string{"https://bank.example", "https://bank.example/loans", "https://bank.example/deep/er"} {
			w := httptest.NewRecorder()
			routes.ServeHTTP(w, httptest.NewRequest(http.MethodPost, from, nil)) // the proxy's path is cut off
			require.Equal(t, http.StatusTemporaryRedirect, w.Code, from)
			address, err := url.Parse(origin + from)
			require.NoError(t, err)
			address, err = address.Parse(w.Header().Get("Location"))
			require.NoError(t, err)
			assert.Equal(t, origin+to, address.String())
			_, known := routes.Paths[httptest.NewRequest(http.MethodPost, to, nil).URL.Path]
			assert.True(t, known, "a redirect must not lead to another: %s", from)
		}
	}
}
