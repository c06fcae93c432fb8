//go:build browser

package browsertest

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"lendleaf/core/schema"
)

// shown is what the form holds, in API order.
func (b *tab) shown(t *testing.T, s *schema.Schema) []string {
	t.Helper()
	values := make([]string, len(s.Fields))
	for i := range s.Fields {
		values[i] = b.value(t, s.Fields[i].Name)
	}
	return values
}

const asJSON = `{"income": 1250000, "age": 34, "experience": 6, "married": "single", "house_ownership": "rented", "car_ownership": "no",
 "profession": "civil_engineer", "city": "aurangabad[39]", "state": "bihar", "current_job_yrs": 4, "current_house_yrs": 12}`

var held = []string{"1250000", "34", "6", "single", "rented", "no", "Civil engineer", "Aurangabad (Bihar)", "Bihar", "4", "12"}

func TestPastedApplicantsFillTheForm(t *testing.T) {
	m, b := loaded(t), newTab(t)
	b.open(t, plainHost(t))
	for _, c := range []struct{ text, said string }{
		{asJSON, "Filled in 11 of 11 fields."},
		{"[" + asJSON + "," + asJSON + "]", "Filled in 11 of 11 fields.\nThere were 2 applicants: this is the first."},
		{strings.ReplaceAll(asJSON, "\n", "") + "\n{}\n", "Filled in 11 of 11 fields."},
		{"1250000,34,6,single,rented,no,Civil_engineer,Aurangabad[39],Bihar,4,12", "Filled in 11 of 11 fields."},
		{"Id\tIncome\tAge\tExperience\tMarried/Single\tHouse_Ownership\tCar_Ownership\tProfession\tCITY\tSTATE\tCURRENT_JOB_YRS\tCURRENT_HOUSE_YRS\n" +
			"7\t1250000\t34\t6\tsingle\trented\tno\tCivil_engineer\tAurangabad[39]\tBihar\t4\t12", "Filled in 11 of 11 fields.\nNot asked for, so passed over: Id."},
	} {
		b.act(t, "clear")
		b.paste(t, c.text)
		assert.Equal(t, held, b.shown(t, m.Schema()), c.text)
		assert.Equal(t, c.said, b.text(t, "#notice div"))
		assert.Equal(t, "predict-button", eval[string](t, b, `document.activeElement.id`))
		assert.Equal(t, "6", b.value(t, "experience-slider"))
	}
	b.enter(t)
	b.run(t, chromedp.WaitVisible(chromedp.CSS("#result")))
	assert.Equal(t, percent(score(t, m, applicant).Probability), b.text(t, "#probability-default"))

	b.paste(t, `{"age": 12, "city": "Atlantis", "income": 5, "shoe": 43}`)
	assert.Equal(t, "Filled in 1 of 11 fields.\nAge: “12” cannot be used. Enter a number between 21 and 79.\n"+
		"City: “Atlantis” cannot be used. Select a city from the list.\nNot asked for, so passed over: shoe.", b.text(t, "#notice div"))
	assert.Equal(t, "age", eval[string](t, b, `document.activeElement.id`))
	assert.Zero(t, eval[int](t, b, `document.querySelectorAll("#result").length`), "another applicant, so the answer is gone")

	for text, said := range map[string]string{
		"{\"age\": 3": "Nothing was filled in.\nThis begins as JSON does, but holds no applicant that can be read.",
		"[]":          "Nothing was filled in.\nThis begins as JSON does, but holds no applicant that can be read.",
		"Good day":    "Nothing was filled in.\nThis is no JSON object, and no line of 11 cells in this order: ",
	} {
		b.paste(t, text)
		assert.Contains(t, b.text(t, "#notice div"), said)
		assert.Equal(t, "5", b.value(t, "income"), "what is there stays")
	}
	assert.Empty(t, b.trouble)
}

func TestPasteByDialogAndExamples(t *testing.T) {
	m, b := loaded(t), newTab(t)
	b.open(t, plainHost(t))
	b.run(t, chromedp.Click(chromedp.CSS("[data-act=paste]")))
	b.write(t, "paste-text", "1250000,34,6,single,rented,no,Civil_engineer,Aurangabad[39],Bihar,4,12")
	b.run(t, chromedp.Click(chromedp.CSS("#paste-fill")))
	assert.Equal(t, held, b.shown(t, m.Schema()))
	assert.Empty(t, b.value(t, "paste-text"), "nothing is left behind")

	n := eval[int](t, b, `document.querySelectorAll("[data-act=example]").length`)
	require.Greater(t, n, 1)
	for i := range n {
		eval[any](t, b, `document.querySelectorAll("[data-act=example]")[`+string(rune('0'+i))+`].click()`)
		b.predict(t, "#result")
		b.act(t, "clear")
		assert.Empty(t, strings.Join(b.shown(t, m.Schema()), ""), "clear all")
		b.run(t, chromedp.WaitVisible(chromedp.CSS(".before")))
	}
	assert.Empty(t, b.trouble)
}

// After the page has locked itself a file can still be saved and opened, and
// holds what the API takes.
func TestSaveCopyAndOpen(t *testing.T) {
	m, b := loaded(t), newTab(t)
	b.open(t, plainHost(t))
	folder := t.TempDir()
	b.run(t, chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, browser.SetDownloadBehavior, browser.SetDownloadBehaviorParams{
			Behavior: browser.SetDownloadBehaviorBehaviorAllow, DownloadPath: folder})
		return err
	}))
	b.act(t, "save")
	b.run(t, chromedp.WaitVisible(chromedp.CSS("#error-summary")))
	assert.Empty(t, list(t, folder), "the API would not take an empty applicant")

	b.act(t, "clear")
	b.fill(t, m.Schema(), applicant)
	before := len(b.sent())
	b.run(t, chromedp.Click(chromedp.CSS("[data-act=save]")))
	file := filepath.Join(folder, "applicant.json")
	b.wait(t, "the file", func() bool { _, err := os.Stat(file); return err == nil })
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.JSONEq(t, asJSON, string(text))

	b.run(t, chromedp.Click(chromedp.CSS("[data-act=copy]")))
	b.wait(t, "the notice", func() bool { return b.text(t, "#notice div") == "Copied as JSON." })

	b.act(t, "clear")
	b.run(t, chromedp.SetUploadFiles(chromedp.CSS("#open-file"), []string{file}))
	b.wait(t, "the file's applicant", func() bool { return b.value(t, "income") == "1250000" })
	assert.Equal(t, held, b.shown(t, m.Schema()))
	for _, url := range b.sent()[before:] {
		assert.True(t, strings.HasPrefix(url, "blob:"), url)
	}
	assert.Empty(t, b.trouble)
	assert.True(t, json.Valid(text))
}

func list(t *testing.T, folder string) []os.DirEntry {
	t.Helper()
	entries, err := os.ReadDir(folder)
	require.NoError(t, err)
	return entries
}
