package serve

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/rs/cors"

	"lendleaf/server/api"
	"lendleaf/server/guard"
)

// newHandler puts page and answers together, and counts what they do, if there
// are metrics. On SIGHUP, until ctx ends, the model is read again.
func newHandler(ctx context.Context, a *answers) (http.Handler, error) {
	files, err := a.server.Page()
	if err != nil {
		return nil, err
	}
	page, err := newPage(files)
	if err != nil {
		return nil, err
	}
	if err := a.load(); err != nil {
		return nil, err
	}
	calls, err := protect(a, a.options)
	if err != nil {
		return nil, err
	}
	told := make(chan os.Signal, 1)
	signal.Notify(told, syscall.SIGHUP) // before anybody can know that the server is there: untold, the signal ends it
	go func() {
		defer signal.Stop(told)
		a.reload(ctx, told)
	}()
	routes := api.Routes{Paths: health(ctx), Other: page}
	maps.Copy(routes.Paths, a.routes(calls))
	speak(&routes, a.options.protocols, a.named(calls))
	var observer guard.Observer
	if a.counted != nil {
		observer = a.counted
	}
	return secure(api.Speak(a.options.protocols, guard.Watch(routes, a.log, a.options.logRequests, api.Fail, observer))), nil
}

// routes leads the API's paths to calls, and those that explain it straight to
// the answers.
func (a *answers) routes(calls http.Handler) map[string]http.Handler {
	calls = a.named(calls)
	paths := map[string]http.Handler{}
	for path := range a.current.Load().Paths {
		switch {
		case path == "/openapi.json", path == "/docs", strings.HasPrefix(path, "/docs/"):
			paths[path] = a
		default:
			paths[path] = calls
		}
	}
	return paths
}

// protect sets limits to who may call the API, from where, and how many at once.
func protect(calls http.Handler, o *options) (http.Handler, error) {
	calls = guard.Limit(calls, o.maxConcurrent, api.Fail)
	if o.tokens != "" {
		tokens, err := readTokens(o.tokens)
		if err != nil {
			return nil, err
		}
		calls = tokens.Require(calls, api.Fail)
	}
	if len(o.corsOrigins) > 0 {
		calls = cors.New(cors.Options{
			AllowedOrigins: o.corsOrigins,
			AllowedMethods: []string{http.MethodGet, http.MethodPost},
			AllowedHeaders: []string{"Authorization", "Content-Encoding", "Content-Type", "If-None-Match", "Inference-Header-Content-Length"},
			ExposedHeaders: []string{"ETag", "Retry-After", api.ModelHeader, "X-Prediction-Id", "X-Request-Id"},
		}).Handler(calls)
	}
	return calls, nil
}

func readTokens(name string) (guard.Tokens, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	tokens, err := guard.ReadTokens(file)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return tokens, nil
}

// secure adds the headers that every answer has.
func secure(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; "+
			"img-src 'self' data:; connect-src 'self'; worker-src 'self'; manifest-src 'self'; form-action 'none'; base-uri 'none'")
		next.ServeHTTP(w, r)
	})
}
