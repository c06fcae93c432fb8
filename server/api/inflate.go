package api

import (
	"bufio"
	"errors"
	"io"
	"net/http"
	"strings"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// errEncodingUnknown says that a body is packed in a way that is not known.
var errEncodingUnknown = errors.New("the body's content encoding is none of gzip and zstd")

// errTooLarge says that a body holds more than it may once it is unpacked.
var errTooLarge = errors.New("the body is too large")

// What unpacking holds, in bytes. A zstd body asks for its window; bodies of several
// frames have that of the first one, or the least.
const (
	gzipMemory = 96 << 10
	zstdMemory = 512 << 10 // beside the window
	minWindow  = 1 << 20
	maxWindow  = 8 << 20
)

// open returns a request's body, unpacked, and what to call in the end. Reading
// more than limit bytes fails with errTooLarge. Its errors are errEncodingUnknown,
// and those of the holding and of the body.
func open(r *http.Request, limit int64, held *holding) (body io.Reader, done func(), err error) {
	switch strings.ToLower(strings.TrimSpace(r.Header.Get("Content-Encoding"))) {
	case "", "identity":
		return &limited{r.Body, limit}, func() {}, nil
	case "gzip", "x-gzip":
		if err := held.unpack(gzipMemory); err != nil {
			return nil, nil, err
		}
		unpacked, err := gzip.NewReader(r.Body)
		if err != nil {
			return nil, nil, err
		}
		return &limited{unpacked, limit}, func() {}, nil
	case "zstd":
		packed := bufio.NewReader(r.Body)
		window := zstdWindow(packed)
		if err := held.unpack(zstdMemory + window); err != nil {
			return nil, nil, err
		}
		unpacked, err := zstd.NewReader(packed, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(uint64(window)))
		if err != nil {
			return nil, nil, err
		}
		return &limited{unpacked, limit}, unpacked.Close, nil
	}
	return nil, nil, errEncodingUnknown
}

// zstdWindow is how many bytes the first frame of a body asks to be remembered,
// within our bounds.
func zstdWindow(body *bufio.Reader) int {
	begin, _ := body.Peek(zstd.HeaderMaxSize) // of a shorter body all
	var frame zstd.Header
	if frame.Decode(begin) != nil || frame.Skippable {
		return maxWindow
	}
	asked := frame.WindowSize
	if frame.SingleSegment {
		asked = frame.FrameContentSize
	}
	return int(min(max(asked, minWindow), maxWindow))
}

// limited reads no more than left bytes.
type limited struct {
	source io.Reader
	left   int64
}

func (l *limited) Read(p []byte) (int, error) {
	if int64(len(p)) > l.left+1 {
		p = p[:l.left+1]
	}
	n, err := l.source.Read(p)
	if int64(n) > l.left {
		return int(l.left), errTooLarge
	}
	l.left -= int64(n)
	return n, err
}
