//go:build browser

package browsertest

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"html"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"path"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/fstest"

	"github.com/chromedp/cdproto/cdp"
	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"lendleaf/core"
	"lendleaf/site"
)

// builtPage is the page as it was built, in memory.
func builtPage(t testing.TB) fstest.MapFS {
	t.Helper()
	files, err := site.Page()
	require.NoError(t, err)
	page := fstest.MapFS{}
	require.NoError(t, fs.WalkDir(files, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := fs.ReadFile(files, name)
		page[name] = &fstest.MapFile{Data: content}
		return err
	}))
	return page
}

func hash(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}

func integrity(content []byte) string {
	sum := sha256.Sum256(content)
	return html.EscapeString("sha256-" + base64.StdEncoding.EncodeToString(sum[:]))
}

// nextBuild is a page that differs in its style, with all hashes as its build
// would have written them.
func nextBuild(t *testing.T, page fstest.MapFS) fstest.MapFS {
	t.Helper()
	style := append(slices.Clone(page["style.css"].Data), "body{--build:next}"...)
	change := func(name string, pairs ...string) []byte {
		text := string(page[name].Data)
		for i := 0; i < len(pairs); i += 2 {
			require.Contains(t, text, pairs[i], name)
			text = strings.ReplaceAll(text, pairs[i], pairs[i+1])
		}
		return []byte(text)
	}
	old := page["style.css"].Data
	url := func(content []byte) string { return "?v=" + hash(content)[:16] }
	integrities := []string{strings.ReplaceAll(integrity(old), "+", "&#43;"), strings.ReplaceAll(integrity(style), "+", "&#43;")}
	index := change("index.html", append(integrities, url(old), url(style))...)
	worker := change("sw.js", hash(old), hash(style), url(old), url(style), url(page["index.html"].Data), url(index),
		fmt.Sprintf("size:%d", len(old)), fmt.Sprintf("size:%d", len(style)))
	next := fstest.MapFS{}
	for name, f := range page {
		next[name] = f
	}
	for name, content := range map[string][]byte{"style.css": style, "index.html": index, "sw.js": worker} {
		next[name] = &fstest.MapFile{Data: content}
	}
	return next
}

// files of the page are asked for once; what the worker keeps it takes from the
// browser's own cache or from the page.
func TestThePageWorksInFlightModeAfterOneVisit(t *testing.T) {
	e := eavesdrop(t, http.FileServerFS(builtPage(t)))
	m, b := loaded(t), newTab(t)
	b.open(t, e.home.URL)
	assert.Contains(t, b.text(t, "#progress"), "It opens without a network")
	var asked []string
	for _, r := range e.requested() {
		asked = append(asked, strings.Fields(r)[1])
	}
	assert.LessOrEqual(t, len(asked), 8, "requests: %v", asked)
	assert.Equal(t, len(asked), len(slices.Compact(slices.Sorted(slices.Values(asked)))), "a file came twice: %v", asked)
	installable(t, b)

	e.home.CloseClientConnections()
	e.home.Close()
	for _, address := range []string{"/", "/index.html", "/?from=somewhere"} {
		b.open(t, e.home.URL+address)
		b.predictsRight(t, m)
	}
	assert.Contains(t, b.text(t, "#progress"), "It opens without a network")
}

// installable asks the browser whether it would install the page, now that it is
// locked.
func installable(t *testing.T, b *tab) {
	t.Helper()
	faults := get(t, b, func(ctx context.Context, target *chromedp.Target) ([]string, error) {
		r, err := cdp.Call(ctx, target, cdppage.GetInstallabilityErrors, cdp.Empty{})
		var list []string
		for _, f := range r.InstallabilityErrors {
			list = append(list, f.ErrorID)
		}
		return list, err
	})
	assert.Empty(t, faults)
	assert.Empty(t, b.trouble)
}

func (b *tab) predictsRight(t *testing.T, m *core.Model) {
	t.Helper()
	b.fill(t, m.Schema(), applicant)
	b.run(t, chromedp.Click(chromedp.CSS("#predict-button")), chromedp.WaitVisible(chromedp.CSS("#result")))
	assert.Equal(t, percent(score(t, m, applicant).Probability), b.text(t, "#probability-default"))
}

const style = `getComputedStyle(document.body).getPropertyValue("--build")`

