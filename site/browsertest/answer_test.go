//go:build browser

package browsertest

import (
	"bytes"
	"regexp"
	"testing"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A changed field is marked; what the model says then stands beside the first
// answer, as what it is.
func TestChangesAreExplored(t *testing.T) {
	m, b := loaded(t), newTab(t)
	b.open(t, plainHost(t))
	b.fill(t, m.Schema(), applicant)
	b.predict(t, "#result")
	first := b.text(t, "#probability-default")
	assert.Equal(t, "result", eval[string](t, b, `document.activeElement.id`))

	b.retype(t, "age", "61")
	b.run(t, chromedp.WaitVisible(chromedp.CSS(".waiting")))
	assert.Equal(t, "changed, was 34", b.text(t, "#age-changed"))
	assert.Equal(t, "Age has changed since.", b.text(t, ".waiting p"))
	assert.Equal(t, "Predict again with the changes", b.text(t, "#predict-button"))
	assert.Equal(t, first, b.text(t, "#probability-default"))
	b.retype(t, "age", "34")
	b.run(t, chromedp.WaitNotPresent(chromedp.CSS(".waiting")))
	assert.Empty(t, eval[string](t, b, `document.getElementById("age-changed").textContent`), "changed back is not changed")

	b.retype(t, "age", "61")
	b.enter(t)
	b.run(t, chromedp.WaitVisible(chromedp.CSS("#tried")))
	tried := map[string]string{}
	for name, value := range applicant {
		tried[name] = value
	}
	tried["age"] = "61"
	assert.Equal(t, percent(score(t, m, tried).Probability), b.text(t, "#tried-probability-default"))
	assert.Equal(t, first, b.text(t, "#probability-default"), "the first answer stands")
	assert.Equal(t, "Exploration, not a decision", b.text(t, "#tried .eyebrow"))
	assert.Contains(t, b.text(t, "#tried .tried-changes"), "Age: 34 → 61")
	assert.Equal(t, "age", eval[string](t, b, `document.activeElement.id`), "one can go on typing")
	assert.Contains(t, eval[string](t, b, `document.getElementById("announced").textContent`), "Exploration: ")

	b.push(t, "back-button")
	b.run(t, chromedp.WaitNotPresent(chromedp.CSS("#tried")))
	assert.Equal(t, "34", b.value(t, "age"))

	b.retype(t, "age", "61")
	b.predict(t, "#tried")
	b.push(t, "accept-button")
	b.run(t, chromedp.WaitNotPresent(chromedp.CSS("#tried")))
	assert.Equal(t, percent(score(t, m, tried).Probability), b.text(t, "#probability-default"))
	assert.Empty(t, eval[string](t, b, `document.getElementById("age-changed").textContent`))

	b.retype(t, "age", "12")
	b.predict(t, "#error-summary")
	assert.Equal(t, percent(score(t, m, tried).Probability), b.text(t, "#probability-default"), "a wrong attempt leaves the answer")
	assert.Empty(t, b.trouble)
}

func TestErrorsAreInTheTitle(t *testing.T) {
	m, b := loaded(t), newTab(t)
	b.open(t, plainHost(t))
	title := eval[string](t, b, "document.title")
	b.predict(t, "#error-summary")
	assert.Equal(t, "Error: "+title, eval[string](t, b, "document.title"))
	assert.True(t, eval[bool](t, b, `document.getElementById("error-summary").getBoundingClientRect().top >= 0`))
	assert.Equal(t, 4, eval[int](t, b, `document.getElementById("error-summary").compareDocumentPosition(document.getElementById("applicant")) & 4`),
		"what is wrong comes before the form")
	b.act(t, "clear")
	b.fill(t, m.Schema(), applicant)
	b.predict(t, "#result")
	assert.Equal(t, title, eval[string](t, b, "document.title"))
	assert.Zero(t, eval[int](t, b, `document.querySelectorAll("[aria-invalid=true]").length`))
}

// What is printed is one page with the applicant as scored, the answer, the
// model's hash and the date, and nothing to press.
func TestTheAnswerPrintsOnOnePage(t *testing.T) {
	m, b := loaded(t), newTab(t)
	b.open(t, plainHost(t))
	strange := map[string]string{}
	for name, value := range applicant {
		strange[name] = value
	}
	strange["state"], strange["income"] = "Kerala", "99999999"
	delete(strange, "married")
	b.fill(t, m.Schema(), strange)
	b.predict(t, "#result")
	b.retype(t, "age", "61")
	b.predict(t, "#tried")

	pdf := get(t, b, chromedp.PrintToPDF(func(p *page.PrintToPDFParams) { p.PreferCSSPageSize = new(true) }))
	require.True(t, bytes.HasPrefix(pdf, []byte("%PDF")))
	assert.Len(t, regexp.MustCompile(`/Type\s*/Page\b[^s]`).FindAll(pdf, -1), 1)

	b.run(t, media("print"))
	text := b.text(t, "body")
	for _, want := range []string{m.Hash(), "99999999", "Aurangabad (Bihar)", "not given", "Scored on this device, ", "unlike the training data", "Exploration, not a decision"} {
		assert.Contains(t, text, want)
	}
	for _, no := range []string{"Print", "Clear all", "Software developer", "How this works"} {
		assert.NotContains(t, text, no)
	}
}
