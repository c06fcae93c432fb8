package rows_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"lendleaf/core/rows"
	"lendleaf/core/schema"
)

func FuzzText(f *testing.F) {
	for _, text := range []string{"", "a", "\"\\\b\f\n\r\t\x00\x1f\x7f", "é\u2028\u2029<>&\U0001f600", "\xff", "a\xed\xa0\x80b", "\ufffd", "\xe2\x80"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got := rows.AppendText([]byte("x"), text)
		require.Equal(t, got, rows.AppendText([]byte("x"), []byte(text)))
		var back string
		require.NoError(t, json.Unmarshal(got[1:], &back))
		require.Equal(t, string([]rune(text)), back)
		if strings.Contains(text, `\u`) {
			return
		}
		var want bytes.Buffer // which escapes three characters that need not be
		e := json.NewEncoder(&want)
		e.SetEscapeHTML(false)
		require.NoError(t, e.Encode(text))
		raw := strings.NewReplacer(`\u2028`, "\u2028", `\u2029`, "\u2029", `\ufffd`, "\ufffd", "\n", "")
		require.Equal(t, raw.Replace(want.String()), string(got[1:]))
	})
}

func TestText(t *testing.T) {
	assert.Equal(t, `"\"\\\b\f\n\r\t\u0000\u001f`+"\x7fé\u2028<\ufffd\"", string(rows.AppendText(nil, "\"\\\b\f\n\r\t\x00\x1f\x7fé\u2028<\xff")))
}

func FuzzAppendCells(f *testing.F) {
	for _, cell := range []string{"", "a", "a,b", "a\"b", "a\nb", "\r", " a", "\u00a0a", "\u2003a", `\.`, "\xff", "\t"} {
		f.Add(cell, cell)
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		var want strings.Builder
		w := csv.NewWriter(&want)
		require.NoError(t, w.Write([]string{a, b}))
		w.Flush()
		require.Equal(t, want.String(), string(rows.AppendCells(nil, a, b)))
		require.Equal(t, want.String(), string(rows.AppendCells(nil, []byte(a), []byte(b))))
	})
}

func TestCompact(t *testing.T) {
	const text = " { \"a\\u0041\\/\\ud800\" : [ 1e400 , -0, 1E5,true ,null,\"\\u007f\"], \"b\":{ } }\n"
	assert.Equal(t, "{\"aA/\ufffd\":[\"1e400\",-0,1E5,true,null,\"\x7f\"],\"b\":{}}", string(rows.AppendCompact(nil, []byte(text))))
	whole := "1" + strings.Repeat("0", 400)
	assert.Equal(t, "["+whole+",\""+whole+".0\",1e308]", string(rows.AppendCompact(nil, []byte("["+whole+", "+whole+".0, 1e308]"))))
}

var broken = schema.Target{Columns: []string{"Defect"}, Positive: schema.Outcome{Name: "Bro\"ken \x7f"}, Negative: schema.Outcome{Name: "Whole, or so"}}

func TestPrecisions(t *testing.T) {
	assert.Equal(t, `"prediction":"x","probabilities":{"Bro\"ken `+"\x7f"+`":0.333,"Whole, or so":0.667}`, string(rows.Rounded.AppendPrediction(nil, broken, "x", 1.0/3)))
	assert.Equal(t, `{"Bro\"ken `+"\x7f"+`":0.3333333333333333,"Whole, or so":0.6666666666666667}`, string(rows.Exact.AppendProbabilities(nil, broken, 1.0/3)))
	assert.Equal(t, "0.000 1e-05", string(rows.Exact.AppendProbability(append(rows.Rounded.AppendProbability(nil, 1e-5), ' '), 1e-5)))
}

func TestAnswers(t *testing.T) {
	s := parcels(t)
	faults := []rows.RowError{
		{Line: 3, Column: "Colour", Err: schema.FieldError{Field: s.Field("colour"), Fault: schema.FaultLabel}}, {Line: 3, Column: "note", Err: rows.TextError{Name: "note"}},
	}
	write := func(a rows.Answers) string {
		text := a.Begin(nil)
		text = a.Score(text, 2, broken.Positive.Name, 0.625)
		text = a.Faults(text, 3, faults)
		text = a.Faults(text, 4, []rows.RowError{{Line: 4, Err: rows.ErrCells}})
		text = a.End(text, 1, 2, nil)
		return string(a.End(text, 1, 2, errors.New("gone, \"all\" of it")))
	}
	assert.Equal(t, `{"line":2,"prediction":"Bro\"ken `+"\x7f"+`","probabilities":{"Bro\"ken `+"\x7f"+`":0.625,"Whole, or so":0.375}}
{"line":3,"detail":[{"field":"colour","msg":"Select a colour from the list."},{"field":"note","msg":"Enter a text."}]}
{"line":4,"detail":[{"field":"","msg":"wrong number of fields"}]}
{"n_predictions":1,"n_errors":2}
{"n_predictions":1,"n_errors":2,"detail":"gone, \"all\" of it"}
`, write(rows.NDJSONAnswers(broken)))
	text := write(rows.CSVAnswers(broken))
	assert.Equal(t, "line,prediction,\"probability_bro\"\"ken_\x7f\",error\n2,\"Bro\"\"ken \x7f\",0.625,\n3,,,colour: Select a colour from the list. note: Enter a text.\n"+
		"4,,,wrong number of fields\n,,,n_predictions=1 n_errors=2\n,,,\"gone, \"\"all\"\" of it; n_predictions=1 n_errors=2\"\n", text)
	_, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	assert.NoError(t, err)
}

func TestAppendApplicant(t *testing.T) {
	s := parcels(t)
	assert.Equal(t, `{"weight":1.5,"colour":"deep_blue"}`, string(rows.AppendApplicant(nil, s, schema.Record{150, 1}, "")))
	assert.Equal(t, "{\n  \"weight\": 1.5,\n  \"colour\": null\n}", string(rows.AppendApplicant(nil, s, schema.Record{150, missing}, "  ")))
}
