package dataset_test

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"lendleaf/core/dataset"
	"lendleaf/core/rows"
	"lendleaf/core/schema"
)

func pack(t *testing.T, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, err := io.WriteString(w, text)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return b.Bytes()
}

func sum(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

const parcels = "Ref,Weight (kg),Colour,Defect\n7,12.34,RED,1\n8,1e2, bleu-foncé ,0\n9,0,,0\n"

var parcelData = dataset.Data{
	Records:  []schema.Record{{1234, 0}, {10000, 1}, {0, schema.Missing}},
	Positive: []bool{true, false, false},
}

func TestRead(t *testing.T) {
	s := madeUp(t)
	for name, text := range map[string]string{
		"headers as shipped":   parcels,
		"API names, reversed":  "is_defect,colour,weight\nyes,red,12.34\nno,Deep Blue,100\n0,,0\n",
		"byte order mark":      "\ufeffweight,colour,defect\n12.34,rd,1\n100,\"Blue, deep\",0\n0, ,0\n",
		"lines of Windows":     strings.ReplaceAll(parcels, "\n", "\r\n"),
		"no last line end":     strings.TrimSuffix(parcels, "\n"),
		"blank lines":          strings.ReplaceAll(parcels, "\n", "\n\n"),
		"unknown column twice": "x,weight,x,colour,defect\n,12.34,,red,1\n,100,,deep_blue,0\n,0,,,0\n",
	} {
		t.Run(name, func(t *testing.T) {
			want := parcelData
			want.SHA256 = sum(text)
			for _, file := range [][]byte{[]byte(text), pack(t, text)} {
				d, err := dataset.Read(bytes.NewReader(file), s)
				require.NoError(t, err)
				assert.Equal(t, &want, d)
				d, err = dataset.Read(iotest.OneByteReader(bytes.NewReader(file)), s)
				require.NoError(t, err)
				assert.Equal(t, &want, d)
			}
		})
	}
}

func TestReadKeepsRecordsApart(t *testing.T) {
	d, err := dataset.Read(bytes.NewReader(synthetic(10_000)), madeUp(t))
	require.NoError(t, err)
	require.Len(t, d.Records, 10_000)
	for i, record := range d.Records {
		require.Equal(t, schema.Record{int64(i%900*100 + i%97), min(int64(i%3), 1)}, record)
		require.Equal(t, 2, cap(record), "appending must not reach the next record")
		require.Equal(t, i%2 == 1, d.Positive[i])
	}
}

func TestRows(t *testing.T) {
	d, err := dataset.Read(strings.NewReader(parcels), madeUp(t))
	require.NoError(t, err)
	records, positive := d.Rows([]int{2, 0})
	assert.Equal(t, []schema.Record{{0, schema.Missing}, {1234, 0}}, records)
	assert.Equal(t, []bool{false, true}, positive)
}

func TestReadRefusesHeaders(t *testing.T) {
	s := madeUp(t)
	for text, want := range map[string]rows.ColumnError{
		"weight,defect\n1,1\n":                     {Column: "colour", Err: rows.ErrMissing},
		"weight,colour\n1,red\n":                   {Column: "Defect", Err: rows.ErrMissing},
		"weight,Weight (kg),colour,defect\n":       {Column: "weight", Err: rows.ErrTwice},
		"weight,colour,COLOUR,defect\n":            {Column: "colour", Err: rows.ErrTwice},
		"is_defect,weight,colour,Defect\n1,1,,1\n": {Column: "Defect", Err: rows.ErrTwice},
	} {
		_, err := dataset.Read(strings.NewReader(text), s)
		var got rows.ColumnError
		require.ErrorAs(t, err, &got, text)
		assert.Equal(t, want, got)
		assert.ErrorIs(t, err, want.Err)
	}
}

func TestReadRefusesRows(t *testing.T) {
	s := madeUp(t)
	fault := func(field string, f schema.Fault) error { return schema.FieldError{Field: s.Field(field), Fault: f} }
	for name, c := range map[string]struct {
		text string
		want rows.RowError
	}{
		"missing":             {"1,1,red,1\n2,,red,1\n", rows.RowError{Line: 3, Column: "Weight (kg)", Err: fault("weight", schema.FaultMissing)}},
		"not a number":        {"1,heavy,red,1\n", rows.RowError{Line: 2, Column: "Weight (kg)", Err: fault("weight", schema.FaultKind)}},
		"below":               {"1,-0.01,red,1\n", rows.RowError{Line: 2, Column: "Weight (kg)", Err: fault("weight", schema.FaultBelow)}},
		"above":               {"1,900.01,red,1\n", rows.RowError{Line: 2, Column: "Weight (kg)", Err: fault("weight", schema.FaultAbove)}},
		"infinite":            {"1,1e999,red,1\n", rows.RowError{Line: 2, Column: "Weight (kg)", Err: fault("weight", schema.FaultInfinite)}},
		"label":               {"1,1,green,1\n", rows.RowError{Line: 2, Column: "Colour", Err: fault("colour", schema.FaultLabel)}},
		"label again":         {"1,1,red,1\n1,1,green,1\n", rows.RowError{Line: 3, Column: "Colour", Err: fault("colour", schema.FaultLabel)}},
		"outcome":             {"1,1,red,2\n", rows.RowError{Line: 2, Column: "Defect", Err: dataset.ErrOutcome}},
		"outcome missing":     {"1,1,red,\n", rows.RowError{Line: 2, Column: "Defect", Err: dataset.ErrOutcome}},
		"outcome's name":      {"1,1,red,Broken\n", rows.RowError{Line: 2, Column: "Defect", Err: dataset.ErrOutcome}},
		"first fault counts":  {"1,x,green,2\n", rows.RowError{Line: 2, Column: "Weight (kg)", Err: fault("weight", schema.FaultKind)}},
		"after a quoted line": {"\"a\nb\n\",1,red,1\n1,x,red,1\n", rows.RowError{Line: 5, Column: "Weight (kg)", Err: fault("weight", schema.FaultKind)}},
		"behind one":          {"\"a\nb\n\",1,green,1\n", rows.RowError{Line: 4, Column: "Colour", Err: fault("colour", schema.FaultLabel)}},
		"after a blank line":  {"\n\n1,1,green,1\n", rows.RowError{Line: 4, Column: "Colour", Err: fault("colour", schema.FaultLabel)}},
		"too few cells":       {"1,1,red,1\n1,1,red\n", rows.RowError{Line: 3, Err: rows.ErrCells}},
		"too many cells":      {"1,1,red,1,\n", rows.RowError{Line: 2, Err: rows.ErrCells}},
		"bare quote":          {"1,1,r\"ed,1\n", rows.RowError{Line: 2, Err: rows.ErrBareQuote}},
		"open quote":          {"1,1,red,1\n1,1,\"red,1\n1,1,red,1\n", rows.RowError{Line: 3, Err: rows.ErrQuote}},
	} {
		t.Run(name, func(t *testing.T) {
			d, err := dataset.Read(strings.NewReader("Ref,Weight (kg),Colour,Defect\n"+c.text), s)
			assert.Nil(t, d)
			var got rows.RowError
			require.ErrorAs(t, err, &got)
			assert.Equal(t, c.want, got)
			assert.ErrorIs(t, err, c.want.Err)
		})
	}
}

func TestRowErrorsSayWhereAndNotWhat(t *testing.T) {
	s := madeUp(t)
	_, err := dataset.Read(strings.NewReader("weight,colour,defect\n1,sekret,1\n"), s)
	assert.EqualError(t, err, `line 2, column "colour": Select a colour from the list.`)
	_, err = dataset.Read(strings.NewReader("weight,colour,defect\n1,red,sekret\n"), s)
	assert.EqualError(t, err, `line 2, column "defect": the outcome is none of the target's spellings`)
	_, err = dataset.Read(strings.NewReader("weight,colour,defect\n1,sekret\n"), s)
	assert.EqualError(t, err, "line 2: wrong number of fields")
	_, err = dataset.Read(strings.NewReader("weight,colour\n"), s)
	assert.EqualError(t, err, `column "Defect": there is no such column`)
}

func TestReadRefusesEmptyFiles(t *testing.T) {
	for _, text := range []string{"", "\ufeff", "\n\n", "weight,colour,defect\n", "weight,colour,defect"} {
		_, err := dataset.Read(strings.NewReader(text), madeUp(t))
		assert.ErrorIs(t, err, rows.ErrEmpty, "%q", text)
	}
}

func TestReadReportsItsSourcesErrors(t *testing.T) {
	s := madeUp(t)
	broken := errors.New("disk on fire")
	for _, text := range []string{"", "weight", parcels, parcels[:len(parcels)-5]} {
		_, err := dataset.Read(io.MultiReader(strings.NewReader(text), iotest.ErrReader(broken)), s)
		assert.ErrorIs(t, err, broken, "%q", text)
	}
	packed := pack(t, parcels)
	_, err := dataset.Read(bytes.NewReader(packed[:len(packed)-3]), s)
	assert.ErrorIs(t, err, io.ErrUnexpectedEOF, "cut off")
	packed[len(packed)-8] ^= 1
	_, err = dataset.Read(bytes.NewReader(packed), s)
	assert.ErrorIs(t, err, gzip.ErrChecksum)
	_, err = dataset.Read(bytes.NewReader([]byte{0x1f, 0x8b, 0, 0, 0, 0, 0, 0, 0, 0, 0}), s)
	assert.ErrorIs(t, err, gzip.ErrHeader)
}

func TestReadTrainingData(t *testing.T) {
	d, err := dataset.Read(bytes.NewReader(trainingData(t)), loan(t))
	require.NoError(t, err)
	assert.Len(t, d.Records, 252_000)
	positive := 0
	for _, p := range d.Positive {
		if p {
			positive++
		}
	}
	assert.Equal(t, 30_996, positive)
	assert.Equal(t, "63ae7ac85273beb80f26b6818acf741d21c6fad1e436096985484a4023112812", d.SHA256)
}
