// Package novelty says whether an applicant is unlike all that a forest was
// trained on: such a score is a guess.
package novelty

import (
	"errors"
	"fmt"
	"slices"

	"lendleaf/core/schema"
)

// ErrNovelty is wrapped by every error of this package.
var ErrNovelty = errors.New("invalid summary of the training data")

// Summary is what the training data held. It does not change and may be used
// from many goroutines.
type Summary struct {
	Ranges  []Range   `json:"ranges"`            // of number fields
	Rare    []Rare    `json:"rare"`              // of choice fields with rare labels
	Pairs   []Pair    `json:"pairs"`             // of choice fields, where something that could be expected never was
	Implied []Implied `json:"implied,omitempty"` // of choice fields, where one tells the other: then there is no pair
}

// Range is the lowest and highest record value of a number field.
type Range struct {
	Field int   `json:"field"` // place in a Record
	Low   int64 `json:"low"`
	High  int64 `json:"high"`
}

// Rare lists the labels of a choice field that hardly any applicant had.
type Rare struct {
	Field  int   `json:"field"`
	Labels []int `json:"labels"` // rising
}

// Pair marks the pairs of two fields' labels that never were, although chance
// would have made some: bit i·(labels of Second)+j is for label i of First and
// label j of Second.
type Pair struct {
	First  int    `json:"first"`
	Second int    `json:"second"`
	Labels int    `json:"labels"` // of Second
	Absent []byte `json:"absent"`
}

const (
	// rare is how many different applicants must have had a label for it not to
	// be rare.
	rare = 10
	// expected is how many would have had a pair of labels by chance, for its
	// absence to mean something.
	expected = 5
	// telling is the share of such pairs that must be absent for a pair of fields
	// to be watched: less may be chance.
	telling = 0.1
)

// Learn summarises training records. Equal records count once: the same person
// twice is no further applicant.
func Learn(s *schema.Schema, records []schema.Record) *Summary {
	records = distinct(records)
	n := &Summary{Ranges: []Range{}, Rare: []Rare{}, Pairs: []Pair{}}
	counts := make([][]int, len(s.Fields))
	for i := range s.Fields {
		if s.Fields[i].Kind == schema.Number {
			n.addRange(i, records)
			continue
		}
		counts[i] = count(i, len(s.Fields[i].Labels), records)
		n.addRare(i, counts[i])
	}
	for i := range s.Fields {
		for j := range i {
			if counts[i] == nil || counts[j] == nil {
				continue
			}
			forth, back := n.addImplied(j, i, counts, records), n.addImplied(i, j, counts, records)
			if !forth && !back {
				n.addPair(j, i, counts, records)
			}
		}
	}
	return n
}

func distinct(records []schema.Record) []schema.Record {
	sorted := slices.Clone(records)
	slices.SortFunc(sorted, func(a, b schema.Record) int { return slices.Compare(a, b) })
	return slices.CompactFunc(sorted, func(a, b schema.Record) bool { return slices.Equal(a, b) })
}

func (n *Summary) addRange(field int, records []schema.Record) {
	r := Range{Field: field}
	first := true
	for _, record := range records {
		v := record[field]
		if v == schema.Missing {
			continue
		}
		if first || v < r.Low {
			r.Low = v
		}
		if first || v > r.High {
			r.High = v
		}
		first = false
	}
	if !first {
		n.Ranges = append(n.Ranges, r)
	}
}

func count(field, labels int, records []schema.Record) []int {
	counts := make([]int, labels)
	for _, r := range records {
		if r[field] != schema.Missing {
			counts[r[field]]++
		}
	}
	return counts
}

func (n *Summary) addRare(field int, counts []int) {
	r := Rare{Field: field}
	for label, c := range counts {
		if c < rare {
			r.Labels = append(r.Labels, label)
		}
	}
	if r.Labels != nil {
		n.Rare = append(n.Rare, r)
	}
}

func (n *Summary) addPair(first, second int, counts [][]int, records []schema.Record) {
	labels := len(counts[second])
	seen := make([]bool, len(counts[first])*labels)
	for _, r := range records {
		if r[first] != schema.Missing && r[second] != schema.Missing {
			seen[int(r[first])*labels+int(r[second])] = true
		}
	}
	p := Pair{First: first, Second: second, Labels: labels, Absent: make([]byte, (len(seen)+7)/8)}
	absent, awaited := 0, 0
	for i, a := range counts[first] {
		for j, b := range counts[second] {
			if uint64(a)*uint64(b) < expected*uint64(len(records)) {
				continue
			}
			awaited++
			if at := i*labels + j; !seen[at] {
				p.Absent[at/8] |= 1 << (at % 8)
				absent++
			}
		}
	}
	if absent > 0 && float64(absent) >= telling*float64(awaited) {
		n.Pairs = append(n.Pairs, p)
	}
}

