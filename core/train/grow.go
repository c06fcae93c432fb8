package train

import (
	"container/heap"
	"context"
	"math/bits"
	"math/rand/v2"
)

// draws is a tree's generator.
type draws struct{ *rand.PCG }

func treeDraws(seed uint64, tree int64) draws { return draws{rand.NewPCG(seed, uint64(tree))} }

// below draws one of n numbers, each as likely as the others.
func (d draws) below(n uint64) uint64 {
	for {
		high, low := bits.Mul64(d.Uint64(), n)
		if low >= -n%n {
			return high
		}
	}
}

// growth is a node as it grows; a leaf's feature is none.
type growth struct {
	split
	value       float64
	left, right int32
}

// open is a leaf that may still be split.
type open struct {
	node      int32
	depth     int
	from, to  int // its samples
	constants constants
	split     split
}

// constants are the features that have but one value in a node, and so in all
// nodes below.
type constants [4]uint64

func (c *constants) has(f int) bool { return c[f/64]>>(f%64)&1 == 1 }
func (c *constants) add(f int)      { c[f/64] |= 1 << (f % 64) }

// grower grows one tree after another in the same memory.
type grower struct {
	*table
	Options
	draws   draws
	drawn   [][2]uint32 // for each point, the rows drawn, by class
	samples []sample
	aside   []sample
	order   []int // features in the order in which they are drawn
	work    scratch
	nodes   []growth
	open    frontier
}

func newGrower(t *table, o Options) *grower {
	g := &grower{table: t, Options: o}
	g.drawn = make([][2]uint32, len(t.ranks[0]))
	g.work.counts = make([]tally, narrow)
	for f := range t.values {
		g.order = append(g.order, f)
	}
	return g
}

// grow grows one tree, or a part of it if ctx is done before. Its first node is
// the root.
func (g *grower) grow(ctx context.Context, d draws) []growth {
	g.draws = d
	for i := range g.order {
		g.order[i] = i
	}
	g.bootstrap()
	return g.growDrawn(ctx)
}

// growDrawn grows a tree on the rows that were drawn.
func (g *grower) growDrawn(ctx context.Context) []growth {
	g.samples = g.samples[:0]
	for p, rows := range g.drawn {
		if rows[0]+rows[1] > 0 {
			g.samples = append(g.samples, sample{uint32(p), rows})
		}
	}
	g.nodes, g.open = nil, frontier{bestFirst: g.MaxLeaves > 0}
	g.leaf(open{from: 0, to: len(g.samples)})
	for leaves := 1; g.open.Len() > 0 && (g.MaxLeaves == 0 || leaves < g.MaxLeaves) && ctx.Err() == nil; leaves++ {
		g.divide(g.open.next())
	}
	return g.nodes
}

// bootstrap draws as many rows as there are, with replacement.
func (g *grower) bootstrap() {
	clear(g.drawn)
	n := uint64(len(g.rows))
	for range g.rows {
		r := g.rows[g.draws.below(n)]
		g.drawn[r/2][r%2]++
	}
}

// leaf adds a leaf, and puts it on the frontier if it can be split.
func (g *grower) leaf(o open) {
	o.node = int32(len(g.nodes))
	samples := g.samples[o.from:o.to]
	total := count(samples)
	positive := float64(total[1] * g.weights[1])
	g.nodes = append(g.nodes, growth{
		split: split{feature: none},
		value: positive / (float64(total[0]*g.weights[0]) + positive),
	})
	if total[0] == 0 || total[1] == 0 || len(samples) < 2 || g.Depth > 0 && o.depth >= g.Depth {
		return
	}
	if o.split = g.bestSplit(samples, total, &o.constants); o.split.feature != none {
		g.open.add(o)
	}
}

// bestSplit draws features until as many as wanted are seen, and goes on while
// all were constant.
func (g *grower) bestSplit(samples []sample, total tally, known *constants) split {
	best := sweep{table: g.table, minLeaf: uint64(g.MinLeaf), total: total, best: split{feature: none}}
	varying := 0
	for seen := range g.order {
		if seen >= g.Features && varying > 0 {
			break
		}
		pick := seen + int(g.draws.below(uint64(len(g.order)-seen)))
		g.order[seen], g.order[pick] = g.order[pick], g.order[seen]
		f := g.order[seen]
		if known.has(f) {
			continue
		}
		best.feature, best.left, best.started = f, tally{}, false
		if g.sweepFeature(&best, samples, &g.work) {
			varying++
		} else {
			known.add(f)
		}
	}
	best.best.gain = g.impurity(total) - best.bestLeft
	return best.best
}

// divide turns an open leaf into a split with two leaves.
func (g *grower) divide(o open) {
	middle := g.partition(o)
	left := int32(len(g.nodes))
	g.leaf(open{depth: o.depth + 1, from: o.from, to: middle, constants: o.constants})
	right := int32(len(g.nodes))
	g.leaf(open{depth: o.depth + 1, from: middle, to: o.to, constants: o.constants})
	n := &g.nodes[o.node]
	n.split, n.left, n.right = o.split, left, right
}

// partition moves the samples that go left to the front, in their order.
func (g *grower) partition(o open) int {
	ranks := g.ranks[o.split.feature]
	g.aside = g.aside[:0]
	to := o.from
	for _, s := range g.samples[o.from:o.to] {
		if ranks[s.point] <= o.split.rank {
			g.samples[to] = s
			to++
		} else {
			g.aside = append(g.aside, s)
		}
	}
	copy(g.samples[to:], g.aside)
	return to
}

// frontier holds the leaves that can be split: the last one added is next, or,
// where leaves are limited, the one whose split gains most.
type frontier struct {
	bestFirst bool
	open      []open
}

func (f *frontier) add(o open) {
	if f.bestFirst {
		heap.Push(f, o)
	} else {
		f.open = append(f.open, o)
	}
}

func (f *frontier) next() open {
	if f.bestFirst {
		return heap.Pop(f).(open)
	}
	return f.last()
}

func (f *frontier) last() open {
	last := len(f.open) - 1
	o := f.open[last]
	f.open = f.open[:last]
	return o
}

// Len, Less, Swap, Push and Pop are for package heap.
func (f *frontier) Len() int { return len(f.open) }

func (f *frontier) Less(i, j int) bool {
	if a, b := f.open[i].split.gain, f.open[j].split.gain; a != b {
		return a > b
	}
	return f.open[i].node < f.open[j].node
}

func (f *frontier) Swap(i, j int) { f.open[i], f.open[j] = f.open[j], f.open[i] }

func (f *frontier) Push(x any) { f.open = append(f.open, x.(open)) }

func (f *frontier) Pop() any { return f.last() }
