package soak

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"
)

// canary is in all that is sent amiss; no log may have it.
const canary = "canary"

func packed(text string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = io.WriteString(w, text) // a buffer takes all
	_ = w.Close()
	return b.String()
}

// bomb is a few kilobytes that unpack to 64 MB.
var bomb = packed(strings.Repeat(" ", 64<<20))

// refused checks that a request is refused with one of some statuses.
func (l *load) refused(what, body string, statuses []int, headers ...string) {
	status, answer, _ := l.post(strings.NewReader(body), headers...)
	if status == http.StatusTooManyRequests {
		l.count("refused because of too many (429)")
		return
	}
	for _, want := range statuses {
		if status == want && hasDetail(answer) {
			l.count(what)
			return
		}
	}
	// The server may close the connection while the rest is still being sent.
	if status == 0 && statuses[0] == http.StatusRequestEntityTooLarge {
		l.count(what + ", cut off")
		return
	}
	l.fail("%s: status %d, %.300s", what, status, answer)
}

func malformed(l *load, i int) {
	bodies := []string{
		`{"age": "` + canary + `"}`, `[{"age": `, `{"` + canary + `": NaN}`, "null", "", `[1, "` + canary + `", {}]`, strings.Repeat("[", 5000),
		`{"age": 1e400}`, `{"age": "\ud800"}`,
	}
	l.refused("malformed, refused (422)", bodies[i%len(bodies)], []int{http.StatusUnprocessableEntity})
	l.refused("in no encoding, refused (400)", "\"\xff"+canary, []int{http.StatusBadRequest})
	l.refused("no JSON, refused (422)", canary, []int{http.StatusUnprocessableEntity}, "Content-Type", "text/plain")
}

func oversized(l *load, _ int) {
	l.refused("too large, refused (413)", strings.Repeat(" ", maxBody+1), []int{http.StatusRequestEntityTooLarge})
	l.refused("bomb, refused (413)", bomb, []int{http.StatusRequestEntityTooLarge}, "Content-Encoding", "gzip")
	l.refused("packed in an unknown way, refused (415)", canary, []int{http.StatusUnsupportedMediaType}, "Content-Encoding", "compress")
	l.refused("packed wrongly, refused (400)", canary, []int{http.StatusBadRequest}, "Content-Encoding", "gzip")
}

// dial opens a connection, with a time after which the client gives up.
func (l *load) dial() *net.TCPConn {
	connection, err := net.DialTimeout("tcp", l.host, 10*time.Second)
	if err != nil {
		l.fail("%v", err)
		return nil
	}
	_ = connection.SetDeadline(time.Now().Add(time.Minute)) // a TCP connection can
	return connection.(*net.TCPConn)
}

func (l *load) head(length int) string {
	return fmt.Sprintf("POST /api/predict?%s HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n", canary, l.host, length)
}

// resets breaks off with a reset, halfway through a body.
func resets(l *load, i int) {
	c := l.dial()
	if c == nil {
		return
	}
	body, _ := arrayOf(l.pick(i, 50))
	_, _ = io.WriteString(c, l.head(len(body))+body[:len(body)/2]) // the server may be faster
	_ = c.SetLinger(0)
	_ = c.Close()
	l.count("reset halfway through a body")
}

// slowWriter sends so slowly that the server must end it.
func slowWriter(l *load, _ int) {
	c := l.dial()
	if c == nil {
		return
	}
	defer c.Close()
	_, err := io.WriteString(c, l.head(1000))
	for err == nil {
		_, err = io.WriteString(c, " ")
		time.Sleep(200 * time.Millisecond)
	}
	if timeout, ok := err.(net.Error); ok && timeout.Timeout() {
		l.fail("a client that sends too slowly is served for ever")
		return
	}
	l.count("slow to send, ended")
}

// slowReader takes an answer so slowly that the server must end it. What lies in
// buffers by then still comes.
func slowReader(l *load, _ int) {
	c := l.dial()
	if c == nil {
		return
	}
	defer c.Close()
	body := "[" + strings.Repeat(`{"`+canary+`":1},`, 40_000) + "{}]" // whose faults are 40 MB
	_, err := io.WriteString(c, l.head(len(body))+body)
	some := make([]byte, 512)
	for end := time.Now().Add(writeTimeout * 3 / 2); err == nil && time.Now().Before(end); _, err = c.Read(some) {
		time.Sleep(100 * time.Millisecond)
	}
	rest, _ := io.ReadAll(c) // which may end in a reset
	if bytes.HasSuffix(rest, []byte("\r\n0\r\n\r\n")) {
		l.fail("a client that reads too slowly is served to the end")
		return
	}
	l.count("slow to read, ended")
}

// noise sends what is no HTTP.
func noise(l *load, i int) {
	c := l.dial()
	if c == nil {
		return
	}
	defer c.Close()
	texts := []string{
		"\x16\x03\x01\x02\x00" + canary, "GET / HTTP/9.9\r\n\r\n", "POST /api/predict HTTP/1.1\r\n" + canary + "\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: x\r\nX: " + strings.Repeat(canary, 20_000) + "\r\n\r\n",
		"POST /api/predict HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz" + canary + "\r\n",
	}
	_, _ = io.WriteString(c, texts[i%len(texts)])
	_ = c.CloseWrite()
	answer, _ := io.ReadAll(c) // which may end in a reset
	if bytes.HasPrefix(answer, []byte("HTTP/1.1 2")) {
		l.fail("noise is answered well: %.200s", answer)
		return
	}
	l.count("noise, refused")
}
