package serve

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"

	"lendleaf/server/api"
	"lendleaf/server/observe"
)

// metrics are what Prometheus reads, on a listener of their own. All fields are
// nil where none is asked for.
type metrics struct {
	counted  *observe.Metrics
	listener net.Listener
	server   *http.Server
}

func listenForMetrics(ctx context.Context, logger *slog.Logger, o *options) (*metrics, error) {
	if o.metricsAddr == "" {
		return &metrics{}, nil
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", o.metricsAddr)
	if err != nil {
		return nil, err
	}
	counted := observe.New(o.driftWindow)
	routes := api.Routes{
		Paths: map[string]http.Handler{"/metrics": api.Read(counted.Handler().ServeHTTP)},
		Other: http.HandlerFunc(api.NotFound),
	}
	return &metrics{counted, listener, newServer(logger, secure(routes), o)}, nil
}

// address is where the metrics are, or nothing.
func (m *metrics) address() string {
	if m.listener == nil {
		return ""
	}
	return m.listener.Addr().String()
}

// serve answers scrapes until Close: while the server drains, it can still be
// looked at.
func (m *metrics) serve(logger *slog.Logger) {
	if m.listener == nil {
		return
	}
	if err := m.server.Serve(m.listener); !errors.Is(err, http.ErrServerClosed) {
		logger.Error("metrics are not served any more", "error", err)
	}
}

// Close ends the listener and its connections.
func (m *metrics) Close() error {
	if m.listener == nil {
		return nil
	}
	err := m.server.Close()
	_ = m.listener.Close() // which the server has not begun to serve, or has closed
	return err
}
