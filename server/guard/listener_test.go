package guard_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"lendleaf/server/guard"
)

// What net/http answers before any handler is asked is JSON too.
func TestErrorsBelowHandlersAreJSON(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	server := &http.Server{MaxHeaderBytes: 4 << 10, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/plain" {
			http.Error(w, "a handler's own", http.StatusBadRequest)
			return
		}
		_, _ = io.Copy(w, r.Body)
	})}
	go func() { _ = server.Serve(guard.Listener{Listener: listener}) }() // until Close
	defer server.Close()
	ask := func(request string) (status int, answer string) {
		c, err := net.Dial("tcp", listener.Addr().String())
		require.NoError(t, err)
		defer c.Close()
		_, _ = io.WriteString(c, request) // the server may not want all of it
		response, err := http.ReadResponse(bufio.NewReader(c), nil)
		require.NoError(t, err, request[:min(len(request), 60)])
		defer response.Body.Close()
		body, err := io.ReadAll(response.Body)
		require.NoError(t, err)
		return response.StatusCode, string(body)
	}
	for request, status := range map[string]int{
		"GET /% HTTP/1.1\r\nHost: x\r\n\r\n":                                        http.StatusBadRequest,
		"GET / HTTP/1.1\r\n\r\n":                                                    http.StatusBadRequest,
		"no request\r\n\r\n":                                                        http.StatusBadRequest,
		"GET / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: mime\r\n\r\n":              http.StatusNotImplemented,
		"GET / HTTP/9.9\r\nHost: x\r\n\r\n":                                         http.StatusHTTPVersionNotSupported,
		"GET / HTTP/1.1\r\nHost: x\r\nX: " + strings.Repeat("x", 9000) + "\r\n\r\n": http.StatusRequestHeaderFieldsTooLarge,
	} {
		got, answer := ask(request)
		assert.Equal(t, status, got, request[:min(len(request), 60)])
		assert.JSONEq(t, fmt.Sprintf(`{"detail":%q}`, http.StatusText(status)), answer)
	}
	status, answer := ask("GET /plain HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
	assert.Equal(t, http.StatusBadRequest, status)
	assert.Equal(t, "a handler's own\n", answer)
	// A body that looks like such an error stays what it is.
	body := "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n400 Bad Request"
	status, answer = ask(fmt.Sprintf("POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s", len(body), body))
	assert.Equal(t, http.StatusOK, status)
	assert.Equal(t, body, answer)
}

// pair gives both ends of a connection that the listener accepted.
func pair(t *testing.T) (server, client net.Conn) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer listener.Close()
	client, err = net.Dial("tcp", listener.Addr().String())
	require.NoError(t, err)
	t.Cleanup(func() { client.Close() })
	server, err = guard.Listener{Listener: listener}.Accept()
	require.NoError(t, err)
	t.Cleanup(func() { server.Close() })
	return server, client
}

// What net/http writes of itself for a request that is none.
const own = "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n400 Bad Request"

func TestOnlyOwnErrorsAreWrittenAnew(t *testing.T) {
	for written, want := range map[string]string{
		own: "HTTP/1.1 400 Bad Request\r\nContent-Type: application/json\r\nContent-Length: 24\r\n" +
			"X-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n" + `{"detail":"Bad Request"}`,
		strings.TrimPrefix(own, "HTTP/1.1 "):     strings.TrimPrefix(own, "HTTP/1.1 "), // a part of a body
		strings.Replace(own, "400", "many", 1):   strings.Replace(own, "400", "many", 1),
		strings.Replace(own, "plain", "html", 1): strings.Replace(own, "plain", "html", 1),
		"HTTP/1.1 ":                              "HTTP/1.1 ",
	} {
		server, client := pair(t)
		n, err := io.WriteString(server, written)
		require.NoError(t, err)
		assert.Equal(t, len(written), n)
		require.NoError(t, server.Close())
		got, err := io.ReadAll(client)
		require.NoError(t, err)
		assert.Equal(t, want, string(got))
	}
}

func TestListenersTellOfFaults(t *testing.T) {
	server, _ := pair(t)
	require.NoError(t, server.Close())
	n, err := io.WriteString(server, own)
	require.ErrorIs(t, err, net.ErrClosed)
	assert.Zero(t, n)

	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, listener.Close())
	c, err := guard.Listener{Listener: listener}.Accept()
	require.ErrorIs(t, err, net.ErrClosed)
	assert.Nil(t, c)
}

// one is a listener for one connection that is not TCP.
type one struct {
	net.Listener
	conn net.Conn
}

func (l one) Accept() (net.Conn, error) { return l.conn, nil }

func TestOtherConnectionsPass(t *testing.T) {
	other, _ := net.Pipe()
	c, err := guard.Listener{Listener: one{conn: other}}.Accept()
	require.NoError(t, err)
	assert.Equal(t, other, c)
}
