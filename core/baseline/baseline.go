// Package baseline keeps how the values of the training part were spread, and
// tells by PSI how far other applicants are from them.
package baseline

import (
	"errors"
	"fmt"
	"slices"

	"lendleaf/core/schema"
)

// ErrBaseline is wrapped by every error of this package.
var ErrBaseline = errors.New("invalid baseline of the training data")

// Baseline has the bins of each field, in API order. It does not change and may
// be used from many goroutines.
type Baseline []Bins

// Bins count the applicants whose value of a field lies in each of some ranges.
type Bins struct {
	Cuts    []int64 `json:"cuts"`    // record values, rising: bin i holds what is at most cut i and above the one before; one more bin holds the rest
	Counts  []int   `json:"counts"`  // of applicants, one more than there are cuts
	Missing int     `json:"missing"` // applicants without a value
}

// most is how many bins a field has at most. More would show finer changes, but
// more of what chance alone does too.
const most = 10

// Learn counts training records. A field with few different values has a bin for
// each of them, another has bins that hold about as many applicants each. Labels
// are values in the schema's order.
func Learn(s *schema.Schema, records []schema.Record) Baseline {
	b := make(Baseline, len(s.Fields))
	values := make([]int64, 0, len(records))
	for i := range b {
		values = values[:0]
		for _, r := range records {
			if r[i] != schema.Missing {
				values = append(values, r[i])
			}
		}
		slices.Sort(values)
		bins := Bins{Cuts: cuts(values), Missing: len(records) - len(values)}
		bins.Counts = make([]int, len(bins.Cuts)+1)
		for _, v := range values {
			bins.Counts[bins.Of(v)]++
		}
		b[i] = bins
	}
	return b
}

// cuts divides sorted values. The largest value is never a cut: no value would
// be left for the last bin.
func cuts(sorted []int64) []int64 {
	list := []int64{}
	if len(sorted) == 0 {
		return list
	}
	different := slices.Compact(slices.Clone(sorted))
	if len(different) <= most {
		return different[:len(different)-1]
	}
	for i := 1; i < most; i++ {
		v := sorted[len(sorted)*i/most]
		if v < sorted[len(sorted)-1] && (len(list) == 0 || v > list[len(list)-1]) {
			list = append(list, v)
		}
	}
	return list
}

// Len is how many bins there are, with one for what is missing: the last.
func (b *Bins) Len() int { return len(b.Counts) + 1 }

// Of is the bin of a record value.
func (b *Bins) Of(v int64) int {
	if v == schema.Missing {
		return len(b.Counts)
	}
	i, _ := slices.BinarySearch(b.Cuts, v)
	return i
}

// AppendCounts appends how many applicants each bin had.
func (b *Bins) AppendCounts(dst []int) []int {
	return append(append(dst, b.Counts...), b.Missing)
}

// Check proves that the baseline fits the schema. Its error wraps ErrBaseline.
func (b Baseline) Check(s *schema.Schema) error {
	if len(b) != len(s.Fields) {
		return fmt.Errorf("%w: it has %d fields, the schema %d", ErrBaseline, len(b), len(s.Fields))
	}
	for i := range b {
		if !b[i].valid() {
			return fmt.Errorf("%w: bins of field %q", ErrBaseline, s.Fields[i].Name)
		}
	}
	return nil
}

func (b *Bins) valid() bool {
	if b.Cuts == nil || len(b.Cuts) >= most || len(b.Counts) != len(b.Cuts)+1 || b.Missing < 0 || slices.Min(b.Counts) < 0 {
		return false
	}
	for i := 1; i < len(b.Cuts); i++ {
		if b.Cuts[i] <= b.Cuts[i-1] {
			return false
		}
	}
	return true
}
