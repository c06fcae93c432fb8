package forest

import (
	"math/bits"
	"slices"
)

// batch is memory for many rows, used again and again, while they go down one
// tree after the other.
//
// Rows are sorted, so that those alike are neighbours, and every 64 neighbours
// make a word of bits. A set of rows is a list of the words in which it has
// some. A cut's mask holds the rows that are at most that cut; so a split
// divides 64 rows with one operation, and rows that go the same way stay
// together as far as they do.
type batch struct {
	*Engine
	ranks []uint32 // by row as given, and feature
	order []uint64 // by place: the row's key, and in its last bits the row
	words int
	masks []uint64   // by mask, and word
	exact [][]uint16 // by column, where cuts share masks: the rank by place
	sums  []float64  // by place
	sets  []some     // a stack of sets
}

// some rows of a word.
type some struct {
	rows uint64
	word int
}

const (
	wordSize  = 64
	placeBits = 15
	maxBatch  = 1 << placeBits
	minBatch  = 1 << 12 // fewer rows are faster one by one
)

// AppendProbabilities scores vectors, which lie one behind the other, and
// appends one probability for each. It does not allocate where dst has room.
func (e *Engine) AppendProbabilities(dst []float64, vectors []int64) []float64 {
	for len(vectors) >= minBatch*len(e.cuts) {
		n := min(maxBatch, len(vectors)/len(e.cuts))
		dst = append(dst, make([]float64, n)...)
		e.score(dst[len(dst)-n:], vectors[:n*len(e.cuts)])
		vectors = vectors[n*len(e.cuts):]
	}
	r := e.borrowRow()
	defer e.rows.Put(r)
	for v := range slices.Chunk(vectors, len(e.cuts)) {
		dst = append(dst, e.probability(r, v))
	}
	return dst
}

// score adds up the leaves of each row, tree by tree, and divides.
func (e *Engine) score(dst []float64, vectors []int64) {
	b, _ := e.batches.Get().(*batch)
	if b == nil {
		b = &batch{Engine: e, exact: make([][]uint16, len(e.columns))}
	}
	defer e.batches.Put(b)
	b.sort(vectors)
	b.words = (len(dst) + wordSize - 1) / wordSize
	b.masks = zeros(b.masks, e.masks*b.words)
	for i := range e.columns {
		b.addColumn(i)
	}
	b.sums = zeros(b.sums, b.words*wordSize)
	for _, root := range e.roots {
		b.descend(e.nodes[root], 0, b.everybody())
	}
	for place, key := range b.order {
		dst[key%maxBatch] = b.sums[place] / float64(len(e.roots))
	}
}

// zeros returns n zeros, in the memory of s where that is enough.
func zeros[T any](s []T, n int) []T {
	s = slices.Grow(s[:0], n)[:n]
	clear(s)
	return s
}

// sort ranks the rows and gives each its place.
func (b *batch) sort(vectors []int64) {
	features := len(b.cuts)
	b.ranks = slices.Grow(b.ranks[:0], len(vectors))[:len(vectors)]
	b.order = b.order[:0]
	for at := 0; at < len(vectors); at += features {
		v, ranks := vectors[at:at+features], b.ranks[at:at+features]
		for i, cuts := range b.cuts {
			ranks[i] = b.rank(i, cuts, v[i])
		}
		key := uint64(0)
		for _, d := range b.Engine.order {
			key = key<<d.width | uint64(ranks[d.feature])>>d.drop
		}
		b.order = append(b.order, key<<placeBits|uint64(at/features))
	}
	slices.Sort(b.order)
}

// addColumn fills the masks of a column, and its ranks where masks do not tell
// every cut from the next.
func (b *batch) addColumn(i int) {
	c := &b.columns[i]
	if c.shift > 0 {
		b.exact[i] = zeros(b.exact[i], b.words*wordSize)
	}
	masks := b.masks[(c.mask+1)*b.words:][:(int((c.cuts-1)>>c.shift)+1)*b.words]
	for place, key := range b.order {
		rank := c.rank(b.ranks[int(key%maxBatch)*len(b.cuts)+c.feature])
		if uint32(rank) < c.cuts {
			masks[int(rank>>c.shift)*b.words+place/wordSize] |= 1 << (place % wordSize)
		}
		if c.shift > 0 {
			b.exact[i][place] = rank
		}
	}
	for at := b.words; at < len(masks); at++ {
		masks[at] |= masks[at-b.words]
	}
}

