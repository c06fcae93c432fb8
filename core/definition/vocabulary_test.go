package definition_test

import (
	"encoding/json"
	"os"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"lendleaf/core/definition"
	"lendleaf/core/feature"
	"lendleaf/core/schema"
)

const vocabularyFile = "../../../shared/domain/vocabulary.json"

// vocabulary is what the reference service takes.
type vocabulary struct {
	Fields map[string]struct {
		Type     string
		Required bool
		Min, Max *float64
		Labels   []string
	}
	JobStability map[string]string   `json:"job_stability"`
	CityTier     map[string]string   `json:"city_tier"`
	Order        map[string][]string `json:"ordinal_order"`
	Inputs       []string            `json:"model_input_order"`
}

func readVocabulary(t *testing.T) vocabulary {
	t.Helper()
	text, err := os.ReadFile(vocabularyFile)
	if os.IsNotExist(err) {
		t.Skipf("%s is not there: it is no part of the project", vocabularyFile)
	}
	require.NoError(t, err)
	var v vocabulary
	require.NoError(t, json.Unmarshal(text, &v))
	return v
}

func TestLoanFieldsAreTheVocabularys(t *testing.T) {
	d, v := parse(t, loanFile), readVocabulary(t)
	require.Len(t, v.Fields, len(d.Fields))
	for _, f := range d.Fields {
		want, ok := v.Fields[f.Name]
		require.True(t, ok, f.Name)
		assert.Equal(t, want.Required, !f.Optional, f.Name)
		assert.Equal(t, want.Min, f.Min, f.Name)
		assert.Equal(t, want.Max, f.Max, f.Name)
		assert.Equal(t, want.Type == "enum", f.Kind == schema.Choice, f.Name)
		var labels []string
		for _, l := range f.Labels {
			labels = append(labels, l.Name)
		}
		// in the order of the reference service, which its error messages show
		assert.ElementsMatch(t, want.Labels, labels, f.Name)
	}
}

func TestLoanFeaturesAreTheVocabularys(t *testing.T) {
	d, v := parse(t, loanFile), readVocabulary(t)
	var names []string
	for _, spec := range d.Features.Specs() {
		names = append(names, spec.Name)
	}
	assert.Equal(t, v.Inputs, names)
	for name, classes := range map[string]map[string]string{"job_stability": v.JobStability, "city_tier": v.CityTier} {
		assertClasses(t, d, name, classes, v.Order[name])
	}
}

// assertClasses compares a Class feature with the class that each label has.
func assertClasses(t *testing.T, d *definition.Definition, name string, classes map[string]string, order []string) {
	t.Helper()
	specs := d.Features.Specs()
	i := slices.IndexFunc(specs, func(s feature.Spec) bool { return s.Name == name })
	require.GreaterOrEqual(t, i, 0, name)
	var names []string
	labels := 0
	for _, class := range specs[i].Classes {
		names = append(names, class.Name)
		for _, label := range class.Labels {
			want, ok := classes[label]
			if !ok {
				want = order[0] // what the vocabulary does not place is in the lowest class
			}
			assert.Equal(t, want, class.Name, label)
			labels++
		}
	}
	assert.Equal(t, order, names)
	assert.Len(t, d.Field(specs[i].Field).Labels, labels)
}
