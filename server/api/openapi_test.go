package api

import (
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"lendleaf/core"
	"lendleaf/core/metrics"
	"lendleaf/core/modelfile"
	"lendleaf/core/quality"
	"lendleaf/core/schema"
)

func get(t *testing.T, a *API, path string) []byte {
	t.Helper()
	w := httptest.NewRecorder()
	a.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
	require.Equal(t, http.StatusOK, w.Code)
	return w.Body.Bytes()
}

func TestModelIsDescribed(t *testing.T) {
	m := loadModel(t)
	report := `{"model":{"hash":"` + m.Hash() + `"},"by_person":{"rows":7,"figures":{"auc_pr":0.25}},"random":{"rows":9}}`
	a, err := New(m, Options{Report: []byte(report)})
	require.NoError(t, err)
	var f facts
	require.NoError(t, json.Unmarshal(get(t, a, "/api/model"), &f))
	assert.Equal(t, m.Hash(), f.Hash)
	assert.Equal(t, m.Threshold(), f.Threshold)
	assert.Len(t, f.Fields, len(m.Schema().Fields))
	assert.Equal(t, m.Training(), f.Training)
	assert.Nil(t, f.Score.Rates, "the shipped model's calibration does not hold")
	require.NotNil(t, f.Metrics)
	assert.Equal(t, quality.Summary{Rows: 7, Figures: metrics.Figures{AUCPR: 0.25}}, f.Metrics.ByPerson)

	a, err = New(m, Options{Report: []byte(strings.Replace(report, m.Hash()[:6], "000000", 1))})
	require.NoError(t, err)
	f = facts{}
	require.NoError(t, json.Unmarshal(get(t, a, "/api/model"), &f))
	assert.Nil(t, f.Metrics, "the report of another model says nothing about this one")

	_, err = New(m, Options{Report: []byte("{")})
	require.Error(t, err)
}

func TestDescriptionsAreOnlyRead(t *testing.T) {
	a := newAPI(t)
	for _, path := range []string{"/api/model", "/openapi.json"} {
		w := httptest.NewRecorder()
		a.ServeHTTP(w, httptest.NewRequest(http.MethodPost, path, nil))
		assert.Equal(t, http.StatusMethodNotAllowed, w.Code)
		assert.Equal(t, "GET, HEAD", w.Header().Get("Allow"))
		body, err := io.ReadAll(w.Body)
		require.NoError(t, err)
		assert.JSONEq(t, `{"detail":"Method Not Allowed"}`, string(body))
	}
}

// smallSchema has a field of each sort, optional or not, with and without ends.
func smallSchema() *schema.Schema {
	low, high := -1.5, 10.0
	labels := []schema.Label{{Name: "x", Text: "X"}, {Name: "y", Text: "Y"}}
	s := &schema.Schema{}
	for _, f := range []schema.FieldSpec{
		{Name: "range", Text: "Range", Kind: schema.Number, Min: &low, Max: &high, Step: 0.5},
		{Name: "least", Text: "Least", Kind: schema.Number, Min: &low, Step: 0.5, Optional: true},
		{Name: "free", Text: "Free", Kind: schema.Number, Step: 1},
		{Name: "choice", Text: "Choice", Kind: schema.Choice, Labels: labels},
		{Name: "choice?", Text: "Choice or none", Kind: schema.Choice, Labels: labels, Optional: true},
	} {
		s.Fields = append(s.Fields, schema.Field{FieldSpec: f})
	}
	return s
}

// Written from what JSON Schema 2020-12 says of each keyword, and from what the
// API takes.
func TestFieldsAreDescribed(t *testing.T) {
	text, err := json.Marshal(applicantSchema(smallSchema()))
	require.NoError(t, err)
	assert.JSONEq(t, `{
		"type": "object",
		"required": ["range", "free", "choice"],
		"properties": {
			"range": {"title": "Range", "type": "number", "format": "double", "minimum": -1.5, "maximum": 10, "description": "Rounded to a multiple of 0.5, halves to even, once it is in range."},
			"least": {"title": "Least", "type": ["number", "null"], "format": "double", "minimum": -1.5, "description": "Rounded to a multiple of 0.5, halves to even, once it is in range. The training data's typical value stands in where it is missing or null."},
			"free": {"title": "Free", "type": "number", "format": "double", "description": "Rounded to a multiple of 1, halves to even, once it is in range."},
			"choice": {"title": "Choice", "type": "string", "enum": ["x", "y"]},
			"choice?": {"title": "Choice or none", "type": ["string", "null"], "enum": ["x", "y", null], "description": "The training data's typical value stands in where it is missing or null."},
			"client_ip": {"type": ["string", "null"], "description": "No score depends on it."},
			"user_agent": {"type": ["string", "null"], "description": "No score depends on it."}
		},
		"examples": [{"range": 10, "least": -1.5, "free": 0, "choice": "x", "choice?": "x"}]
	}`, string(text))
}

