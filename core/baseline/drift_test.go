package baseline_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"

	"lendleaf/core/baseline"
)

func TestPSI(t *testing.T) {
	assert.Zero(t, baseline.PSI([]int{10, 20, 70}, []int{1, 2, 7}))
	// By hand: (0.5−0.2)·ln(0.5/0.2) + (0.5−0.8)·ln(0.5/0.8)
	assert.InDelta(t, 0.41588830833596718, baseline.PSI([]int{20, 80}, []int{50, 50}), 1e-12)
	assert.InDelta(t, baseline.PSI([]int{50, 50}, []int{20, 80}), baseline.PSI([]int{20, 80}, []int{50, 50}), 1e-12, "it is symmetric")
	assert.Equal(t, baseline.PSI([]int{20, 80}, []int{5, 5}), baseline.PSI([]int{20, 0, 80}, []int{5, 0, 5}), "nobody on both sides says nothing")
	// By hand, one of 100 and one of 10: (0.1−0.01)·ln 10 + (0.9−0.99)·ln(0.9/0.99)
	assert.InDelta(t, 0.09*math.Log(10)+0.09*math.Log(1.1), baseline.PSI([]int{1, 99}, []int{1, 9}), 1e-12)
	// A bin without anybody is half of one: (0−0.005)… of 100 and of 100.
	assert.InDelta(t, (0.1-0.005)*math.Log(0.1/0.005)+(0.9-1)*math.Log(0.9), baseline.PSI([]int{0, 100}, []int{10, 90}), 1e-12)
	// By hand, of 40 nobody: (0.0125−0.1)·ln(0.0125/0.1) + (1−0.9)·ln(1/0.9) = 0.0875·ln 8 + 0.1·ln(10/9)
	assert.InDelta(t, 0.19248718646276827, baseline.PSI([]int{10, 90}, []int{0, 40}), 1e-12)
	assert.True(t, math.IsNaN(baseline.PSI([]int{0}, []int{1})))
	assert.True(t, math.IsNaN(baseline.PSI([]int{1}, []int{0})))
}

func TestPSIOfChanceAlone(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	expected := make([]int, 10)
	for i := range expected {
		expected[i] = 1000
	}
	mean := 0.0
	const times, n = 400, 1000
	for range times {
		observed := make([]int, 10)
		for range n {
			observed[r.IntN(10)]++
		}
		mean += baseline.PSI(expected, observed) / times
	}
	assert.InDelta(t, 9.0/n, mean, 0.0015)
}
