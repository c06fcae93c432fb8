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
	spare []uint64 // to sort with
	words int
	masks []uint64   // by mask, and word
	exact [][]uint32 // by feature, where cuts share masks: the rank by place
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
	minBatch  = 1 << 11 // fewer rows are faster one by one
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
		b = &batch{Engine: e, exact: make([][]uint32, len(e.cuts))}
	}
	defer e.batches.Put(b)
	b.sort(vectors)
	b.words = (len(dst) + wordSize - 1) / wordSize
	b.masks = zeros(b.masks, e.masks*b.words)
	for i := range e.columns {
		if c := &e.columns[i]; c.from == 0 {
			b.addMasks(c)
		}
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
		for i, x := range v {
			ranks[i] = b.rank(i, x)
		}
		key := uint64(0)
		for _, d := range b.Engine.order {
			key = key<<d.width | uint64(ranks[d.feature])>>d.drop
		}
		b.order = append(b.order, key<<placeBits|uint64(at/features))
	}
	b.sortKeys()
}

// sortKeys sorts by the bits of the keys, some at a time, the lowest first. That
// is several times as fast as comparing.
func (b *batch) sortKeys() {
	b.spare = slices.Grow(b.spare[:0], len(b.order))[:len(b.order)]
	for shift := placeBits; shift < 64; shift += keyBits {
		var next [1 << keyBits]uint32 // by bits: how many keys, and then the place of the next one
		for _, key := range b.order {
			next[key>>shift%(1<<keyBits)]++
		}
		from := uint32(0)
		for i, n := range next {
			next[i] = from
			from += n
		}
		for _, key := range b.order {
			at := &next[key>>shift%(1<<keyBits)]
			b.spare[*at] = key
			*at++
		}
		b.order, b.spare = b.spare, b.order
	}
}

// keyBits is how many bits are sorted by at a time.
const keyBits = 10

