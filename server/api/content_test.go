package api

import (
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// fetch asks for content with headers, each a name and a value by turns.
func fetch(c *Content, method string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, "/", nil)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	Read(c.ServeHTTP).ServeHTTP(w, r)
	return w
}

var (
	plain  = &Content{Type: "text/plain", Tag: "tag", Body: []byte("0123456789")}
	packed = &Content{Type: "text/plain", Encoding: "br", Tag: "tagbr", Body: []byte("packed")}
)

func TestContentIsSentWhole(t *testing.T) {
	for _, c := range []*Content{plain, packed} {
		w := fetch(c, http.MethodGet)
		assert.Equal(t, http.StatusOK, w.Code)
		assert.Equal(t, string(c.Body), w.Body.String())
		head := fetch(c, http.MethodHead)
		assert.Equal(t, w.Header(), head.Header())
		assert.Empty(t, head.Body.String())
		want := http.Header{
			"Content-Type": {"text/plain"}, "Content-Length": {map[string]string{"tag": "10", "tagbr": "6"}[c.Tag]},
			"Etag": {`"` + c.Tag + `"`}, "Cache-Control": {"no-cache"}, "Accept-Ranges": {"bytes"},
		}
		if c.Encoding != "" {
			want["Content-Encoding"] = []string{"br"}
		}
		assert.Equal(t, want, w.Header())
	}
}

// RFC 9110: 13.1.2 compares weakly; 15.4.5 says which headers a 304 has.
func TestWhoHasContentIsToldSo(t *testing.T) {
	for _, headers := range [][]string{
		{"If-None-Match", `"tag"`}, {"If-None-Match", `W/"tag"`}, {"If-None-Match", `*`},
		{"If-None-Match", `"other", W/"more,", "tag"`}, {"If-None-Match", `"other","tag"`}, {"If-None-Match", `, , "tag"`},
		{"If-None-Match", `"other"`, "If-None-Match", `"tag"`}, {"If-None-Match", `"tag"`, "Range", "bytes=0-1"},
		{"If-Match", `"tag"`, "If-None-Match", `"tag"`},
	} {
		for _, method := range []string{http.MethodGet, http.MethodHead} {
			w := fetch(plain, method, headers...)
			assert.Equal(t, http.StatusNotModified, w.Code, headers)
			assert.Equal(t, http.Header{"Etag": {`"tag"`}, "Cache-Control": {"no-cache"}}, w.Header(), headers)
			assert.Empty(t, w.Body.String())
		}
	}
	for _, headers := range [][]string{
		{"If-None-Match", `"other"`}, {"If-None-Match", `tag`}, {"If-None-Match", `"tag`}, {"If-None-Match", ``}, {"If-None-Match", `"TAG"`},
		{"If-None-Match", `"tagbr"`}, {"If-Match", `*`}, {"If-Match", `"other", "tag"`}, {"If-Match", `"other"`, "If-Match", `"tag"`},
		{"If-Modified-Since", "Sun, 06 Nov 1994 08:49:37 GMT"},
	} {
		w := fetch(plain, http.MethodGet, headers...)
		assert.Equal(t, http.StatusOK, w.Code, headers)
		assert.Equal(t, "0123456789", w.Body.String(), headers)
	}
	for _, c := range []*Content{plain, packed} {
		for _, tag := range []string{`"other"`, `W/"` + c.Tag + `"`} { // 13.1.1 compares strongly
			w := fetch(c, http.MethodGet, "If-Match", tag)
			assert.Equal(t, http.StatusPreconditionFailed, w.Code)
			assert.JSONEq(t, `{"detail":"Precondition Failed"}`, w.Body.String())
			assert.Equal(t, "application/json", w.Header().Get("Content-Type"))
			assert.Empty(t, w.Header().Get("Content-Encoding"))
		}
	}
}

func TestPartsOfContent(t *testing.T) {
	for _, c := range []struct {
		content *Content
		headers []string
		part    string // of the body
		at      string
	}{
		{plain, []string{"Range", "bytes=2-4"}, "234", "bytes 2-4/10"},
		{plain, []string{"Range", "Bytes=7-"}, "789", "bytes 7-9/10"},
		{plain, []string{"Range", "bytes=-1"}, "9", "bytes 9-9/10"},
		{plain, []string{"Range", "bytes=8-1000"}, "89", "bytes 8-9/10"},
		{plain, []string{"Range", "bytes=0-0", "If-Range", `"tag"`}, "0", "bytes 0-0/10"},
		{plain, []string{"Range", "bytes=0-0", "If-None-Match", `"other"`}, "0", "bytes 0-0/10"},
		{plain, []string{"Range", "bytes=0-0", "If-Range", `W/"tag"`}, "0123456789", ""}, // strongly: 13.1.5
		{plain, []string{"Range", "bytes=0-0", "If-Range", `"other"`}, "0123456789", ""},
		{plain, []string{"Range", "bytes=0-9,0-9,0-9"}, "0123456789", ""},
		{plain, []string{"Range", "lines=0-1"}, "0123456789", ""}, // no unit of ours: 14.2
		{packed, []string{"Range", "bytes=1-2"}, "ac", "bytes 1-2/6"},
		{packed, []string{"Range", "bytes=1-2", "If-Range", `"tag"`}, "packed", ""},
		{packed, []string{"Range", "bytes=0-1,3-4"}, "packed", ""},
	} {
		for _, method := range []string{http.MethodGet, http.MethodHead} {
			w := fetch(c.content, method, c.headers...)
			want := http.StatusOK
			if c.at != "" {
				want = http.StatusPartialContent
			}
			assert.Equal(t, want, w.Code, c.headers)
			assert.Equal(t, c.at, w.Header().Get("Content-Range"), c.headers)
			assert.Equal(t, len(c.part), int(w.Result().ContentLength), c.headers)
			assert.Equal(t, c.content.Encoding, w.Header().Get("Content-Encoding"))
			assert.Equal(t, `"`+c.content.Tag+`"`, w.Header().Get("ETag"))
			if method == http.MethodGet {
				assert.Equal(t, c.part, w.Body.String(), c.headers)
			}
		}
	}

	w := fetch(plain, http.MethodGet, "Range", "bytes=0-1,8-9")
	assert.Equal(t, http.StatusPartialContent, w.Code)
	kind, parameters, err := mime.ParseMediaType(w.Header().Get("Content-Type"))
	require.NoError(t, err)
	assert.Equal(t, "multipart/byteranges", kind)
	parts := multipart.NewReader(w.Body, parameters["boundary"])
	for _, want := range []string{"01", "89"} {
		part, err := parts.NextPart()
		require.NoError(t, err)
		text, err := io.ReadAll(part)
		require.NoError(t, err)
		assert.Equal(t, want, string(text))
	}

	for _, c := range []*Content{plain, packed} {
		for _, wrong := range []string{"bytes=10-", "bytes=4-2", "bytes=x"} {
			w := fetch(c, http.MethodGet, "Range", wrong)
			assert.Equal(t, http.StatusRequestedRangeNotSatisfiable, w.Code)
			assert.JSONEq(t, `{"detail":"Requested Range Not Satisfiable"}`, w.Body.String())
			assert.Empty(t, w.Header().Get("Content-Encoding"))
		}
		assert.True(t, strings.HasPrefix(fetch(c, http.MethodGet, "Range", "bytes=10-").Header().Get("Content-Range"), "bytes */"))
	}
}
