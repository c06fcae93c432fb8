package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"time"

	"lendleaf/core"
	"lendleaf/server/api"
	"lendleaf/server/docs"
	"lendleaf/site"
)

// run serves until ctx ends, then lets running requests finish. Its errors are
// usageError, flag.ErrHelp, and those of the model file, the page and the
// network.
func run(ctx context.Context, args []string, getenv func(string) string, stderr io.Writer) error {
	o, err := parse(args, getenv, stderr)
	if err != nil {
		return err
	}
	if o.health {
		return askHealth(ctx, o.addr)
	}
	handler, model, err := newHandler(o)
	if err != nil {
		return err
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", o.addr)
	if err != nil {
		return err
	}
	logger := slog.New(slog.NewTextHandler(stderr, nil))
	logger.Info("listening", "address", listener.Addr().String(), "model", model.Name(), "hash", model.Hash())
	return serve(ctx, logger, listener, handler, o)
}

// newHandler puts the page and the API together.
func newHandler(o *options) (http.Handler, *core.Model, error) {
	model, err := loadModel(o.model)
	if err != nil {
		return nil, nil, err
	}
	files, err := site.Page()
	if err != nil {
		return nil, nil, err
	}
	page, err := newPage(files)
	if err != nil {
		return nil, nil, err
	}
	answers, err := api.New(model, api.Options{MaxBody: o.maxBody, MaxStream: o.maxStream, Pause: o.readTime, Report: site.Report()})
	if err != nil {
		return nil, nil, err
	}
	explained, err := docs.New(model, api.Example(model.Schema()))
	if err != nil {
		return nil, nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("/api/", answers)
	mux.Handle("/openapi.json", answers)
	mux.Handle("/docs", explained)
	mux.Handle("/docs/", explained)
	mux.Handle("/", page)
	return secure(mux), model, nil
}

func loadModel(name string) (*core.Model, error) {
	if name == "" {
		return core.Load(site.Model())
	}
	file, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	model, err := core.Load(file)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return model, nil
}

// secure adds the headers that every answer has.
func secure(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; "+
			"img-src 'self' data:; connect-src 'self'; form-action 'none'; base-uri 'none'")
		next.ServeHTTP(w, r)
	})
}

func serve(ctx context.Context, logger *slog.Logger, listener net.Listener, handler http.Handler, o *options) error {
	server := &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: min(10*time.Second, o.readTime),
		ReadTimeout:       o.readTime,
		WriteTimeout:      o.writeTime,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          slog.NewLogLogger(logger.Handler(), slog.LevelWarn),
	}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	logger.Info("stopping")
	drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), o.drainTime)
	defer cancel()
	if err := server.Shutdown(drain); err != nil {
		return fmt.Errorf("requests were cut off: %w", errors.Join(err, server.Close()))
	}
	logger.Info("stopped")
	return nil
}

// askHealth is for container health checks, in images without a shell.
func askHealth(ctx context.Context, addr string) error {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return err
	}
	if host == "" {
		host = "localhost"
	}
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodHead, "http://"+net.JoinHostPort(host, port)+"/", nil)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("the server answers %s", response.Status)
	}
	return nil
}
