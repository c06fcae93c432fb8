package sha256

import (
	"bytes"
	"crypto/sha256"
	"testing"

	"github.com/stretchr/testify/require"
)

func requireSame(t *testing.T, data []byte) {
	require.Equal(t, sha256.Sum256(data), Sum(data), "%d bytes", len(data))
}

// Every length around a block's and the padding's borders.
func TestSum(t *testing.T) {
	data := make([]byte, 4*blockSize)
	for i := range data {
		data[i] = byte(i * 7)
	}
	for n := range data {
		requireSame(t, data[:n])
	}
	requireSame(t, bytes.Repeat(data, 1000))
}

func FuzzSum(f *testing.F) {
	f.Add([]byte("lendleaf"))
	f.Fuzz(requireSame)
}

func BenchmarkSum(b *testing.B) {
	data := make([]byte, 1<<20)
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		Sum(data)
	}
}