// A new build is kept beside the one in use, which goes on as a whole until the
// visitor asks for the new one.
func TestAnUpdateIsUsedOnlyWhenAskedFor(t *testing.T) {
	var current atomic.Pointer[fstest.MapFS]
	page := builtPage(t)
	next := nextBuild(t, page)
	current.Store(&page)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.FileServerFS(*current.Load()).ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	m, b := loaded(t), newTab(t)
	b.open(t, server.URL)
	current.Store(&next)
	for range 2 { // the first of these visits finds the new build
		b.open(t, server.URL)
		b.run(t, chromedp.WaitVisible(chromedp.CSS("#update-button")))
		assert.Empty(t, eval[string](t, b, style), "the new build is used unasked")
	}
	b.predictsRight(t, m)
	b.run(t, chromedp.Click(chromedp.CSS("#update-button")), chromedp.WaitEnabled(chromedp.CSS("#predict-button")))
	b.wait(t, "the new build", func() bool { return b.holds(style + ` === "next"`) })
	b.run(t, chromedp.WaitEnabled(chromedp.CSS("#predict-button")))
	b.predictsRight(t, m)

	b.run(t, chromedp.Navigate(server.URL+"/report/")) // has storage, as it is not locked
	kept := get(t, b, chromedp.Evaluate[[]string](`caches.keys().then((names) => Promise.all(names.map((name) => caches.open(name))))
		.then(([cache]) => cache.keys()).then((keys) => keys.map((key) => key.url))`, chromedp.EvalAwaitPromise))
	assert.Len(t, kept, 5, "kept: %v", kept)
	assert.Contains(t, kept, server.URL+"/style.css?v="+hash(next["style.css"].Data)[:16])
	assert.NotContains(t, kept, server.URL+"/style.css?v="+hash(page["style.css"].Data)[:16])
}

// Whatever a host mixes up, files of two builds do not work together.
func TestFilesOfTwoBuildsAreRefused(t *testing.T) {
	page := builtPage(t)
	mixed := nextBuild(t, page)
	mixed["index.html"] = page["index.html"]
	server := httptest.NewServer(http.FileServerFS(mixed))
	t.Cleanup(server.Close)
	b := newTab(t)
	b.open(t, server.URL)
	assert.Empty(t, eval[string](t, b, style), "the style of another build is used")
	assert.Contains(t, strings.Join(b.trouble, " "), "integrity")
	assert.NotContains(t, b.text(t, "#progress"), "without a network", "half a build is kept")
}

// The page works inside a page of another site, where it keeps nothing.
func TestAFramedPageHasNoWorker(t *testing.T) {
	e := eavesdrop(t, http.FileServerFS(builtPage(t)))
	around := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprintf(w, `<!doctype html><title>around</title><iframe src="%s/" width="900" height="1500" sandbox="allow-scripts allow-same-origin allow-forms"></iframe>`, e.home.URL)
	}))
	t.Cleanup(around.Close)
	m, b := loaded(t), newTab(t)
	b.run(t, chromedp.Navigate(strings.Replace(around.URL, "127.0.0.1", "localhost", 1)))
	framed := b.frame(t, e.home.URL)
	framed.run(t, chromedp.WaitEnabled(chromedp.CSS("#predict-button")))
	assert.Contains(t, framed.text(t, "#framed"), "inside another page")
	assert.NotContains(t, framed.text(t, "#progress"), "without a network")
	framed.predictsRight(t, m)
	for _, r := range e.requested() {
		assert.NotEqual(t, "/sw.js", path.Clean(strings.Fields(r)[1]))
	}
	assert.Equal(t, "TypeError", eval[string](t, framed, `(() => { try { navigator.serviceWorker.ready; } catch (e) { return e.name; } })()`))
}

// frame attaches to the frame of another site that shows an address.
func (b *tab) frame(t *testing.T, url string) *tab {
	t.Helper()
	var id target.ID
	b.wait(t, "the frame", func() bool {
		targets, err := chromedp.Targets(b)
		require.NoError(t, err)
		for _, info := range targets {
			if info.Type == "iframe" && strings.HasPrefix(info.URL, url) {
				id = info.TargetID
			}
		}
		return id != ""
	})
	ctx, cancel := chromedp.NewContext(b, chromedp.WithTargetID(id))
	t.Cleanup(cancel)
	return attach(t, ctx)
}
