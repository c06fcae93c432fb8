package api

import (
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

// maxWindow bounds what a zstd body may ask to be remembered, in bytes.
const maxWindow = 8 << 20

// open returns a request's body, unpacked, and what to call in the end. Reading
// more than limit bytes fails with errTooLarge.
func open(r *http.Request, limit int64) (body io.Reader, done func(), err error) {
	switch strings.ToLower(strings.TrimSpace(r.Header.Get("Content-Encoding"))) {
	case "", "identity":
		return &limited{r.Body, limit}, func() {}, nil
	case "gzip", "x-gzip":
		unpacked, err := gzip.NewReader(r.Body)
		if err != nil {
			return nil, nil, err
		}
		return &limited{unpacked, limit}, func() {}, nil
	case "zstd":
		unpacked, err := zstd.NewReader(r.Body, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(maxWindow))
		if err != nil {
			return nil, nil, err
		}
		return &limited{unpacked, limit}, unpacked.Close, nil
	}
	return nil, nil, errEncodingUnknown
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
