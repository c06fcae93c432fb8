package chart

import (
	"math"
	"strconv"
	"strings"
)

// Axis is one of two. It reaches as far as the data, and further to the next
// tick.
type Axis struct {
	Label string
	Holds []float64 // numbers that it reaches besides those of the data
	Log   bool      // equal ratios are equally long; all numbers are above 0
	Names []string  // of bars, from the top: the axis has these and no numbers
}

// scale puts numbers into places of the picture.
type scale struct {
	low, high float64 // numbers, or their logarithms
	from, to  float64 // where they are
	log       bool
	ticks     []tick
}

type tick struct {
	value float64
	text  string
}

// newScale makes the scale of an axis for these numbers.
func newScale(a Axis, numbers []float64, from, to float64) scale {
	s := scale{from: from, to: to, log: a.Log}
	low, high := span(append(numbers, a.Holds...))
	switch {
	case a.Names != nil:
		s.low, s.high = float64(len(a.Names))-0.5, -0.5
		for i, name := range a.Names {
			s.ticks = append(s.ticks, tick{float64(i), name})
		}
	case a.Log:
		s.low, s.high = math.Log(low*0.8), math.Log(high*1.25)
		s.ticks = logTicks(low*0.8, high*1.25)
	default:
		s.low, s.high, s.ticks = niceTicks(low, high)
	}
	return s
}

// at is where a number is.
func (s *scale) at(number float64) float64 {
	if s.log {
		number = math.Log(number)
	}
	return s.from + float64((number-s.low)/(s.high-s.low)*(s.to-s.from))
}

// span is from the least to the greatest number, and never empty.
func span(numbers []float64) (low, high float64) {
	low, high = math.Inf(1), math.Inf(-1)
	for _, x := range numbers {
		low, high = min(low, x), max(high, x)
	}
	switch {
	case len(numbers) == 0:
		return 0, 1
	case low == high:
		return low, low + 1
	}
	return low, high
}

// mostTicks is how many gaps between ticks an axis has at most, before its ends
// are rounded.
const mostTicks = 6

// niceTicks chooses 1, 2 or 5 times a power of ten as the step, and rounds the
// ends to it.
func niceTicks(low, high float64) (from, to float64, ticks []tick) {
	exponent := int(math.Floor(math.Log10((high - low) / mostTicks)))
	step := math.Inf(1)
	for _, digit := range []float64{1, 2, 5, 10} {
		if step = digit * math.Pow10(exponent); (high-low)/step <= mostTicks {
			break
		}
	}
	const slack = 1e-9 // of a step: an end that is a multiple stays
	first, last := math.Floor(low/step+slack), math.Ceil(high/step-slack)
	decimals := max(0, -int(math.Floor(math.Log10(step)+slack)))
	for i := first; i <= last; i++ {
		ticks = append(ticks, tick{float64(i * step), grouped(float64(i*step), decimals)})
	}
	return float64(first * step), float64(last * step), ticks
}

// logTicks has 1, 2 and 5 times each power of ten from low to high.
func logTicks(low, high float64) (ticks []tick) {
	for exponent := int(math.Floor(math.Log10(low))); math.Pow10(exponent) <= high; exponent++ {
		for _, digit := range []float64{1, 2, 5} {
			if value := digit * math.Pow10(exponent); value >= low && value <= high {
				ticks = append(ticks, tick{value, grouped(value, max(0, -exponent))})
			}
		}
	}
	return ticks
}

// grouped writes a number with commas between thousands.
func grouped(x float64, decimals int) string {
	text := strconv.FormatFloat(math.Abs(x), 'f', decimals, 64)
	whole, rest, _ := strings.Cut(text, ".")
	for at := len(whole) - 3; at > 0; at -= 3 {
		whole = whole[:at] + "," + whole[at:]
	}
	if decimals > 0 {
		whole += "." + rest
	}
	if x < 0 {
		whole = "-" + whole
	}
	return whole
}
