package api

import (
	"cmp"
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
		Redirect(w, r)
		return
	}
	r.Pattern = "/"
	t.Other.ServeHTTP(w, r)
}

// Redirect sends the client to its path without the slashes at its end, or with
// one where there is none, with its method, body and query. The new address is
// told from the client's, which a proxy may know by another path.
func Redirect(w http.ResponseWriter, r *http.Request) {
	location := sibling(r.URL.EscapedPath())
	if r.URL.RawQuery != "" {
		location += "?" + r.URL.RawQuery
	}
	w.Header().Set("Location", location)
	w.Header().Set("Content-Length", "0")
	w.WriteHeader(http.StatusTemporaryRedirect)
}

// sibling is the address of a path without the slashes at its end, or with one,
// as it is told from there (RFC 3986, 5.2): /a/b/ gives ../b, and /a/b gives
// ./b/. The dot keeps a colon from ending a scheme.
func sibling(escaped string) string {
	trimmed, up := escaped, ""
	for {
		if rest, ok := strings.CutSuffix(trimmed, "/"); ok {
			trimmed, up = rest, up+"../"
			continue
		}
		if n := len(trimmed) - len("%2F"); n > 0 && strings.EqualFold(trimmed[n:], "%2F") {
			trimmed = trimmed[:n]
			continue
		}
		break
	}
	location := cmp.Or(up, "./") + trimmed[strings.LastIndexByte(trimmed, '/')+1:]
	if trimmed == escaped {
		location += "/"
	}
	return location
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
