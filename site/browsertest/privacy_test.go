//go:build browser

package browsertest

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/base64"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/storage"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"lendleaf/site"
)

//go:embed testdata/hostile.js
var hostile string

// eavesdropper is everything around the page that could hear something: its own
// host, another one, and whoever takes packets.
type eavesdropper struct {
	home, away *httptest.Server
	packets    net.PacketConn
	mu         sync.Mutex
	requests   []string // to the page's host: method, URL, headers and body
	heard      []string // elsewhere
}

func eavesdrop(t *testing.T, page http.Handler) *eavesdropper {
	t.Helper()
	e := &eavesdropper{}
	e.home = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		e.note(&e.requests, fmt.Sprintln(r.Method, r.URL, r.Header, string(body)))
		page.ServeHTTP(w, r)
	}))
	t.Cleanup(e.home.Close)
	e.away = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		e.note(&e.heard, fmt.Sprintln(r.Method, r.URL))
		w.Header().Set("Access-Control-Allow-Origin", "*")
	}))
	e.away.Config.ConnState = func(c net.Conn, s http.ConnState) {
		if s == http.StateNew {
			e.note(&e.heard, "a connection")
		}
	}
	e.away.Start()
	t.Cleanup(e.away.Close)
	var err error
	e.packets, err = net.ListenPacket("udp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { e.packets.Close() })
	go func() {
		for buffer := make([]byte, 2048); ; {
			n, _, err := e.packets.ReadFrom(buffer)
			if err != nil {
				return
			}
			e.note(&e.heard, fmt.Sprintf("a packet: %q", buffer[:n]))
		}
	}()
	return e
}

func (e *eavesdropper) note(list *[]string, text string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	*list = append(*list, text)
}

func (e *eavesdropper) requested() []string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return append([]string(nil), e.requests...)
}

func (e *eavesdropper) elsewhere() []string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return append([]string(nil), e.heard...)
}

// attack runs the hostile script and returns what became of each way.
func (e *eavesdropper) attack() chromedp.Action[map[string]string] {
	call := fmt.Sprintf("(%s)(%q, %q, %q, %q)", strings.TrimSpace(hostile), canary, e.home.URL+"/",
		strings.Replace(e.away.URL, "127.0.0.1", "localhost", 1)+"/", e.packets.LocalAddr())
	return chromedp.Evaluate[map[string]string](call, chromedp.EvalAwaitPromise)
}

// canary is typed as a number, and looked for everywhere.
const canary = "7319465028"

var carried = regexp.MustCompile("canary" + canary + `x\d+`)

// ways lists the words that the hostile script carried somewhere, each once.
func ways(texts ...string) []string {
	var list []string
	for _, text := range texts {
		list = append(list, carried.FindAllString(text, -1)...)
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// netLog has the browser write down all that its network part does: names looked
// up, connections, and every byte on them.
func netLog(t *testing.T) (file string, options []chromedp.ExecAllocatorOption) {
	t.Helper()
	file = filepath.Join(t.TempDir(), "net.json")
	return file, []chromedp.ExecAllocatorOption{chromedp.Flag("log-net-log", file), chromedp.Flag("net-log-capture-mode", "Everything")}
}

// readNetLog gives the log as text, with the bytes of connections unpacked.
func readNetLog(t *testing.T, file string) string {
	t.Helper()
	log, err := os.ReadFile(file)
	require.NoError(t, err)
	var text bytes.Buffer
	text.Write(log)
	for _, part := range regexp.MustCompile(`"bytes":"([^"]*)"`).FindAllSubmatch(log, -1) {
		sent, err := base64.StdEncoding.DecodeString(string(part[1]))
		require.NoError(t, err)
		text.Write(sent)
	}
	return text.String()
}

// holding lists the files below a folder that hold a word, in either of the
// encodings in which browsers write.
func holding(t *testing.T, folder, word string) []string {
	t.Helper()
	var wide []byte
	for _, c := range []byte(word) {
		wide = append(wide, c, 0)
	}
	var list []string
	files := 0
	require.NoError(t, filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		files++
		content, err := os.ReadFile(path)
		if bytes.Contains(content, []byte(word)) || bytes.Contains(content, wide) {
			list = append(list, path)
		}
		return err
	}))
	require.Greater(t, files, 20, "that is no browser's profile")
	return list
}

