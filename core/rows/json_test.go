package rows_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"lendleaf/core/rows"
	"lendleaf/core/schema"
)

// Where each fault is found is what Python 3.11's json.loads says of the text.
var syntaxFaults = map[string]rows.SyntaxError{
	"":                      {0, rows.WantValue},
	"  ":                    {2, rows.WantValue},
	"nul":                   {0, rows.WantValue},
	"-":                     {0, rows.WantValue},
	"NaN":                   {0, rows.WantValue},
	"[1,]":                  {3, rows.WantValue},
	"[1 2]":                 {3, rows.WantComma},
	"[01]":                  {2, rows.WantComma},
	"[1.]":                  {2, rows.WantComma},
	"[-1.5e]":               {5, rows.WantComma},
	"[0x1]":                 {2, rows.WantComma},
	"[1":                    {2, rows.WantComma},
	"[":                     {1, rows.WantValue},
	"{":                     {1, rows.WantName},
	"{,}":                   {1, rows.WantName},
	"{'a':1}":               {1, rows.WantName},
	`{"a":1,}`:              {7, rows.WantName},
	`{"a" 1}`:               {5, rows.WantColon},
	`{"a"}`:                 {4, rows.WantColon},
	`{"a":}`:                {5, rows.WantValue},
	`{"a":1 "b":2}`:         {7, rows.WantComma},
	`{"a":1`:                {6, rows.WantComma},
	`{"a":[}`:               {6, rows.WantValue},
	`{"a":{"b":tru}}`:       {10, rows.WantValue},
	`{"weight":1 }x`:        {13, rows.ExtraData},
	`[] []`:                 {3, rows.ExtraData},
	`1 2`:                   {2, rows.ExtraData},
	`"abc`:                  {0, rows.Unterminated},
	`{"a":"bc\`:             {5, rows.Unterminated},
	`{"a":"b` + "\n" + `"}`: {7, rows.Control},
	"\"\x00\"":              {1, rows.Control},
	`"\x"`:                  {1, rows.BadEscape},
	`"ab\u12g4"`:            {4, rows.BadUnicode},
	`"\u12"`:                {2, rows.BadUnicode},
	`"\u1234`:               {2, rows.BadUnicode},
	"[\"a\xffb\"]":          {3, rows.NoUTF8},
	"\"\xed\xa0\"":          {1, rows.NoUTF8},
}

func TestSyntaxFaults(t *testing.T) {
	shape := rows.NewShape(parcels(t))
	for text, want := range syntaxFaults {
		_, err := all(t, rows.NewJSONText([]byte(text), shape))
		assert.Equal(t, want, err, "%q", text)
		_, err = all(t, rows.NewJSON(iotest.OneByteReader(strings.NewReader(text)), shape, rows.Options{}))
		assert.Equal(t, want, err, "%q, byte by byte", text)
	}
	assert.EqualError(t, rows.SyntaxError{Offset: 7, Fault: rows.WantColon}, "no JSON: at byte 7: a colon is missing")
}

func TestDepth(t *testing.T) {
	shape := rows.NewShape(parcels(t))
	deep := func(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) }
	_, err := all(t, rows.NewJSONText([]byte(`{"weight":1,"x":`+deep(9999)+`}`), shape))
	assert.NoError(t, err)
	_, err = all(t, rows.NewJSONText([]byte(`{"weight":1,"x":`+deep(10000)+`}`), shape))
	assert.Equal(t, rows.SyntaxError{Offset: 16 + 9999, Fault: rows.TooDeep}, err)
	_, err = all(t, rows.NewJSONText([]byte(deep(10000)), shape))
	assert.NoError(t, err)
	_, err = all(t, rows.NewJSONText([]byte(deep(10001)), shape))
	assert.Equal(t, rows.SyntaxError{Offset: 10000, Fault: rows.TooDeep}, err)
	_, err = all(t, rows.NewJSONText([]byte(strings.Repeat(`{"a":`, 20000)), shape))
	assert.Equal(t, rows.SyntaxError{Offset: 5 * 10000, Fault: rows.TooDeep}, err)
}

const pickWeight, pickColour = "weight: Enter a number between 0 and 900.", "colour: Select a colour from the list."

