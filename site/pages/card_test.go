package pages

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"lendleaf/core"
)

func loadModel(t *testing.T, name string) *core.Model {
	t.Helper()
	m, err := core.Load(read(t, name))
	require.NoError(t, err)
	return m
}

const shipped = "../model/loan-default.lendleaf"

func TestCard(t *testing.T) {
	m, words, figures := loadModel(t, shipped), read(t, "../model/card.html"), read(t, "../model/report.json")
	html, err := card(words, figures, m)
	require.NoError(t, err)
	assert.Contains(t, html, m.Schema().Field("married").Text)
	assert.Regexp(t, `(?s)by person.*random split.*0\.\d{3} <small>0\.\d{3} to 0\.\d{3}</small>`, string(html))

	html, err = card(nil, nil, m)
	require.NoError(t, err)
	assert.Empty(t, html, "a model may go without a card")
	_, err = card(words, figures, loadModel(t, machines))
	assert.ErrorIs(t, err, ErrReport)
	_, err = card([]byte(`{{field "shoe"}}`), figures, m)
	assert.ErrorIs(t, err, ErrField)
	_, err = card(words, nil, m)
	assert.ErrorContains(t, err, "report.json")
	_, err = card([]byte("{{"), figures, m)
	assert.ErrorContains(t, err, "the card")
}

// The card writes figures as people read them.
func TestCardFigures(t *testing.T) {
	figures := []byte(`{"model": {"hash": "` + loadModel(t, machines).Hash() + `", "threshold": 0.46}, "by_person": {"rows": 25750,
		"figures": {"auc_pr": 0.1299, "recall": 0.81092}, "low": {"auc_pr": 0.10503}, "high": {"auc_pr": 0.1}}}`)
	words := `{{percent .Model.Threshold}}; {{count .ByPerson.Rows}} rows; {{range figures .ByPerson}}{{.Name}} {{.Value}} ({{.Interval}}), {{end}}`
	html, err := card([]byte(words), figures, loadModel(t, machines))
	require.NoError(t, err)
	assert.Equal(t, "46 %; 25,750 rows; AUC-PR 0.130 (0.105 to 0.100), ROC AUC (0.5 is chance) – (– to –), precision 0.000 (0.000 to 0.000), "+
		"recall 0.811 (0.000 to 0.000), F1 0.000 (0.000 to 0.000), accuracy 0.000 (0.000 to 0.000), ", string(html))
}

func TestExamples(t *testing.T) {
	m, text := loadModel(t, shipped), read(t, "../model/examples.json")
	list, err := examples(text, m.Schema())
	require.NoError(t, err)
	assert.Greater(t, len(list), 1)
	list, err = examples([]byte("[{\"name\": \"Old\", \"applicant\": {\n \"hours\": 7000,\n \"load\": 0.5, \"maker\": \"halle\", \"hall\": \"a\"}}]"), loadModel(t, machines).Schema())
	require.NoError(t, err)
	require.Len(t, list, 1)
	assert.Equal(t, `{"hours":7000,"load":0.5,"maker":"halle","hall":"a"}`, list[0].JSON, "it is an attribute's value")
	list, err = examples(nil, m.Schema())
	require.NoError(t, err)
	assert.Empty(t, list, "a page may go without examples")

	for name, wrong := range map[string]string{
		"of another model": string(text), "at fault": `[{"name": "Nobody", "applicant": {"hours": -7}}]`,
		"without a name": `[{"name": "", "applicant": {"hours": 7000, "load": 0.5, "maker": "halle", "hall": "a"}}]`,
	} {
		_, err = examples([]byte(wrong), loadModel(t, machines).Schema())
		assert.ErrorIs(t, err, ErrExample, name)
	}
	_, err = examples([]byte(`[`), m.Schema())
	assert.Error(t, err)
}
