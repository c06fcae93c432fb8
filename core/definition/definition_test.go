package definition_test

import (
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"lendleaf/core/definition"
	"lendleaf/core/feature"
	"lendleaf/core/schema"
)

const (
	machinesFile = "../testdata/machines.json"
	loanFile     = "../../site/model/definition.json"
)

func read(t testing.TB, name string) []byte {
	t.Helper()
	text, err := os.ReadFile(name)
	require.NoError(t, err)
	return text
}

func parse(t testing.TB, name string) *definition.Definition {
	t.Helper()
	d, err := definition.Parse(read(t, name))
	require.NoError(t, err)
	return d
}

func TestParse(t *testing.T) {
	d := parse(t, machinesFile)
	assert.Equal(t, "machines", d.Name)
	assert.Len(t, d.Fields, 6)
	assert.Equal(t, 7, d.Features.Len())
	assert.Equal(t, schema.Control{Field: "load", Input: schema.SliderInput}, d.Form[3])
	assert.Equal(t, "Runs On", d.Target.Negative.Name)
	text, err := json.Marshal(d.Spec())
	require.NoError(t, err)
	again, err := definition.Parse(text)
	require.NoError(t, err)
	assert.Equal(t, d, again)
}

func TestParseRefuses(t *testing.T) {
	good := string(read(t, machinesFile))
	for name, c := range map[string]struct {
		old, new string
		wrapped  error // beside ErrDefinition
	}{
		"cut off":         {"\"features\"", "", nil},
		"unknown key":     {`"noun": "load"`, `"noun": "load", "colour": "grey"`, nil},
		"wrong type":      {`"optional": true, "columns"`, `"optional": 1, "columns"`, nil},
		"more behind":     {"\n}\n", "\n}\n{}", nil},
		"text behind":     {"\n}\n", "\n}\nx", nil},
		"no name":         {`"name": "machines"`, `"name": ""`, nil},
		"bad schema":      {`"step": 0.01`, `"step": 0`, schema.ErrSchema},
		"bad form":        {`{"field": "oil", "input": "select"}`, `{"field": "oil", "input": "slider"}`, schema.ErrSchema},
		"bad feature":     {`"label": "yard"`, `"label": "garden"`, feature.ErrFeature},
		"unknown field":   {`"field": "hall", "kind": "rate"`, `"field": "room", "kind": "rate"`, feature.ErrFeature},
		"rate of numbers": {`"field": "hall", "kind": "rate"`, `"field": "hours", "kind": "rate"`, feature.ErrFeature},
	} {
		require.Contains(t, good, c.old, name)
		_, err := definition.Parse([]byte(strings.Replace(good, c.old, c.new, 1)))
		assert.ErrorIs(t, err, definition.ErrDefinition, name)
		if c.wrapped != nil {
			assert.ErrorIs(t, err, c.wrapped, name)
		}
	}
	for _, text := range []string{"", "null", "{}", "[]", "1", `"machines"`} {
		_, err := definition.Parse([]byte(text))
		assert.ErrorIs(t, err, definition.ErrDefinition, text)
	}
}

func TestWithout(t *testing.T) {
	d := parse(t, machinesFile)
	less, err := d.Without([]string{"hall", "oil"})
	require.NoError(t, err)
	var names []string
	for _, f := range less.Features.Specs() {
		names = append(names, f.Name)
	}
	assert.Equal(t, []string{"hours", "load", "vibration", "repair"}, names)
	assert.Len(t, less.Fields, 4)
	assert.Len(t, less.Form, 4)
	assert.Nil(t, less.Field("hall"))
	assert.Equal(t, 1, less.Field("maker").Label("ostermann"), "look-ups are ready")
	assert.Equal(t, parse(t, machinesFile), d, "the original stays whole")

	same, err := d.Without(nil)
	require.NoError(t, err)
	assert.Equal(t, d, same)
	for name, fields := range map[string][]string{
		"unknown": {"colour"}, "empty": {""}, "another's": {"hall", "Hall"},
		"all": {"hours", "load", "vibration", "maker", "hall", "oil"},
	} {
		_, err := d.Without(fields)
		assert.ErrorIs(t, err, definition.ErrDefinition, name)
	}
}

// Whatever the bytes, what is accepted is a definition that can be written and
// read again.
func FuzzParse(f *testing.F) {
	f.Add(read(f, machinesFile))
	f.Add([]byte(`{"name":"x","fields":[{"name":"a","text":"A","noun":"a","kind":"number","step":1}],"form":[{"field":"a","input":"number"}],` +
		`"target":{"columns":["t"],"positive":{"name":"P","spellings":["1"]},"negative":{"name":"N","spellings":["0"]}},` +
		`"features":[{"name":"a","field":"a","kind":"plain"}]}`))
	f.Add([]byte(`{"fields":[{}],"features":null}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		d, err := definition.Parse(text)
		if err != nil {
			require.ErrorIs(t, err, definition.ErrDefinition)
			return
		}
		written, err := json.Marshal(d.Spec())
		require.NoError(t, err)
		_, err = definition.Parse(written)
		require.NoError(t, err)
	})
}

// People read no footnote marks, no underscores and no two labels alike.
func TestLoanTexts(t *testing.T) {
	d := parse(t, loanFile)
	marks := regexp.MustCompile(`[\[\]_â€“”]`)
	for _, f := range d.Fields {
		seen := map[string]bool{}
		for _, l := range f.Labels {
			assert.NotRegexp(t, marks, l.Text, f.Name)
			folded := schema.Fold(l.Text)
			assert.False(t, seen[folded], "%s: %s", f.Name, l.Text)
			seen[folded] = true
		}
	}
	text := func(field, label string) string {
		f := d.Field(field)
		return f.Labels[f.Label(label)].Text
	}
	assert.Equal(t, "Aurangabad (Bihar)", text("city", "aurangabad[39]"))
	assert.Equal(t, "Aurangabad (Maharashtra)", text("city", "aurangabad"))
	assert.Equal(t, "Uttar Pradesh (Allahabad)", text("state", "uttar_pradesh[5]"))
	assert.Equal(t, "Uttar Pradesh", text("state", "uttar_pradesh"))
	assert.Equal(t, "Neither Rented Nor Owned", text("house_ownership", "norent_noown"))
	assert.Equal(t, "Age: Enter a number between 21 and 79.", schema.FieldError{Field: d.Field("age")}.Error())
	assert.Equal(t, "Select a city from the list.", d.Field("city").Advice())
}

// testdata/loan.json was written by hand from what clients rely on.
func TestLoanDefinition(t *testing.T) {
	var want struct {
		Fields   []struct{ Name, Text, Range string }
		Form     []string
		Features []string
		Labels   map[string]int
	}
	require.NoError(t, json.Unmarshal(read(t, "testdata/loan.json"), &want))
	d := parse(t, loanFile)
	require.Len(t, d.Fields, len(want.Fields))
	for i, w := range want.Fields {
		f := d.Fields[i]
		assert.Equal(t, w.Name, f.Name)
		assert.Equal(t, w.Text, f.Text)
		assert.Equal(t, w.Range, f.Advice())
		assert.Len(t, f.Labels, want.Labels[f.Name], f.Name)
		if f.Kind == schema.Number {
			assert.Equal(t, 1.0, f.Step)
		}
	}
	var form, features []string
	for _, c := range d.Form {
		form = append(form, c.Field)
	}
	for _, f := range d.Features.Specs() {
		features = append(features, f.Name)
	}
	assert.Equal(t, want.Form, form)
	assert.Equal(t, want.Features, features)
}
