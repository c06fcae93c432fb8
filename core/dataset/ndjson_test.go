package dataset_test

import (
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"lendleaf/core/dataset"
	"lendleaf/core/schema"
)

func TestJSONReader(t *testing.T) {
	const open = schema.Missing
	s := madeUp(t)
	fault := func(line, field int, f schema.Fault) dataset.RowError {
		return dataset.RowError{Line: line, Column: s.Fields[field].Name, Err: schema.FieldError{Field: &s.Fields[field], Fault: f}}
	}
	text := "\ufeff{\"weight\":1.5,\"colour\":\"red\"}\n" +
		"\n  \r\n" +
		" {\"colour\":null,\"other\":[{}],\"weight\":12.345e0} \r\n" +
		"{\"weight\":1,\"weight\":2}\n" +
		"{\"weight\":\"1\",\"colour\":\"Red\"}\n" +
		"{\"colour\":\"deep\\u005fblue\",\"weight\":1e999}\n" +
		"{\"colour\":7,\"weight\":true}\n" +
		"{}\n" +
		"[1]\n" +
		"null\n" +
		"{\"weight\":NaN}\n" +
		"{\"weight\":1} {}\n" +
		"{\"weight\":900}"
	r := dataset.NewJSONReader(strings.NewReader(text), s)
	var row dataset.Row
	for _, want := range []struct {
		line   int
		record schema.Record
		faults []dataset.RowError
	}{
		{1, schema.Record{150, 0}, nil},
		{4, schema.Record{1234, open}, nil},
		{5, schema.Record{200, open}, nil},
		{6, schema.Record{open, open}, []dataset.RowError{fault(6, 0, schema.FaultKind), fault(6, 1, schema.FaultLabel)}},
		{7, schema.Record{open, 1}, []dataset.RowError{fault(7, 0, schema.FaultInfinite)}},
		{8, schema.Record{open, open}, []dataset.RowError{fault(8, 0, schema.FaultKind), fault(8, 1, schema.FaultKind)}},
		{9, schema.Record{open, open}, []dataset.RowError{fault(9, 0, schema.FaultMissing)}},
		{10, schema.Record{open, open}, []dataset.RowError{{Line: 10, Err: dataset.ErrObject}}},
		{11, schema.Record{open, open}, []dataset.RowError{{Line: 11, Err: dataset.ErrObject}}},
		{12, schema.Record{open, open}, []dataset.RowError{{Line: 12, Err: dataset.ErrObject}}},
		{13, schema.Record{open, open}, []dataset.RowError{{Line: 13, Err: dataset.ErrObject}}},
		{14, schema.Record{90000, open}, nil},
	} {
		require.NoError(t, r.Read(&row))
		assert.Equal(t, want.line, row.Line)
		assert.Equal(t, want.record, row.Record, "line %d", want.line)
		assert.ElementsMatch(t, want.faults, row.Faults, "line %d", want.line)
	}
	assert.Equal(t, []string{`{"weight":900}`}, row.Cells)
	assert.Equal(t, io.EOF, r.Read(&row))
	assert.Equal(t, io.EOF, r.Read(&row))
}

func TestJSONReaderBoundsRows(t *testing.T) {
	r := dataset.NewJSONReader(strings.NewReader("{\"weight\":1}\n{\"weight\":"+strings.Repeat("1", 1<<21)), madeUp(t))
	var row dataset.Row
	require.NoError(t, r.Read(&row))
	err := r.Read(&row)
	assert.ErrorIs(t, err, dataset.ErrTooLong)
	assert.ErrorContains(t, err, "line 2")
}

func TestJSONReaderPassesErrorsOn(t *testing.T) {
	r := dataset.NewJSONReader(io.MultiReader(strings.NewReader("{\"weight\":1}\n"), brokenReader{}), madeUp(t))
	var row dataset.Row
	require.NoError(t, r.Read(&row))
	assert.ErrorIs(t, r.Read(&row), io.ErrClosedPipe)
}

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, io.ErrClosedPipe }

// Whatever the text, a row is at fault or has numbers and labels within bounds.
func FuzzJSONReader(f *testing.F) {
	s := madeUp(f)
	for _, text := range []string{`{"weight":1}`, "{\"weight\":1,\"colour\":\"red\"}\n[]", "{\"weight\":1e400}", "{\"colour\":\"\xff\",\"weight\":-0}", "\"\\ud800\"", "null"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		r := dataset.NewJSONReader(strings.NewReader(text), s)
		var row dataset.Row
		line := 0
		for r.Read(&row) == nil {
			require.Greater(t, row.Line, line)
			line = row.Line
			require.Len(t, row.Record, 2)
			if len(row.Faults) > 0 {
				continue
			}
			require.True(t, 0 <= row.Record[0] && row.Record[0] <= 90_000)
			require.True(t, row.Record[1] == schema.Missing || row.Record[1] == 0 || row.Record[1] == 1)
		}
	})
}

func BenchmarkJSONStream(b *testing.B) {
	text := strings.Repeat(`{"weight":123.45,"colour":"deep_blue","ref":"A 12"}`+"\n", 10_000)
	s := madeUp(b)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		r := dataset.NewJSONReader(strings.NewReader(text), s)
		var row dataset.Row
		for r.Read(&row) == nil {
			require.Empty(b, row.Faults)
		}
	}
}
