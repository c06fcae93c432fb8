package transfer_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"lendleaf/core/definition"
	"lendleaf/core/rows"
	"lendleaf/core/schema"
	"lendleaf/wasm/transfer"
)

// machines is the core's made-up second model's: hours, load, vibration, maker,
// hall, oil, in API order.
func machines(t testing.TB) *schema.Schema {
	t.Helper()
	file, err := os.ReadFile("../../core/testdata/machines.json")
	require.NoError(t, err)
	d, err := definition.Parse(file)
	require.NoError(t, err)
	return d.Schema
}

var full = []string{"713", "0.42", "10.08", "North Works", "D", "Thick"}

const order = "This is no JSON object, and no line of 6 cells in this order: hours, load, vibration, maker, hall, oil." +
	" With a line of headers above it, cells may stand in any order."

func TestCSV(t *testing.T) {
	s := machines(t)
	for name, c := range map[string]struct {
		text   string
		values []string
		notes  []string
	}{
		"in API order":                     {"713,0.42,10.08,NW,d,thick", full, nil},
		"with blanks and an end":           {" 713 , 0.42, 10.08,\"North Works\", D ,Thick\r\n", full, nil},
		"tabs":                             {"713\t0.42\t10.08\tnorth-works\td\tthick\n", full, nil},
		"semicolons":                       {"713;0.42;10.08;nw;d;thick\n", full, nil},
		"between a number and the outcome": {"M0001,713,0.42,10.08,NW,d,thick,no", full, nil},
		"below headers": {
			"Ref,Built by,HALL,Hours since service,Load (share),Vibration (mm/s),oil,failed\nM1,NW,D,713,0.42,10.08,thick,yes\n", full,
			[]string{"Not asked for, so passed over: Ref."}},
		"the first of several": {"hall,oil\nd,thick\ne,thin\n", []string{"", "", "", "", "D", "Thick"}, []string{"There were 2 applicants: this is the first."}},
		"two lines":            {"713,0.42,10.08,NW,d,thick\n1,1,1,NW,e,thin", full, []string{"There were 2 applicants: this is the first."}},
		"left open":            {"713,0.42,,NW,d,", []string{"713", "0.42", "", "North Works", "D", ""}, nil},
		"wrong cells": {"713,7,10.08,NW,zz,thick", []string{"713", "", "10.08", "North Works", "", "Thick"},
			[]string{"Load: “7” cannot be used. Enter a number between 0 and 1.25.", "Hall: “zz” cannot be used. Select a hall from the list."}},
		"a long wrong cell": {"hall,oil\n" + strings.Repeat("é", 30) + ",thin", []string{"", "", "", "", "", "Thin"},
			[]string{"Hall: “" + strings.Repeat("é", 20) + "…” cannot be used. Select a hall from the list."}},
		"quotation marks": {"713,0.42,10.08,\"Kiln & Sons \"\"(new)\"\"\",d,thick", []string{"713", "0.42", "10.08", "", "D", "Thick"},
			[]string{"Maker: “Kiln & Sons \"(new)\"” cannot be used. Select a maker from the list."}},
		"headers alone":     {"hall,oil\n", []string{"", "", "", "", "", ""}, []string{"There are headers, but no line below them."}},
		"too few cells":     {"713,0.42", []string{"", "", "", "", "", ""}, []string{order}},
		"something else":    {"Dear Sir, would you, please, look, at, this, machine", []string{"", "", "", "", "", ""}, []string{order}},
		"a line too short":  {"hours,load,oil\n713", []string{"713", "", "", "", "", ""}, nil},
		"a line too long":   {"hours,load\n713,1,thin", []string{"713", "1", "", "", "", ""}, nil},
		"a byte order mark": {"\ufeffhours,load\n713,1", []string{"713", "1", "", "", "", ""}, nil},
	} {
		a := transfer.From(s, c.text)
		assert.Equal(t, c.values, a.Values, name)
		assert.Equal(t, c.notes, a.Notes, name)
		assert.Equal(t, strings.Join(c.values, "") == "", a.Empty(), name)
	}
	assert.True(t, transfer.From(s, " \n ").Empty())
}