// addMasks fills the masks of a feature, whose first column that is, and its
// ranks where masks do not tell every cut from the next.
func (b *batch) addMasks(c *column) {
	cuts := uint32(len(b.cuts[c.feature]))
	if c.shift > 0 {
		b.exact[c.feature] = zeros(b.exact[c.feature], b.words*wordSize)
	}
	masks := b.masks[(c.mask+1)*b.words:][:(int((cuts-1)>>c.shift)+1)*b.words]
	for place, key := range b.order {
		rank := b.ranks[int(key%maxBatch)*len(b.cuts)+c.feature]
		if rank < cuts {
			masks[int(rank>>c.shift)*b.words+place/wordSize] |= 1 << (place % wordSize)
		}
		if c.shift > 0 {
			b.exact[c.feature][place] = rank
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

// descend takes the set between two places of the stack from a split to leaves.
func (b *batch) descend(n node, from, to int) {
	for n.column != isLeaf {
		if to == from+1 {
			b.descendWord(n, b.sets[from])
			return
		}
		left, right := b.nodes[n.next], b.nodes[n.next+1]
		switch {
		case left == nothing:
			n, to = right, from+b.keep(n, from, to, everyBit)
		case right == nothing:
			n, to = left, from+b.keep(n, from, to, 0)
		default:
			lefts, rights := b.split(n, from, to)
			switch {
			case rights == 0:
				n, from, to = left, to, to+lefts
			case lefts == 0:
				n = right
			case left.column == isLeaf:
				b.add(left, b.sets[to:to+lefts])
				n, to = right, from+rights
			default:
				b.descend(left, to, to+lefts)
				n, to = right, from+rights
			}
		}
		if from == to {
			return
		}
	}
	b.add(n, b.sets[from:to])
}

// split divides a set: who goes left is put on the stack behind it, the others
// stay. It returns how many words each side has.
func (b *batch) split(n node, from, to int) (lefts, rights int) {
	if size := 2*to - from; size > len(b.sets) {
		b.sets = slices.Grow(b.sets, size-len(b.sets))[:size]
	}
	set, left := b.sets[from:to], b.sets[to:2*to-from]
	if c := &b.columns[n.column]; c.shift > 0 {
		cut := b.sharedCut(c, n.rank)
		for _, s := range set {
			l := s.rows & cut.lower[s.word]
			if open := s.rows & cut.own[s.word] &^ l; open != 0 {
				l |= atMost(open, cut.ranks[s.word*wordSize:], cut.rank)
			}
			r := s.rows ^ l
			left[lefts] = some{l, s.word}
			lefts += sign(l)
			set[rights] = some{r, s.word}
			rights += sign(r)
		}
		return lefts, rights
	}
	mask := b.mask(n)
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

// keep leaves those in a set who go left, or with flip set to everyBit those
// who go right: the others would come to nothing. It returns how many words
// are left.
func (b *batch) keep(n node, from, to int, flip uint64) (kept int) {
	set := b.sets[from:to]
	if c := &b.columns[n.column]; c.shift > 0 {
		cut := b.sharedCut(c, n.rank)
		for _, s := range set {
			l := s.rows & cut.lower[s.word]
			if open := s.rows & cut.own[s.word] &^ l; open != 0 {
				l |= atMost(open, cut.ranks[s.word*wordSize:], cut.rank)
			}
			rows := s.rows & (l ^ flip)
			set[kept] = some{rows, s.word}
			kept += sign(rows)
		}
		return kept
	}
	mask := b.mask(n)
	for _, s := range set {
		rows := s.rows & (mask[s.word] ^ flip)
		set[kept] = some{rows, s.word}
		kept += sign(rows)
	}
	return kept
}

const everyBit = 1<<64 - 1

// mask has the rows that go left by the word, where the cut has a mask of its
// own.
func (b *batch) mask(n node) []uint64 {
	return b.masks[(b.columns[n.column].mask+1+int(n.rank))*b.words:][:b.words]
}

// sharedCut is a cut that shares its mask with others.
type sharedCut struct {
	rank       uint32
	lower, own []uint64 // by word: the rows that are at most the cuts of masks before, and of this one
	ranks      []uint32 // by place
}

func (b *batch) sharedCut(c *column, rank uint16) sharedCut {
	cut := c.from + uint32(rank)
	at := (c.mask + int(cut>>c.shift)) * b.words
	return sharedCut{cut, b.masks[at : at+b.words], b.masks[at+b.words : at+2*b.words], b.exact[c.feature]}
}

// left tells which rows of a word go left: those of lower masks, and of the
// cut's own those whose rank says so.
func (c *sharedCut) left(s some) uint64 {
	rows := s.rows & c.lower[s.word]
	if open := s.rows & c.own[s.word] &^ rows; open != 0 {
		rows |= atMost(open, c.ranks[s.word*wordSize:], c.rank)
	}
	return rows
}

// sign is 1 where there are rows, without a branch.
func sign(rows uint64) int { return int((rows | -rows) >> 63) }

// atMost picks the rows of a word whose rank is at most that.
func atMost(rows uint64, ranks []uint32, rank uint32) uint64 {
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
		rows := b.left(n, s)
		left, right := b.nodes[n.next], b.nodes[n.next+1]
		switch {
		case rows == 0 || left == nothing:
			n, s.rows = right, s.rows^rows
		case rows == s.rows || right == nothing:
			n, s.rows = left, rows
		default:
			b.descendWord(left, some{rows, s.word})
			n, s.rows = right, s.rows^rows
		}
		if s.rows == 0 {
			return
		}
	}
	b.addWord(b.values[n.next], s)
}

// left tells which rows of a word go left.
func (b *batch) left(n node, s some) uint64 {
	c := &b.columns[n.column]
	if c.shift == 0 {
		return s.rows & b.masks[(c.mask+1+int(n.rank))*b.words+s.word]
	}
	cut := b.sharedCut(c, n.rank)
	return cut.left(s)
}

// add adds a leaf's value to the sums of a set.
func (b *batch) add(leaf node, set []some) {
	if leaf == nothing {
		return
	}
	value := b.values[leaf.next]
	for _, s := range set {
		b.addWord(value, s)
	}
}

func (b *batch) addWord(value float64, s some) {
	sums := b.sums[s.word*wordSize:][:wordSize]
	for rows := s.rows; rows != 0; rows &= rows - 1 {
		sums[bits.TrailingZeros64(rows)] += value
	}
}
