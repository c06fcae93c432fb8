package dataset_test

import (
	"encoding/csv"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"lendleaf/core/dataset"
	"lendleaf/core/schema"
)

func TestReaderGoesOnAfterBadRows(t *testing.T) {
	s := madeUp(t)
	r, err := dataset.NewReader(strings.NewReader("\ufeffRef,Colour,Weight (kg)\n1,green,x\n2,red\n3, RED ,1.5\n4,\"re\"d,1\n5,,2\n"), s)
	require.NoError(t, err)
	assert.Equal(t, []string{"Ref", "Colour", "Weight (kg)"}, r.Header())

	want := []dataset.Row{
		{Line: 2, Cells: []string{"1", "green", "x"}, Record: schema.Record{schema.Missing, schema.Missing}, Faults: []dataset.RowError{
			{Line: 2, Column: "Weight (kg)", Err: schema.FieldError{Field: &s.Fields[0], Fault: schema.FaultKind}},
			{Line: 2, Column: "Colour", Err: schema.FieldError{Field: &s.Fields[1], Fault: schema.FaultLabel}},
		}},
		{Line: 3, Cells: []string{"2", "red"}, Record: schema.Record{schema.Missing, schema.Missing}, Faults: []dataset.RowError{
			{Line: 3, Err: csv.ErrFieldCount},
		}},
		{Line: 4, Cells: []string{"3", " RED ", "1.5"}, Record: schema.Record{150, 0}, Faults: []dataset.RowError{}},
		{Line: 5, Cells: []string{"4"}, Record: schema.Record{schema.Missing, schema.Missing}, Faults: []dataset.RowError{
			{Line: 5, Err: csv.ErrQuote},
		}},
		{Line: 6, Cells: []string{"5", "", "2"}, Record: schema.Record{200, schema.Missing}, Faults: []dataset.RowError{}},
	}
	row := dataset.Row{Positive: true}
	for _, w := range want {
		require.NoError(t, r.Read(&row))
		assert.Equal(t, w, row)
	}
	assert.Equal(t, io.EOF, r.Read(&row))
	assert.Equal(t, io.EOF, r.Read(&row))
}

func TestRowsBelongToTheirOwner(t *testing.T) {
	r, err := dataset.NewLabelledReader(strings.NewReader("weight,colour,defect\n1,red,1\n2,Deep Blue,0\n"), madeUp(t))
	require.NoError(t, err)
	var first, second dataset.Row
	require.NoError(t, r.Read(&first))
	require.NoError(t, r.Read(&second))
	assert.Equal(t, dataset.Row{Line: 2, Cells: []string{"1", "red", "1"}, Record: schema.Record{100, 0}, Positive: true}, first)
	assert.Equal(t, dataset.Row{Line: 3, Cells: []string{"2", "Deep Blue", "0"}, Record: schema.Record{200, 1}}, second)
}

// A column that is not wanted may hold anything.
func TestReaderPassesOverTheTarget(t *testing.T) {
	r, err := dataset.NewReader(strings.NewReader("weight,colour,defect\n1,red,perhaps\n"), madeUp(t))
	require.NoError(t, err)
	var row dataset.Row
	require.NoError(t, r.Read(&row))
	assert.Empty(t, row.Faults)
	assert.False(t, row.Positive)
	assert.Equal(t, "perhaps", row.Cells[2])
}

func TestReaderBoundsRows(t *testing.T) {
	const long = 1 << 21
	header, row := "weight,colour,defect\n", "1,red,1\n"
	for name, text := range map[string]string{
		"open quote": header + row + "1,\"" + strings.Repeat(row, long/len(row)),
		"endless":    header + row + strings.Repeat("1", long),
		"header":     strings.Repeat("weight", long/6),
	} {
		_, err := dataset.Read(strings.NewReader(text), madeUp(t))
		assert.ErrorIs(t, err, dataset.ErrTooLong, name)
	}
	_, err := dataset.Read(strings.NewReader(header+strings.Repeat(row, long/len(row))), madeUp(t))
	assert.NoError(t, err, "the bound is for a row, not for the file")
	blanks := strings.Repeat(" ", 1<<19)
	_, err = dataset.Read(strings.NewReader(header+"1,red"+blanks+",1\n"), madeUp(t))
	assert.NoError(t, err, "half the bound")
}

// endless goes on with rows that spell one label in 102,400 ways.
type endless struct{ n int }

func (e *endless) Read(p []byte) (int, error) {
	n := 0
	for n+64 <= len(p) {
		e.n++
		label := []byte("deepblue")
		for i := range label {
			label[i] -= byte(e.n>>i&1) * ('a' - 'A')
		}
		blanks := e.n / 256
		n += copy(p[n:], "1,"+strings.Repeat(" ", blanks%20)+string(label[:4])+" "+string(label[4:])+strings.Repeat(" ", blanks/20%20)+",1\n")
	}
	return n, nil
}

func TestReaderTakesConstantMemory(t *testing.T) {
	source := io.MultiReader(strings.NewReader("weight,colour,defect\n"), &endless{})
	r, err := dataset.NewLabelledReader(source, madeUp(t))
	require.NoError(t, err)
	var row dataset.Row
	read := func(rows int) uint64 {
		for range rows {
			require.NoError(t, r.Read(&row))
			require.Empty(t, row.Faults)
		}
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before := read(20_000)
	assert.Less(t, read(200_000), before+1<<20)
	runtime.KeepAlive(r)
}

// One string for each row is encoding/csv's.
func TestReaderAllocatesOnceForEachRow(t *testing.T) {
	r, err := dataset.NewLabelledReader(strings.NewReader(string(synthetic(2000))), madeUp(t))
	require.NoError(t, err)
	var row dataset.Row
	assert.LessOrEqual(t, testing.AllocsPerRun(1000, func() {
		if err := r.Read(&row); err != nil || len(row.Faults) > 0 {
			t.Error(err, row.Faults)
		}
	}), 1.0)
}

// The original spells one city with an en dash that was read as Windows-1252.
func TestReaderKnowsTheOriginalsSpellings(t *testing.T) {
	s := loan(t)
	r, err := dataset.NewLabelledReader(strings.NewReader("Id,Income,Age,Experience,Married/Single,House_Ownership,Car_Ownership,"+
		"Profession,CITY,STATE,CURRENT_JOB_YRS,CURRENT_HOUSE_YRS,Risk_Flag\n"+
		"1,6894156,53,4,single,rented,no,Web_designer,Hubli\u00e2\u20ac\u201cDharwad,Karnataka,4,10,0\n"+
		"2,1,21,0,married,norent_noown,yes,Software_Developer,Sangli-Miraj_&_Kupwad,Uttar_Pradesh[5],0,14,1\n"), s)
	require.NoError(t, err)
	for _, want := range []map[string]string{
		{"income": "6894156", "married": "single", "profession": "web_designer", "city": "hubli_dharwad", "state": "karnataka"},
		{"income": "1", "house_ownership": "norent_noown", "city": "sangli_miraj_&_kupwad", "state": "uttar_pradesh[5]"},
	} {
		var row dataset.Row
		require.NoError(t, r.Read(&row))
		require.Empty(t, row.Faults)
		for name, value := range want {
			i := s.Index(name)
			assert.Equal(t, value, s.Fields[i].Value(row.Record[i]).Text, name)
		}
	}
}
