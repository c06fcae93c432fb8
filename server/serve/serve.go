// Package serve is the server as a library: it takes what an operator chooses,
// and answers for the page and the API until it is told to stop.
package serve

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"time"

	"lendleaf/core/rows"
	"lendleaf/server/guard"
)

// Server is a server as a command has it, before anybody chooses options.
type Server struct {
	Name   string                // the command's, for its help
	Page   func() (fs.FS, error) // the page's files, packed as package site says
	Model  []byte                // the model file, unless a flag names another
	Report []byte                // that model's report.json, or nil
}

// Run serves as args and the environment say until ctx ends, then lets running
// requests finish. It logs to stderr. Its errors are UsageError, flag.ErrHelp,
// and those of the files, the page and the network.
func (s Server) Run(ctx context.Context, args []string, getenv func(string) string, stderr io.Writer) (err error) {
	o, err := parse(s.Name, args, getenv, stderr)
	if err != nil {
		return err
	}
	if o.health {
		return askHealth(ctx, o)
	}
	o.limitGo(getenv)
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
	answers := &answers{server: s, options: o, budget: rows.NewBudget(o.budget(), nil), log: logger, counted: metrics.counted, records: records}
	answers.beside()
	defer answers.shadow.Close() // before the records
	handler, err := newHandler(ctx, answers)
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
