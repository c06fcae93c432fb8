package rows_test

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"lendleaf/core/rows"
	"lendleaf/core/schema"
)

var errBroken = errors.New("broken")

func breaksAfter(text string) io.Reader {
	return io.MultiReader(strings.NewReader(text), iotest.ErrReader(errBroken))
}

// Wherever a source breaks off, its error is told, and rows before it are read.
func TestSourcesThatBreakOff(t *testing.T) {
	shape := rows.NewShape(parcels(t))
	for text, before := range map[string]int{
		"": 0, " ": 0, "[": 0, "[ ": 0, "[{\"weight\"": 0, "[{\"weight\":1}": 1, "[{\"weight\":1} ": 1, "[{\"weight\":1},": 1, "[{\"weight\":1}]": 1,
		"{\"weight\":1}": 1, "{\"weight\":1} ": 1, "[]": 0, "[7": 0, "[7,": 0, "7": 0,
	} {
		got, err := all(t, rows.NewJSON(breaksAfter(text), shape, rows.Options{}))
		assert.ErrorIs(t, err, errBroken, text)
		assert.Len(t, got, before, text)
	}
	for text, before := range map[string]int{"": 0, "{\"weight\":1}\n": 1, "{\"weight\":1}\n{}": 1, "\n": 0} {
		got, err := all(t, rows.NewNDJSON(breaksAfter(text), shape, rows.Options{}))
		assert.ErrorIs(t, err, errBroken, text)
		assert.Len(t, got, before, text)
	}
	for text, before := range map[string]int{"weight\n": 0, "weight\n1\n": 1, "weight\n1\n2": 1, "weight\n1\n\"2": 1, "weight\n1\n\"2\n": 1, "weight\n1\n\"2\"": 1} {
		c, err := rows.NewCSV(breaksAfter(text), shape, rows.Options{})
		require.NoError(t, err)
		got, err := all(t, c)
		assert.ErrorIs(t, err, errBroken, text)
		assert.Len(t, got, before, text)
	}
}

// nothing gives neither bytes nor an error.
type nothing struct{}

func (nothing) Read([]byte) (int, error) { return 0, nil }

func TestSourcesThatGiveNothing(t *testing.T) {
	_, err := all(t, rows.NewNDJSON(nothing{}, rows.NewShape(parcels(t)), rows.Options{}))
	assert.Equal(t, io.ErrNoProgress, err)
}

// A row without an end is given up at its limit, and a window that the budget does
// not have is not made.
func TestRowsWithoutAnEnd(t *testing.T) {
	shape := rows.NewShape(parcels(t))
	for text, header := range map[string]string{
		"x": "header: line 1: the row is longer than 100 bytes", "{\"a\":\"": "header: the row is longer than 100 bytes: is a quotation mark left open?",
		"[{\"weight\":": "header: the row is longer than 100 bytes: is a quotation mark left open?",
	} {
		source := func() io.Reader { return breaksAfter(text + strings.Repeat("1", 1<<20)) }
		got, err := all(t, rows.NewNDJSON(source(), shape, rows.Options{Limit: 100}))
		assert.ErrorIs(t, err, errBroken)
		require.Len(t, got, 1)
		assert.Equal(t, "the row is longer than 100 bytes", got[0].fault)
		if text != "x" {
			_, err = all(t, rows.NewJSON(source(), shape, rows.Options{Limit: 100}))
			assert.ErrorIs(t, err, rows.ErrTooLong)
		}
		_, err = rows.NewCSV(source(), shape, rows.Options{Limit: 100})
		assert.EqualError(t, err, header)
		assert.ErrorIs(t, err, rows.ErrTooLong)
	}
	_, err := all(t, rows.NewNDJSON(strings.NewReader("{}"), shape, rows.Options{Budget: rows.NewBudget(1000, nil)}))
	assert.ErrorIs(t, err, rows.ErrBudget)
}

// What a row holds stays as it is while others are read, however many.
func TestRowsOutliveTheWindow(t *testing.T) {
	shape := rows.NewShape(parcels(t))
	far := strings.Repeat(" ", 3<<14)
	j := rows.NewJSON(strings.NewReader(`[{"weight":1},`+far+`{"weight":2},`+far+`{"weight":3}]`), shape, rows.Options{})
	n := rows.NewNDJSON(strings.NewReader(`{"weight":1}`+far+"\n"+`{"weight":2}`+far+"\nbroken"), shape, rows.Options{})
	for _, r := range []rows.Reader{j, n} {
		var list [3]rows.Row
		for i := range list {
			require.NoError(t, r.Read(&list[i]))
		}
		assert.Equal(t, `{"weight":1}`, string(list[0].Object))
		assert.Equal(t, `{"weight":2}`, string(list[1].Object))
		assert.Equal(t, "2", string(list[1].Given(0)))
		if r == rows.Reader(n) {
			assert.Equal(t, "broken", string(list[2].Object))
		}
	}
}

