package metrics

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// Of 1,000 samples 25 lie below the interval and 25 above, of 80 two.
func TestIntervalLeavesAFortiethOutAtEitherEnd(t *testing.T) {
	for draws, want := range map[int][2]float64{1000: {25, 974}, 80: {2, 77}, 39: {0, 38}, 1: {0, 0}} {
		drawn := make([][]float64, 11)
		for figure := range drawn {
			for i := range draws {
				drawn[figure] = append(drawn[figure], float64((i*7+3)%draws)) // each number once, in no order
			}
		}
		drawn[9] = drawn[9][1:] // a sample did not define it
		low, high := interval(drawn, draws)
		assert.Equal(t, want, [2]float64{low.AUCPR, high.AUCPR}, "%d draws", draws)
		assert.Equal(t, want, [2]float64{*low.Intercept, *high.Intercept}, "%d draws", draws)
		assert.Nil(t, low.Slope)
		assert.Nil(t, high.Slope)
	}
}

func TestOverlap(t *testing.T) {
	for _, c := range []struct {
		list []odds
		want bool
	}{
		{[]odds{{1, 2, 1}, {2, 2, 1}}, true},
		{[]odds{{1, 1, 1}, {2, 1, 0}, {3, 1, 1}}, true},
		{[]odds{{1, 1, 0}, {2, 1, 1}, {3, 1, 0}}, true},
		{[]odds{{1, 1, 0}, {2, 1, 1}}, false},            // told apart
		{[]odds{{1, 1, 1}, {2, 1, 0}}, false},            // the other way round
		{[]odds{{1, 1, 0}, {2, 2, 1}, {3, 1, 1}}, false}, // but for a tie
		{[]odds{{1, 1, 1}, {2, 2, 1}, {3, 1, 0}}, false}, // the same the other way round
		{[]odds{{1, 5, 3}}, false},                       // all the same
		{[]odds{{1, 2, 2}, {2, 1, 1}}, false},            // one outcome
		{[]odds{{1, 2, 0}, {2, 1, 0}}, false},            // the other
		{nil, false},
	} {
		assert.Equal(t, c.want, overlap(c.list), "%v", c.list)
	}
}

// Nothing is the likeliest where the climb never ends.
func TestNoLineWithoutOverlap(t *testing.T) {
	_, ok := likeliest([]odds{{-1, 5, 0}, {0, 2, 1}, {1, 5, 5}})
	assert.False(t, ok)
	_, ok = likeliest([]odds{{2, 5, 2}})
	assert.False(t, ok)
}