// What one object becomes, by hand: weights in hundredths, red is 0, deep_blue 1.
var objects = map[string]row{
	`{"weight":1.5,"colour":"red"}`:                                           {1, schema.Record{150, 0}, ""},
	"\t{ \"colour\" : null , \"weight\" : 12.345e0 }\r\n":                     {1, schema.Record{1234, missing}, ""},
	`{"weight":1,"weight":2}`:                                                 {1, schema.Record{200, missing}, ""},
	`{"weight":"x","weight":2,"colour":"green","colour":null}`:                {1, schema.Record{200, missing}, ""},
	`{"weight":2,"weight":[]}`:                                                {1, schema.Record{missing, missing}, pickWeight},
	`{"weight":2,"weight":null,"colour":"red"}`:                               {1, schema.Record{missing, 0}, pickWeight},
	`{"colour":"deep\u005fblue","\u0077eight":3}`:                             {1, schema.Record{300, 1}, ""},
	`{"colour":"\ud800","weight":3}`:                                          {1, schema.Record{300, missing}, pickColour},
	`{"weight":1e999}`:                                                        {1, schema.Record{missing, missing}, pickWeight},
	`{"weight":-0}`:                                                           {1, schema.Record{0, missing}, ""},
	`{"weight":true,"colour":7}`:                                              {1, schema.Record{missing, missing}, pickWeight + " " + pickColour},
	`{"weight":{"weight":1},"colour":["red"]}`:                                {1, schema.Record{missing, missing}, pickWeight + " " + pickColour},
	`{"x":{"weight":5,"y":[{},[null,true,false,"\n\"",-1.5e-3]]},"weight":1}`: {1, schema.Record{100, missing}, ""},
	`{}`:                                    {1, schema.Record{missing, missing}, pickWeight},
	`{"weight":1,"note":5}`:                 {1, schema.Record{100, missing}, "note: Enter a text."},
	`{"weight":-1,"note":{}}`:               {1, schema.Record{missing, missing}, pickWeight + " note: Enter a text."},
	`{"weight":1,"note":null}`:              {1, schema.Record{100, missing}, ""},
	`{"weight":1,"note":"x"}`:               {1, schema.Record{100, missing}, ""},
	`{"weight":1,"note":1,"note":"x"}`:      {1, schema.Record{100, missing}, ""},
	`7`:                                     {1, schema.Record{missing, missing}, "it is no JSON object"},
	`null`:                                  {1, schema.Record{missing, missing}, "it is no JSON object"},
	"{\"weight\":1,\"x\":\"\xed\xa0\x80\"}": {1, schema.Record{100, missing}, ""},
}

func TestObjects(t *testing.T) {
	shape := rows.NewShape(parcels(t), "note")
	for text, want := range objects {
		for name, r := range map[string]rows.Reader{
			"text":   rows.NewJSONText([]byte(text), shape),
			"source": rows.NewJSON(iotest.OneByteReader(strings.NewReader(text)), shape, rows.Options{}),
			"line":   rows.NewNDJSON(strings.NewReader(text), shape, rows.Options{}),
		} {
			got, err := all(t, r)
			require.NoError(t, err, "%s: %s", name, text)
			if name == "source" || name == "text" {
				want := want
				want.line += strings.Count(text[:strings.IndexAny(text, "{[7n")], "\n")
			}
			assert.Equal(t, []row{want}, got, "%s: %s", name, text)
		}
	}
}

func TestArrays(t *testing.T) {
	shape := rows.NewShape(parcels(t))
	const text = " [ {\"weight\":1},\n\n{\"weight\":2}\n,{},7 ,[{\"weight\":3}] , {\"weight\":4}\n]\n "
	want := []row{
		{1, schema.Record{100, missing}, ""}, {3, schema.Record{200, missing}, ""}, {4, schema.Record{missing, missing}, pickWeight},
		{4, schema.Record{missing, missing}, "it is no JSON object"}, {4, schema.Record{missing, missing}, "it is no JSON object"}, {4, schema.Record{400, missing}, ""},
	}
	j := rows.NewJSONText([]byte(text), shape)
	got, err := all(t, j)
	require.NoError(t, err)
	assert.Equal(t, want, got)
	assert.True(t, j.List())
	got, err = all(t, rows.NewJSON(iotest.OneByteReader(strings.NewReader("\ufeff"+text)), shape, rows.Options{}))
	require.NoError(t, err)
	assert.Equal(t, want, got)

	for text, list := range map[string]bool{"[]": true, " [ ] ": true, "{}": false, "1": false} {
		j := rows.NewJSONText([]byte(text), shape)
		got, err := all(t, j)
		require.NoError(t, err)
		assert.Equal(t, list, j.List())
		assert.Equal(t, list, len(got) == 0)
	}
}

// Values says the same of a text as the reader of applicants.
func requireValues(t *testing.T, text []byte, count int, want error) {
	t.Helper()
	values, err := rows.Values(text)
	require.Equal(t, want, err, "%q", text)
	if err == nil {
		require.Len(t, values, count, "%q", text)
		for _, value := range values {
			require.True(t, json.Valid(value), "%q", value)
		}
	}
}

func TestValues(t *testing.T) {
	values, err := rows.Values([]byte(" [ {\"a\": [1, 2]} ,7,\"]\"\n] "))
	require.NoError(t, err)
	assert.Equal(t, [][]byte{[]byte(`{"a": [1, 2]}`), []byte("7"), []byte(`"]"`)}, values)
	for text, want := range syntaxFaults {
		requireValues(t, []byte(text), 0, want)
	}
}

