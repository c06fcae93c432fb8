package dataset_test

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"lendleaf/core/dataset"
)

// synthetic is a file of n rows for the made-up definition.
func synthetic(n int) []byte {
	var b bytes.Buffer
	b.WriteString("Ref,Weight (kg),Colour,Defect\n")
	for i := range n {
		fmt.Fprintf(&b, "%d,%d.%02d,%s,%d\n", i, i%900, i%97, []string{"Red", "deep_blue", "Deep/Blue"}[i%3], i%2)
	}
	return b.Bytes()
}

func BenchmarkRead(b *testing.B) {
	s, text := madeUp(b), synthetic(10_000)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		_, err := dataset.Read(bytes.NewReader(text), s)
		require.NoError(b, err)
	}
}

func BenchmarkReadTrainingData(b *testing.B) {
	s, file := loan(b), trainingData(b)
	var rows int
	for b.Loop() {
		d, err := dataset.Read(bytes.NewReader(file), s)
		require.NoError(b, err)
		rows += len(d.Records)
	}
	b.ReportMetric(float64(rows)/b.Elapsed().Seconds(), "rows/s")
}

func BenchmarkReference(b *testing.B) {
	for b.Loop() {
		dataset.Reference(252_000)
	}
}
