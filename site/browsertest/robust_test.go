//go:build browser

package browsertest

import (
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// with serves the page with one file changed, or without it.
func with(t *testing.T, name string, change func([]byte) []byte) string {
	t.Helper()
	page := maps.Clone(builtPage(t))
	require.Contains(t, page, name)
	if content := change(page[name].Data); content != nil {
		page[name] = &fstest.MapFile{Data: content}
	} else {
		delete(page, name)
	}
	server := httptest.NewServer(http.FileServerFS(page))
	t.Cleanup(server.Close)
	return server.URL
}

// unpacked changes what a packed file holds.
func unpacked(t *testing.T, change func([]byte) []byte) func([]byte) []byte {
	return func(packed []byte) []byte {
		r, err := gzip.NewReader(bytes.NewReader(packed))
		require.NoError(t, err)
		content, err := io.ReadAll(r)
		require.NoError(t, err)
		return change(content)
	}
}

func flip(content []byte) []byte {
	content = bytes.Clone(content)
	content[len(content)/2] ^= 1
	return content
}

func half(content []byte) []byte { return content[:len(content)/2] }

func TestBadFilesAreRefusedWithTheirReason(t *testing.T) {
	gone := func([]byte) []byte { return nil }
	page := func([]byte) []byte { return []byte("<!doctype html>not here") }
	for name, c := range map[string]struct {
		file, reason string
		change       func([]byte) []byte
	}{
		"damaged model":     {"model.lendleaf", "model.lendleaf is not the file that this page was built with: its SHA-256 is ", unpacked(t, flip)},
		"damaged program":   {"lendleaf.wasm", "lendleaf.wasm is not the file that this page was built with: its SHA-256 is ", unpacked(t, flip)},
		"truncated model":   {"model.lendleaf", "model.lendleaf is damaged or incomplete: ", half},
		"truncated program": {"lendleaf.wasm", "lendleaf.wasm is damaged or incomplete: ", half},
		"short program":     {"lendleaf.wasm", "lendleaf.wasm is not the file that this page was built with: it has ", unpacked(t, half)},
		"no program":        {"lendleaf.wasm", "lendleaf.wasm: the host answers 404", gone},
		"another file":      {"model.lendleaf", "model.lendleaf is not the file that this page was built with: it has 23 bytes in place of ", page},
	} {
		t.Run(name, func(t *testing.T) {
			b := newTab(t)
			b.run(t, chromedp.Navigate(with(t, c.file, c.change)), chromedp.WaitVisible(chromedp.CSS("#trouble")))
			assert.Contains(t, b.text(t, "#trouble-reason"), c.reason)
			assert.True(t, eval[bool](t, b, `document.getElementById("predict-button").disabled`))
			assert.True(t, eval[bool](t, b, `document.getElementById("restart-button").hidden`), "nothing is there to start")
		})
	}
}

// Without a safe way to the page browsers offer neither hashes nor workers. Then
// the model file's own hash has to do, which the program looks at.
func TestAnUnsafeWayToThePage(t *testing.T) {
	far := chromedp.Flag("host-resolver-rules", "MAP lendleaf.test 127.0.0.1")
	name := func(url string) string { return strings.Replace(url, "127.0.0.1", "lendleaf.test", 1) }
	m, b := loaded(t), newTab(t, far)
	b.open(t, name(plainHost(t)))
	require.False(t, eval[bool](t, b, "isSecureContext"))
	b.predictsRight(t, m)
	b = newTab(t, far)
	b.run(t, chromedp.Navigate(name(with(t, "model.lendleaf", unpacked(t, flip)))), chromedp.WaitVisible(chromedp.CSS("#trouble")))
	assert.Contains(t, b.text(t, "#trouble-reason"), "the model file is damaged")
}

func TestMissingPowersAreNamed(t *testing.T) {
	for _, power := range []string{"WebAssembly", "DecompressionStream"} {
		b := newTab(t)
		b.run(t, chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
			_, err := cdp.Call(ctx, target, cdppage.AddScriptToEvaluateOnNewDocument,
				cdppage.AddScriptToEvaluateOnNewDocumentParams{Source: "delete globalThis." + power})
			return err
		}), chromedp.Navigate(plainHost(t)), chromedp.WaitVisible(chromedp.CSS("#trouble")))
		assert.Contains(t, b.text(t, "#trouble-reason"), "This browser lacks "+power)
	}
}

// A script that cannot run leaves the sentence that the page comes with.
func TestWithoutItsScriptThePageSaysWhatItNeeds(t *testing.T) {
	const needs = "This page needs JavaScript, WebAssembly and a browser of 2023 or later."
	b := newTab(t)
	b.run(t, chromedp.Navigate(with(t, "lendleaf.js", func([]byte) []byte { return []byte("let = syntax of the future") })))
	assert.Contains(t, b.text(t, "#progress"), needs)

	b = newTab(t)
	b.run(t, chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
		return err
	}), chromedp.Navigate(plainHost(t)))
	assert.Contains(t, b.text(t, "#progress"), needs)
	assert.Contains(t, b.text(t, "noscript"), "Please turn JavaScript on")
}

