//go:build browser

package browsertest

import (
	"testing"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
)

const watchShifts = `globalThis.shifts = []; new PerformanceObserver((list) => {
	for (const { value, hadRecentInput, sources } of list.getEntries()) {
		if (!hadRecentInput) shifts.push(value + ": " + sources.map(({ node }) => node?.outerHTML?.slice(0, 90) ?? "text").join(", "));
	}
}).observe({ type: "layout-shift", buffered: true })`

// push moves the page, later than what counts as the answer to a key.
const push = `new Promise((done) => setTimeout(() => {
	document.body.style.paddingTop = "300px";
	requestAnimationFrame(() => setTimeout(() => done(shifts), 200));
}, 1000))`

// From its first paint to the answer nothing moves that nobody has asked for.
func TestNothingMovesByItself(t *testing.T) {
	for _, width := range []int64{320, 1280} {
		b := newTab(t)
		b.run(t, chromedp.EmulateViewport(width, 900),
			call(page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: watchShifts}))
		b.open(t, plainHost(t))
		b.fill(t, loaded(t).Schema(), applicant)
		b.predict(t, "#result")
		assert.Empty(t, get(t, b, chromedp.Evaluate[[]string](
			`new Promise((done) => requestAnimationFrame(() => setTimeout(() => done(shifts))))`, chromedp.EvalAwaitPromise)), "%d px", width)
		assert.NotEmpty(t, get(t, b, chromedp.Evaluate[[]string](push, chromedp.EvalAwaitPromise)), "%d px: what moves is not seen", width)
	}
}

// seen says of each element whether its middle is to be seen.
const seen = `((...selectors) => selectors.map((selector) => {
	const element = document.querySelector(selector);
	const { left, right, top, bottom } = element.getBoundingClientRect();
	return element.contains(document.elementFromPoint((left + right) / 2, (top + bottom) / 2));
}))`

// What was tried stands beside the first answer, wherever the form was scrolled to.
func TestBothAnswersAreSeenTogether(t *testing.T) {
	for _, height := range []int64{800, 900} {
		b := newTab(t)
		b.run(t, chromedp.EmulateViewport(1280, height))
		b.open(t, plainHost(t))
		b.fill(t, loaded(t).Schema(), applicant)
		b.predict(t, "#result")
		b.retype(t, "age", "61")
		b.predict(t, "#tried")
		assert.NotContains(t, eval[[]bool](t, b, seen+`("#prediction", "#probability-default",
			"#tried-prediction", "#tried-probability-default", "#accept-button", "#back-button", "#applicant [type=submit]")`), false, "%d px", height)
	}
}

// The form begins in the upper two thirds of a window, and the lock keeps no line
// empty for a sentence that it does not show.
func TestTheFormBeginsSoon(t *testing.T) {
	for _, window := range [][2]int64{{360, 740}, {1280, 800}} {
		b := newTab(t)
		b.run(t, chromedp.EmulateViewport(window[0], window[1]))
		b.open(t, plainHost(t))
		assert.Less(t, eval[float64](t, b, `document.querySelector(".label").getBoundingClientRect().top / innerHeight`), 0.67, window)
		assert.Less(t, eval[float64](t, b, `(() => {
			const sentence = document.createRange(), room = document.querySelector(".room");
			sentence.selectNodeContents(document.getElementById("progress"));
			return (room.getBoundingClientRect().bottom - sentence.getBoundingClientRect().bottom) / parseFloat(getComputedStyle(room).fontSize);
		})()`), 1.0, window)
	}
}

// wide lists what reaches beyond the window, but for what scrolls by itself.
const wide = `[...document.querySelectorAll("body *")].filter((e) => {
	const { left, right, width } = e.getBoundingClientRect();
	return width > 1 && (right > innerWidth + 1 || left < -1) && !e.closest(".wide, .unseen, .popup, svg");
}).map((e) => e.outerHTML.slice(0, 90))`

// cut lists what does not show all of its text, but for what scrolls.
const cut = `[...document.querySelectorAll("body *")].filter((e) => {
	const { overflowX, overflowY } = getComputedStyle(e);
	const hides = (how) => how === "hidden" || how === "clip";
	return e.getBoundingClientRect().width > 1 && !e.closest(".unseen, svg") &&
		(hides(overflowX) && e.scrollWidth > e.clientWidth + 1 || hides(overflowY) && e.scrollHeight > e.clientHeight + 1);
}).map((e) => e.outerHTML.slice(0, 90))`

// spaced sets the text as wide as WCAG 1.4.12 says a reader may.
const spaced = `(() => {
	const sheet = new CSSStyleSheet();
	sheet.replaceSync("* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important; } p { margin-bottom: 2em !important; }");
	document.adoptedStyleSheets = [sheet];
})()`

// At 320 pixels, which is 1280 at 400 %, nothing has to be scrolled sideways, and
// no text is cut off, though the reader spaces it.
func TestEverythingFitsIntoNarrowWindows(t *testing.T) {
	b := newTab(t)
	b.run(t, chromedp.EmulateViewport(320, 900))
	b.open(t, plainHost(t))
	b.states(t, func(state string) {
		assert.Empty(t, eval[[]string](t, b, wide), "%s: too wide", state)
		eval[chromedp.Void](t, b, spaced)
		assert.Empty(t, eval[[]string](t, b, cut), "%s: cut off", state)
		eval[chromedp.Void](t, b, `document.adoptedStyleSheets = []`)
	})
	eval[chromedp.Void](t, b, `document.querySelector("h1").style.width = "999px"`)
	assert.NotEmpty(t, eval[[]string](t, b, wide), "what is too wide is not seen")
	eval[chromedp.Void](t, b, `document.querySelector("h1").style.cssText = "width: 9px; overflow: hidden; white-space: nowrap"`)
	assert.NotEmpty(t, eval[[]string](t, b, cut), "what is cut off is not seen")
}
