package rows_test

import (
	"encoding/csv"
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

var tables = []string{
	"", "\n", "a,b\n1,2\n", "a,b\r\n1,2\r\n", "a", ",", ",,\n,\n", "\"a\"\n", "\"a,b\",c\n", "\"a\nb\r\nc\",d\ne", "\"\"\"\",\"a\"\"b\"\n",
	"a\"b,c\nd\n", "\"a\"b,c\nd\n", "a,\"b\nc", "a,\"", "a,\"\n", "\n\n\r\n a , b \n", "a\r", "a\rb,c\n", "\r\r\n", "a,\"b\"\r", "\"a\"\r\n\"b\r\n", "é,\xff\n", "\"a\n\",\"b\n\n\"\nc",
}

// requireStandard holds the reader against encoding/csv, which reads RFC 4180 as
// strictly: same cells, same lines, same faults.
func requireStandard(t *testing.T, text string) {
	t.Helper()
	want := csv.NewReader(strings.NewReader(text))
	want.FieldsPerRecord = -1
	got := rows.NewCells(iotest.HalfReader(strings.NewReader(text)), rows.Options{})
	var next rows.Row
	for {
		cells, wantErr := want.Read()
		err := got.Read(&next)
		if wantErr == io.EOF {
			require.Equal(t, io.EOF, err)
			return
		}
		require.NoError(t, err)
		require.Len(t, next.Cells, len(cells), "%q", text)
		for i, cell := range cells {
			line, _ := want.FieldPos(i)
			require.Equal(t, line, got.Line(i))
			require.Equal(t, cell, string(next.Cells[i]))
		}
		var fault *csv.ParseError
		if errors.As(wantErr, &fault) {
			require.Len(t, next.Faults, 1)
			require.Equal(t, fault.StartLine, next.Line)
			require.Equal(t, fault.StartLine, next.Faults[0].Line)
			require.Equal(t, fault.Err.Error(), next.Faults[0].Reason())
			continue
		}
		require.Empty(t, next.Faults)
		line, _ := want.FieldPos(0)
		require.Equal(t, line, next.Line)
	}
}

func TestCells(t *testing.T) {
	for _, text := range tables {
		requireStandard(t, text)
	}
}

func FuzzCells(f *testing.F) {
	for _, text := range tables {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if !strings.HasPrefix(text, "\ufeff") {
			requireStandard(t, text)
		}
	})
}

func TestPastedCells(t *testing.T) {
	for text, want := range map[string][][]string{
		" ;\n;;\n\" \"\n":      nil,
		"a;b\rc;d\r\ne":        {{"a", "b"}, {"c", "d"}, {"e"}},
		"a\"b;\"c\"d;\"e":      {{"a\"b", "cd", "e"}},
		"\"a;b\";\"c\"\"d\"\n": {{"a;b", "c\"d"}},
		"\"a;\nb\";c":          {{"a;\nb", "c"}},
	} {
		got := rows.PastedCells(text)
		assert.Equal(t, want, got, "%q", text)
	}
	assert.Equal(t, "\t;,,", string([]byte{rows.Separator("a\tb\tc,d"), rows.Separator("a;b\nc,d,e"), rows.Separator("a"), rows.Separator("a;b,c")}))
}

func table(t testing.TB, text string, o rows.Options) *rows.CSV {
	t.Helper()
	c, err := rows.NewCSV(strings.NewReader(text), rows.NewShape(parcels(t)), o)
	require.NoError(t, err)
	return c
}

func TestCSV(t *testing.T) {
	nothing := schema.Record{missing, missing}
	got, err := all(t, table(t, "\ufeffRef,Colour,Weight (kg)\n1,green,x\n2,red\n3, RED ,1.5\n\n4,\"re\"d,1\n5,,2\n\"6\n\",\"Deep\nBlue\",-1\n7,red,01\n", rows.Options{}))
	require.NoError(t, err)
	assert.Equal(t, []row{
		{2, nothing, pickWeight + " " + pickColour}, {3, nothing, "wrong number of fields"}, {4, schema.Record{150, 0}, ""},
		{6, nothing, `extraneous or missing " in quoted-field`}, {7, schema.Record{200, missing}, ""}, {8, nothing, pickWeight + " " + pickColour},
		{11, schema.Record{missing, 0}, pickWeight},
	}, got)

	c := table(t, "colour,weight\nred,1\ngreen,\"1\n\"\n\"\n\",x\n", rows.Options{})
	var next rows.Row
	require.NoError(t, c.Read(&next))
	assert.Equal(t, []string{"colour", "weight"}, c.Header())
	assert.Equal(t, "red", string(next.Cells[0]))
	require.NoError(t, c.Read(&next))
	assert.Equal(t, []rows.RowError{{Line: 3, Column: "colour", Err: schema.FieldError{Field: parcels(t).Field("colour"), Fault: schema.FaultLabel}}}[0].Error(), next.Faults[0].Error())
	require.NoError(t, c.Read(&next))
	assert.EqualError(t, next.Faults[0], `line 6, column "weight": Enter a number between 0 and 900.`, "the line of the value")
}

// As JSON may, a CSV may lack what is optional; what is required it may not.
func TestCSVMayLackOptionalColumns(t *testing.T) {
	got, err := all(t, table(t, "weight\n1\n2\n", rows.Options{}))
	require.NoError(t, err)
	assert.Equal(t, []row{{2, schema.Record{100, missing}, ""}, {3, schema.Record{200, missing}, ""}}, got)
	_, err = rows.NewCSV(strings.NewReader("colour\n"), rows.NewShape(parcels(t)), rows.Options{})
	assert.Equal(t, rows.ColumnError{Column: "weight", Err: rows.ErrMissing}, err)
	_, err = rows.NewCSV(strings.NewReader("colour,weight,Colour\n"), rows.NewShape(parcels(t)), rows.Options{})
	assert.Equal(t, rows.ColumnError{Column: "colour", Err: rows.ErrTwice}, err)
}

func TestCSVRefusesHeaders(t *testing.T) {
	for text, want := range map[string]error{
		"": rows.ErrEmpty, "\n\r\n": rows.ErrEmpty, "\ufeff": rows.ErrEmpty, "a;b\n": rows.ErrNoCSV, "a\tb\n": rows.ErrNoCSV, "w\x00e\x00": rows.ErrNoCSV,
		"a\"\n": rows.ErrBareQuote, "\"a": rows.ErrQuote, "a\n": rows.ErrMissing,
	} {
		_, err := rows.NewCSV(strings.NewReader(text), rows.NewShape(parcels(t)), rows.Options{})
		assert.ErrorIs(t, err, want, "%q", text)
	}
	c, err := rows.NewCSV(strings.NewReader("weight;colour\n1;red\n"), rows.NewShape(parcels(t)), rows.Options{Separator: ';'})
	require.NoError(t, err)
	got, err := all(t, c)
	require.NoError(t, err)
	assert.Equal(t, []row{{2, schema.Record{100, 0}, ""}}, got)
}
