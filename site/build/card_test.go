package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"lendleaf/core"
)

func shipped(t *testing.T) *core.Model {
	t.Helper()
	t.Chdir("../..")
	return model(t, modelFile)
}

func model(t *testing.T, name string) *core.Model {
	t.Helper()
	file, err := os.ReadFile(name)
	require.NoError(t, err)
	m, err := core.Load(file)
	require.NoError(t, err)
	return m
}

func put(t *testing.T, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, []byte(text), 0o644))
	return file
}

func TestCard(t *testing.T) {
	const figures = "site/model/report.json"
	m := shipped(t)
	html, err := card("site/model/card.html", figures, m)
	require.NoError(t, err)
	assert.Contains(t, html, m.Schema().Field("married").Text)
	assert.Regexp(t, `(?s)by person.*random split.*0\.\d{3} <small>0\.\d{3} to 0\.\d{3}</small>`, string(html))

	_, err = card("site/model/card.html", figures, model(t, "core/testdata/machines.lendleaf"))
	assert.ErrorIs(t, err, errReport)
	_, err = card(put(t, `{{field "shoe"}}`), figures, m)
	assert.ErrorIs(t, err, errField)
}

func TestExamples(t *testing.T) {
	m := shipped(t)
	list, err := examples("site/model/examples.json", m.Schema())
	require.NoError(t, err)
	assert.Greater(t, len(list), 1)
	_, err = examples("site/model/examples.json", model(t, "core/testdata/machines.lendleaf").Schema())
	assert.ErrorIs(t, err, errExample)
	_, err = examples(put(t, `[{"name": "Nobody", "applicant": {"age": 7}}]`), m.Schema())
	assert.ErrorIs(t, err, errExample)
	_, err = examples(put(t, `[`), m.Schema())
	assert.Error(t, err)
}
