package dataset_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"lendleaf/core/dataset"
	"lendleaf/core/schema"
)

// What some spreadsheets save: semicolons, tabs, or UTF-16, whose letters have
// zeros between them. A file with one column of its own is a CSV.
func TestReaderKnowsWhatIsNoCSV(t *testing.T) {
	s := madeUp(t)
	for _, header := range []string{"weight;colour;defect", "weight\tcolour\tdefect", "w\x00e\x00i\x00g\x00h\x00t\x00"} {
		_, err := dataset.NewReader(strings.NewReader(header+"\n"), s)
		assert.EqualError(t, err, "header: its columns must be separated by commas, and its text UTF-8", "%q", header)
		assert.ErrorIs(t, err, dataset.ErrNoCSV)
	}
	_, err := dataset.NewReader(strings.NewReader("ref\n"), s)
	assert.ErrorIs(t, err, dataset.ErrMissing)
	_, err = dataset.NewReader(strings.NewReader("weight,colour,a;b\n"), s)
	assert.NoError(t, err)
}

// The last line that was read is where the last good row's last cell begins:
// here line 4, since its row has a quoted cell of two lines.
func TestReaderSaysAfterWhichLineARowIsTooLong(t *testing.T) {
	r, err := dataset.NewReader(strings.NewReader("ref,weight,colour\n1,1,red\n\"2\n3\",1,red\n4,1,\""+strings.Repeat("x", 1<<21)), madeUp(t))
	require.NoError(t, err)
	var row dataset.Row
	require.NoError(t, r.Read(&row))
	require.NoError(t, r.Read(&row))
	assert.EqualError(t, r.Read(&row), "after line 4: a row is longer than a mebibyte: is a quotation mark left open?")
}

// A field's name stands before its reason, and nothing before that of a row or
// of an outcome, which are no fields.
func TestReasons(t *testing.T) {
	s := madeUp(t)
	assert.Equal(t, "weight: Enter a number between 0 and 900. colour: Select a colour from the list. the outcome is none of the target's spellings", dataset.Reasons([]dataset.RowError{
		{Line: 2, Column: "Weight (kg)", Err: schema.FieldError{Field: &s.Fields[0], Fault: schema.FaultKind}},
		{Line: 2, Column: "Colour", Err: schema.FieldError{Field: &s.Fields[1], Fault: schema.FaultLabel}},
		{Line: 2, Column: "Defect", Err: dataset.ErrOutcome},
	}))
	assert.Equal(t, "wrong", dataset.Reasons([]dataset.RowError{{Line: 2, Err: errors.New("wrong")}}))
	assert.Empty(t, dataset.Reasons(nil))
}
