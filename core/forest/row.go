package forest

// lanes is how many trees one row goes down at once, so that the processor
// waits for many nodes together.
const lanes = 16

// row is memory for one row, used again and again.
type row struct {
	ranks []uint16 // by column
	found []uint32 // by tree: the index of the value of the leaf reached
}

// Probability scores one vector, without allocation.
func (e *Engine) Probability(v []int64) float64 {
	r := e.borrowRow()
	defer e.rows.Put(r)
	return e.probability(r, v)
}

func (e *Engine) borrowRow() *row {
	if r, ok := e.rows.Get().(*row); ok {
		return r
	}
	return &row{make([]uint16, len(e.columns)), make([]uint32, len(e.roots))}
}

func (e *Engine) probability(r *row, v []int64) float64 {
	for i := 0; i < len(e.columns); {
		c := &e.columns[i]
		rank := e.rank(c.feature, v[c.feature])
		for feature := c.feature; i < len(e.columns) && e.columns[i].feature == feature; i++ {
			r.ranks[i] = e.columns[i].rank(rank)
		}
	}
	e.walk(r)
	sum := 0.0
	for _, leaf := range r.found {
		sum += e.values[leaf]
	}
	return sum / float64(len(e.roots))
}

// walk takes the row to a leaf of every tree. A lane whose tree is done goes on
// with the next one. A step takes no branch, which would be guessed wrong half
// the time: the sign of a difference chooses between two neighbours.
func (e *Engine) walk(r *row) {
	var at, tree [lanes]uint32
	running := min(lanes, len(e.roots))
	for lane := range running {
		at[lane], tree[lane] = e.roots[lane], uint32(lane)
	}
	next := running
	nodes, ranks := e.nodes, r.ranks
	for running > 0 {
		for lane := 0; lane < running; lane++ {
			n := nodes[at[lane]]
			if n.column != isLeaf {
				at[lane] = n.next + (uint32(n.rank)-uint32(ranks[n.column]))>>31
				continue
			}
			r.found[tree[lane]] = n.next
			if next < len(e.roots) {
				at[lane], tree[lane] = e.roots[next], uint32(next)
				next++
			} else { // the last lane takes this one's place
				running--
				at[lane], tree[lane] = at[running], tree[running]
			}
		}
	}
}
