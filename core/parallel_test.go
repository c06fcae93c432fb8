package core_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"lendleaf/core"
)

func TestAllCoresScoreAlike(t *testing.T) {
	m := load(t, machinesModel)
	records := everyKind(m.Schema(), 3000)
	want := m.AppendScores(nil, records)
	for _, n := range []int{0, 1, 511, 512, 513, 1024, 3000} {
		got := m.AppendScoresOnAllCores([]core.Score{{Probability: 7}}, records[:n])
		assert.Len(t, got, n+1)
		assert.Equal(t, 7.0, got[0].Probability, "what was there stays")
		assert.Equal(t, append([]core.Score{}, want[:n]...), append([]core.Score{}, got[1:]...))
	}
}

func BenchmarkAppendScoresOnAllCores(b *testing.B) {
	m := load(b, shippedModel)
	records := everyKind(m.Schema(), 200_000)
	var scores []core.Score
	b.ReportAllocs()
	for b.Loop() {
		scores = m.AppendScoresOnAllCores(scores[:0], records)
	}
	b.ReportMetric(float64(b.N*len(records))/b.Elapsed().Seconds(), "rows/s")
}
