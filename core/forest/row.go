package forest

// row is memory for one row, used again and again.
type row struct {
	ranks [MaxFeatures]question // by feature
	lanes []lane                // trees that the row goes down
	seen  []node                // by lane: what is there
	found []node                // by tree that is not nothing: where the row ended
}

// lane is where a row is in a tree.
type lane struct{ at, tree uint32 }

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
	n := len(e.roots)
	return &row{lanes: make([]lane, n), seen: make([]node, n), found: make([]node, n)}
}

func (e *Engine) probability(r *row, v []int64) float64 {
	for i := range e.features {
		r.ranks[i] = newQuestion(i, e.features[i].rank(v[i]))
	}
	e.walk(r)
	sum := 0.0
	for _, n := range r.found {
		if n.isLeaf() {
			sum += e.values[n.question()]
		}
	}
	return sum / float64(e.trees)
}

// walk takes the row to a leaf of every tree, or to where only the side is there
// to which it does not go. All trees take a step together: first all nodes are
// read, so that the processor waits for many at once, and then all steps are
// taken, without a branch, which would be guessed wrong half the time. A row that
// has arrived goes 0 nodes further; after some steps its lane is dropped.
func (e *Engine) walk(r *row) {
	nodes, lanes, seen := e.nodes, r.lanes, r.seen
	for tree, root := range e.roots {
		lanes[tree] = lane{root, uint32(tree)}
	}
	for len(lanes) > 0 {
		seen = seen[:len(lanes)]
		for range strides {
			for i := range lanes {
				seen[i] = nodes[lanes[i].at]
			}
			for i, n := range seen {
				lanes[i].at += r.further(n)
			}
		}
		running := 0
		for _, l := range lanes {
			n := nodes[l.at]
			r.found[l.tree] = n
			lanes[running] = l
			running += sign(uint64(r.further(n)))
		}
		lanes = lanes[:running]
	}
}

// strides is how many steps are taken before lanes are dropped.
const strides = 6

// further is how many nodes further on the row goes: the sign of a difference
// chooses between two sides.
func (r *row) further(n node) uint32 {
	q := n.question()
	goesRight := uint32(int32(q-r.ranks[q.feature()]) >> 31) // all bits, or none
	return n.left() + goesRight&n.farther()
}
