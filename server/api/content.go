package api

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Content is sent as it stands: whole, in part (Range), or not at all to whoever
// has it already (If-None-Match).
type Content struct {
	Type     string // Content-Type
	Encoding string // Content-Encoding of the body; "" for none
	Tag      string // ETag, without quotes: another one for every other body
	Body     []byte
}

// NewContent is a body of a type, under the tag that Tag gives.
func NewContent(contentType string, body []byte) *Content {
	return &Content{Type: contentType, Tag: Tag(body), Body: body}
}

// Tag is an ETag for a body.
func Tag(body []byte) string {
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:16])
}

// ServeHTTP answers GET and HEAD.
func (c *Content) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Type", c.Type)
	h.Set("Cache-Control", "no-cache") // kept, but asked about by its ETag
	h.Set("ETag", `"`+c.Tag+`"`)
	if c.Encoding != "" {
		h.Set("Content-Encoding", c.Encoding)
	}
	http.ServeContent(&contentWriter{w, len(c.Body), false}, c.conditions(r), "", time.Time{}, bytes.NewReader(c.Body))
}

// conditions are a request as http.ServeContent understands it: of a list over
// several lines it reads the first line alone, and units that it does not know it
// refuses. Several parts of a packed body would come in an envelope that is not
// packed, so all of it is sent.
func (c *Content) conditions(r *http.Request) *http.Request {
	header := http.Header{}
	for _, name := range []string{"If-Match", "If-None-Match", "If-Range", "Range"} {
		if lines := r.Header.Values(name); len(lines) > 0 {
			header.Set(name, strings.Join(lines, ","))
		}
	}
	unit, parts, _ := strings.Cut(header.Get("Range"), "=")
	header.Set("Range", "bytes="+parts)
	if !strings.EqualFold(unit, "bytes") || c.Encoding != "" && strings.Contains(parts, ",") {
		header.Del("Range")
	}
	return &http.Request{Method: r.Method, Header: header}
}

// contentWriter says how long a packed body is, which http.ServeContent does not,
// and words its errors as the API does.
type contentWriter struct {
	http.ResponseWriter
	size   int
	failed bool
}

func (w *contentWriter) WriteHeader(status int) {
	h := w.Header()
	if w.failed = status >= http.StatusBadRequest; w.failed {
		h.Del("ETag")
		h.Del("Content-Encoding")
		Fail(w.ResponseWriter, status, http.StatusText(status))
		return
	}
	if status == http.StatusOK {
		h.Set("Content-Length", strconv.Itoa(w.size))
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *contentWriter) Write(p []byte) (int, error) {
	if w.failed {
		return len(p), nil // its own words
	}
	return w.ResponseWriter.Write(p)
}
