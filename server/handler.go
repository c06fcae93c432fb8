package main

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"sync/atomic"
	"syscall"

	"github.com/rs/cors"

	"lendleaf/core"
	"lendleaf/server/api"
	"lendleaf/server/docs"
	"lendleaf/server/guard"
	"lendleaf/server/observe"
	"lendleaf/site"
)

// newHandler puts the page and the API together, and counts what they do, if
// there are metrics. On SIGHUP, until ctx ends, the model is read again; a bad one
// is logged, and the old one stays.
func newHandler(ctx context.Context, o *options, log *slog.Logger, counted *observe.Metrics, records *records) (http.Handler, error) {
	files, err := site.Page()
	if err != nil {
		return nil, err
	}
	page, err := newPage(files)
	if err != nil {
		return nil, err
	}
	answers, err := newAnswers(o, log, counted, records)
	if err != nil {
		return nil, err
	}
	var current atomic.Pointer[api.Routes]
	current.Store(answers)
	told := make(chan os.Signal, 1)
	signal.Notify(told, syscall.SIGHUP) // before anybody can know that the server is there: untold, the signal ends it
	go reload(ctx, told, o, log, counted, records, &current)

	latest := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { current.Load().ServeHTTP(w, r) })
	calls, err := protect(latest, o)
	if err != nil {
		return nil, err
	}
	routes := api.Routes{Paths: map[string]http.Handler{
		"/healthz": api.Read(status("ok", nil)),
		"/readyz":  api.Read(status("ready", ctx)),
	}, Other: page}
	for path := range answers.Paths {
		routes.Paths[path] = latest
		if strings.HasPrefix(path, "/api/") {
			routes.Paths[path] = calls
		}
	}
	var observer guard.Observer
	if counted != nil {
		observer = counted
	}
	return secure(guard.Watch(routes, log, o.logRequests, api.Fail, observer)), nil
}

// newAnswers makes what depends on the model. Without counted nothing is counted.
func newAnswers(o *options, log *slog.Logger, counted *observe.Metrics, records *records) (*api.Routes, error) {
	model, err := loadModel(o.model)
	if err != nil {
		return nil, err
	}
	use, settings := func() {}, api.Options{
		MaxBody: o.maxBody, MaxBatch: o.maxBatch, MaxStream: o.maxStream, Pause: o.readTime, Report: site.Report(), Guarded: o.tokens != "",
		Keep: records.keep(), Proxies: records.proxies(),
	}
	if counted != nil {
		observer := counted.Model(model, api.Texts()...)
		use, settings.Observer = observer.Use, observer
	}
	calls, err := api.New(model, settings)
	if err != nil {
		return nil, err
	}
	explained, err := docs.New(model, docs.Server{Example: api.Example(model.Schema()), Recorded: api.Recorded(records != nil), Guarded: o.tokens != ""})
	if err != nil {
		return nil, err
	}
	for path, h := range explained {
		calls.Paths[path] = api.Read(h)
	}
	use()
	log.Info("loaded", "model", model.Name(), "hash", model.Hash())
	return &calls.Routes, nil
}

func loadModel(name string) (*core.Model, error) {
	if name == "" {
		return core.Load(site.Model())
	}
	return core.LoadFile(name)
}

// reload reads the model again whenever it is told to. Requests under way keep
// the model that they began with.
func reload(ctx context.Context, told chan os.Signal, o *options, log *slog.Logger, counted *observe.Metrics, records *records, current *atomic.Pointer[api.Routes]) {
	defer signal.Stop(told)
	for {
		select {
		case <-ctx.Done():
			return
		case <-told:
		}
		answers, err := newAnswers(o, log, counted, records)
		if counted != nil {
			counted.Reloaded(err)
		}
		if err != nil {
			log.Error("the model stays as it was", "error", err)
			continue
		}
		current.Store(answers)
	}
}

// protect sets limits to who may call the API, from where, and how many at once.
func protect(calls http.Handler, o *options) (http.Handler, error) {
	calls = guard.Limit(calls, o.maxConcurrent, api.Fail)
	if o.tokens != "" {
		file, err := os.Open(o.tokens)
		if err != nil {
			return nil, err
		}
		defer file.Close()
		tokens, err := guard.ReadTokens(file)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", o.tokens, err)
		}
		calls = tokens.Require(calls, api.Fail)
	}
	if len(o.corsOrigins) > 0 {
		calls = cors.New(cors.Options{
			AllowedOrigins: o.corsOrigins,
			AllowedMethods: []string{http.MethodGet, http.MethodPost},
			AllowedHeaders: []string{"Authorization", "Content-Encoding", "Content-Type"},
			ExposedHeaders: []string{"Retry-After", "X-Prediction-Id", "X-Request-Id"},
		}).Handler(calls)
	}
	return calls, nil
}

// status answers that all is well until stopping ends, if that is given.
func status(word string, stopping context.Context) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		if stopping != nil && stopping.Err() != nil {
			api.Fail(w, http.StatusServiceUnavailable, "Stopping")
			return
		}
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"status":%q}`, word)
	}
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
