//go:build browser

package browsertest

import (
	"maps"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"

	"lendleaf/core/schema"
)

// wrongly has the page say what is wrong with two fields of the applicant.
func (b *tab) wrongly(t *testing.T, s *schema.Schema) {
	t.Helper()
	wrong := maps.Clone(applicant)
	wrong["age"], wrong["city"] = "20", "Atlantis"
	b.fill(t, s, wrong)
	b.predict(t, "#error-summary")
}

// What is wrong leads to its field, with the field's name in sight, and leaves
// the address and the way back as they were.
func TestAFaultLeadsToItsField(t *testing.T) {
	m, b := loaded(t), newTab(t)
	b.run(t, chromedp.EmulateViewport(400, 600))
	url := plainHost(t)
	b.open(t, url)
	history := eval[int](t, b, "history.length")
	b.wrongly(t, m.Schema())
	for _, field := range []string{"city", "age"} {
		b.run(t, chromedp.Click(chromedp.CSS(`#error-summary a[href="#`+field+`"]`)))
		assert.Equal(t, field, eval[string](t, b, "document.activeElement.id"))
		assert.Equal(t, []bool{true, true}, eval[[]bool](t, b, seen+`("label[for=`+field+`]", "#`+field+`")`), field)
	}
	b.run(t, chromedp.Focus(chromedp.CSS(`#error-summary a[href="#city"]`)))
	b.enter(t)
	assert.Equal(t, "city", eval[string](t, b, "document.activeElement.id"), "by keyboard")
	assert.Equal(t, url, get(t, b, chromedp.Location()))
	assert.Equal(t, history, eval[int](t, b, "history.length"))
	assert.Empty(t, b.trouble)
}

// What one has opened stays open while the page changes, and what one has pushed
// goes on where its button was.
func TestTheOutcomeKeepsItsState(t *testing.T) {
	const open = `document.querySelector("#result details").open`
	m, b := loaded(t), newTab(t)
	b.open(t, plainHost(t))
	b.fill(t, m.Schema(), applicant)
	b.predict(t, "#result")
	b.run(t, chromedp.Click(chromedp.CSS("#result summary")))
	assert.True(t, eval[bool](t, b, open))
	b.retype(t, "age", "61")
	b.run(t, chromedp.WaitVisible(chromedp.CSS(".waiting")))
	assert.True(t, eval[bool](t, b, open), "typing has closed it")
	assert.Contains(t, b.text(t, "#result details"), m.Hash())

	b.push(t, "again-button")
	b.run(t, chromedp.WaitVisible(chromedp.CSS("#tried")))
	assert.Equal(t, "tried", eval[string](t, b, "document.activeElement.id"))
	tried := maps.Clone(applicant)
	tried["age"] = "61"
	assert.Equal(t, percent(score(t, m, tried).Probability), b.text(t, "#tried-probability-default"))
	assert.True(t, eval[bool](t, b, open))
	b.push(t, "accept-button")
	b.run(t, chromedp.WaitNotPresent(chromedp.CSS("#tried")))
	assert.Equal(t, "result", eval[string](t, b, "document.activeElement.id"))
	assert.Equal(t, percent(score(t, m, tried).Probability), b.text(t, "#probability-default"))

	b.run(t, chromedp.Click(chromedp.CSS("#result summary")))
	assert.False(t, eval[bool](t, b, open))
	b.retype(t, "age", "62")
	assert.False(t, eval[bool](t, b, open), "typing has opened it")

	eval[chromedp.Void](t, b, `globalThis.printed = 0; globalThis.print = () => { printed++; }`)
	b.push(t, "print-button")
	assert.Equal(t, 1, eval[int](t, b, "printed"))
	assert.Empty(t, b.trouble)
}