// closedTo are the members that an object in the description has and must have.
func closedTo(t *testing.T, o map[string]any, required ...string) {
	t.Helper()
	assert.Equal(t, "object", o["type"])
	assert.Equal(t, false, o["additionalProperties"])
	want := []any{}
	for _, name := range required {
		want = append(want, name)
	}
	assert.Equal(t, want, o["required"])
}

func TestAnswersAreDescribed(t *testing.T) {
	target := schema.Target{Positive: schema.Outcome{Name: "Broken"}, Negative: schema.Outcome{Name: "All right"}}
	described := map[string]map[string]any{}
	text, err := json.Marshal(schemas(&schema.Schema{Target: target}))
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, &described))
	closedTo(t, described["Predictions"], "n_predictions", "results")
	closedTo(t, described["Result"], "prediction", "probabilities")
	assert.Equal(t, []any{"Broken", "All right"}, described["Result"]["properties"].(map[string]any)["prediction"].(map[string]any)["enum"])
	closedTo(t, described["Probabilities"], "All right", "Broken")
	rate := described["Probabilities"]["properties"].(map[string]any)["Broken"]
	assert.Equal(t, map[string]any{"type": "number", "format": "double", "minimum": 0.0, "maximum": 1.0}, rate)
	closedTo(t, described["ValidationFault"], "input", "loc", "msg", "type") // "ctx" may be left out
	closedTo(t, described["Fault"], "detail")
}

// Whoever has a generated client need not generate it again for another model.
func TestNamesInTheDescriptionAreStable(t *testing.T) {
	machines, err := core.LoadFile("../../core/testdata/machines.lendleaf")
	require.NoError(t, err)
	for _, m := range []*core.Model{loadModel(t), machines} {
		var d struct {
			Components struct{ Schemas map[string]any }
		}
		require.NoError(t, json.Unmarshal(openAPI(m, false, false), &d))
		assert.Equal(t, []string{
			"Fault", "Field", "Label", "Meaning", "Model", "OneApplicant", "PipelineInput", "PredictRequest", "Predictions", "Probabilities", "Rate", "Result",
			"ValidationFault", "ValidationFaults",
		}, slices.Sorted(maps.Keys(d.Components.Schemas)))
	}
}

// A model of the same definition changes the version in the description, and
// nothing else.
func TestModelsOfOneDefinitionAreDescribedAlike(t *testing.T) {
	file, err := os.ReadFile("../../core/testdata/machines.lendleaf")
	require.NoError(t, err)
	first, err := modelfile.Decode(file)
	require.NoError(t, err)
	content := first.Content
	content.Threshold /= 2
	content.Training.Rows++
	content.Calibration, content.Novelty, content.Baseline = nil, nil, nil
	second, err := modelfile.New(content)
	require.NoError(t, err)
	file, err = modelfile.Encode(second)
	require.NoError(t, err)
	other, err := core.Load(file)
	require.NoError(t, err)
	require.NotEqual(t, first.Hash, other.Hash())
	was, is := openAPI(core.New(first), true, true), openAPI(other, true, true)
	assert.NotEqual(t, string(was), string(is))
	assert.Equal(t, string(was), strings.Replace(string(is), `"version":"`+other.Hash()[:versionDigits]+`"`, `"version":"`+first.Hash[:versionDigits]+`"`, 1))
}

// What a model is said to be has the members that are described.
func TestModelsAreAsDescribed(t *testing.T) {
	var given, described struct {
		Properties map[string]any
		Required   []string
	}
	text, err := json.Marshal(modelSchema())
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, &described))
	require.NoError(t, json.Unmarshal(get(t, newAPI(t), "/api/model"), &given.Properties))
	assert.Equal(t, slices.Sorted(maps.Keys(given.Properties)), described.Required)
	assert.Equal(t, slices.Sorted(maps.Keys(described.Properties)), described.Required)
}

// A token is asked for by all operations, or by none.
func TestTokensAreDescribed(t *testing.T) {
	for _, guarded := range []bool{false, true} {
		a, err := New(loadModel(t), Options{Guarded: guarded})
		require.NoError(t, err)
		var d struct {
			Security []map[string][]string
			Paths    map[string]map[string]struct {
				OperationID string
				Responses   map[string]any
			}
			Components struct{ SecuritySchemes map[string]map[string]string }
		}
		require.NoError(t, json.Unmarshal(get(t, a, "/openapi.json"), &d))
		assert.Equal(t, "predict", d.Paths["/api/predict"]["post"].OperationID)
		assert.Equal(t, "model", d.Paths["/api/model"]["get"].OperationID)
		for path, operations := range d.Paths {
			for method, o := range operations {
				assert.Contains(t, o.Responses, "200", "%s %s", method, path)
				_, asked := o.Responses["401"]
				assert.Equal(t, guarded, asked, "%s %s", method, path)
			}
		}
		if guarded {
			assert.Equal(t, []map[string][]string{{"bearer": {}}}, d.Security)
			assert.Equal(t, map[string]map[string]string{"bearer": {"type": "http", "scheme": "bearer"}}, d.Components.SecuritySchemes)
		} else {
			assert.Empty(t, d.Security)
		}
	}
}
