package main

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"lendleaf/core"
	"lendleaf/core/cmd/lendleaf/internal/report"
	"lendleaf/core/quality"
	"lendleaf/site"
)

func reportOf(t *testing.T, more ...string) (folder string, r *quality.Report) {
	t.Helper()
	folder = t.TempDir()
	done := lendleaf("", append([]string{"report", "-model", machinesModel, "-data", machinesData, "-out", folder, "-draws", "80"}, more...)...)
	require.Equal(t, exitOK, done.code, done.err)
	r = &quality.Report{}
	require.NoError(t, json.Unmarshal([]byte(read(t, filepath.Join(folder, "report.json"))), r))
	return folder, r
}

func TestReportIsTheSameAgain(t *testing.T) {
	first, _ := reportOf(t)
	second, _ := reportOf(t)
	names := files(t, first)
	require.Len(t, names, 12)
	for _, name := range names {
		assert.Equal(t, read(t, filepath.Join(first, name)), read(t, filepath.Join(second, name)), name)
	}
}

func TestReportMeasuresBothSplits(t *testing.T) {
	_, r := reportOf(t)
	evaluated := lendleaf("", "evaluate", "-model", machinesModel, "-data", machinesData, "-json", "-")
	require.Equal(t, exitOK, evaluated.code)
	var e quality.Evaluation
	require.NoError(t, json.Unmarshal([]byte(evaluated.out), &e))
	assert.InDelta(t, e.Splits["test"].AUCPR, r.Random.Figures.AUCPR, 1e-6)
	assert.InDelta(t, e.Splits["test"].Accuracy, r.Random.Figures.Accuracy, 1e-6)
	for name, s := range map[string]quality.Split{"by person": r.ByPerson, "random": r.Random} {
		rows := 0
		for _, b := range s.Scores {
			rows += b.Positives + b.Negatives
		}
		assert.Equal(t, s.Rows, rows, name)
		assert.LessOrEqual(t, s.Low.AUCPR, s.Figures.AUCPR, name)
		assert.GreaterOrEqual(t, s.High.AUCPR, s.Figures.AUCPR, name)
		assert.Len(t, s.Thresholds, 99, name)
		assert.Len(t, s.Importance, 6, name)
		assert.Greater(t, s.Importance[0].Drop, 0.02, name)
		assert.InDelta(t, 1, s.Curve[len(s.Curve)-1].Recall, 0, name)
	}
	shipped := 0
	for i, s := range r.Sizes {
		if s.Shipped {
			shipped++
		}
		assert.True(t, i == 0 || r.Sizes[i-1].Bytes <= s.Bytes, "sizes rise")
	}
	assert.Equal(t, 1, shipped)
}

func TestReportDependsOnItsOptions(t *testing.T) {
	_, cheap := reportOf(t, "-cost", "1")
	_, dear := reportOf(t, "-cost", "9")
	assert.Less(t, cheap.Random.Thresholds[98].Cost, dear.Random.Thresholds[98].Cost)
	_, other := reportOf(t, "-seed", "7")
	assert.NotEqual(t, cheap.Random.Low, other.Random.Low)
	assert.Equal(t, cheap.Random.Figures, other.Random.Figures)
}

func TestReportsPageShowsItsPictures(t *testing.T) {
	folder, r := reportOf(t)
	page := read(t, filepath.Join(folder, "index.html"))
	assert.Contains(t, page, r.Model.Hash)
	assert.Less(t, strings.Index(page, ">split by person<"), strings.Index(page, ">random split<"))
	for _, inline := range []string{"<style", "style=", "<script", "onload="} {
		assert.NotContains(t, page, inline, "the page's policy forbids it")
	}
	pictures := 0
	for _, name := range files(t, folder) {
		if filepath.Ext(name) != ".svg" {
			continue
		}
		pictures++
		assert.Contains(t, page, `src="`+name+`"`)
		d := xml.NewDecoder(strings.NewReader(read(t, filepath.Join(folder, name))))
		for {
			_, err := d.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			require.NoError(t, err, name)
		}
	}
	assert.Equal(t, 9, pictures)
}

func TestReportRefuses(t *testing.T) {
	folder := t.TempDir()
	byPerson := filepath.Join(folder, "m")
	require.Equal(t, exitOK, lendleaf("", trainArgs(byPerson, "-group", "identical")...).code)
	for _, args := range [][]string{
		{"-model", byPerson, "-data", machinesData},
		{"-model", shippedModel, "-data", machinesData},
		{"-model", machinesModel, "-data", machinesModel},
		{"-model", machinesModel, "-data", filepath.Join(folder, "none")},
	} {
		r := lendleaf("", append([]string{"report", "-out", filepath.Join(folder, "out")}, args...)...)
		assert.Equal(t, exitFailed, r.code, "%v: %s", args, r.err)
	}
	assert.NoDirExists(t, filepath.Join(folder, "out"))
}

// The report that ships with the page is of the model that ships with it.
func TestShippedReportIsOfTheShippedModel(t *testing.T) {
	r, err := quality.Parse([]byte(read(t, "../../../site/model/report.json")))
	require.NoError(t, err)
	m, err := core.Load(site.Model())
	require.NoError(t, err)
	assert.Equal(t, m.Hash(), r.Model.Hash, "the report is of another model: run make report")
	shown := &report.Report{Report: r}
	page, err := shown.Page()
	require.NoError(t, err)
	assert.Equal(t, string(page), read(t, "../../../site/report/index.html"), "the page is of another report: run make report")
	for name, picture := range shown.Pictures() {
		assert.Equal(t, string(picture), read(t, "../../../site/report/"+name), "%s is of another report: run make report", name)
	}
}
