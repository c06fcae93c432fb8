package dataset_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"lendleaf/core/dataset"
	"lendleaf/core/rows"
)

func TestReadBoundsRows(t *testing.T) {
	const long = 1 << 21
	header, row := "weight,colour,defect\n", "1,red,1\n"
	for name, text := range map[string]string{
		"open quote": header + row + "1,\"" + strings.Repeat(row, long/len(row)),
		"endless":    header + row + strings.Repeat("1", long),
		"header":     strings.Repeat("weight", long/6),
	} {
		_, err := dataset.Read(strings.NewReader(text), madeUp(t))
		assert.ErrorIs(t, err, rows.ErrTooLong, name)
	}
	_, err := dataset.Read(strings.NewReader(header+strings.Repeat(row, long/len(row))), madeUp(t))
	assert.NoError(t, err, "the bound is for a row, not for the file")
	blanks := strings.Repeat(" ", 1<<19)
	_, err = dataset.Read(strings.NewReader(header+"1,red"+blanks+",1\n"), madeUp(t))
	assert.NoError(t, err, "half the bound")
}
