package schema_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"lendleaf/core/schema"
)

func ptr(x float64) *float64 { return &x }

// machines is a schema with every kind of field, about nothing that lends.
func machines() schema.Spec {
	return schema.Spec{
		Fields: []schema.FieldSpec{
			{Name: "hours", Text: "Hours run", Noun: "number of hours", Kind: schema.Number, Min: ptr(0), Step: 1, Columns: []string{"Run (h)"}},
			{Name: "load", Text: "Load", Noun: "load", Kind: schema.Number, Min: ptr(-1), Max: ptr(1.5), Step: 0.01},
			{Name: "age", Text: "Age", Noun: "age", Kind: schema.Number, Optional: true, Min: ptr(21), Max: ptr(79), Step: 1},
			{Name: "wear", Text: "Wear", Noun: "wear", Kind: schema.Number, Max: ptr(500), Step: 5},
			{Name: "drift", Text: "Drift", Noun: "drift", Kind: schema.Number, Step: 0.25},
			{Name: "maker", Text: "Maker", Noun: "maker", Kind: schema.Choice, Labels: []schema.Label{
				{Name: "north_works", Text: "North Works", Spellings: []string{"NW"}},
				{Name: "öst[3]", Text: "Öst (new)"},
			}},
			{Name: "oil", Text: "Oil", Noun: "oil", Kind: schema.Choice, Optional: true, Labels: []schema.Label{
				{Name: "thin", Text: "Thin"}, {Name: "thick", Text: "Thick"},
			}},
		},
		Form: []schema.Control{
			{Field: "oil", Input: schema.SelectInput}, {Field: "maker", Input: schema.SearchInput},
			{Field: "load", Input: schema.SliderInput}, {Field: "age", Input: schema.NumberInput},
			{Field: "wear", Input: schema.NumberInput}, {Field: "hours", Input: schema.NumberInput},
			{Field: "drift", Input: schema.NumberInput},
		},
		Target: schema.Target{
			Columns:  []string{"Failed", "is failed"},
			Positive: schema.Outcome{Name: "Fails", Spellings: []string{"1", "yes"}},
			Negative: schema.Outcome{Name: "Holds", Spellings: []string{"0", "no"}},
		},
	}
}

func compiled(t testing.TB) *schema.Schema {
	t.Helper()
	s, err := schema.Compile(machines())
	require.NoError(t, err)
	return s
}

// What lies just inside the limits that TestCompileRefuses steps over.
func TestCompileTakes(t *testing.T) {
	for name, change := range map[string]func(s *schema.Spec){
		"a range of one number":      func(s *schema.Spec) { s.Fields[2].Min = ptr(79) },
		"a bound of 2^53 steps":      func(s *schema.Spec) { s.Fields[0].Max = ptr(1 << 53) },
		"a bound of −2^53 steps":     func(s *schema.Spec) { s.Fields[0].Min = ptr(-1 << 53) },
		"a bound as good as a step":  func(s *schema.Spec) { s.Fields[1].Min = ptr(-0.999999991) }, // of hundredths: 9e-7 of a step off
		"as many fields as can be":   func(s *schema.Spec) { manyFields(s, 256) },
		"as many labels as can be":   func(s *schema.Spec) { manyLabels(&s.Fields[5], 1<<16) },
		"a spelling twice of one":    func(s *schema.Spec) { s.Fields[5].Labels[0].Spellings = []string{"NW", "nw", "North-Works"} },
		"a column twice of one":      func(s *schema.Spec) { s.Fields[0].Columns = []string{"Hours", "run (h)", "Run (H)"} },
		"a target's column twice":    func(s *schema.Spec) { s.Target.Columns = []string{"Failed", "failed"} },
		"labels that differ in case": func(s *schema.Spec) { s.Fields[5].Labels[1].Text = "ÖST[3]" },
	} {
		spec := machines()
		change(&spec)
		_, err := schema.Compile(spec)
		assert.NoError(t, err, name)
	}
}

