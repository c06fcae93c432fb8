package train

import (
	"cmp"
	"slices"
)

// table holds the training rows for growing trees. Rows with equal features are
// one point, and points are in rising order of the feature with the most
// values: a node's points then stay in that order however often they are
// divided, so the widest feature never needs sorting.
type table struct {
	values  [][]int64  // for each feature, its values, rising
	ranks   [][]uint32 // for each feature, each point's index into values
	rows    []uint32   // for each row, its point × 2 + its class
	widest  int        // the feature that points are ordered by
	weights [2]uint64  // of a negative and a positive row: balanced, with integers
}

func newTable(vectors []int64, features int, positive []bool) *table {
	n := len(positive)
	t := &table{values: make([][]int64, features), ranks: make([][]uint32, features)}
	byRow := make([][]uint32, features)
	for f := range features {
		t.values[f], byRow[f] = rank(vectors, features, f)
		if len(t.values[f]) > len(t.values[t.widest]) {
			t.widest = f
		}
	}
	order := sortRows(byRow, t.widest, n)
	t.rows = make([]uint32, n)
	points := uint32(0)
	for i, r := range order {
		if i == 0 || !equalRows(byRow, r, order[i-1]) {
			for f := range features {
				t.ranks[f] = append(t.ranks[f], byRow[f][r])
			}
			points++
		}
		t.rows[r] = (points - 1) * 2
	}
	t.weigh(positive)
	return t
}

// weigh marks the rows' classes. A class weighs as much as the other has rows,
// so that both weigh the same in all.
func (t *table) weigh(positive []bool) {
	positives := uint64(0)
	for i, p := range positive {
		if p {
			t.rows[i]++
			positives++
		}
	}
	t.weights = [2]uint64{positives, uint64(len(positive)) - positives}
	if g := gcd(t.weights[0], t.weights[1]); g > 0 {
		t.weights[0] /= g
		t.weights[1] /= g
	}
}

func gcd(a, b uint64) uint64 {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

// rank lists a feature's values, and each row's index into them.
func rank(vectors []int64, features, f int) (values []int64, ranks []uint32) {
	n := len(vectors) / features
	values = make([]int64, n)
	for i := range n {
		values[i] = vectors[i*features+f]
	}
	slices.Sort(values)
	values = slices.Clone(slices.Compact(values))
	ranks = make([]uint32, n)
	for i := range n {
		at, _ := slices.BinarySearch(values, vectors[i*features+f])
		ranks[i] = uint32(at)
	}
	return values, ranks
}

// sortRows orders rows by the widest feature, then by all the others.
func sortRows(ranks [][]uint32, widest, n int) []int32 {
	order := make([]int32, n)
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortFunc(order, func(a, b int32) int {
		if c := cmp.Compare(ranks[widest][a], ranks[widest][b]); c != 0 {
			return c
		}
		for _, column := range ranks {
			if c := cmp.Compare(column[a], column[b]); c != 0 {
				return c
			}
		}
		return 0
	})
	return order
}

func equalRows(ranks [][]uint32, a, b int32) bool {
	for _, column := range ranks {
		if column[a] != column[b] {
			return false
		}
	}
	return true
}
