package forest

import (
	"math/bits"
	"slices"
)

// batch is memory for many rows, used again and again, while they go down one
// tree after the other.
//
// Rows are sorted, so that similar rows are neighbours. 64 neighbours are the bits
// of one word. A set of rows is a list of words, without those that are 0. The
// mask of a cut has the rows whose number is at most the cut, so one operation
// divides 64 rows.
type batch struct {
	features []feature // these three are the engine's
	nodes    []node
	values   []float64

	ranks []uint32 // by row as given, and feature
	order []uint64 // by place: the row's key, and in its last bits the row
	spare []uint64 // to sort with
	words int
	bits  []uint64   // of the masks, one behind the other
	masks [][]uint64 // by mask, and word
	exact [][]uint32 // by feature and place: ranks, for features whose cuts share masks
	sums  []float64  // by place
	sets  []some     // a stack of sets
}

// some is a word of a set: the rows of that word which are in the set.
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
	for len(vectors) >= minBatch*len(e.features) {
		n := min(maxBatch, len(vectors)/len(e.features))
		dst = append(dst, make([]float64, n)...)
		e.score(dst[len(dst)-n:], vectors[:n*len(e.features)])
		vectors = vectors[n*len(e.features):]
	}
	r := e.borrowRow()
	defer e.rows.Put(r)
	for v := range slices.Chunk(vectors, len(e.features)) {
		dst = append(dst, e.probability(r, v))
	}
	return dst
}

// score adds up the leaves of each row, tree by tree, and divides.
func (e *Engine) score(dst []float64, vectors []int64) {
	b, _ := e.batches.Get().(*batch)
	if b == nil {
		b = &batch{features: e.features, nodes: e.nodes, values: e.values, exact: make([][]uint32, len(e.features))}
	}
	defer e.batches.Put(b)
	b.sort(vectors, e.digits)
	b.words = (len(dst) + wordSize - 1) / wordSize
	b.bits = zeros(b.bits, e.masks*b.words)
	b.masks = slices.AppendSeq(b.masks[:0], slices.Chunk(b.bits, b.words))
	for i := range e.features {
		if len(e.features[i].cuts) > 0 {
			b.addMasks(i)
		}
	}
	b.sums = zeros(b.sums, b.words*wordSize)
	b.sets = slices.Grow(b.sets[:0], stack*b.words)[:stack*b.words]
	everybody, free := b.sets[:b.words], b.sets[b.words:]
	for _, root := range e.roots {
		fill(everybody)
		b.descend(e.nodes[root], root, everybody, free)
	}
	for place, key := range b.order {
		dst[key%maxBatch] = b.sums[place] / float64(e.trees)
	}
}

// zeros returns n zeros, in the memory of s where that is enough.
func zeros[T any](s []T, n int) []T {
	s = slices.Grow(s[:0], n)[:n]
	clear(s)
	return s
}

