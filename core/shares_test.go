package core

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// A share has 512 records at least and 32,768 at most, and every core takes as
// many shares as another, but for the last.
func TestShares(t *testing.T) {
	for _, c := range []struct{ records, cores, size, workers int }{
		{0, 2, 512, 0}, {1, 2, 512, 1}, {512, 2, 512, 1}, {513, 2, 512, 2}, {1024, 2, 512, 2}, {1025, 2, 513, 2},
		{3000, 2, 1500, 2}, {3000, 1, 3000, 1}, {3000, 16, 512, 6},
		{65_536, 2, 32_768, 2}, {65_537, 2, 16_385, 2}, // the second in two rounds: four shares
		{32_768, 1, 32_768, 1}, {32_769, 1, 16_385, 1}, {1_000_000, 3, 30_304, 3}, // in 11 rounds: 33 shares
	} {
		size, workers := shares(c.records, c.cores)
		assert.Equal(t, [2]int{c.size, c.workers}, [2]int{size, workers}, "%d records on %d cores", c.records, c.cores)
	}
}
