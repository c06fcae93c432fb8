package dataset

import "math/bits"

// mersenneTwister is MT19937 (Matsumoto and Nishimura, 1998), the generator
// behind NumPy's RandomState.
type mersenneTwister struct {
	state [624]uint32
	next  int
}

func newMersenneTwister(seed uint32) *mersenneTwister {
	m := &mersenneTwister{}
	m.state[0] = seed
	for i := 1; i < len(m.state); i++ {
		previous := m.state[i-1]
		m.state[i] = 1812433253*(previous^previous>>30) + uint32(i)
	}
	m.next = len(m.state)
	return m
}

func (m *mersenneTwister) twist() {
	const shift, lower = 397, 1<<31 - 1
	n := len(m.state)
	for i := range m.state {
		joined := m.state[i]&^lower | m.state[(i+1)%n]&lower
		m.state[i] = m.state[(i+shift)%n] ^ joined>>1 ^ -(joined&1)&0x9908b0df
	}
	m.next = 0
}

func (m *mersenneTwister) uint32() uint32 {
	if m.next == len(m.state) {
		m.twist()
	}
	x := m.state[m.next]
	m.next++
	x ^= x >> 11
	x ^= x << 7 & 0x9d2c5680
	x ^= x << 15 & 0xefc60000
	return x ^ x>>18
}

// upTo draws from 0 to limit as RandomState does: bits enough for the limit,
// again and again until they are not over it.
func (m *mersenneTwister) upTo(limit uint32) uint32 {
	mask := uint32(1)<<bits.Len32(limit) - 1
	for {
		if x := m.uint32() & mask; x <= limit {
			return x
		}
	}
}

// permutation is RandomState.permutation(n), for n below 2^32: Fisher and
// Yates' shuffle from the end.
func (m *mersenneTwister) permutation(n int) []int {
	p := make([]int, n)
	for i := range p {
		p[i] = i
	}
	for i := n - 1; i > 0; i-- {
		j := m.upTo(uint32(i))
		p[i], p[j] = p[j], p[i]
	}
	return p
}
