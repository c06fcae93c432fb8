package soak

import (
	"io"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

var loggedRequest = regexp.MustCompile(`msg=request id=(\S+) method=POST`)

// stop watches a server that is told to stop.
type stop struct {
	told     atomic.Bool
	answered sync.Map // ids of requests whose answer came, whole
}

func newStop() *stop { return &stop{} }

func (s *stop) one(l *load, i int) {
	list := l.pick(i, 1)
	_, answers := arrayOf(list)
	s.send(l, strings.NewReader(list[0].json), answers[0], "application/json")
}

func (s *stop) many(l *load, i int) {
	body, answers := arrayOf(l.pick(i, 500))
	s.send(l, strings.NewReader(body), answers[0], "application/json")
}

// trickle sends rows for two seconds, so that some are under way at any time.
func (s *stop) trickle(l *load, i int) {
	body, answers := linesOf(l.pick(i, 20))
	from, to := io.Pipe()
	go func() {
		for line := range strings.Lines(body) {
			if _, err := io.WriteString(to, line); err != nil {
				return
			}
			time.Sleep(100 * time.Millisecond)
		}
		_ = to.Close() // never fails
	}()
	s.send(l, from, answers[0], "application/x-ndjson")
}

// send fails where an answer is wrong, breaks off, or is missing although nobody
// told the server to stop.
func (s *stop) send(l *load, body io.Reader, want, contentType string) {
	status, answer, header := l.post(body, "Content-Type", contentType)
	switch {
	case status == 0 && s.told.Load():
		l.count("not accepted after SIGTERM")
		time.Sleep(10 * time.Millisecond)
	case status == http.StatusOK && string(answer) == want:
		s.answered.Store(header.Get("X-Request-Id"), true)
		l.count("answered right")
	default:
		l.fail("status %d, %s", status, difference(string(answer), [2]string{want, want}))
	}
}
