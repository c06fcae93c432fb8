package forest_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"lendleaf/core/dataset"
	"lendleaf/core/forest"
	"lendleaf/core/modelfile"
	"lendleaf/core/train"
)

// loans reads the real data, and gives the shipped model, the vectors of the
// test rows, and a forest as the reference service has it: 225 full trees.
func loans(b *testing.B) (shipped, reference *forest.Forest, vectors []int64) {
	b.Helper()
	const name = "../../../shared/data/training.csv.gz"
	f, err := os.Open(name)
	if err != nil {
		b.Skip("there is no ../shared/data/training.csv.gz")
	}
	defer f.Close()
	file, err := os.ReadFile(filepath.Join("..", "..", "site", "model", "loan-default.lendleaf"))
	require.NoError(b, err)
	m, err := modelfile.Decode(file)
	require.NoError(b, err)
	data, err := dataset.Read(f, m.Definition.Schema)
	require.NoError(b, err)
	set := m.Features
	parts := dataset.Reference(len(data.Records))
	records, positive := data.Rows(parts.Training)
	reference, err = train.Fit(context.Background(), train.Vectors(set, records), set.Len(), positive,
		train.Options{Trees: 225, Depth: 26, Features: 1, MinLeaf: 1, Seed: 42})
	require.NoError(b, err)
	records, _ = data.Rows(parts.Test)
	return m.Forest, reference, train.Vectors(set, records)
}

// BenchmarkEngine scores the test rows of the real data, on one core: one by
// one, in turn, or all at once.
func BenchmarkEngine(b *testing.B) {
	shipped, reference, vectors := loans(b)
	for _, c := range []struct {
		name string
		f    *forest.Forest
	}{{"shipped", shipped}, {"reference", reference}} {
		e, err := forest.Compile(c.f)
		require.NoError(b, err)
		n := e.Features()
		rows := len(vectors) / n
		b.Run(c.name+"/one", func(b *testing.B) {
			b.ReportAllocs()
			for i := range b.N {
				at := i % rows * n
				e.Probability(vectors[at : at+n])
			}
		})
		b.Run(c.name+"/all", func(b *testing.B) {
			b.ReportAllocs()
			dst := make([]float64, 0, rows)
			for b.Loop() {
				dst = e.AppendProbabilities(dst[:0], vectors)
			}
			b.ReportMetric(float64(rows*b.N)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}
