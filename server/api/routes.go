package api

import (
	"net/http"
	"slices"
	"strings"
)

// Routes finds handlers as the reference does: by the path as it came, of which
// nothing is cleaned, and with a redirect where it only has slashes too many or
// one too few at its end.
type Routes struct {
	Paths map[string]http.Handler
	Other http.Handler // of all other paths
}

func (t Routes) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path := r.URL.Path
	if h := t.Paths[path]; h != nil {
		r.Pattern = path // for logs and counts, which a client's own path must not reach
		h.ServeHTTP(w, r)
		return
	}
	other := path + "/"
	if strings.HasSuffix(path, "/") {
		other = strings.TrimRight(path, "/")
	}
	if t.Paths[other] != nil {
		r.Pattern = other
		Redirect(w, r, other)
		return
	}
	r.Pattern = "/"
	t.Other.ServeHTTP(w, r)
}

// Redirect sends the client to another path, with its method, body and query.
func Redirect(w http.ResponseWriter, r *http.Request, path string) {
	if r.URL.RawQuery != "" {
		path += "?" + r.URL.RawQuery
	}
	w.Header().Set("Location", path)
	w.Header().Set("Content-Length", "0")
	w.WriteHeader(http.StatusTemporaryRedirect)
}

// Methods lets requests with these methods pass, and answers others with 405.
func Methods(next http.HandlerFunc, allowed ...string) http.Handler {
	list := strings.Join(allowed, ", ")
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !slices.Contains(allowed, r.Method) {
			w.Header().Set("Allow", list)
			Fail(w, http.StatusMethodNotAllowed, "Method Not Allowed")
			return
		}
		next(w, r)
	})
}

// Read lets a resource only be read.
func Read(next http.HandlerFunc) http.Handler { return Methods(next, http.MethodGet, http.MethodHead) }

// NotFound answers a request for what is not there.
func NotFound(w http.ResponseWriter, _ *http.Request) { Fail(w, http.StatusNotFound, "Not Found") }