// Unlike says whether a record differs from all that was seen, without
// allocation.
func (n *Summary) Unlike(r schema.Record) bool {
	for _, x := range n.Ranges {
		if x.outside(r) {
			return true
		}
	}
	for _, x := range n.Rare {
		if x.has(r) {
			return true
		}
	}
	for _, x := range n.Pairs {
		if x.absent(r) {
			return true
		}
	}
	for _, x := range n.Implied {
		if x.broken(r) {
			return true
		}
	}
	return false
}

// Differences says in words how a record differs from all that was seen.
func (n *Summary) Differences(s *schema.Schema, r schema.Record) []string {
	var list []string
	for _, x := range n.Ranges {
		if f := &s.Fields[x.Field]; x.outside(r) {
			list = append(list, fmt.Sprintf("%s: the training data goes from %s to %s.", f.Text, schema.Grouped(f.Display(x.Low)), schema.Grouped(f.Display(x.High))))
		}
	}
	for _, x := range n.Rare {
		if f := &s.Fields[x.Field]; x.has(r) {
			list = append(list, fmt.Sprintf("%s: hardly anybody in the training data had %s.", f.Text, f.Display(r[x.Field])))
		}
	}
	for _, p := range n.strangers(r) {
		a, b := p[0], p[1]
		list = append(list, fmt.Sprintf("%s and %s: nobody in the training data had %s with %s.",
			s.Fields[a].Text, s.Fields[b].Text, s.Fields[a].Display(r[a]), s.Fields[b].Display(r[b])))
	}
	return list
}

// strangers are the pairs of fields, the first one first, whose labels in a
// record nobody had together.
func (n *Summary) strangers(r schema.Record) [][2]int {
	var pairs [][2]int
	for _, x := range n.Pairs {
		if x.absent(r) {
			pairs = append(pairs, [2]int{x.First, x.Second})
		}
	}
	for _, x := range n.Implied {
		if pair := [2]int{min(x.Field, x.Other), max(x.Field, x.Other)}; x.broken(r) && !slices.Contains(pairs, pair) {
			pairs = append(pairs, pair)
		}
	}
	return pairs
}

func (x Range) outside(r schema.Record) bool {
	v := r[x.Field]
	return v != schema.Missing && (v < x.Low || v > x.High)
}

func (x Rare) has(r schema.Record) bool {
	v := r[x.Field]
	if v == schema.Missing { // an int may be too small to hold it
		return false
	}
	_, found := slices.BinarySearch(x.Labels, int(v))
	return found
}

func (x Pair) absent(r schema.Record) bool {
	a, b := r[x.First], r[x.Second]
	if a == schema.Missing || b == schema.Missing {
		return false
	}
	at := int(a)*x.Labels + int(b)
	return x.Absent[at/8]>>(at%8)&1 == 1
}

// Check proves that the summary fits the schema. Its error wraps ErrNovelty.
func (n *Summary) Check(s *schema.Schema) error {
	labels := func(field int) int {
		if field < 0 || field >= len(s.Fields) {
			return 0
		}
		return len(s.Fields[field].Labels)
	}
	for _, x := range n.Ranges {
		if x.Field < 0 || x.Field >= len(s.Fields) || s.Fields[x.Field].Kind != schema.Number || x.Low > x.High {
			return fmt.Errorf("%w: range of field %d", ErrNovelty, x.Field)
		}
	}
	for _, x := range n.Rare {
		rising := slices.IsSortedFunc(x.Labels, func(a, b int) int { return a - b })
		if len(x.Labels) == 0 || !rising || x.Labels[0] < 0 || x.Labels[len(x.Labels)-1] >= labels(x.Field) {
			return fmt.Errorf("%w: rare labels of field %d", ErrNovelty, x.Field)
		}
	}
	for _, x := range n.Pairs {
		pairs := labels(x.First) * labels(x.Second)
		if pairs == 0 || x.Labels != labels(x.Second) || len(x.Absent) != (pairs+7)/8 {
			return fmt.Errorf("%w: pairs of fields %d and %d", ErrNovelty, x.First, x.Second)
		}
	}
	for _, x := range n.Implied {
		if err := x.check(labels); err != nil {
			return err
		}
	}
	return nil
}
