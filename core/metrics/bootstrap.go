package metrics

import (
	"fmt"
	"math/rand/v2"
	"slices"
)

// Bootstrap says between which Figures 95 % of samples lie that are drawn, with
// replacement, from the groups that the rows belong to, all rows of a group
// together: rows of one person say less than rows of several. Groups may have
// any numbers; the same seed gives the same samples. A figure that a sample does
// not define has no interval, and nor has KS: chance widens the widest gap, so
// samples have more of it than the rows they are drawn from. Its errors are those
// of Measure, and ErrOneClass where a sample has one outcome.
func Bootstrap(probabilities []float64, positive []bool, groups []int, threshold float64, draws int, seed uint64) (low, high Figures, err error) {
	s, err := newSample(probabilities, positive, threshold)
	if err != nil {
		return Figures{}, Figures{}, err
	}
	return bootstrap(groups, len(positive), draws, seed, func(count func(int) int) Figures {
		f, _ := s.measure(count)
		return f
	})
}

// Scored is what a model makes of some rows, and from which probability on it
// predicts the positive outcome.
type Scored struct {
	Probabilities []float64
	Threshold     float64
}

// BootstrapDifference is Bootstrap of what the figures of a second model have more
// than those of the first: each sample is measured by both, so that what chance
// does to both alike does not count.
func BootstrapDifference(first, second Scored, positive []bool, groups []int, draws int, seed uint64) (low, high Figures, err error) {
	a, err := newSample(first.Probabilities, positive, first.Threshold)
	if err != nil {
		return Figures{}, Figures{}, err
	}
	b, err := newSample(second.Probabilities, positive, second.Threshold)
	if err != nil {
		return Figures{}, Figures{}, err
	}
	return bootstrap(groups, len(positive), draws, seed, func(count func(int) int) Figures {
		before, _ := a.measure(count)
		after, _ := b.measure(count)
		return after.Minus(before)
	})
}

func bootstrap(groups []int, rows, draws int, seed uint64, measure func(count func(position int) int) Figures) (low, high Figures, err error) {
	if len(groups) != rows || draws < 1 {
		return Figures{}, Figures{}, fmt.Errorf("%w: %d groups, %d draws", ErrRows, len(groups), draws)
	}
	number, count := renumber(groups)
	times := make([]int, count)
	drawn := make([][]float64, len(low.values()))
	for draw := range draws {
		drawGroups(times, rand.New(rand.NewPCG(seed, uint64(draw))))
		f := measure(func(position int) int { return times[number[position]] })
		if f.ROCAUC == nil {
			return Figures{}, Figures{}, ErrOneClass
		}
		for i, x := range f.values() {
			if x != nil {
				drawn[i] = append(drawn[i], *x)
			}
		}
	}
	low, high = interval(drawn, draws)
	low.KS, high.KS = nil, nil
	return low, high, nil
}

// drawGroups counts how often each group is drawn, as often in all as there are
// groups.
func drawGroups(times []int, r *rand.Rand) {
	clear(times)
	for range times {
		times[r.IntN(len(times))]++
	}
}

// interval leaves a fortieth of the samples out at either end.
func interval(drawn [][]float64, draws int) (low, high Figures) {
	lows, highs := make([]*float64, len(drawn)), make([]*float64, len(drawn))
	for i, values := range drawn {
		if len(values) == draws {
			slices.Sort(values)
			lows[i], highs[i] = &values[draws/40], &values[draws-1-draws/40]
		}
	}
	return figuresOf(lows), figuresOf(highs)
}

// renumber numbers groups from 0 in order of first appearance.
func renumber(groups []int) (number []int, count int) {
	known := map[int]int{}
	number = make([]int, len(groups))
	for i, g := range groups {
		n, ok := known[g]
		if !ok {
			n = len(known)
			known[g] = n
		}
		number[i] = n
	}
	return number, len(known)
}