// manyFields adds numbers until there are so many fields.
func manyFields(s *schema.Spec, n int) {
	for i := len(s.Fields); i < n; i++ {
		name := fmt.Sprint("extra", i)
		s.Fields = append(s.Fields, schema.FieldSpec{Name: name, Text: name, Noun: name, Kind: schema.Number, Step: 1})
		s.Form = append(s.Form, schema.Control{Field: name, Input: schema.NumberInput})
	}
}

// manyLabels adds labels until there are so many.
func manyLabels(f *schema.FieldSpec, n int) {
	for i := len(f.Labels); i < n; i++ {
		f.Labels = append(f.Labels, schema.Label{Name: fmt.Sprint("extra", i), Text: fmt.Sprint("Extra ", i)})
	}
}

func TestCompileRefuses(t *testing.T) {
	for name, spoil := range map[string]func(s *schema.Spec){
		"no field":            func(s *schema.Spec) { s.Fields, s.Form = nil, nil },
		"too many fields":     func(s *schema.Spec) { s.Fields = nil; manyFields(s, 257); s.Form = s.Form[7:] },
		"no name":             func(s *schema.Spec) { s.Fields[0].Name, s.Form[5].Field = "", "" },
		"no text":             func(s *schema.Spec) { s.Fields[0].Text = "" },
		"no noun":             func(s *schema.Spec) { s.Fields[0].Noun = "" },
		"no kind":             func(s *schema.Spec) { s.Fields[0].Kind = "" },
		"unknown kind":        func(s *schema.Spec) { s.Fields[0].Kind = "date" },
		"a name twice":        func(s *schema.Spec) { s.Fields[1].Name, s.Form[2].Field = "hours", "hours" },
		"a column of two":     func(s *schema.Spec) { s.Fields[1].Columns = []string{"RUN (H)"} },
		"a name as column":    func(s *schema.Spec) { s.Fields[1].Columns = []string{"Maker"} },
		"a number's labels":   func(s *schema.Spec) { s.Fields[0].Labels = []schema.Label{{Name: "a", Text: "A"}} },
		"no step":             func(s *schema.Spec) { s.Fields[4].Step = 0 },
		"a negative step":     func(s *schema.Spec) { s.Fields[4].Step = -1 },
		"a NaN step":          func(s *schema.Spec) { s.Fields[4].Step = math.NaN() },
		"an infinite step":    func(s *schema.Spec) { s.Fields[4].Step = math.Inf(1) },
		"min over max":        func(s *schema.Spec) { s.Fields[2].Min = ptr(80) },
		"min between steps":   func(s *schema.Spec) { s.Fields[1].Min = ptr(-0.995) },
		"max between steps":   func(s *schema.Spec) { s.Fields[3].Max = ptr(501) },
		"min too far":         func(s *schema.Spec) { s.Fields[0].Min = ptr(-1<<53 - 2) },
		"max too far":         func(s *schema.Spec) { s.Fields[0].Max = ptr(1<<53 + 2) },
		"min not quite":       func(s *schema.Spec) { s.Fields[1].Min = ptr(-0.999999989) }, // of hundredths: 1.1e-6 of a step off
		"a NaN min":           func(s *schema.Spec) { s.Fields[0].Min = ptr(math.NaN()) },
		"an infinite max":     func(s *schema.Spec) { s.Fields[3].Max = ptr(math.Inf(1)) },
		"a choice's min":      func(s *schema.Spec) { s.Fields[5].Min = ptr(0) },
		"a choice's max":      func(s *schema.Spec) { s.Fields[5].Max = ptr(0) },
		"a choice's step":     func(s *schema.Spec) { s.Fields[5].Step = 1 },
		"no label":            func(s *schema.Spec) { s.Fields[5].Labels = nil },
		"too many labels":     func(s *schema.Spec) { manyLabels(&s.Fields[5], 1<<16+1) },
		"a label's no name":   func(s *schema.Spec) { s.Fields[5].Labels[0].Name = "" },
		"a label's no text":   func(s *schema.Spec) { s.Fields[5].Labels[0].Text = "" },
		"a label twice":       func(s *schema.Spec) { s.Fields[6].Labels[1].Name = "thin" },
		"a text twice":        func(s *schema.Spec) { s.Fields[6].Labels[1].Text = "Thin" },
		"a spelling twice":    func(s *schema.Spec) { s.Fields[6].Labels[1].Spellings = []string{" THIN"} },
		"a text as spelling":  func(s *schema.Spec) { s.Fields[5].Labels[1].Spellings = []string{"north-works"} },
		"a form's unknown":    func(s *schema.Spec) { s.Form[0].Field = "colour" },
		"asked twice":         func(s *schema.Spec) { s.Form = append(s.Form, s.Form[0]) },
		"not asked":           func(s *schema.Spec) { s.Form = s.Form[1:] },
		"unknown input":       func(s *schema.Spec) { s.Form[0].Input = "dial" },
		"a number's select":   func(s *schema.Spec) { s.Form[3].Input = schema.SelectInput },
		"a number's search":   func(s *schema.Spec) { s.Form[3].Input = schema.SearchInput },
		"a choice's number":   func(s *schema.Spec) { s.Form[0].Input = schema.NumberInput },
		"a choice's slider":   func(s *schema.Spec) { s.Form[0].Input = schema.SliderInput },
		"slider without max":  func(s *schema.Spec) { s.Form[5].Input = schema.SliderInput },
		"slider without min":  func(s *schema.Spec) { s.Form[4].Input = schema.SliderInput },
		"no target column":    func(s *schema.Spec) { s.Target.Columns = nil },
		"no positive":         func(s *schema.Spec) { s.Target.Positive.Name = "" },
		"no negative":         func(s *schema.Spec) { s.Target.Negative.Name = "" },
		"positive's spelling": func(s *schema.Spec) { s.Target.Positive.Spellings = nil },
		"negative's spelling": func(s *schema.Spec) { s.Target.Negative.Spellings = nil },
		"outcomes alike":      func(s *schema.Spec) { s.Target.Negative.Name = "Fails" },
		"outcomes' spelling":  func(s *schema.Spec) { s.Target.Negative.Spellings = []string{"no", "yes"} },
		"target is a field":   func(s *schema.Spec) { s.Target.Columns = []string{"Failed", "run (h)"} },
	} {
		spec := machines()
		spoil(&spec)
		s, err := schema.Compile(spec)
		assert.ErrorIs(t, err, schema.ErrSchema, name)
		assert.Nil(t, s, name)
	}
}

