package baseline

import "math"

// PSI is the population stability index: how far the shares of some bins have
// moved from those that were expected. 0 is not at all; by custom, less than 0.1
// is little and more than 0.25 is much. Of n observed in k bins, chance alone
// makes about (k−1)/n.
//
// The slices have the same length. A bin that is empty on one side counts there
// as half of one, for the index to be finite; one that is empty on both says
// nothing. Nothing expected, or nothing observed, gives NaN.
func PSI(expected, observed []int) float64 {
	before, now := sum(expected), sum(observed)
	if before == 0 || now == 0 {
		return math.NaN()
	}
	index := 0.0
	for i := range expected {
		if expected[i] == 0 && observed[i] == 0 {
			continue
		}
		e, o := share(expected[i], before), share(observed[i], now)
		index += (o - e) * math.Log(o/e)
	}
	return index
}

// share is the part of all that a bin holds; an empty one holds half of one.
func share(count, all int) float64 { return max(float64(count), 0.5) / float64(all) }

func sum(counts []int) int {
	n := 0
	for _, c := range counts {
		n += c
	}
	return n
}
