//go:build browser

package browsertest

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"lendleaf/core"
	"lendleaf/site"
	"lendleaf/site/pages"
)

// A page about something else than loans, made of the parts without the
// developers' tools, scores as the core does.
func TestAPageAboutAnotherModel(t *testing.T) {
	file, err := os.ReadFile("../../core/testdata/machines.lendleaf")
	require.NoError(t, err)
	files, err := site.Parts()
	require.NoError(t, err)
	parts, err := pages.ReadParts(files)
	require.NoError(t, err)
	page, err := parts.Page(pages.Subject{Model: file})
	require.NoError(t, err)
	folder := filepath.Join(t.TempDir(), "page")
	require.NoError(t, page.Write(folder))

	m, err := core.Load(file)
	require.NoError(t, err)
	b := newTab(t)
	b.open(t, plainHostOf(t, os.DirFS(folder)))
	machine := map[string]string{
		"hours": "7000", "load": "0.97", "vibration": "22.5", "maker": "Ostermann", "hall": "c", "oil": "thin",
	}
	b.fill(t, m.Schema(), machine)
	b.run(t, chromedp.Click(chromedp.CSS("#predict-button")), chromedp.WaitVisible(chromedp.CSS("#result")))
	want := score(t, m, machine)
	assert.Contains(t, b.text(t, "#result"), percent(want.Probability))
	assert.Equal(t, m.Outcome(want), b.text(t, "#prediction"))
	assert.Equal(t, "Failure Within A Month, predicted in your browser", b.text(t, "h1"))
	assert.Empty(t, b.trouble)
}