// A spec may change after it was compiled, and so may the copy that a schema
// gives back: the schema stays as it is.
func TestSchemasDoNotChange(t *testing.T) {
	spec := machines()
	s, err := schema.Compile(spec)
	require.NoError(t, err)
	assert.Equal(t, machines(), s.Spec())
	for _, of := range []schema.Spec{spec, s.Spec()} {
		*of.Fields[0].Min, *of.Fields[3].Max = 7, 7
		of.Fields[0].Columns[0], of.Fields[1].Name = "x", "x"
		of.Fields[5].Labels[0].Spellings[0], of.Fields[5].Labels[1].Name = "x", "x"
		of.Form[0].Field = "x"
		of.Target.Columns[0], of.Target.Positive.Spellings[0], of.Target.Negative.Spellings[0] = "x", "x", "x"
		assert.Equal(t, machines(), s.Spec())
	}
}

// An error says where the fault is: which field, counted from 1, and which label.
func TestCompileSaysWhere(t *testing.T) {
	for want, spoil := range map[string]func(s *schema.Spec){
		`field 1 "hours"`:           func(s *schema.Spec) { s.Fields[0].Text = "" },
		`field 2 "load"`:            func(s *schema.Spec) { s.Fields[1].Step = -1 },
		`unknown kind "date"`:       func(s *schema.Spec) { s.Fields[0].Kind = "date" },
		`field 7 "oil": label 2 `:   func(s *schema.Spec) { s.Fields[6].Labels[1].Name = "" },
		`form: "colour"`:            func(s *schema.Spec) { s.Form[0].Field = "colour" },
		`the column "RUN (H)"`:      func(s *schema.Spec) { s.Fields[1].Columns = []string{"RUN (H)"} },
		`"thin" and "thick" share`:  func(s *schema.Spec) { s.Fields[6].Labels[1].Spellings = []string{"THIN"} },
		`the column "hours"`:        func(s *schema.Spec) { s.Fields[1].Name, s.Form[2].Field = "hours", "hours" },
		`"run (h)" is also field "`: func(s *schema.Spec) { s.Target.Columns = []string{"run (h)"} },
		`0 fields`:                  func(s *schema.Spec) { s.Fields, s.Form = nil, nil },
	} {
		spec := machines()
		spoil(&spec)
		_, err := schema.Compile(spec)
		assert.ErrorContains(t, err, want)
	}
}

