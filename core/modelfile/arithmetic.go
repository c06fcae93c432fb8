package modelfile

// coder is a binary arithmetic coder. One method both writes and reads: when it
// decodes, what is passed as the bit does not count, and what it returns is the
// bit that was written. So a model of the data is written down once, and
// encoder and decoder cannot differ.
//
// The bits so far leave an interval of 64-bit numbers. A bit divides it in
// proportion to its chance and keeps one part; leading bytes on which both ends
// agree are final.
type coder struct {
	low, high uint64 // the interval, both ends included
	bytes     []byte // what was written, or what is to be read
	decoding  bool
	window    uint64 // decoding: the 8 bytes at the interval; zeros follow the end
	final     int    // how many bytes are final
}

func newEncoder() *coder { return &coder{high: ^uint64(0)} }

func newDecoder(stream []byte) *coder {
	c := &coder{high: ^uint64(0), bytes: stream, decoding: true}
	for i := range windowBytes {
		c.window = c.window<<8 | uint64(c.byteAt(i))
	}
	return c
}

const windowBytes = 8

func (c *coder) byteAt(i int) byte {
	if i < len(c.bytes) {
		return c.bytes[i]
	}
	return 0
}

// chance is how likely the next bit is 1, learned from the bits before it: the
// probability in the upper 22 bits, the number of bits seen, up to a limit, in
// the lower 10.
type chance uint32

const (
	even       chance = 1 << 31
	chanceBits        = 22
	countBits         = 10
	countLimit        = 255
	// least keeps every bit possible; it is in parts of 1<<16.
	least = 16
)

// adapt holds the share of its error, in parts of 1<<16, that a chance corrects
// after so many bits: 1/(n+1.5).
var adapt = func() (share [countLimit + 1]int32) {
	for n := range share {
		share[n] = 2 << 16 / int32(2*n+3)
	}
	return share
}()

func evenChances(n int) []chance {
	chances := make([]chance, n)
	for i := range chances {
		chances[i] = even
	}
	return chances
}

// after is the chance once a bit was seen.
func (p chance) after(bit int) chance {
	seen := p & (1<<countBits - 1)
	probability := int64(p >> countBits)
	target := int64(bit) * (1<<chanceBits - 1)
	probability += (target - probability) * int64(adapt[seen&countLimit]) >> 16
	return chance(probability)<<countBits | min(seen+1, countLimit)
}

// bit codes one bit that has the given chance of being 1. It is nearly all that
// decoding does, so what it needs is read and written once.
func (c *coder) bit(p *chance, bit int) int {
	low, high, before := c.low, c.high, *p
	middle := low + (high-low)>>16*max(uint64(before>>16), least)
	if c.decoding {
		bit = 0
		if c.window <= middle {
			bit = 1
		}
	}
	if bit == 1 {
		high = middle
	} else {
		low = middle + 1
	}
	*p = before.after(bit)
	c.low, c.high = low, high
	if (low^high)>>56 == 0 {
		c.shift()
	}
	return bit
}

// shift takes the bytes on which both ends agree out of the interval.
func (c *coder) shift() {
	for (c.low^c.high)>>56 == 0 {
		if c.decoding {
			c.window = c.window<<8 | uint64(c.byteAt(c.final+windowBytes))
		} else {
			c.bytes = append(c.bytes, byte(c.low>>56))
		}
		c.low <<= 8
		c.high = c.high<<8 | 255
		c.final++
	}
}

// ending is the shortest run of bytes that, with zeros behind it, lies in the
// interval: the number and how many bytes of it to write.
func (c *coder) ending() (number uint64, length int) {
	if c.low == 0 {
		return 0, 0
	}
	for length = 1; length < windowBytes; length++ {
		unit := uint64(1) << (64 - 8*length)
		up := (c.low-1)/unit + 1 // in units, so that it cannot overflow
		if up <= c.high/unit {
			return up * unit, length
		}
	}
	return c.low, windowBytes
}

// finish returns all that was written.
func (c *coder) finish() []byte {
	number, length := c.ending()
	for i := range length {
		c.bytes = append(c.bytes, byte(number>>(56-8*i)))
	}
	return c.bytes
}

// complete says whether the stream ends exactly where, and as, the encoder
// would have ended it.
func (c *coder) complete() bool {
	number, length := c.ending()
	return c.window == number && len(c.bytes) == c.final+length
}
