package form_test

import (
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"lendleaf/core"
	"lendleaf/core/schema"
	"lendleaf/wasm/form"
)

// machines is the core's made-up second model: nothing here is about loans.
func machines(t *testing.T) *core.Model {
	t.Helper()
	file, err := os.ReadFile("../../core/testdata/machines.lendleaf")
	require.NoError(t, err)
	m, err := core.Load(file)
	require.NoError(t, err)
	return m
}

func typed(values map[string]string) func(string) string {
	return func(field string) string { return values[field] }
}

var machine = map[string]string{
	"hours": "713", "load": "0.42", "vibration": "10.08", "maker": "NW", "hall": "D", "oil": "Thick",
}

// record is what the core makes of what was typed.
func record(t *testing.T, m *core.Model, typed map[string]string) schema.Record {
	t.Helper()
	s := m.Schema()
	values, r := make([]schema.Value, len(s.Fields)), make(schema.Record, len(s.Fields))
	for i := range s.Fields {
		values[i] = s.Fields[i].Read(typed[s.Fields[i].Name])
	}
	require.Empty(t, s.Record(r, values))
	return r
}

// applicant reads what was typed.
func applicant(m *core.Model, values map[string]string) *form.Applicant {
	return form.Read(m.Schema(), typed(values))
}

// predict is the first answer to what was typed.
func predict(t *testing.T, m *core.Model, values map[string]string) *form.Answer {
	t.Helper()
	s := form.NewSession(m)
	s.Predict(applicant(m, values), "now")
	require.Empty(t, s.Faults)
	require.NotNil(t, s.First)
	return s.First
}

// An applicant is asked for once, field by field; nothing that comes of it asks
// again.
func TestEachFieldIsReadOnce(t *testing.T) {
	m := machines(t)
	var asked []string
	a := form.Read(m.Schema(), func(field string) string {
		asked = append(asked, field)
		return machine[field]
	})
	want := []string{"hours", "load", "vibration", "maker", "hall", "oil"} // the API's order
	assert.Equal(t, want, asked)
	s := form.NewSession(m)
	s.Predict(a, "now")
	require.NotNil(t, s.First)
	s.Compare(a)
	s.Offers(a)
	s.JSON(a)
	assert.Equal(t, want, asked)
}

func TestAnswer(t *testing.T) {
	m := machines(t)
	a := predict(t, m, machine)
	target := m.Schema().Target
	assert.Contains(t, []string{target.Positive.Name, target.Negative.Name}, a.Prediction)
	require.Len(t, a.Probabilities, 2)
	assert.Equal(t, target.Positive.Name, a.Probabilities[0].Outcome)
	share := m.Score(record(t, m, machine)).Probability
	assert.Equal(t, form.Percent(share, 1), a.Probabilities[0].Percent)
	assert.Equal(t, form.Percent(1-share, 1), a.Probabilities[1].Percent)
	assert.Equal(t, share >= m.Threshold(), a.Prediction == target.Positive.Name)
	assert.Contains(t, a.Comparison, " the threshold of "+form.Percent(m.Threshold(), -1))
	assert.Equal(t, []form.Input{
		{"maker", "Maker", "North Works"}, {"hall", "Hall", "D"}, {"hours", "Hours since service", "713"},
		{"load", "Load", "0.42"}, {"vibration", "Vibration", "10.08"}, {"oil", "Oil", "Thick"}}, a.Inputs)
	assert.Empty(t, a.Assumed)
}

func TestMeaningAndDifferences(t *testing.T) {
	m := machines(t)
	a := predict(t, m, machine)
	assert.Equal(t, "Of 100 such applicants who were new to the model, about 0 ended as Failure Within A Month.", a.Meaning)
	assert.Empty(t, a.Differences)

	old := map[string]string{}
	for field, value := range machine {
		old[field] = value
	}
	old["hours"] = "99999999"
	a = predict(t, m, old)
	require.Len(t, a.Differences, 1)
	assert.Contains(t, a.Differences[0], "Hours since service: the training data goes from ")
}

func TestFieldsLeftOpenAreNamedInFormOrder(t *testing.T) {
	m := machines(t)
	values := map[string]string{}
	var want []string
	for _, c := range m.Schema().Form {
		f := m.Schema().Field(c.Field)
		if f.Optional {
			want = append(want, f.Text+": "+f.Display(m.Typical(m.Schema().Index(f.Name))))
		} else {
			values[f.Name] = machine[f.Name]
		}
	}
	require.NotEmpty(t, want)
	a := predict(t, m, values)
	assert.Equal(t, want, a.Assumed)
}

func TestFaultsAreInFormOrder(t *testing.T) {
	m := machines(t)
	s := form.NewSession(m)
	s.Predict(applicant(m, nil), "now")
	var want []form.Fault
	for _, c := range m.Schema().Form {
		if f := m.Schema().Field(c.Field); !f.Optional {
			want = append(want, form.Fault{Field: f.Name, Text: f.Text + ": " + f.Advice()})
		}
	}
	require.NotEmpty(t, want)
	assert.Equal(t, want, s.Faults)
	assert.Nil(t, s.First)
}

func TestPercent(t *testing.T) {
	for share, want := range map[float64]string{0: "0%", 0.29: "29%", 0.07: "7%", 0.125: "12.5%", 1: "100%", 1e-7: "0.00001%", 1e-15: "0.0000000000001%",
		0.123456789012: "12.3456789012%", 0.1234567890123: "12.3456789012%"} {
		assert.Equal(t, want, form.Percent(share, -1))
	}
	assert.Equal(t, "12.3%", form.Percent(0.1234, 1))
	assert.Equal(t, "0.0%", form.Percent(0, 1))
}

func TestSlug(t *testing.T) {
	assert.Equal(t, "no-default", form.Slug("No Default"))
	assert.Equal(t, "within-30-days", form.Slug("Within 30 days"))
	assert.Equal(t, "az-09-az", form.Slug("AZ 09 az"))
	assert.Equal(t, "-------", form.Slug("@[`{/:_"), "what stands beside letters and digits is none")
}