// An applicant is typed, predicted and cleared while a hostile script tries every
// way out. Looked at are: what the page's host was asked for, with headers and
// bodies; another host and a port for packets, which hear of nothing at all; the
// browser's own network log, with every name that it looked up and every byte
// that it sent; its address, history and cookies; and, once it has ended, every
// file of its profile.
func TestTheLockedPageLetsNothingOut(t *testing.T) {
	files, err := site.Page()
	require.NoError(t, err)
	e, profile := eavesdrop(t, http.FileServerFS(files)), t.TempDir()
	log, options := netLog(t)
	m, b := loaded(t), newTab(t, append(options, chromedp.UserDataDir(profile))...)
	b.open(t, e.home.URL)
	typed := maps.Clone(applicant)
	typed["income"] = canary
	b.fill(t, m.Schema(), typed)
	b.run(t, chromedp.Click(chromedp.CSS("#predict-button")), chromedp.WaitVisible(chromedp.CSS("#result")))
	before, history := len(e.requested()), eval[int](t, b, "history.length")
	require.NotZero(t, before)

	outcomes := get(t, b, e.attack())
	assert.Greater(t, len(outcomes), 140)
	require.Equal(t, canary, eval[string](t, b, `document.getElementById("income").value`), "the applicant is not there")
	eval[bool](t, b, `(document.querySelector("[data-act=clear]").click(), true)`)
	assert.Empty(t, eval[string](t, b, `document.getElementById("income").value`), "cleared")
	b.run(t, chromedp.Sleep(2*time.Second)) // for what would come late

	assert.Empty(t, e.elsewhere(), "somebody else heard something")
	assert.Empty(t, e.requested()[before:], "the host saw a request")
	assert.Empty(t, b.answered("canary"), "the page's log has an answer")
	assert.Equal(t, e.home.URL+"/", get(t, b, chromedp.Location()))
	assert.Equal(t, history, eval[int](t, b, "history.length"))
	assert.Empty(t, cookies(t, b))
	require.NoError(t, chromedp.Cancel(b)) // ends the browser, so that it writes all down
	text := readNetLog(t, log)
	require.Contains(t, text, "/lendleaf.js", "the network log is empty, so it would prove nothing")
	assert.Empty(t, ways(text), "the browser's network log has these")
	assert.NotContains(t, text, canary)
	assert.Empty(t, holding(t, profile, canary), "the browser's profile holds the applicant")
}

// The same script on a page without any of that: what the test above looks at
// does see what gets out.
func TestAPageWithoutLockLetsMuchOut(t *testing.T) {
	e := eavesdrop(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprint(w, `<!doctype html><title>open</title><link rel="stylesheet" href="style.css"><meta name="description" content="">
			<script src="a.js"></script><form id="applicant"></form><footer><a href="b">b</a></footer>`)
	}))
	profile := t.TempDir()
	log, options := netLog(t)
	b := newTab(t, append(options, chromedp.UserDataDir(profile))...)
	b.run(t, chromedp.Navigate(e.home.URL), chromedp.WaitReady(chromedp.CSS("footer")))
	attacked := make(chan struct{})
	go func() { // it ends when a way leaves the page
		defer close(attacked)
		_, _ = chromedp.Run(b, e.attack())
	}()
	select {
	case <-attacked:
	case <-time.After(20 * time.Second):
	}
	assert.Greater(t, len(ways(e.requested()...)), 25, "ways to the page's host")
	assert.Greater(t, len(ways(e.elsewhere()...)), 25, "ways elsewhere")
	assert.Contains(t, strings.Join(e.elsewhere(), ""), "a packet")
	require.NoError(t, chromedp.Cancel(b))
	assert.Greater(t, len(ways(readNetLog(t, log))), 40, "ways that the browser's network log has")
	assert.NotEmpty(t, holding(t, profile, canary), "files of the browser's profile")
}

// cookies lists all that the browser has.
func cookies(t *testing.T, b *tab) []*network.Cookie {
	t.Helper()
	return get(t, b, func(ctx context.Context, target *chromedp.Target) ([]*network.Cookie, error) {
		all, err := cdp.Call(ctx, target, storage.GetCookies, storage.GetCookiesParams{})
		return all.Cookies, err
	})
}
