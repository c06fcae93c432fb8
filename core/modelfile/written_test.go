package modelfile

import (
	"bytes"
	"crypto/sha256"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// writtenElsewhere was written by testdata/test_reader.py, from FORMAT.md alone:
// drawn trees, and so regular a last one that 20 zeros and more stand behind the
// streams.
func writtenElsewhere(t *testing.T) []byte {
	t.Helper()
	file, err := os.ReadFile("testdata/written.lendleaf")
	require.NoError(t, err)
	return file
}

func TestAFileWrittenElsewhereIsReadAndWrittenAgain(t *testing.T) {
	file := writtenElsewhere(t)
	m, err := Decode(file)
	require.NoError(t, err)
	assert.Len(t, m.Forest.Trees, 5)
	assert.Equal(t, []float64{0, .125, .25, .375, .5, .625, .75, .875, 1}, m.Forest.Values)
	require.Len(t, m.Forest.Cuts, 2)
	require.Len(t, m.Forest.Cuts[0], 1500)
	for i, cut := range m.Forest.Cuts[0] {
		require.Equal(t, int64(2*i-500), cut)
	}
	assert.Equal(t, []int64{0}, m.Forest.Cuts[1])
	again, err := Encode(m)
	require.NoError(t, err)
	assert.Equal(t, file, again)
}

// The zeros behind the streams are as many as the section's size needs, and
// zeros.
func TestZerosBehindTheStreams(t *testing.T) {
	file := writtenElsewhere(t)
	end := len(file) - sha256.Size
	require.Equal(t, make([]byte, 20), file[end-20:end])
	for _, at := range []int{end - 20, end - 7, end - 1} {
		changed := bytes.Clone(file)
		changed[at] = 1
		_, err := Decode(sealed(changed))
		assert.ErrorIs(t, err, ErrContent, "byte %d", at-end)
	}
}
