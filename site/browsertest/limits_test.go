//go:build browser

package browsertest

import (
	"fmt"
	"net/url"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
)

// failing takes a failure in place of a test.
type failing struct {
	testing.TB
	said string
}

func (f *failing) Helper()                           {}
func (f *failing) Errorf(format string, args ...any) { f.said += fmt.Sprintf(format, args...) }
func (f *failing) FailNow()                          { runtime.Goexit() }

// failure is what a test says that fails.
func failure(t *testing.T, test func(t testing.TB)) string {
	t.Helper()
	f := &failing{TB: t}
	done := make(chan struct{})
	go func() {
		defer close(done)
		test(f)
	}()
	<-done
	return f.said
}

// A test that waits for what never comes ends at its limit and says what the page
// shows, or that the page hangs.
func TestATestThatHangsEndsAndSaysWhatThePageShows(t *testing.T) {
	b := newTab(t)
	b.step = time.Second
	b.run(t, chromedp.Navigate("data:text/html,"+url.PathEscape("<title>slow</title><p>half of it is there")))
	never := chromedp.WaitVisible(chromedp.CSS("#never"))
	for name, test := range map[string]func(t testing.TB){
		"run":  func(t testing.TB) { b.run(t, never) },
		"wait": func(t testing.TB) { b.wait(t, "the end", func() bool { return b.holds("false") }) },
	} {
		began := time.Now()
		said := failure(t, test)
		assert.Contains(t, said, "half of it is there", name)
		assert.Contains(t, said, "slow", name)
		assert.Less(t, time.Since(began), stepLimit/2, name)
	}

	b.end = time.Now()
	assert.Contains(t, failure(t, func(t testing.TB) { eval[int](t, b, "1") }), "half of it is there", "the whole test has its limit too")
	b.end = time.Now().Add(testLimit)
	assert.Contains(t, failure(t, func(t testing.TB) { eval[chromedp.Void](t, b, "for (;;) {}") }), "the page does not answer")
	assert.False(t, strings.Contains(failure(t, func(testing.TB) {}), "page"), "a test that does not fail says nothing")
}
