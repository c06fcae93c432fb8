package forest

import "slices"

// Probability scores one vector, without allocation.
func (e *Engine) Probability(v []int64) float64 {
	b := e.borrow(len(e.columns) * lanes)
	defer e.batches.Put(b)
	return e.probability(b.ranks, v)
}

// probability takes several trees at a time.
func (e *Engine) probability(block []uint16, v []int64) float64 {
	e.rank(block, 0, v)
	sum := 0.0
	roots := e.roots
	for ; len(roots) >= lanes; roots = roots[lanes:] {
		at := [lanes]uint32(roots)
		e.walkTrees(&at, block)
		for _, leaf := range at {
			sum += e.values[e.leaves[leaf]]
		}
	}
	for _, root := range roots {
		sum += e.values[e.leaves[e.walk(root, block)]]
	}
	return sum / float64(len(e.roots))
}

// walk takes the first row of a block from a node to its leaf.
func (e *Engine) walk(at uint32, block []uint16) uint32 {
	for {
		n := e.nodes[at]
		next := n.step(block[n.at])
		if next == at {
			return at
		}
		at = next
	}
}

// walkTrees takes the first row of a block down several trees, from their roots
// to their leaves.
func (e *Engine) walkTrees(at *[lanes]uint32, block []uint16) {
	nodes := e.nodes
	a, b, c, d, f, g, h, i := at[0], at[1], at[2], at[3], at[4], at[5], at[6], at[7]
	for {
		moved := uint32(0)
		n := nodes[a]
		next := n.step(block[n.at])
		moved |= a ^ next
		a = next
		n = nodes[b]
		next = n.step(block[n.at])
		moved |= b ^ next
		b = next
		n = nodes[c]
		next = n.step(block[n.at])
		moved |= c ^ next
		c = next
		n = nodes[d]
		next = n.step(block[n.at])
		moved |= d ^ next
		d = next
		n = nodes[f]
		next = n.step(block[n.at])
		moved |= f ^ next
		f = next
		n = nodes[g]
		next = n.step(block[n.at])
		moved |= g ^ next
		g = next
		n = nodes[h]
		next = n.step(block[n.at])
		moved |= h ^ next
		h = next
		n = nodes[i]
		next = n.step(block[n.at])
		moved |= i ^ next
		i = next
		if moved == 0 {
			*at = [lanes]uint32{a, b, c, d, f, g, h, i}
			return
		}
	}
}

// AppendProbabilities scores vectors, which lie one behind the other, and
// appends one probability for each. It does not allocate where dst has room.
func (e *Engine) AppendProbabilities(dst []float64, vectors []int64) []float64 {
	for part := range slices.Chunk(vectors, e.features*batchSize) {
		start := len(dst)
		dst = append(dst, make([]float64, len(part)/e.features)...)
		e.score(dst[start:], part)
	}
	return dst
}

// batch is memory for the ranks of a batch's rows, used again and again.
type batch struct{ ranks []uint16 }

// borrow takes memory for so many ranks.
func (e *Engine) borrow(n int) *batch {
	b, _ := e.batches.Get().(*batch)
	if b == nil {
		b = &batch{}
	}
	b.ranks = slices.Grow(b.ranks[:0], n)[:n]
	return b
}

// batchSize is how many rows go down a tree before the next tree: their ranks
// and the tree stay in the second cache.
const batchSize = 1 << 12

// score adds up the leaves of each row, tree by tree, and divides. Rows that
// fill no block are scored one by one.
func (e *Engine) score(sums []float64, vectors []int64) {
	size := len(e.columns) * lanes
	blocks := len(sums) / lanes
	b := e.borrow((blocks + 1) * size)
	defer e.batches.Put(b)
	for i := range blocks * lanes {
		e.rank(b.ranks[i/lanes*size:], i%lanes, vectors[i*e.features:])
	}
	for _, root := range e.roots {
		for i := range blocks {
			e.addLeaves((*[lanes]float64)(sums[i*lanes:]), root, b.ranks[i*size:(i+1)*size])
		}
	}
	for i := range blocks * lanes {
		sums[i] /= float64(len(e.roots))
	}
	for i := blocks * lanes; i < len(sums); i++ {
		sums[i] = e.probability(b.ranks[blocks*size:], vectors[i*e.features:])
	}
}

// addLeaves takes the rows of a block down one tree.
func (e *Engine) addLeaves(sums *[lanes]float64, root uint32, block []uint16) {
	nodes := e.nodes
	a, b, c, d, f, g, h, i := root, root, root, root, root, root, root, root
	for {
		moved := uint32(0)
		n := nodes[a]
		next := n.step(block[int(n.at)+0])
		moved |= a ^ next
		a = next
		n = nodes[b]
		next = n.step(block[int(n.at)+1])
		moved |= b ^ next
		b = next
		n = nodes[c]
		next = n.step(block[int(n.at)+2])
		moved |= c ^ next
		c = next
		n = nodes[d]
		next = n.step(block[int(n.at)+3])
		moved |= d ^ next
		d = next
		n = nodes[f]
		next = n.step(block[int(n.at)+4])
		moved |= f ^ next
		f = next
		n = nodes[g]
		next = n.step(block[int(n.at)+5])
		moved |= g ^ next
		g = next
		n = nodes[h]
		next = n.step(block[int(n.at)+6])
		moved |= h ^ next
		h = next
		n = nodes[i]
		next = n.step(block[int(n.at)+7])
		moved |= i ^ next
		i = next
		if moved == 0 {
			break
		}
	}
	for lane, leaf := range [lanes]uint32{a, b, c, d, f, g, h, i} {
		sums[lane] += e.values[e.leaves[leaf]]
	}
}
