package train

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
)

// A person's rows count as one draw: more rows that go the same way say no more.
func TestMarginCountsPeople(t *testing.T) {
	rates, positive := []float64{1, 1, 0, 0}, []bool{true, true, true, true}
	const base, mean = 0.5, 0.25 // the differences are -1/4, -1/4, 3/4 and 3/4
	for _, c := range []struct {
		people []int
		want   float64 // in standard errors, times the rows
	}{
		{[]int{1, 2, 3, 4}, 1},
		{[]int{1, 1, 3, 3}, math.Sqrt2},
		{[]int{1, 2, 1, 2}, 0},
	} {
		assert.InDelta(t, oneInTwenty*c.want/4, margin(rates, positive, c.people, base, mean), 1e-12, "%v", c.people)
	}
}
