//go:build browser

package browsertest

import (
	"context"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
)

// press presses one key as a keyboard does, in whatever has the focus.
func (b *tab) press(t testing.TB, key string, code int64, text string) {
	t.Helper()
	for _, kind := range []input.DispatchKeyEventType{input.DispatchKeyEventTypeKeyDown, input.DispatchKeyEventTypeKeyUp} {
		b.run(t, chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
			p := input.DispatchKeyEventParams{Type: kind, Key: key, Code: key, WindowsVirtualKeyCode: code}
			if kind == input.DispatchKeyEventTypeKeyDown {
				p.Text = text
			}
			_, err := cdp.Call(ctx, t, input.DispatchKeyEvent, p)
			return err
		}))
	}
}

func (b *tab) enter(t testing.TB)  { t.Helper(); b.press(t, "Enter", 13, "\r") }
func (b *tab) escape(t testing.TB) { t.Helper(); b.press(t, "Escape", 27, "") }
func (b *tab) down(t testing.TB)   { t.Helper(); b.press(t, "ArrowDown", 40, "") }
func (b *tab) tabKey(t testing.TB) { t.Helper(); b.press(t, "Tab", 9, "") }

func (b *tab) write(t testing.TB, field, text string) {
	t.Helper()
	b.run(t, chromedp.SendKeys(chromedp.CSS("#"+field), text))
}

func (b *tab) value(t testing.TB, field string) string {
	t.Helper()
	return eval[string](t, b, `document.getElementById("`+field+`").value`)
}

// box is what a searched field shows to the eye and says to a screen reader.
type box struct {
	Expanded, Count, Active, More string
	Options                       []string
}

func (b *tab) box(t testing.TB, field string) box {
	t.Helper()
	return eval[box](t, b, `(() => {
		const input = document.getElementById("`+field+`"), part = (name) => document.getElementById("`+field+`-" + name);
		const shown = !part("popup").hidden && !part("list").hidden;
		const active = document.getElementById(input.getAttribute("aria-activedescendant"));
		return {
			Expanded: input.getAttribute("aria-expanded"), Count: part("count").textContent,
			Active: active?.getAttribute("aria-selected") === "true" ? active.textContent : "",
			More: part("popup").hidden || part("more").hidden ? "" : part("more").textContent,
			Options: shown ? [...document.querySelectorAll("#`+field+`-list [role=option]")].map((e) => e.textContent) : [],
		};
	})()`)
}

func TestTheListIsSearchedByKeyboard(t *testing.T) {
	b := newTab(t)
	b.open(t, plainHost(t))
	assert.Zero(t, eval[int](t, b, `document.querySelectorAll("[role=option]").length`), "long lists are not in the page")

	b.write(t, "city", "AURĀN")
	assert.Equal(t, box{"true", "2 matches", "Aurangabad (Bihar)", "", []string{"Aurangabad (Bihar)", "Aurangabad (Maharashtra)"}}, b.box(t, "city"))
	b.down(t)
	assert.Equal(t, "Aurangabad (Maharashtra)", b.box(t, "city").Active)
	b.enter(t)
	assert.Equal(t, "Aurangabad (Maharashtra)", b.value(t, "city"))
	assert.Equal(t, box{"false", "", "", "", []string{}}, b.box(t, "city"))
	assert.False(t, eval[bool](t, b, `Boolean(document.getElementById("error-summary"))`), "Enter chose, and did not predict")

	b.retype(t, "city", "xyz")
	assert.Equal(t, box{"false", "No match", "", "Nothing in the list matches", []string{}}, b.box(t, "city"))
	b.escape(t)
	assert.Equal(t, "Aurangabad (Maharashtra)", b.value(t, "city"), "Escape gives back what was")

	b.retype(t, "city", "a")
	assert.Regexp(t, `^\d+ more: type on$`, b.box(t, "city").More)
	b.retype(t, "city", "patn")
	b.tabKey(t)
	assert.Equal(t, "Patna", b.value(t, "city"))
	b.write(t, "profession", "civil SERVANT")
	b.run(t, chromedp.Focus(chromedp.CSS("#age")))
	assert.Equal(t, "Civil servant", b.value(t, "profession"), "a text of the list is known however it is written")
	b.run(t, chromedp.Focus(chromedp.CSS("#city")))
	b.act(t, "clear")
	assert.Empty(t, b.value(t, "city"), "leaving the field does not bring it back")
	assert.Empty(t, b.trouble)
}

func TestTheListIsSearchedByMouse(t *testing.T) {
	b := newTab(t)
	b.open(t, plainHost(t))
	b.run(t, chromedp.Click(chromedp.CSS("#state-opener")), chromedp.WaitVisible(chromedp.CSS("#state-option-2")))
	assert.Len(t, b.box(t, "state").Options, 29)
	assert.Equal(t, "state", eval[string](t, b, `document.activeElement.id`))
	const place = `document.getElementById("predict-button").getBoundingClientRect().top + scrollY`
	before := eval[float64](t, b, place)
	b.run(t, chromedp.Click(chromedp.CSS("#state-option-2")))
	assert.Equal(t, "Bihar", b.value(t, "state"))
	assert.InDelta(t, before, eval[float64](t, b, place), 0.5, "the list moves nothing")
}

// Choosing a city offers its state, and leaves it to the person.
func TestACityOffersItsState(t *testing.T) {
	m, b := loaded(t), newTab(t)
	b.open(t, plainHost(t))
	offered := func() string {
		return eval[string](t, b, `[...document.querySelectorAll(".offer:not([hidden])")].map((e) => e.textContent.trim()).join("|")`)
	}
	below := func() float64 {
		return eval[float64](t, b, `document.getElementById("state").getBoundingClientRect().top - document.getElementById("age").getBoundingClientRect().top`)
	}
	was := below()
	assert.Empty(t, offered())
	b.write(t, "city", "patna")
	b.enter(t)
	assert.Equal(t, "With Patna in the data: Use Bihar", offered())
	assert.InDelta(t, was, below(), 0.5, "nothing moves")
	assert.Empty(t, b.value(t, "state"), "it is offered, not forced")
	b.tabKey(t)
	b.enter(t)
	assert.Equal(t, "Bihar", b.value(t, "state"), "the offer is the next stop of the keyboard")
	assert.Equal(t, "state", eval[string](t, b, `document.activeElement.id`))
	assert.Empty(t, offered())

	typed := map[string]string{}
	for name, value := range applicant {
		if name != "city" && name != "state" {
			typed[name] = value
		}
	}
	b.fill(t, m.Schema(), typed)
	b.retype(t, "state", "Sikkim")
	b.predict(t, "#result")
	assert.Equal(t, "Sikkim", b.value(t, "state"))
	assert.Contains(t, b.text(t, ".unlike"), "City and State: nobody in the training data had Patna with Sikkim.")
	assert.Empty(t, b.trouble)
}