// A panic in the program leaves what was typed, and the program can begin anew
// with it, though the page is locked and can load nothing.
func TestAPanicKeepsWhatWasTyped(t *testing.T) {
	m, b := loaded(t), newTab(t)
	b.open(t, plainHost(t))
	b.fill(t, m.Schema(), applicant)
	for range 2 {
		eval[bool](t, b, `(globalThis.honest = lendleaf.value, lendleaf.value = () => undefined, true)`)
		b.run(t, chromedp.Click(chromedp.CSS("#predict-button")), chromedp.WaitVisible(chromedp.CSS("#trouble")))
		assert.Contains(t, b.text(t, "#trouble-reason"), "there is no control")
		assert.Equal(t, applicant["income"], get(t, b, chromedp.Value(chromedp.CSS("#income"))))

		eval[bool](t, b, `(lendleaf.value = globalThis.honest, true)`)
		b.run(t, chromedp.Click(chromedp.CSS("#restart-button")), chromedp.WaitEnabled(chromedp.CSS("#predict-button")),
			chromedp.WaitNotVisible(chromedp.CSS("#trouble")),
			chromedp.Click(chromedp.CSS("#predict-button")), chromedp.WaitVisible(chromedp.CSS("#result")))
		assert.Equal(t, percent(score(t, m, applicant).Probability), b.text(t, "#probability-default"))
	}
	b.retype(t, "age", "61")
	b.push(t, "again-button")
	b.run(t, chromedp.WaitVisible(chromedp.CSS("#tried")))
	b.push(t, "accept-button")
	b.run(t, chromedp.WaitNotPresent(chromedp.CSS("#tried")))
}

// The browser keeps the page while its visitor is elsewhere, and it comes back as
// it was: with what was typed, and locked.
func TestBackAndForward(t *testing.T) {
	m, b := loaded(t), newTab(t)
	url := plainHost(t)
	b.open(t, url)
	eval[bool](t, b, `(addEventListener("pageshow", (event) => { globalThis.cameBack = event.persisted; }), true)`)
	b.fill(t, m.Schema(), applicant)
	b.run(t, chromedp.Click(chromedp.CSS(`footer a[href="report/"]`)), chromedp.WaitReady(chromedp.CSS("table")))
	require.Equal(t, url+"report/", get(t, b, chromedp.Location()))
	b.holds("(setTimeout(() => history.back()), true)")
	// A kept page is not loaded, so there is no event to wait for.
	b.wait(t, "the page that the browser kept", func() bool { return b.holds(`globalThis.cameBack === true`) })
	assert.Equal(t, applicant["income"], eval[string](t, b, `document.getElementById("income").value`))
	assert.Equal(t, "refused", get(t, b, chromedp.Evaluate[string](`fetch("style.css").then(() => "answered", () => "refused")`, chromedp.EvalAwaitPromise)))
	assert.Equal(t, percent(score(t, m, applicant).Probability), b.predictUnseen(t))
}

// predictUnseen asks by script, which also works where the browser's tools have
// lost the page from view.
func (b *tab) predictUnseen(t *testing.T) (probability string) {
	t.Helper()
	eval[bool](t, b, `(document.getElementById("predict-button").click(), true)`)
	b.wait(t, "the answer", func() bool { return eval[bool](t, b, `document.getElementById("result") !== null`) })
	return eval[string](t, b, `document.getElementById("probability-default").textContent`)
}

func TestTwoTabsDoNotMind(t *testing.T) {
	m, one := loaded(t), newTab(t)
	url := plainHost(t)
	one.open(t, url)
	ctx, cancel := chromedp.NewContext(one)
	t.Cleanup(cancel)
	two := attach(t, ctx)
	two.open(t, url)
	other := maps.Clone(applicant)
	other["age"], other["income"] = "61", "90000"
	one.fill(t, m.Schema(), applicant)
	two.fill(t, m.Schema(), other)
	for b, typed := range map[*tab]map[string]string{one: applicant, two: other} {
		assert.Equal(t, percent(score(t, m, typed).Probability), b.predictUnseen(t))
	}
}

// On a slow network the page shows how much is there, and nothing of it moves.
func TestASlowNetworkShowsProgress(t *testing.T) {
	page := builtPage(t)
	goOn := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/lendleaf.wasm" {
			http.FileServerFS(page).ServeHTTP(w, r)
			return
		}
		program := page["lendleaf.wasm"].Data
		_, _ = w.Write(half(program))
		w.(http.Flusher).Flush()
		select {
		case <-goOn:
		case <-r.Context().Done(): // a test that failed closes nothing
		}
		_, _ = w.Write(program[len(program)/2:])
	}))
	t.Cleanup(server.Close)
	b := newTab(t)
	b.run(t, call(cdppage.AddScriptToEvaluateOnNewDocument, cdppage.AddScriptToEvaluateOnNewDocumentParams{Source: watchShifts}),
		chromedp.Navigate(server.URL))
	share := `document.getElementById("loading").value`
	b.wait(t, "half of the program", func() bool { return eval[float64](t, b, share) > 0.5 })
	assert.Less(t, eval[float64](t, b, share), 0.8)
	assert.Contains(t, b.text(t, "#progress"), "Loading")
	assert.True(t, eval[bool](t, b, `document.getElementById("predict-button").disabled`))
	close(goOn)
	b.run(t, chromedp.WaitEnabled(chromedp.CSS("#predict-button")))
	assert.InDelta(t, 1, eval[float64](t, b, share), 1e-6)
	assert.Empty(t, eval[[]string](t, b, "shifts"), "the layout moved")
	assert.NotEmpty(t, get(t, b, chromedp.Evaluate[[]string](push, chromedp.EvalAwaitPromise)), "what moves is not seen")
}

// The other tests' empty list of troubles means that there was none.
func TestTroubleIsHeard(t *testing.T) {
	b := newTab(t)
	b.open(t, plainHost(t))
	require.Empty(t, b.trouble)
	eval[chromedp.Void](t, b, `console.error("one"); console.warn("two"); setTimeout(() => { throw Error("three"); });`)
	var heard []string
	b.wait(t, "three troubles", func() bool {
		b.mu.Lock()
		defer b.mu.Unlock()
		heard = slices.Clone(b.trouble)
		return len(heard) >= 3
	})
	assert.ElementsMatch(t, []string{"console: error", "console: warning", "exception: Uncaught"}, heard)
}