// everybody puts all rows at the bottom of the stack and returns its end.
func (b *batch) everybody() int {
	b.sets = slices.Grow(b.sets[:0], 2*b.words)
	for word := range b.words {
		b.sets = append(b.sets, some{^uint64(0), word})
	}
	if rest := len(b.order) % wordSize; rest > 0 {
		b.sets[b.words-1].rows = 1<<rest - 1
	}
	return b.words
}

// descend takes the set between two places of the stack from a node to leaves.
func (b *batch) descend(n node, from, to int) {
	for n.column != isLeaf {
		if to == from+1 {
			b.descendWord(n, b.sets[from])
			return
		}
		left, right := b.nodes[n.next], b.nodes[n.next+1]
		lefts, rights := b.split(n, from, to)
		switch {
		case rights == 0:
			n, from, to = left, to, to+lefts
		case lefts == 0:
			n = right
		default:
			b.descend(left, to, to+lefts)
			n, to = right, from+rights
		}
	}
	for _, s := range b.sets[from:to] {
		b.add(n, s)
	}
}

// split divides a set: who goes left is put on the stack behind it, the others
// stay. It returns how many words each side has.
func (b *batch) split(n node, from, to int) (lefts, rights int) {
	if size := 2*to - from; size > len(b.sets) {
		b.sets = slices.Grow(b.sets, size-len(b.sets))[:size]
	}
	set, left := b.sets[from:to], b.sets[to:2*to-from]
	c := &b.columns[n.column]
	if c.shift > 0 {
		return b.splitExactly(n, set, left)
	}
	mask := b.masks[(c.mask+1+int(n.rank))*b.words:][:b.words]
	for _, s := range set {
		l := s.rows & mask[s.word]
		r := s.rows ^ l
		left[lefts] = some{l, s.word}
		lefts += sign(l)
		set[rights] = some{r, s.word}
		rights += sign(r)
	}
	return lefts, rights
}

// splitExactly splits where cuts share masks.
func (b *batch) splitExactly(n node, set, left []some) (lefts, rights int) {
	c := &b.columns[n.column]
	at := (c.mask + int(n.rank>>c.shift)) * b.words
	lower, own := b.masks[at:at+b.words], b.masks[at+b.words:at+2*b.words]
	ranks := b.exact[n.column]
	for _, s := range set {
		l := s.rows & lower[s.word]
		if open := s.rows & own[s.word] &^ l; open != 0 {
			l |= atMost(open, ranks[s.word*wordSize:][:wordSize], n.rank)
		}
		r := s.rows ^ l
		left[lefts] = some{l, s.word}
		lefts += sign(l)
		set[rights] = some{r, s.word}
		rights += sign(r)
	}
	return lefts, rights
}

// sign is 1 where there are rows, without a branch.
func sign(rows uint64) int { return int((rows | -rows) >> 63) }

// left tells which rows of a word go left: those of lower masks, and of the
// cut's own those whose rank says so.
func (b *batch) left(n node, s some) uint64 {
	c := &b.columns[n.column]
	at := (c.mask+int(n.rank>>c.shift))*b.words + s.word
	if c.shift == 0 {
		return s.rows & b.masks[at+b.words]
	}
	rows := s.rows & b.masks[at]
	if open := s.rows & b.masks[at+b.words] &^ rows; open != 0 {
		rows |= atMost(open, b.exact[n.column][s.word*wordSize:][:wordSize], n.rank)
	}
	return rows
}

// atMost picks the rows of a word whose rank is at most that.
func atMost(rows uint64, ranks []uint16, rank uint16) uint64 {
	picked := uint64(0)
	for ; rows != 0; rows &= rows - 1 {
		i := bits.TrailingZeros64(rows)
		picked |= (uint64(ranks[i]) - uint64(rank) - 1) >> 63 << i
	}
	return picked
}

// descendWord takes rows of one word from a node to leaves.
func (b *batch) descendWord(n node, s some) {
	for n.column != isLeaf {
		switch left := b.left(n, s); left {
		case s.rows:
			n = b.nodes[n.next]
		case 0:
			n = b.nodes[n.next+1]
		default:
			b.descendWord(b.nodes[n.next], some{left, s.word})
			n = b.nodes[n.next+1]
			s.rows ^= left
		}
	}
	b.add(n, s)
}

// add adds a leaf's value to the sums of rows. Most leaves of a full tree are
// zero.
func (b *batch) add(leaf node, s some) {
	value := b.values[leaf.next]
	if value == 0 {
		return
	}
	sums := b.sums[s.word*wordSize:][:wordSize]
	for rows := s.rows; rows != 0; rows &= rows - 1 {
		sums[bits.TrailingZeros64(rows)] += value
	}
}