func TestFromJSON(t *testing.T) {
	s := machines(t)
	const whole = `{"hours": 713, "load": 0.42, "Vibration (mm/s)": "10.08", "maker": "north_works", "hall": "d", "oil": "thi\u0063k"}`
	const strange = `{"colour": "red", "hours": [1], "failed": "yes", "oil": null, "load": true, "owner": "x", "hall": "e", "hall": "d"}`
	open := []string{"", "", "", "", "", ""}
	nothing := []string{"This begins as JSON does, but holds no applicant that can be read."}
	several := []string{"There were 3 applicants: this is the first."}
	refused := []string{
		"Hours since service: what was given cannot be used. Enter a number of at least 0.",
		"Load: “true” cannot be used. Enter a number between 0 and 1.25.",
		"Not asked for, so passed over: colour, owner.",
	}
	for name, c := range map[string]struct {
		text   string
		values []string
		notes  []string
	}{
		"an object":            {whole, full, nil},
		"a byte order mark":    {"\ufeff\n" + whole + "\n", full, nil},
		"an array":             {"[" + whole + "\n, 7, {}]", full, several},
		"lines":                {whole + "\n" + strange + "\nnonsense", full, nil},
		"members of all sorts": {strange, []string{"", "", "", "", "D", ""}, refused},
		"the first of three":   {"[" + strange + ",{},{}]", []string{"", "", "", "", "D", ""}, append(several, refused...)},
		"an empty object":      {"{}", open, nil},
		"an empty array":       {"[]", open, nothing},
		"an array of numbers":  {"[1, 2]", open, nothing},
		"an array in one":      {"[[" + whole + "]]", open, nothing},
		"no JSON":              {"{hours: 713}", open, nothing},
		"cut off":              {whole[:40], open, nothing},
		"two objects":          {whole + whole, open, nothing},
		"all digits":           {`{"load": 1.2400}`, []string{"", "1.2400", "", "", "", ""}, nil},
	} {
		a := transfer.From(s, c.text)
		assert.Equal(t, c.values, a.Values, name)
		assert.Equal(t, c.notes, a.Notes, name)
	}
}

// What goes out is JSON that the API takes, and comes in again as it was.
func TestJSON(t *testing.T) {
	s := machines(t)
	record := schema.Record{713, 42, schema.Missing, 2, 3, 1}
	text := transfer.JSON(s, record)
	assert.Equal(t, `{
  "hours": 713,
  "load": 0.42,
  "vibration": null,
  "maker": "kiln_&_sons[2]",
  "hall": "d",
  "oil": "thick"
}
`, text)
	var row rows.Row
	rows.NewShape(s).Object(&row, []byte(text), 1)
	require.Empty(t, row.Faults)
	assert.Equal(t, record, row.Record)
}

func TestJSONEscapes(t *testing.T) {
	const strange = "\"\\\n\x00é/<"
	s := machines(t)
	s.Fields[4].Labels[0].Name = strange
	var got map[string]any
	require.NoError(t, json.Unmarshal([]byte(transfer.JSON(s, schema.Record{0, 0, 0, 0, 0, 0})), &got))
	assert.Equal(t, strange, got["hall"])
}

// Whatever is pasted, fields get only what they take.
func FuzzFrom(f *testing.F) {
	s := machines(f)
	f.Add("713,0.42,10.08,NW,d,thick")
	f.Add("hall,oil\n\"d\"\"\n,thin")
	f.Add("\xff;;\t\"")
	f.Add(`[{"hours":713,"hall":"\u0064"}]`)
	f.Fuzz(func(t *testing.T, text string) {
		a := transfer.From(s, text)
		require.Len(t, a.Values, len(s.Fields))
		for i, value := range a.Values {
			if value != "" {
				_, fault := s.Fields[i].Parse(s.Fields[i].Read(value))
				require.Equal(t, schema.NoFault, fault)
			}
		}
	})
}
