//go:build browser

// Package browsertest drives the built page in Chromium: run it by
// `make test-browser`, which builds the page first.
package browsertest

import (
	"io/fs"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

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
