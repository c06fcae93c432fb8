//go:build browser

// Package browsertest drives the built page in Chromium: run it by
// `make test-browser`, which builds the page first.
package browsertest

import (
	"context"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"lendleaf/core"
	"lendleaf/core/schema"
	"lendleaf/site"
)

// plainHost serves the page as the simplest host would: under a path, without
// compression, and with one type for all that it does not know.
func plainHost(t testing.TB) string {
	t.Helper()
	page, err := site.Page()
	require.NoError(t, err)
	return plainHostOf(t, page)
}

func plainHostOf(t testing.TB, page fs.FS) string {
	t.Helper()
	files := http.StripPrefix("/some/where/", http.FileServerFS(page))
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if filepath.Ext(r.URL.Path) == ".wasm" {
			w.Header().Set("Content-Type", "text/plain")
		}
		files.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	return server.URL + "/some/where/"
}

// tab is a browser's tab, and what the browser says of it.
type tab struct {
	context.Context
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
	ctx, cancel = context.WithTimeout(ctx, 5*time.Minute) // a page that hangs is a failure
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
	return &tab{Context: ctx}
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

// run takes at most two minutes, and else tells what the page shows.
func (b *tab) run(t testing.TB, actions ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	ctx, cancel := context.WithTimeout(b, 2*time.Minute)
	defer cancel()
	if err := chromedp.Do(ctx, actions...); err != nil {
		shown, _ := chromedp.Run(b, chromedp.Evaluate[string](`document.body.innerText`))
		require.NoError(t, err, "the page shows: %s", shown)
	}
}

// get runs an action that returns a value.
func get[T any](t testing.TB, b *tab, action chromedp.Action[T]) T {
	t.Helper()
	value, err := chromedp.Run(b, action)
	require.NoError(t, err)
	return value
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

func loaded(t testing.TB) *core.Model {
	t.Helper()
	m, err := core.Load(site.Model())
	require.NoError(t, err)
	return m
}

// applicant is made up. Labels are given as people read them.
var applicant = map[string]string{
	"age": "34", "married": "single", "income": "1250000", "car_ownership": "no", "house_ownership": "rented",
	"current_house_yrs": "12", "city": "Aurangabad (Bihar)", "state": "Bihar", "profession": "Civil engineer",
	"experience": "6", "current_job_yrs": "4",
}

// score is what the core says of what was typed.
func score(t *testing.T, m *core.Model, typed map[string]string) core.Score {
	t.Helper()
	s := m.Schema()
	values, record := make([]schema.Value, len(s.Fields)), make(schema.Record, len(s.Fields))
	for i := range s.Fields {
		values[i] = s.Fields[i].Read(typed[s.Fields[i].Name])
	}
	require.Empty(t, s.Record(record, values))
	return m.Score(record)
}

func percent(p float64) string { return strconv.FormatFloat(p*100, 'f', 1, 64) + "%" }

func TestThePageScoresAsTheCoreDoes(t *testing.T) {
	m, b := loaded(t), newTab(t)
	b.open(t, plainHost(t))
	before := len(b.sent())
	require.NotZero(t, before, "the network log is empty, so it would prove nothing")
	assert.LessOrEqual(t, before, 8, "requests: %v", b.sent())

	b.fill(t, m.Schema(), applicant)
	b.run(t, chromedp.Click(chromedp.CSS("#predict-button")), chromedp.WaitVisible(chromedp.CSS("#result")))
	want := score(t, m, applicant)
	assert.Equal(t, percent(want.Probability), b.text(t, "#probability-default"))
	assert.Equal(t, percent(1-want.Probability), b.text(t, "#probability-no-default"))
	assert.Equal(t, m.Outcome(want), b.text(t, "#prediction"))

	b.run(t, chromedp.Sleep(500*time.Millisecond)) // for a request that would come late
	assert.NotContains(t, get(t, b, chromedp.Location()), "?")
	assert.Equal(t, before, len(b.sent()), "requests after the page was ready: %v", b.sent()[before:])
	assert.Empty(t, b.trouble)
}

func TestFieldsLeftOpenAreNamed(t *testing.T) {
	m, b := loaded(t), newTab(t)
	b.open(t, plainHost(t))
	typed := map[string]string{}
	for name, value := range applicant {
		if !m.Schema().Field(name).Optional {
			typed[name] = value
		}
	}
	b.fill(t, m.Schema(), typed)
	b.run(t, chromedp.SendKeys(chromedp.CSS("#current_job_yrs"), "\r"), chromedp.WaitVisible(chromedp.CSS("#result")))
	assert.Equal(t, percent(score(t, m, typed).Probability), b.text(t, "#probability-default"))
	assert.Contains(t, b.text(t, ".assumed"), "Married/Single: Single")
}

func TestWrongInputIsExplained(t *testing.T) {
	m, b := loaded(t), newTab(t)
	b.open(t, plainHost(t))
	wrong := map[string]string{}
	for name, value := range applicant {
		wrong[name] = value
	}
	wrong["age"], wrong["city"], wrong["experience"], wrong["income"] = "20", "Atlantis", "many", "-1"
	b.fill(t, m.Schema(), wrong)
	b.run(t, chromedp.Click(chromedp.CSS("#predict-button")), chromedp.WaitVisible(chromedp.CSS("#error-summary")))
	assert.Equal(t, strings.Join([]string{
		"Input Error! Please check your inputs and try again.",
		"Age: Enter a number between 21 and 79.",
		"Income: Enter a number of at least 0.",
		"City: Select a city from the list.",
		"Experience: Enter a number between 0 and 20.",
	}, "\n"), strings.ReplaceAll(b.text(t, "#error-summary"), "\n\n", "\n"))

	assert.Equal(t, "error-summary", eval[string](t, b, `document.activeElement.id`))
	assert.Equal(t, "age,income,city,experience", eval[string](t, b, `[...document.querySelectorAll("[aria-invalid=true]")].map((e) => e.id).join()`))
	b.run(t, chromedp.Click(chromedp.CSS(`#error-summary a[href="#city"]`)))
	assert.Equal(t, "city", eval[string](t, b, `document.activeElement.id`))
	assert.Empty(t, b.trouble)
}

func TestSliderAndNumberAreTied(t *testing.T) {
	b := newTab(t)
	b.open(t, plainHost(t))
	b.run(t, chromedp.SendKeys(chromedp.CSS("#experience"), "7"),
		chromedp.SendKeys(chromedp.CSS("#current_job_yrs-slider"), kb.ArrowRight+kb.ArrowRight))
	assert.Equal(t, "7", get(t, b, chromedp.Value(chromedp.CSS("#experience-slider"))))
	assert.Equal(t, "2", get(t, b, chromedp.Value(chromedp.CSS("#current_job_yrs"))))
}
