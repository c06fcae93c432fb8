package train

import "slices"

// sample is a point with the number of its rows that the bootstrap drew, by
// class.
type sample struct {
	point uint32
	rows  [2]uint32
}

// split divides a node: samples whose rank of the feature is at most rank go
// left, and between that value and the next lies the cut.
type split struct {
	feature int // none: no split is possible
	rank    uint32
	cut     int64
	gain    float64 // decrease of the weighted impurity
}

const none = -1

// tally is the rows of each class on one side of a split.
type tally [2]uint64

// impurity is half the Gini impurity times the weight: W0·W1/W. Each step
// rounds once, so that every CPU finds the same number.
func (t *table) impurity(n tally) float64 {
	negative, positive := float64(n[0]*t.weights[0]), float64(n[1]*t.weights[1])
	if n[0] == 0 || n[1] == 0 {
		return 0
	}
	return float64(negative*positive) / (negative + positive)
}

func count(samples []sample) (n tally) {
	for _, s := range samples {
		n[0] += uint64(s.rows[0])
		n[1] += uint64(s.rows[1])
	}
	return n
}

// sweep tries the cuts of one feature, from the lowest value of a node's
// samples to the highest.
type sweep struct {
	table    *table
	feature  int
	minLeaf  uint64
	total    tally
	left     tally
	last     uint32 // rank of the values on the left
	started  bool
	best     split
	bestLeft float64 // impurity of both sides at the best split
}

// add moves rows of the next value, whose rank is not lower than the last
// one's, to the left side.
func (s *sweep) add(rank uint32, rows tally) {
	if s.started && rank != s.last {
		s.try(rank)
	}
	s.started, s.last = true, rank
	s.left[0] += rows[0]
	s.left[1] += rows[1]
}

// try weighs the cut between the last value and the next.
func (s *sweep) try(next uint32) {
	right := tally{s.total[0] - s.left[0], s.total[1] - s.left[1]}
	if s.left[0]+s.left[1] < s.minLeaf || right[0]+right[1] < s.minLeaf {
		return
	}
	impurity := s.table.impurity(s.left) + s.table.impurity(right)
	if s.best.feature != none && impurity >= s.bestLeft {
		return
	}
	low, high := s.table.values[s.feature][s.last], s.table.values[s.feature][next]
	s.bestLeft = impurity
	s.best = split{feature: s.feature, rank: s.last, cut: low + int64(uint64(high-low)/2)}
}

// narrow is the largest number of values for which counting by value beats
// sorting.
const narrow = 1 << 12

// scratch is the memory in which a worker looks for splits.
type scratch struct {
	counts []tally
	keys   []uint64
}

// sweepFeature tries the cuts of one feature and says whether it has more than
// one value among the samples.
func (t *table) sweepFeature(s *sweep, samples []sample, work *scratch) bool {
	ranks := t.ranks[s.feature]
	lowest, highest := ^uint32(0), uint32(0)
	for _, x := range samples {
		r := ranks[x.point]
		lowest, highest = min(lowest, r), max(highest, r)
	}
	if lowest == highest {
		return false
	}
	switch span := int(highest-lowest) + 1; {
	case s.feature == t.widest:
		for _, x := range samples {
			s.add(ranks[x.point], tally{uint64(x.rows[0]), uint64(x.rows[1])})
		}
	case span <= narrow && span <= 8*len(samples)+64:
		t.sweepCounts(s, samples, work, lowest, span)
	default:
		t.sweepSorted(s, samples, work)
	}
	return true
}

// sweepCounts counts rows by value.
func (t *table) sweepCounts(s *sweep, samples []sample, work *scratch, lowest uint32, span int) {
	ranks := t.ranks[s.feature]
	counts := work.counts[:span]
	clear(counts)
	for _, x := range samples {
		c := &counts[ranks[x.point]-lowest]
		c[0] += uint64(x.rows[0])
		c[1] += uint64(x.rows[1])
	}
	for i, c := range counts {
		if c[0]+c[1] > 0 {
			s.add(lowest+uint32(i), c)
		}
	}
}

// sweepSorted sorts the samples by value.
func (t *table) sweepSorted(s *sweep, samples []sample, work *scratch) {
	ranks := t.ranks[s.feature]
	work.keys = work.keys[:0]
	for i, x := range samples {
		work.keys = append(work.keys, uint64(ranks[x.point])<<32|uint64(i))
	}
	slices.Sort(work.keys)
	for _, key := range work.keys {
		x := samples[uint32(key)]
		s.add(uint32(key>>32), tally{uint64(x.rows[0]), uint64(x.rows[1])})
	}
}
