//go:build browser

package browsertest

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"lendleaf/core/schema"
)

// A test that takes longer fails, and says what the page showed.
const (
	stepLimit = time.Minute     // for one step of a test
	testLimit = 5 * time.Minute // for all of them, from the first tab on
	lookLimit = 5 * time.Second // for a look at a page that may hang
)

var ends sync.Map // when tests have to end, by the test

// end is when a test has to end. Benchmarks take as long as they are told to.
func end(t testing.TB) time.Time {
	if _, ok := t.(*testing.B); ok {
		return time.Now().Add(24 * time.Hour)
	}
	at, known := ends.LoadOrStore(t, time.Now().Add(testLimit))
	if !known {
		t.Cleanup(func() { ends.Delete(t) })
	}
	return at.(time.Time)
}

// limit is when a step that begins now has to end.
func (b *tab) limit() time.Time {
	if at := time.Now().Add(b.step); at.Before(b.end) {
		return at
	}
	return b.end
}

// tab is a browser's tab, and what the browser says of it.
type tab struct {
	context.Context
	step     time.Duration // the limit of one step
	end      time.Time     // of the test
	mu       sync.Mutex
	requests []string // URLs, by the browser's own network log
	answers  []string // URLs that were answered, by the same log
	trouble  []string // console errors, exceptions, and log entries of that level
}

// newTab starts a browser that knows nothing yet.
func newTab(t testing.TB, more ...chromedp.ExecAllocatorOption) *tab {
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.NoSandbox, chromedp.DisableGPU, chromedp.UserDataDir(t.TempDir()),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true))
	options = append(options, more...)
	allocator, cancel := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(cancel)
	ctx, cancel := chromedp.NewContext(allocator)
	t.Cleanup(cancel)
	b := attach(t, ctx)
	require.NoError(t, chromedp.Listen(ctx, b.listen))
	b.run(t, chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, network.Enable, network.EnableParams{})
		return err
	}), chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, log.Enable, cdp.Empty{})
		return err
	}))
	return b
}

// attach begins a tab, which lasts as long as the context of its first action.
func attach(t testing.TB, ctx context.Context) *tab {
	t.Helper()
	require.NoError(t, chromedp.Do(ctx))
	return &tab{Context: ctx, step: stepLimit, end: end(t)}
}

func (b *tab) listen(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		b.requests = append(b.requests, e.Request.URL)
	case *network.EventResponseReceived:
		b.answers = append(b.answers, e.Response.URL)
	case *network.EventWebSocketHandshakeResponseReceived:
		b.answers = append(b.answers, "a WebSocket")
	case *network.EventWebSocketCreated:
		b.requests = append(b.requests, e.URL)
	case *runtime.EventExceptionThrown:
		b.trouble = append(b.trouble, "exception: "+e.ExceptionDetails.Text)
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError || e.Type == runtime.ConsoleAPICalledTypeWarning {
			b.trouble = append(b.trouble, "console: "+string(e.Type))
		}
	case *log.EventEntryAdded:
		if e.Entry.Level == log.EntryLevelError || e.Entry.Level == log.EntryLevelWarning {
			b.trouble = append(b.trouble, e.Entry.Text)
		}
	}
}

func (b *tab) sent() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]string(nil), b.requests...)
}

// answered lists answers to URLs that have a word in them, and sockets.
func (b *tab) answered(word string) []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	var list []string
	for _, url := range b.answers {
		if strings.Contains(url, word) || url == "a WebSocket" {
			list = append(list, url)
		}
	}
	return list
}

// run runs actions, as one step.
func (b *tab) run(t testing.TB, actions ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	get(t, b, chromedp.Steps(actions...))
}

// get runs an action that returns a value, as one step.
func get[T any](t testing.TB, b *tab, action chromedp.Action[T]) T {
	t.Helper()
	ctx, cancel := context.WithDeadline(b, b.limit())
	defer cancel()
	value, err := chromedp.Run(ctx, action)
	if err != nil {
		require.NoError(t, err, b.shows())
	}
	return value
}

// wait asks again and again whether something has come about, as one step.
func (b *tab) wait(t testing.TB, what string, ready func() bool) {
	t.Helper()
	for limit := b.limit(); !ready(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(limit) {
			require.Fail(t, "not to be waited for any longer: "+what, b.shows())
		}
	}
}

// holds says whether JavaScript is true in the page. It is not while there is no
// page to ask.
func (b *tab) holds(expression string) bool {
	ctx, cancel := context.WithTimeout(b, lookLimit)
	defer cancel()
	value, err := chromedp.Run(ctx, chromedp.Evaluate[bool](expression))
	return err == nil && value
}

// shows says what the page shows, for a test that fails.
func (b *tab) shows() string {
	ctx, cancel := context.WithTimeout(b, lookLimit)
	defer cancel()
	shown, err := chromedp.Run(ctx, chromedp.Evaluate[string](`location.href + "\n" + document.title + "\n" + document.body.innerText.slice(0, 3000)`))
	if err != nil {
		return "the page does not answer: " + err.Error()
	}
	return "the page shows: " + shown
}

// eval evaluates JavaScript in the page.
func eval[T any](t testing.TB, b *tab, expression string) T {
	t.Helper()
	return get(t, b, chromedp.Evaluate[T](expression))
}

func (b *tab) text(t *testing.T, selector string) string {
	t.Helper()
	return strings.TrimSpace(get(t, b, chromedp.Text(chromedp.CSS(selector))))
}

// open opens the page and waits until it can be used.
func (b *tab) open(t testing.TB, url string) {
	t.Helper()
	b.run(t, chromedp.Navigate(url), chromedp.WaitEnabled(chromedp.CSS("#predict-button")))
}

// fill types a value into each field by its name, in form order.
func (b *tab) fill(t testing.TB, s *schema.Schema, values map[string]string) {
	t.Helper()
	for _, c := range s.Form {
		value, ok := values[c.Field]
		if !ok {
			continue
		}
		if c.Input == schema.SelectInput {
			b.run(t, chromedp.SetValue(chromedp.CSS("#"+c.Field), value))
		} else {
			b.run(t, chromedp.SendKeys(chromedp.CSS("#"+c.Field), value))
		}
	}
}
