package serve

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// answer is what comes of a request on a connection.
type answer struct {
	*http.Response
	body string
}

// exchange sends a request as it stands, and reads answers until the server ends
// the connection. The methods say how each is to be read.
func exchange(t *testing.T, host, request string, methods ...string) (answers []answer) {
	t.Helper()
	c, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", host)
	require.NoError(t, err)
	defer c.Close()
	require.NoError(t, c.SetDeadline(time.Now().Add(time.Minute)))
	_, err = io.WriteString(c, request)
	require.NoError(t, err)
	lines := bufio.NewReader(c)
	for _, method := range methods {
		response, err := http.ReadResponse(lines, &http.Request{Method: method})
		require.NoError(t, err, request)
		body, err := io.ReadAll(response.Body)
		require.NoError(t, err)
		response.Body.Close()
		answers = append(answers, answer{response, string(body)})
	}
	rest, err := io.ReadAll(lines)
	require.NoError(t, err)
	assert.Empty(t, string(rest), "there is an end to what is said to %s", request)
	return answers
}

// HEAD answers what GET does but for the body, wherever that may be asked.
func TestHeadIsLikeGet(t *testing.T) {
	host, log := serveFor(t, "-metrics-addr", "localhost:0")
	metrics := metricsAddress.FindStringSubmatch(log.String())[1]
	for _, at := range []struct{ host, path string }{
		{host, "/"}, {host, "/index.html"}, {host, "/lendleaf.js"}, {host, "/docs"}, {host, "/docs/docs.css"}, {host, "/docs/docs.js"}, {host, "/openapi.json"},
		{host, "/api/model"}, {host, "/healthz"}, {host, "/readyz"}, {host, "/docs/"}, {host, "/nothing"}, {host, "/api/predict"}, {metrics, "/nothing"},
	} {
		request := func(method string) string {
			return method + " " + at.path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
		}
		get, head := exchange(t, at.host, request("GET"), "GET")[0], exchange(t, at.host, request("HEAD"), "HEAD")[0]
		assert.Equal(t, get.StatusCode, head.StatusCode, at.path)
		assert.Empty(t, head.body, at.path)
		assert.Equal(t, get.ContentLength, head.ContentLength, at.path)
		for _, r := range []answer{get, head} {
			r.Header.Del("Date")
			r.Header.Del("X-Request-Id")
		}
		assert.Equal(t, get.Header, head.Header, at.path)
	}
	scrape := exchange(t, metrics, "HEAD /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "HEAD")[0]
	assert.Equal(t, http.StatusOK, scrape.StatusCode)
}

// Requests as RFC 9112 has them and few clients send them.
func TestUncommonRequests(t *testing.T) {
	host, _ := serveFor(t)
	body := "Content-Type: application/json\r\nContent-Length: 2\r\n"
	for name, c := range map[string]struct {
		request, method string
		status          int
		body            string
	}{
		"HTTP/1.0, which knows no Host":  {"GET / HTTP/1.0\r\n\r\n", "GET", 200, "<!doctype html>"},
		"HTTP/1.0 with a body":           {"POST /api/predict HTTP/1.0\r\n" + body + "\r\n[]", "POST", 200, `{"results":[],"n_predictions":0}`},
		"a whole address":                {"GET http://x/lendleaf.js HTTP/1.1\r\nHost: y\r\nConnection: close\r\n\r\n", "GET", 200, "lendleaf"},
		"a whole address without path":   {"GET http://x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "GET", 200, "<!doctype html>"},
		"the server itself":              {"OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "OPTIONS", 404, `{"detail":"Not Found"}`},
		"a tunnel":                       {"CONNECT x:443 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "POST", 405, `{"detail":"Method Not Allowed"}`},
		"an unknown method":              {"BREW /api/predict HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "BREW", 405, `{"detail":"Method Not Allowed"}`},
		"an expectation that nobody has": {"POST /api/predict HTTP/1.1\r\nHost: x\r\nExpect: the-moon\r\n" + body + "Connection: close\r\n\r\n[]", "POST", 417, ""},
		"two slashes":                    {"GET //api/model HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "GET", 404, `{"detail":"Not Found"}`},
	} {
		t.Run(name, func(t *testing.T) {
			got := exchange(t, host, c.request, c.method)[0]
			assert.Equal(t, c.status, got.StatusCode)
			assert.Equal(t, c.body, got.body)
			if c.status == http.StatusMethodNotAllowed {
				assert.NotEmpty(t, got.Header.Get("Allow"))
			}
		})
	}
}

// Who asks before sending a body is told to go on, or at once why not: then the
// body is none of the next request.
func TestBodiesAreAskedFor(t *testing.T) {
	host, _ := serveFor(t, "-max-body", "100")
	head := "POST /api/predict HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nConnection: close\r\n"
	got := exchange(t, host, head+"Content-Length: 2\r\n\r\n[]", "POST", "POST")
	assert.Equal(t, http.StatusContinue, got[0].StatusCode)
	assert.Equal(t, http.StatusOK, got[1].StatusCode)
	large := exchange(t, host, head+"Content-Length: 101\r\n\r\n", "POST")
	assert.Equal(t, http.StatusRequestEntityTooLarge, large[0].StatusCode, "before it is sent")
	refused := exchange(t, host, strings.Replace(head, "Connection: close", "Content-Encoding: odd", 1)+"Content-Length: 2\r\n\r\n", "POST")
	assert.Equal(t, http.StatusUnsupportedMediaType, refused[0].StatusCode)
}

// A reader who has some of a file gets the rest, and only of that file.
func TestFilesInParts(t *testing.T) {
	host, _ := serveFor(t)
	request, err := http.NewRequestWithContext(context.WithoutCancel(t.Context()), http.MethodGet, "http://"+host+"/lendleaf.js", nil)
	require.NoError(t, err)
	request.Header.Set("Range", "bytes=4-")
	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	defer response.Body.Close()
	rest, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	assert.Equal(t, http.StatusPartialContent, response.StatusCode)
	assert.Equal(t, "leaf", string(rest))
	assert.Equal(t, "Accept-Encoding", response.Header.Get("Vary"))
}