// sort ranks the rows and gives each its place, by a key of these digits.
func (b *batch) sort(vectors []int64, digits []digit) {
	n := len(b.features)
	b.ranks = slices.Grow(b.ranks[:0], len(vectors))[:len(vectors)]
	b.order = b.order[:0]
	for at := 0; at < len(vectors); at += n {
		v, ranks := vectors[at:at+n], b.ranks[at:at+n]
		for i, x := range v {
			ranks[i] = b.features[i].rank(x)
		}
		key := uint64(0)
		for _, d := range digits {
			key = key<<d.width | uint64(ranks[d.feature])>>d.drop
		}
		b.order = append(b.order, key<<placeBits|uint64(at/n))
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

// addMasks fills the masks of a feature, and where cuts share masks, the ranks of
// the rows.
func (b *batch) addMasks(i int) {
	f := &b.features[i]
	cuts := uint32(len(f.cuts))
	if f.shift > 0 {
		b.exact[i] = zeros(b.exact[i], b.words*wordSize)
	}
	masks := b.masks[f.mask+1:][:(cuts-1)>>f.shift+1]
	for place, key := range b.order {
		rank := b.ranks[int(key%maxBatch)*len(b.features)+i]
		if rank < cuts {
			masks[rank>>f.shift][place/wordSize] |= 1 << (place % wordSize)
		}
		if f.shift > 0 {
			b.exact[i][place] = rank
		}
	}
	for m := 1; m < len(masks); m++ {
		for word, rows := range masks[m-1] {
			masks[m][word] |= rows
		}
	}
}

// stack is the size of the stack, in sets of all rows. It grows where many splits
// in a row divide nearly all words.
const stack = 64

// fill puts all rows into a set. What is behind the last row in its word is in no
// mask, so it goes right with the others that do, to a sum that nobody asks for.
func fill(everybody []some) {
	for word := range everybody {
		everybody[word] = some{^uint64(0), word}
	}
}

// descend takes a set from node n, which is number at, to the leaves below it.
// free is the rest of the stack.
func (b *batch) descend(n node, at uint32, set, free []some) {
	for len(set) > 0 {
		if n.isLeaf() {
			b.add(n, set)
			return
		}
		if len(set) == 1 {
			b.descendWord(n, at, set[0])
			return
		}
		left, right := b.nodes[at+1], b.nodes[at+n.right()]
		if n.hasOneSide() {
			n, at, set = left, at+1, set[:b.keep(n, set)]
			continue
		}
		if len(free) < len(set) {
			free = make([]some, stack*b.words)
		}
		lefts, rights := b.split(n, set, free)
		switch {
		case rights == 0:
			n, at, set, free = left, at+1, free[:lefts], free[lefts:]
			continue
		case lefts == 0:
		case left.isLeaf():
			b.add(left, free[:lefts])
		default:
			b.descend(left, at+1, free[:lefts], free[lefts:])
		}
		n, at, set = right, at+n.right(), set[:rights]
	}
}

// split divides a set. Rows that go left are written to left, the others stay in
// set. It returns how many words each has.
//
// Here and in keep, the loop is written twice: one loop that asks for each word
// whether cuts share a mask takes 3 to 10 % longer for the whole batch.
func (b *batch) split(n node, set, left []some) (lefts, rights int) {
	q := n.question()
	f := &b.features[q.feature()]
	if f.shift > 0 {
		lower, own, ranks := b.shared(q)
		for _, s := range set {
			l := atMost(s.rows, lower[s.word], own[s.word], ranks[s.word*wordSize:], q.cut())
			r := s.rows ^ l
			left[lefts] = some{l, s.word}
			lefts += sign(l)
			set[rights] = some{r, s.word}
			rights += sign(r)
		}
		return lefts, rights
	}
	mask := b.masks[f.mask+1+int(q.cut())]
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

// keep is split for a node with one side: the rows that go there stay in set, and
// the others are dropped, since the other side adds 0 to their sums. It returns
// how many words stay.
func (b *batch) keep(n node, set []some) (kept int) {
	q, flip := n.question(), flip(n)
	f := &b.features[q.feature()]
	if f.shift > 0 {
		lower, own, ranks := b.shared(q)
		for _, s := range set {
			l := atMost(s.rows, lower[s.word], own[s.word], ranks[s.word*wordSize:], q.cut())
			rows := s.rows & (l ^ flip)
			set[kept] = some{rows, s.word}
			kept += sign(rows)
		}
		return kept
	}
	mask := b.masks[f.mask+1+int(q.cut())]
	for _, s := range set {
		rows := s.rows & (mask[s.word] ^ flip)
		set[kept] = some{rows, s.word}
		kept += sign(rows)
	}
	return kept
}

// flip turns the rows that go left into those that go to the node's one side: it
// is 0 if that is the left side, and else all bits.
func flip(n node) uint64 { return uint64(n.left()) - 1 }

// sign is 0 if x is 0, else 1. It compiles to an instruction without a branch.
func sign(x uint64) int {
	if x != 0 {
		return 1
	}
	return 0
}

// shared returns what atMost needs for a cut that shares its mask: the mask before
// its own, its own, and the rows' ranks by place.
func (b *batch) shared(q question) (lower, own []uint64, ranks []uint32) {
	f := &b.features[q.feature()]
	mask := f.mask + int(q.cut()>>f.shift)
	return b.masks[mask], b.masks[mask+1], b.exact[q.feature()]
}

// atMost picks the rows of a word that are at most a cut which shares its mask.
// Rows in the mask before are at most every cut of the own mask. For the others in
// the own mask, the rank decides.
func atMost(rows, lower, own uint64, ranks []uint32, cut uint32) uint64 {
	picked := rows & lower
	for open := rows & own &^ lower; open != 0; open &= open - 1 {
		i := bits.TrailingZeros64(open)
		picked |= (uint64(ranks[i]) - uint64(cut) - 1) >> 63 << i
	}
	return picked
}

// descendWord takes rows of one word from a node to leaves.
func (b *batch) descendWord(n node, at uint32, s some) {
	for s.rows != 0 {
		if n.isLeaf() {
			b.addWord(b.values[n.question()], s)
			return
		}
		rows := b.left(n.question(), s)
		left, right := b.nodes[at+1], b.nodes[at+n.right()]
		switch {
		case n.hasOneSide():
			s.rows &= rows ^ flip(n)
			n, at = left, at+1
		case rows == s.rows:
			n, at = left, at+1
		case rows == 0:
			n, at = right, at+n.right()
		default:
			b.descendWord(left, at+1, some{rows, s.word})
			n, at, s.rows = right, at+n.right(), s.rows^rows
		}
	}
}

// left picks the rows of a word that go left.
func (b *batch) left(q question, s some) uint64 {
	f := &b.features[q.feature()]
	if f.shift == 0 {
		return s.rows & b.masks[f.mask+1+int(q.cut())][s.word]
	}
	lower, own, ranks := b.shared(q)
	return atMost(s.rows, lower[s.word], own[s.word], ranks[s.word*wordSize:], q.cut())
}

// add adds a leaf's value to the sums of a set.
func (b *batch) add(leaf node, set []some) {
	value := b.values[leaf.question()]
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