// A fault behind good rows comes once those were read.
func TestArraysArePulled(t *testing.T) {
	shape := rows.NewShape(parcels(t))
	got, err := all(t, rows.NewJSON(strings.NewReader(`[{"weight":1},{"weight":2} {`), shape, rows.Options{}))
	assert.Equal(t, rows.SyntaxError{Offset: 27, Fault: rows.WantComma}, err)
	assert.Len(t, got, 2)
	got, err = all(t, rows.NewJSON(iotest.TimeoutReader(iotest.OneByteReader(strings.NewReader(`[{"weight":1}]`))), shape, rows.Options{}))
	assert.ErrorIs(t, err, iotest.ErrTimeout)
	assert.Empty(t, got)
}

func TestARowKeepsWhatItWasMadeOf(t *testing.T) {
	s := parcels(t)
	shape := rows.NewShape(s, "note", "address")
	const text = `[{"note":"a\"\u00e9","weight": 1.50 ,"x":[1, 2]},{"weight":2}]`
	for _, j := range []*rows.JSON{rows.NewJSONText([]byte(text), shape), rows.NewJSON(iotest.HalfReader(strings.NewReader(text)), shape, rows.Options{})} {
		var first, second rows.Row
		require.NoError(t, j.Read(&first))
		require.NoError(t, j.Read(&second))
		assert.Equal(t, `{"note":"a\"\u00e9","weight": 1.50 ,"x":[1, 2]}`, string(first.Object))
		assert.Equal(t, "1.50", string(first.Given(s.Index("weight"))))
		assert.Nil(t, first.Given(s.Index("colour")))
		assert.Equal(t, `"a\"\u00e9"`, string(first.Given(len(s.Fields))))
		assert.Equal(t, `a"é`, first.Text(0))
		assert.Empty(t, first.Text(1))
		assert.Equal(t, `{"weight":2}`, string(second.Object))
		assert.Empty(t, second.Text(0))
		assert.Nil(t, second.Given(99))
		var names, values []string
		for name, value := range rows.Members(first.Object) {
			names, values = append(names, name), append(values, string(value))
		}
		assert.Equal(t, []string{"note", "weight", "x"}, names)
		assert.Equal(t, []string{`"a\"\u00e9"`, "1.50", "[1, 2]"}, values)
	}
	assert.Equal(t, "a\"é\U0001f600", rows.Unquoted([]byte(`"a\"\u00e9\uD83D\ude00"`)))
	assert.Equal(t, "\ufffdA\ufffd\ufffd\b\f\n\r\t/\\", rows.Unquoted([]byte(`"\ud83dA\ude00\ud800\b\f\n\r\t\/\\"`)))
}

func TestLines(t *testing.T) {
	shape := rows.NewShape(parcels(t), "note")
	text := "\ufeff{\"weight\":1.5}\n\n  \r\n {\"weight\":2} \r\n[1]\nx\n{\"weight\":1} {}\n{\"weight\":1,\"x\":\"\xff\"}\n{\"weight\":1,\"note\":5}\n{\"weight\":900}"
	got, err := all(t, rows.NewNDJSON(iotest.OneByteReader(strings.NewReader(text)), shape, rows.Options{}))
	require.NoError(t, err)
	nothing := schema.Record{missing, missing}
	assert.Equal(t, []row{
		{1, schema.Record{150, missing}, ""}, {4, schema.Record{200, missing}, ""}, {5, nothing, "it is no JSON object"}, {6, nothing, "it is no JSON object"},
		{7, nothing, "it is no JSON object"}, {8, nothing, "its text is no UTF-8"}, {9, schema.Record{100, missing}, "note: Enter a text."}, {10, schema.Record{90000, missing}, ""},
	}, got)
}

// The reader takes what encoding/json takes, and gives each member the same value.
func FuzzJSON(f *testing.F) {
	s := parcels(f)
	shape := rows.NewShape(s, "note")
	for text := range objects {
		f.Add([]byte(text))
	}
	for text := range syntaxFaults {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var next rows.Row
		err := rows.NewJSONText(text, shape).Read(&next)
		if next.Faults == nil && err == nil {
			require.True(t, 0 <= next.Record[0] && next.Record[0] <= 90_000)
		}
		list, err := all(t, rows.NewJSONText(text, shape))
		requireValues(t, text, len(list), err)
		var e rows.SyntaxError
		noUTF8 := errors.As(err, &e) && e.Fault == rows.NoUTF8 // which encoding/json mends
		if !noUTF8 && !bytes.HasPrefix(text, []byte("\ufeff")) {
			require.Equal(t, json.Valid(text), err == nil, "%v", err)
		}
		inSteps, errInSteps := all(t, rows.NewJSON(iotest.HalfReader(bytes.NewReader(text)), shape, rows.Options{}))
		if !bytes.HasPrefix(text, []byte("\ufeff")) {
			require.Equal(t, err, errInSteps)
			require.Equal(t, list, inSteps)
		}
		if err == nil {
			compact := rows.AppendCompact(nil, text)
			require.True(t, json.Valid(compact), "%s", compact)
			again, err := all(t, rows.NewJSONText(compact, shape))
			require.NoError(t, err)
			require.Len(t, again, len(list))
			for i := range list {
				require.Equal(t, list[i].record, again[i].record)
				require.Equal(t, list[i].fault, again[i].fault)
			}
		}
	})
}
