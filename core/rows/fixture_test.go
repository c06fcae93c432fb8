package rows_test

import (
	"io"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"lendleaf/core/definition"
	"lendleaf/core/rows"
	"lendleaf/core/schema"
)

// parcels is about parcels: a weight from 0 to 900 in steps of 0.01, and a colour,
// red or deep_blue, that is optional.
func parcels(t testing.TB) *schema.Schema {
	t.Helper()
	return parse(t, "../dataset/testdata/parcels.json")
}

func loan(t testing.TB) *schema.Schema {
	t.Helper()
	return parse(t, "../../site/model/definition.json")
}

func parse(t testing.TB, path string) *schema.Schema {
	t.Helper()
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	d, err := definition.Parse(text)
	require.NoError(t, err)
	return d.Schema
}

// row is what tests compare of a row.
type row struct {
	line   int
	record schema.Record
	fault  string // its Reasons
}

// all reads all rows, and the error that ends them, nil at the end.
func all(t testing.TB, r rows.Reader) (list []row, err error) {
	t.Helper()
	var next rows.Row
	for {
		if err = r.Read(&next); err != nil {
			break
		}
		list = append(list, row{next.Line, append(schema.Record{}, next.Record...), rows.Reasons(next.Faults)})
	}
	assert.Equal(t, err, r.Read(&next), "the end comes again")
	if err == io.EOF {
		err = nil
	}
	return list, err
}

const missing = schema.Missing
