//go:build browser

package browsertest

import (
	"fmt"
	"testing"
	"unicode"

	"github.com/chromedp/chromedp"

	"lendleaf/core/schema"
)

// BenchmarkOpen measures how long it takes from navigation, with nothing
// cached, until the form can be used.
func BenchmarkOpen(b *testing.B) {
	url := plainHost(b)
	total := 0.0
	for range b.N {
		page := newTab(b)
		page.open(b, url)
		total += eval[float64](b, page, `performance.getEntriesByName("ready")[0].startTime`)
	}
	b.ReportMetric(total/float64(b.N), "ms/open")
	b.ReportMetric(0, "ns/op") // which would count the browser's start
}

// predictAgain presses Predict n times, each time with another number, and
// gives the medians in milliseconds: of what the press costs the main thread,
// layout included, and of what passes until the browser has a frame to paint.
const predictAgain = `(async (n) => {
  const median = (list) => list.sort((a, b) => a - b)[list.length >> 1];
  const age = document.getElementById("age"), busy = [], painted = [];
  for (let i = 0; i < n; i++) {
    age.value = String(21 + i % 50);
    age.dispatchEvent(new Event("input", { bubbles: true }));
    await new Promise(requestAnimationFrame);
    const start = performance.now();
    document.getElementById("predict-button").click();
    document.body.getBoundingClientRect();
    busy.push(performance.now() - start);
    await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
    painted.push(performance.now() - start);
  }
  return [median(busy), median(painted)];
})`

// BenchmarkPredict measures a prediction in the page, from the press of the
// button on.
func BenchmarkPredict(b *testing.B) {
	page := newTab(b)
	page.open(b, plainHost(b))
	page.fill(b, loaded(b).Schema(), applicant)
	page.run(b, chromedp.Click(chromedp.CSS("#predict-button")), chromedp.WaitVisible(chromedp.CSS("#result")))
	times := get(b, page, chromedp.Evaluate[[]float64](fmt.Sprintf("%s(%d)", predictAgain, max(20, b.N)), chromedp.EvalAwaitPromise))
	b.ReportMetric(times[0], "ms/predict")
	b.ReportMetric(times[1], "ms/frame")
	b.ReportMetric(0, "ns/op") // which would count the browser's start
}

// BenchmarkTyping gives the longest that a key took until the browser had
// painted what came of it, in milliseconds (INP, in steps of 8, from 16 on), by
// the kinds of fields.
func BenchmarkTyping(b *testing.B) {
	page := newTab(b)
	page.open(b, plainHost(b))
	eval[chromedp.Void](b, page, `globalThis.slowest = 0; new PerformanceObserver((list) => {
		for (const { duration } of list.getEntries()) slowest = Math.max(slowest, duration);
	}).observe({ type: "event", durationThreshold: 16 })`)
	keys := map[schema.Input]string{
		schema.NumberInput: "1234567890", schema.SelectInput: "sm", schema.SearchInput: "bangalore", schema.SliderInput: "12",
	}
	longest := map[schema.Input]float64{}
	for range b.N {
		for _, c := range loaded(b).Schema().Form {
			page.run(b, chromedp.Focus(chromedp.CSS("#"+c.Field)))
			for _, key := range keys[c.Input] {
				page.press(b, string(key), int64(unicode.ToUpper(key)), string(key))
			}
			took := get(b, page, chromedp.Evaluate[float64](`new Promise((done) => requestAnimationFrame(() => setTimeout(() => { done(slowest); slowest = 0; }, 50)))`, chromedp.EvalAwaitPromise))
			longest[c.Input] = max(longest[c.Input], took)
		}
		page.act(b, "clear")
	}
	for input, took := range longest {
		b.ReportMetric(took, "ms/"+string(input))
	}
	b.ReportMetric(0, "ns/op") // which would count the browser's start
}

// pushAgain pushes a button of the outcome n times, each time once something was
// tried, and gives the median of what a push costs the main thread, layout
// included, in milliseconds, and of the events that Vugu's renderer writes down
// for the program, in bytes and in milliseconds.
const pushAgain = `(async (n, button) => {
  const median = (list) => list.sort((a, b) => a - b)[list.length >> 1];
  const age = document.getElementById("age"), busy = [], bytes = [], written = [];
  const { eventHandlerFunc } = vuguState;
  let start;
  vuguState.eventHandlerFunc = (event) => {
    written.push(performance.now() - start);
    bytes.push(new DataView(event.buffer).getUint32(0));
    eventHandlerFunc(event);
  };
  for (let i = 0; i < n; i++) {
    age.value = String(35 + i % 40); // never the first answer's
    age.dispatchEvent(new Event("input", { bubbles: true }));
    document.getElementById("predict-button").click();
    await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
    start = performance.now();
    document.getElementById(button).click();
    document.body.getBoundingClientRect();
    busy.push(performance.now() - start);
  }
  vuguState.eventHandlerFunc = eventHandlerFunc;
  return [median(busy), median(bytes), median(written)];
})`

// BenchmarkPush measures a push of a button in the outcome, which goes by Vugu's
// event path.
func BenchmarkPush(b *testing.B) {
	page := newTab(b)
	page.open(b, plainHost(b))
	page.fill(b, loaded(b).Schema(), applicant)
	page.run(b, chromedp.Click(chromedp.CSS("#predict-button")), chromedp.WaitVisible(chromedp.CSS("#result")))
	times := get(b, page, chromedp.Evaluate[[]float64](fmt.Sprintf("%s(%d, %q)", pushAgain, max(20, b.N), "back-button"), chromedp.EvalAwaitPromise))
	b.ReportMetric(times[0], "ms/push")
	b.ReportMetric(times[1], "bytes/event")
	b.ReportMetric(times[2], "ms/event")
	b.ReportMetric(0, "ns/op") // which would count the browser's start
}
