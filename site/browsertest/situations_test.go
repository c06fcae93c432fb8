//go:build browser

package browsertest

import (
	"bufio"
	"context"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"lendleaf/site"
)

// everyState shows all states of the page, each in a tab that is about as wide
// as a window. What shows one may change how it is looked at, not what is there.
func everyState(t *testing.T, each func(t *testing.T, b *tab, state string)) {
	host, server := plainHost(t), ourServer(t)
	in := func(state string, reach func(t *testing.T, b *tab)) {
		t.Run(state, func(t *testing.T) {
			b := newTab(t)
			reach(t, b)
			each(t, b, state)
		})
	}
	in("loading", func(t *testing.T, b *tab) {
		b.run(t, chromedp.Navigate(slowHost(t)), chromedp.WaitVisible(chromedp.CSS("#loading")))
	})
	in("without JavaScript", func(t *testing.T, b *tab) {
		// Judges are scripts: they come when the page is there.
		b.run(t, scripts(false), chromedp.Navigate(host), scripts(true))
	})
	in("an old browser", func(t *testing.T, b *tab) {
		b.run(t, call(page.AddScriptToEvaluateOnNewDocument,
			page.AddScriptToEvaluateOnNewDocumentParams{Source: "delete globalThis.DecompressionStream"}),
			chromedp.Navigate(host), chromedp.WaitVisible(chromedp.CSS("#trouble")))
	})
	in("the report", func(t *testing.T, b *tab) { b.run(t, chromedp.Navigate(host+"report/")) })
	in("the API", func(t *testing.T, b *tab) { b.run(t, chromedp.Navigate(server+"docs")) })
	in("ended, and all else that may be shown", func(t *testing.T, b *tab) {
		b.open(t, host)
		eval[chromedp.Void](t, b, `for (const d of document.querySelectorAll("details")) d.open = true;
			for (const id of ["update", "framed"]) document.getElementById(id).hidden = false;
			lendleaf.fail("The program has ended.")`)
		b.run(t, chromedp.WaitVisible(chromedp.CSS("#trouble")))
	})
	t.Run("in use", func(t *testing.T) {
		b := newTab(t)
		b.open(t, host)
		b.states(t, func(state string) { each(t, b, state) })
	})
}

// scripts turns the page's JavaScript on or off.
func scripts(on bool) chromedp.Action[chromedp.Void] {
	return call(emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: !on})
}

// call makes an action of a command of the browser.
func call[P, R any](method cdp.Command[P, R], params P) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, method, params)
		return err
	})
}

// slowHost never sends the program.
func slowHost(t *testing.T) string {
	t.Helper()
	files, err := site.Page()
	require.NoError(t, err)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if filepath.Ext(r.URL.Path) == ".wasm" {
			<-r.Context().Done()
			return
		}
		http.FileServerFS(files).ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	t.Cleanup(server.CloseClientConnections)
	return server.URL
}

// ourServer builds and starts the real server, and returns its address.
func ourServer(t testing.TB) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "server")
	ctx, cancel := context.WithTimeout(t.Context(), testLimit)
	defer cancel()
	out, err := exec.CommandContext(ctx, "go", "build", "-o", program, "lendleaf/server").CombinedOutput()
	require.NoError(t, err, string(out))
	cmd := exec.CommandContext(t.Context(), program, "-addr", "localhost:0")
	log, err := cmd.StderrPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	late := time.AfterFunc(stepLimit, func() { _ = cmd.Process.Kill() })
	defer late.Stop()
	t.Cleanup(func() { _ = cmd.Wait() }) // the test's context ends before
	lines := bufio.NewScanner(log)
	for lines.Scan() {
		if found := regexp.MustCompile(`address=(\S+)`).FindStringSubmatch(lines.Text()); found != nil {
			go func() {
				for lines.Scan() {
				}
			}()
			return "http://" + strings.Replace(found[1], "127.0.0.1", "localhost", 1) + "/"
		}
	}
	t.Fatalf("the server did not start: %v", lines.Err())
	return ""
}
