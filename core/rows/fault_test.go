package rows_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"lendleaf/core/rows"
	"lendleaf/core/schema"
)

// What some spreadsheets save: semicolons, tabs, or UTF-16, whose letters have
// zeros between them. A file with one column of its own is a CSV.
func TestReaderKnowsWhatIsNoCSV(t *testing.T) {
	s := parcels(t)
	for _, header := range []string{"weight;colour;defect", "weight\tcolour\tdefect", "w\x00e\x00i\x00g\x00h\x00t\x00"} {
		_, err := rows.NewCSV(strings.NewReader(header+"\n"), rows.NewShape(s), rows.Options{})
		assert.EqualError(t, err, "header: its columns must be separated by commas, and its text UTF-8", "%q", header)
		assert.ErrorIs(t, err, rows.ErrNoCSV)
	}
	_, err := rows.NewCSV(strings.NewReader("ref\n"), rows.NewShape(s), rows.Options{})
	assert.ErrorIs(t, err, rows.ErrMissing)
	_, err = rows.NewCSV(strings.NewReader("weight,colour,a;b\n"), rows.NewShape(s), rows.Options{})
	assert.NoError(t, err)
}

// The last line that was read is where the last good row's last cell begins:
// here line 4, since its row has a quoted cell of two lines.
func TestReaderSaysAfterWhichLineARowIsTooLong(t *testing.T) {
	r, err := rows.NewCSV(strings.NewReader("ref,weight,colour\n1,1,red\n\"2\n3\",1,red\n4,1,\""+strings.Repeat("x", 1<<21)), rows.NewShape(parcels(t)), rows.Options{})
	require.NoError(t, err)
	var row rows.Row
	require.NoError(t, r.Read(&row))
	require.NoError(t, r.Read(&row))
	assert.EqualError(t, r.Read(&row), "after line 4: the row is longer than 64 KiB: is a quotation mark left open?")
}

// A field's name stands before its reason, and nothing before that of a row.
func TestReasons(t *testing.T) {
	s := parcels(t)
	assert.Equal(t, "weight: Enter a number between 0 and 900. colour: Select a colour from the list. wrong number of fields", rows.Reasons([]rows.RowError{
		{Line: 2, Column: "Weight (kg)", Err: schema.FieldError{Field: &s.Fields[0], Fault: schema.FaultKind}},
		{Line: 2, Column: "Colour", Err: schema.FieldError{Field: &s.Fields[1], Fault: schema.FaultLabel}},
		{Line: 2, Err: rows.ErrCells},
	}))
	assert.Equal(t, "wrong", rows.Reasons([]rows.RowError{{Line: 2, Err: errors.New("wrong")}}))
	assert.Empty(t, rows.Reasons(nil))
}
