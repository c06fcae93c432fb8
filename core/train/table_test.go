package train

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// The second feature has the most values, so points are in its order; the rows
// (1, 10) are one point, wherever they stand.
func TestTableByHand(t *testing.T) {
	rows := newTable([]int64{1, 10, 1, 30, 0, 20, 1, 10, 0, 40}, 2, []bool{true, false, false, true, false})
	assert.Equal(t, 1, rows.widest)
	assert.Equal(t, [][]int64{{0, 1}, {10, 20, 30, 40}}, rows.values)
	assert.Equal(t, [][]uint32{{1, 0, 1, 0}, {0, 1, 2, 3}}, rows.ranks)
	assert.Equal(t, []uint32{0*2 + 1, 2 * 2, 1 * 2, 0*2 + 1, 3 * 2}, rows.rows)
	assert.Equal(t, [2]uint64{2, 3}, rows.weights, "two positives weigh as much as three negatives")
}

// Rows that are equal in the widest feature are told apart by the others.
func TestTableOfTies(t *testing.T) {
	rows := newTable([]int64{1, 5, 1, 4, 1, 5, 2, 4, 3, 4, 3, 4}, 2, []bool{true, false, false, true, false, false})
	assert.Equal(t, 0, rows.widest)
	assert.Equal(t, [][]uint32{{0, 0, 1, 2}, {0, 1, 0, 0}}, rows.ranks)
	assert.Equal(t, []uint32{1*2 + 1, 0, 1 * 2, 2*2 + 1, 3 * 2, 3 * 2}, rows.rows)
	assert.Equal(t, [2]uint64{1, 2}, rows.weights, "2 and 4, in lowest terms")
}

func TestConstantsKnowEachFeature(t *testing.T) {
	for f := range 256 {
		var c constants
		c.add(f)
		c.add((f + 64) % 256)
		for other := range 256 {
			assert.Equal(t, other == f || other == (f+64)%256, c.has(other), "%d among %d", other, f)
		}
	}
}

// The largest gain is next; of equal ones, the node that came first.
func TestFrontierTakesTheBestFirst(t *testing.T) {
	f := &frontier{bestFirst: true}
	for _, o := range []open{{node: 5, split: split{gain: 1}}, {node: 3, split: split{gain: 1}}, {node: 9, split: split{gain: 2}}, {node: 4, split: split{gain: 1}}} {
		f.add(o)
	}
	var nodes []int32
	for f.Len() > 0 {
		nodes = append(nodes, f.next().node)
	}
	assert.Equal(t, []int32{9, 3, 4, 5}, nodes)
}
