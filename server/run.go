package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"time"

	"lendleaf/server/guard"
)

// run serves until ctx ends, then lets running requests finish. Its errors are
// usageError, flag.ErrHelp, and those of the files, the page and the network.
func run(ctx context.Context, args []string, getenv func(string) string, stderr io.Writer) (err error) {
	o, err := parse(args, getenv, stderr)
	if err != nil {
		return err
	}
	if o.health {
		return askHealth(ctx, o)
	}
	logger := slog.New(slog.NewTextHandler(stderr, nil))
	metrics, err := listenForMetrics(ctx, logger, o)
	if err != nil {
		return err
	}
	defer metrics.Close()
	records, err := openRecords(&o.records, logger, metrics.counted)
	if err != nil {
		return err
	}
	// By then requests are answered, or cut off.
	defer func() { err = errors.Join(err, records.close()) }()
	handler, err := newHandler(ctx, o, logger, metrics.counted, records)
	if err != nil {
		return err
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", o.addr)
	if err != nil {
		return err
	}
	logger.Info("listening", "address", listener.Addr().String(), "tls", o.tlsCert != "", "metrics", metrics.address())
	go metrics.serve(logger)
	return serve(ctx, logger, listener, handler, o)
}

func serve(ctx context.Context, logger *slog.Logger, listener net.Listener, handler http.Handler, o *options) error {
	server := newServer(logger, handler, o)
	server.TLSConfig = &tls.Config{MinVersion: tls.VersionTLS12}
	ended := make(chan error, 1)
	go func() { ended <- listen(server, listener, o) }()
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

func newServer(logger *slog.Logger, handler http.Handler, o *options) *http.Server {
	return &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: min(10*time.Second, o.readTime),
		ReadTimeout:       o.readTime,
		WriteTimeout:      o.writeTime,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          slog.NewLogLogger(logger.Handler(), slog.LevelWarn),

		DisableGeneralOptionsHandler: true, // which would answer for paths that are not there
	}
}

func listen(server *http.Server, listener net.Listener, o *options) error {
	if o.tlsCert == "" {
		return server.Serve(guard.Listener{Listener: listener})
	}
	return server.ServeTLS(listener, o.tlsCert, o.tlsKey)
}

// askHealth is for container health checks, in images without a shell.
func askHealth(ctx context.Context, o *options) error {
	host, port, err := net.SplitHostPort(o.addr)
	if err != nil {
		return err
	}
	if host == "" {
		host = "localhost"
	}
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodHead, o.scheme()+"://"+net.JoinHostPort(host, port)+"/readyz", nil)
	if err != nil {
		return err
	}
	// It asks itself, by a name that a certificate need not have.
	client := http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("the server answers %s", response.Status)
	}
	return nil
}
