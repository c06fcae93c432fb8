package record

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"time"

	"lendleaf/core/record"
)

// anchor tells a file or an address where the chain ends, in the background. A nil
// one tells nobody.
type anchor struct {
	to    string
	log   *slog.Logger
	heads chan record.Head // the newest one that waits
	ended chan struct{}
}

// anchorTime is how long an address, or a disk, may take for an anchor.
const anchorTime = 10 * time.Second

// checkAnchor refuses what cannot be told of a chain's end: a file must be one that
// can be written to, and an address one of http or https.
func checkAnchor(to string) error {
	if !isAddress(to) {
		return appendTo(to, nil)
	}
	u, err := url.Parse(to)
	if err == nil && u.Host == "" {
		err = fmt.Errorf("%q names no host", to)
	}
	return err
}

// errOwnAnchor says that the records would hold their own anchors.
var errOwnAnchor = errors.New("anchors must be kept in another file than the records")

func sameFile(a, b string) bool {
	of, err := os.Stat(a)
	if err != nil {
		return false
	}
	other, err := os.Stat(b)
	return err == nil && os.SameFile(of, other)
}

func isAddress(to string) bool {
	u, err := url.Parse(to)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https")
}

func newAnchor(to string, log *slog.Logger) *anchor {
	a := &anchor{to, log, make(chan record.Head, 1), make(chan struct{})}
	go a.run()
	return a
}

// reached has a head told, in place of one that is not told yet.
func (a *anchor) reached(h record.Head) {
	if a == nil || h.Count == 0 {
		return
	}
	select {
	case <-a.heads:
	default:
	}
	a.heads <- h
}

// close tells the last head, and waits for that no longer than it may take.
func (a *anchor) close(h record.Head) {
	if a == nil {
		return
	}
	a.reached(h)
	close(a.heads)
	select {
	case <-a.ended:
	case <-time.After(anchorTime):
		a.log.Error("the records' end could not be anchored in time", "count", h.Count)
	}
}

func (a *anchor) run() {
	defer close(a.ended)
	for h := range a.heads {
		if err := a.tell(h); err != nil {
			a.log.Error("the records' end could not be anchored", "error", err, "count", h.Count)
		}
	}
}

func (a *anchor) tell(h record.Head) error {
	line := record.AppendAnchor(nil, h, time.Now())
	if isAddress(a.to) {
		return post(a.to, line)
	}
	return appendTo(a.to, line)
}

func appendTo(name string, line []byte) error {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_APPEND|os.O_CREATE, fileMode)
	if err != nil {
		return err
	}
	if len(line) > 0 {
		if _, err = f.Write(line); err == nil {
			err = f.Sync()
		}
	}
	return errors.Join(err, f.Close())
}

func post(address string, line []byte) error {
	ctx, cancel := context.WithTimeout(context.Background(), anchorTime)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(line))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(response.Body, 1<<16)) // so that the connection can be used again
	if response.StatusCode/100 != 2 {
		return fmt.Errorf("%s answered %s", request.URL.Redacted(), response.Status)
	}
	return nil
}
