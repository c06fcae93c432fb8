package forest

// row is memory for one row, used again and again.
type row struct {
	ranks [MaxFeatures]question // by feature
	at    []uint32              // by tree that is not nothing: where the row is
	seen  []node                // by tree that is not nothing: what is there
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
	return &row{at: make([]uint32, len(e.roots)), seen: make([]node, len(e.roots))}
}

func (e *Engine) probability(r *row, v []int64) float64 {
	for i := range e.features {
		r.ranks[i] = newQuestion(i, e.features[i].rank(v[i]))
	}
	e.walk(r)
	sum := 0.0
	for _, n := range r.seen {
		if n.isLeaf() {
			sum += e.values[n.question()]
		}
	}
	return sum / float64(e.trees)
}

// walk takes the row to a leaf of every tree, or to where only the side is there
// to which it does not go. All trees take a step together: first all nodes are
// read, so that the processor waits for many at once, and then all steps are
// taken, without a branch, which would be guessed wrong half the time: the sign
// of a difference chooses between two sides. A row that is where it belongs goes
// 0 nodes further.
func (e *Engine) walk(r *row) {
	nodes, at, seen := e.nodes, r.at, r.seen[:len(r.at)]
	copy(at, e.roots)
	for moved := uint32(1); moved != 0; {
		for i, place := range at {
			seen[i] = nodes[place]
		}
		moved = 0
		for i, n := range seen {
			q := n.question()
			goesRight := uint32(int32(q-r.ranks[q>>cutBits]) >> 31) // all bits, or none
			further := n.left() + goesRight&n.farther()
			moved |= further
			at[i] += further
		}
	}
}