func TestIndexes(t *testing.T) {
	s := compiled(t)
	indexes, err := s.Indexes([]string{"oil", "hours"})
	require.NoError(t, err)
	assert.Equal(t, []int{6, 0}, indexes)
	indexes, err = s.Indexes([]string{"hours", "Hours"})
	assert.ErrorIs(t, err, schema.ErrSchema)
	assert.ErrorContains(t, err, `"Hours"`)
	assert.Nil(t, indexes)
}

func TestLookUps(t *testing.T) {
	s := compiled(t)
	assert.Equal(t, 5, s.Index("maker"))
	assert.Equal(t, -1, s.Index("Maker"), "names are exact")
	assert.Same(t, &s.Fields[5], s.Field("maker"))
	assert.Nil(t, s.Field("colour"))
	assert.Equal(t, 1, s.Fields[5].Label("öst[3]"))
	assert.Equal(t, -1, s.Fields[5].Label("Öst (new)"))
	for header, want := range map[string]int{"hours": 0, " HOURS ": 0, "run_(h)": 0, "Run/(h)": 0, "Run": -1, "": -1, "Failed": -1} {
		assert.Equal(t, want, s.Column(header), header)
	}
	for header, want := range map[string]bool{"failed": true, "IS-FAILED": true, "hours": false, "": false} {
		assert.Equal(t, want, s.IsTarget(header), header)
	}
}

func TestFold(t *testing.T) {
	for from, to := range map[string]string{
		"Married/Single": "married_single", " Sangli-Miraj & Kupwad\t": "sangli_miraj_&_kupwad", "ÖST": "öst", "": "",
	} {
		assert.Equal(t, to, schema.Fold(from))
		assert.Equal(t, to, schema.Fold(to))
	}
}

// A name longer than what the compiler would put on the stack takes no memory
// either.
func TestLabelInTakesNoMemory(t *testing.T) {
	long := strings.Repeat("a very long label ", 20)
	spec := machines()
	for i := range spec.Fields {
		if spec.Fields[i].Kind == schema.Choice {
			spec.Fields[i].Labels = append(spec.Fields[i].Labels, schema.Label{Name: long, Text: "Long"})
		}
	}
	s, err := schema.Compile(spec)
	require.NoError(t, err)
	text, choices := []byte("["+long+"]"), 0
	for i := range s.Fields {
		f := &s.Fields[i]
		if f.Kind != schema.Choice {
			assert.Equal(t, -1, f.LabelIn(text[1:len(text)-1]))
			continue
		}
		choices++
		assert.Equal(t, len(f.Labels)-1, f.LabelIn(text[1:len(text)-1]))
		assert.Equal(t, -1, f.LabelIn(text))
		assert.Zero(t, testing.AllocsPerRun(100, func() { f.LabelIn(text[1 : len(text)-1]) }))
	}
	assert.Positive(t, choices)
}
