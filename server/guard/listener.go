package guard

import (
	"bytes"
	"fmt"
	"net"
	"net/http"
	"strconv"
)

// Listener lets what net/http itself answers, to what is no request, be JSON like
// all other errors. It is for connections without TLS: with it net/http wants
// its own.
type Listener struct{ net.Listener }

// Accept waits for a connection.
func (l Listener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	if tcp, ok := c.(*net.TCPConn); ok {
		return connection{tcp}, nil
	}
	return c, nil
}

type connection struct{ *net.TCPConn }

// plainError is what net/http writes behind the status line of its own errors, in
// one piece, and what no handler writes: other headers would come first.
const plainError = "\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n"

func (c connection) Write(p []byte) (int, error) {
	status, ok := ownError(p)
	if !ok {
		return c.TCPConn.Write(p)
	}
	text := http.StatusText(status)
	body := fmt.Sprintf(`{"detail":%q}`, text)
	if _, err := fmt.Fprintf(c.TCPConn, "HTTP/1.1 %d %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n"+
		"X-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n%s", status, text, len(body), body); err != nil {
		return 0, err
	}
	return len(p), nil
}

// ownError is the status of an error that net/http answers by itself.
func ownError(p []byte) (status int, ok bool) {
	rest, ok := bytes.CutPrefix(p, []byte("HTTP/1.1 "))
	line, _, _ := bytes.Cut(rest, []byte("\r"))
	if !ok || !bytes.HasPrefix(rest[len(line):], []byte(plainError)) {
		return 0, false
	}
	code, _, _ := bytes.Cut(line, []byte(" "))
	status, err := strconv.Atoi(string(code))
	return status, err == nil
}
