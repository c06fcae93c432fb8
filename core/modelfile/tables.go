package modelfile

import (
	"errors"
	"math"
	"math/bits"

	"lendleaf/core/forest"
)

// numbers codes integers: first how many bits one has, then those under the
// highest, each with a chance of its own.
type numbers struct {
	lengths []chance // a binary tree over the lengths 0 to 64
	digits  []chance // by length and place
}

const lengthBits = 7

func newNumbers() *numbers {
	return &numbers{evenChances(1 << lengthBits), evenChances(64 * 64)}
}

var errNumber = errors.New("a number has more than 64 bits")

func (n *numbers) code(c *coder, x uint64) (uint64, error) {
	length := 0
	size := bits.Len64(x)
	for at, k := 1, lengthBits-1; k >= 0; k-- {
		bit := c.bit(&n.lengths[at], size>>k&1)
		at, length = at<<1|bit, length<<1|bit
	}
	if length > 64 {
		return 0, errNumber
	}
	y := uint64(0)
	if length > 0 {
		y = 1
	}
	for k := length - 2; k >= 0; k-- {
		y = y<<1 | uint64(c.bit(&n.digits[length*64-64+k], int(x>>k&1)))
	}
	return y, nil
}

var (
	errCuts   = errors.New("cuts do not rise")
	errValues = errors.New("values do not rise")
)

// codeTables codes the cuts of every feature and the leaf values, which have
// their right length already: each entry as the distance from the one before.
func codeTables(c *coder, f *forest.Forest) error {
	for _, cuts := range f.Cuts {
		if err := codeCuts(c, cuts); err != nil {
			return err
		}
	}
	return codeValues(c, f.Values)
}

// codeCuts codes one feature's cuts.
func codeCuts(c *coder, cuts []int64) error {
	if len(cuts) == 0 {
		return nil
	}
	first := newNumbers()
	x, err := first.code(c, uint64(cuts[0]<<1^cuts[0]>>63)) // the sign in the lowest bit
	if err != nil {
		return err
	}
	if c.decoding {
		cuts[0] = int64(x>>1) ^ -int64(x&1)
	}
	steps := newNumbers()
	for i := 1; i < len(cuts); i++ {
		step, err := steps.code(c, uint64(cuts[i])-uint64(cuts[i-1])-1)
		if err != nil {
			return err
		}
		if step >= uint64(math.MaxInt64)-uint64(cuts[i-1]) {
			return errCuts
		}
		if c.decoding {
			cuts[i] = cuts[i-1] + int64(step) + 1
		}
	}
	return nil
}

// codeValues takes probabilities as the integers that their bits are: of
// numbers that are not negative, these rise as the numbers do.
func codeValues(c *coder, values []float64) error {
	steps := newNumbers()
	last := uint64(0)
	for i := range values {
		step, err := steps.code(c, math.Float64bits(values[i])-last)
		if err != nil {
			return err
		}
		if last+step < last || i > 0 && step == 0 {
			return errValues
		}
		last += step
		if c.decoding {
			values[i] = math.Float64frombits(last)
		}
	}
	return nil
}