// A row says nothing of the one that was read into it before.
func TestRowsAreReadAnew(t *testing.T) {
	s := parcels(t)
	shape := rows.NewShape(s, "note")
	var row rows.Row
	shape.Object(&row, []byte(`{"weight":1,"colour":"red","note":"x"}`), 1)
	assert.Equal(t, "x", row.Text(0))
	shape.Object(&row, []byte(`{"weight":2}`), 2)
	assert.Equal(t, schema.Record{200, missing}, row.Record)
	assert.Nil(t, row.Given(1))
	assert.Empty(t, row.Text(0))
	assert.Nil(t, row.Given(3))
	shape.Object(&row, []byte(`{`), 3)
	assert.Equal(t, "line 3: it is no JSON object", row.Faults[0].Error())
	assert.Nil(t, row.Given(0))
}

func TestEscapes(t *testing.T) {
	shape := rows.NewShape(parcels(t), "note")
	for note, want := range map[string]string{
		`\"\\\/\b\f\n\r\t`:         "\"\\/\b\f\n\r\t",
		`\u00e9\u00E9\u0041`:       "ééA",
		`\ud83d\ude00`:             "\U0001f600",
		`x\uD83D\uDE00y`:           "x\U0001f600y",
		`\ud83d\n`:                 "\ufffd\n",
		"\ufffd\\n":                "\ufffd\n",
		"\xed\xa0\x80ab":           "\ufffdab",
		"\xed\xbf\xbf\xed\xa0\x80": "\ufffd\ufffd",
		"\x7f\\t":                  "\x7f\t",
		"\u0080é":                  "\u0080é",
	} {
		var row rows.Row
		shape.Object(&row, []byte(`{"weight":1,"note":"`+note+`"}`), 1)
		require.Empty(t, row.Faults, note)
		assert.Equal(t, want, row.Text(0), note)
	}
	for text, want := range map[string]rows.SyntaxError{
		`["\u12/4"]`: {Offset: 3, Fault: rows.BadUnicode}, `["\u12:4"]`: {Offset: 3, Fault: rows.BadUnicode}, `["\u12@4"]`: {Offset: 3, Fault: rows.BadUnicode},
		`["\u12G4"]`: {Offset: 3, Fault: rows.BadUnicode}, "[\"\\u12`4\"]": {Offset: 3, Fault: rows.BadUnicode}, `["\q"]`: {Offset: 2, Fault: rows.BadEscape},
		"[\"a\x1f\"]": {Offset: 3, Fault: rows.Control}, "[\"\xc0\xa0\x80\"]": {Offset: 2, Fault: rows.NoUTF8}, "[\"\xed\x9f\xff\"]": {Offset: 2, Fault: rows.NoUTF8},
		"[\"a\x80\"]": {Offset: 3, Fault: rows.NoUTF8}, `[00]`: {Offset: 2, Fault: rows.WantComma}, `[-01]`: {Offset: 3, Fault: rows.WantComma}, `[1.5.2]`: {Offset: 4, Fault: rows.WantComma},
		`[10.99e+]`: {Offset: 6, Fault: rows.WantComma}, `[1.09E]`: {Offset: 5, Fault: rows.WantComma}, `[-]`: {Offset: 1, Fault: rows.WantValue}, `[19x]`: {Offset: 3, Fault: rows.WantComma},
	} {
		_, err := all(t, rows.NewJSONText([]byte(text), shape))
		assert.Equal(t, want, err, "%q", text)
	}
	_, err := rows.Values([]byte(`"\u1234"`))
	assert.NoError(t, err)
	_, err = rows.Values([]byte(`["\u12345", "\\"]`))
	assert.NoError(t, err)
	assert.Equal(t, `[-9,0,9,"-1e999","9e999",90]`, string(rows.AppendCompact(nil, []byte(" [-9, 0 ,9,-1e999, 9e999,90]"))))
}

// What is wrong stays wrong when it comes again, and a header may have any sign
// that other files separate cells by.
func TestCellsThatComeAgain(t *testing.T) {
	got, err := all(t, table(t, "a;b,weight,colour\n,1,green\n,2,green\n,3,red\n,4,red\n", rows.Options{}))
	require.NoError(t, err)
	assert.Equal(t, []row{
		{2, schema.Record{100, missing}, pickColour}, {3, schema.Record{200, missing}, pickColour}, {4, schema.Record{300, 0}, ""}, {5, schema.Record{400, 0}, ""},
	}, got)
	for _, text := range []string{"\"a\"", "a,\"b\"", "\"a\",\"\"", "\"\"\"\""} {
		requireStandard(t, text)
	}
	assert.EqualError(t, rows.RowError{Line: 4, Err: rows.ErrCells}, "line 4: wrong number of fields")
}

func TestThousandsWithAPoint(t *testing.T) {
	c, err := rows.NewCSV(strings.NewReader("weight\n1’234.5\n"), wide(t), rows.Options{Reading: rows.Reading{Thousands: '’'}})
	require.NoError(t, err)
	var next rows.Row
	require.NoError(t, c.Read(&next))
	assert.EqualValues(t, 123450, next.Record[0])
	assert.ErrorIs(t, rows.Reading{Decimal: 0xd800}.Check(), rows.ErrReading)
}
