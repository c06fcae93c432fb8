//go:build browser

package browsertest

import (
	"slices"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"

	"lendleaf/core/schema"
)

// stop is where the keyboard is, after a press of the tab key.
type stop struct {
	ID            string
	What          string // the element, for people
	Seen          bool   // some of it lies in the window, with nothing above it
	Outlined      bool
	Width, Height float64
}

const whereTheKeyboardIs = `(() => {
	const e = document.activeElement;
	const {left, top, right, bottom, width, height} = e.getBoundingClientRect();
	const inside = (n, limit) => Math.min(Math.max(n, 1), limit - 1);
	const points = [[left + 4, top + 4], [right - 4, bottom - 4], [(left + right) / 2, (top + bottom) / 2]].map(([x, y]) =>
		document.elementFromPoint(inside(x, innerWidth), inside(y, innerHeight)));
	const {outlineStyle, outlineWidth} = getComputedStyle(e);
	return {
		id: e.id, what: e === document.body ? "" : e.outerHTML.slice(0, 90), width, height,
		seen: bottom > 0 && top < innerHeight && points.some((p) => e.contains(p)),
		outlined: outlineStyle !== "none" && parseFloat(outlineWidth) >= 2,
	};
})()`

// stops presses the tab key until the keyboard has been round the page.
func (b *tab) stops(t *testing.T) []stop {
	t.Helper()
	var list []stop
	for range 120 {
		b.tabKey(t)
		s := eval[stop](t, b, whereTheKeyboardIs)
		if len(list) > 0 && s.What == list[0].What {
			return list
		}
		if s.What != "" { // the browser's own
			list = append(list, s)
		}
	}
	t.Fatal("the keyboard does not come out of the page")
	return nil
}

// Wherever the keyboard is, it is seen, with an outline, and large enough for a
// finger; and it comes by all fields in the form's order.
func TestTheKeyboardIsSeenEverywhere(t *testing.T) {
	m := loaded(t)
	for _, width := range []int64{320, 1280} {
		b := newTab(t)
		b.run(t, chromedp.EmulateViewport(width, 600))
		b.open(t, plainHost(t))
		b.fill(t, m.Schema(), applicant)
		b.predict(t, "#result")
		var fields []string
		for _, s := range b.stops(t) {
			assert.True(t, s.Seen, "%d px: hidden: %s", width, s.What)
			assert.True(t, s.Outlined, "%d px: no outline: %s", width, s.What)
			assert.GreaterOrEqual(t, s.Width, 24.0, "%d px: too narrow: %s", width, s.What)
			if m.Schema().Field(s.ID) != nil {
				fields = append(fields, s.ID)
			}
		}
		var want []string
		for _, c := range m.Schema().Form {
			want = append(want, c.Field)
		}
		assert.Equal(t, want, fields, "%d px", width)
	}
}

// An applicant is typed in and scored without a mouse; what comes of it has the
// keyboard, and is said by its name.
func TestTheFormIsFilledInByKeyboardAlone(t *testing.T) {
	m, b := loaded(t), newTab(t)
	b.open(t, plainHost(t))
	left := slices.Clone(m.Schema().Form)
	for range 80 {
		b.tabKey(t)
		if len(left) == 0 {
			break
		}
		if id := eval[string](t, b, "document.activeElement.id"); id == left[0].Field {
			b.write(t, id, typed(m.Schema().Field(id)))
			left = left[1:]
		}
	}
	assert.Empty(t, left, "the keyboard does not come to these")
	b.enter(t)
	b.run(t, chromedp.WaitVisible(chromedp.CSS("#result")))
	assert.Equal(t, percent(score(t, m, applicant).Probability), b.text(t, "#probability-default"))
	assert.Equal(t, "result", eval[string](t, b, "document.activeElement.id"))
	assert.Empty(t, b.trouble)
}

// typed is what a person types into a field, or looks for in its list.
func typed(f *schema.Field) string {
	if f.Kind != schema.Choice {
		return applicant[f.Name]
	}
	n, _ := f.Parse(f.Read(applicant[f.Name]))
	return f.Display(n)
}
