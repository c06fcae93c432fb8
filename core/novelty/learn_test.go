package novelty_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"lendleaf/core/novelty"
	"lendleaf/core/schema"
)

// none says that a cell's row or column is for applicants without that label.
const none = -1

// cell is how many different applicants have two labels.
type cell struct{ a, b, count int }

// cells are a table of counts: labels of the first field down, of the second
// across.
func cells(table [][]int) []cell {
	var list []cell
	for a, row := range table {
		for b, count := range row {
			list = append(list, cell{a, b, count})
		}
	}
	return list
}

// people are a schema of two choices and a number, and applicants who differ in
// their number, which runs from −1 down.
func people(t *testing.T, list []cell) (*schema.Schema, []schema.Record) {
	t.Helper()
	choice := func(name string, labels int) schema.FieldSpec {
		f := schema.FieldSpec{Name: name, Text: name, Noun: name, Kind: schema.Choice, Optional: true}
		for i := range labels {
			label := fmt.Sprint(name, i)
			f.Labels = append(f.Labels, schema.Label{Name: label, Text: label})
		}
		return f
	}
	as, bs := 1, 1
	var records []schema.Record
	record := func(label int) int64 {
		if label == none {
			return schema.Missing
		}
		return int64(label)
	}
	for _, c := range list {
		as, bs = max(as, c.a+1), max(bs, c.b+1)
		for range c.count {
			records = append(records, schema.Record{record(c.a), record(c.b), -1 - int64(len(records))})
		}
	}
	s, err := schema.Compile(schema.Spec{
		Fields: []schema.FieldSpec{choice("a", as), choice("b", bs), {Name: "n", Text: "n", Noun: "n", Kind: schema.Number, Step: 1, Optional: true}},
		Form:   []schema.Control{{Field: "a", Input: schema.SelectInput}, {Field: "b", Input: schema.SelectInput}, {Field: "n", Input: schema.NumberInput}},
		Target: schema.Target{Columns: []string{"y"}, Positive: schema.Outcome{Name: "Yes", Spellings: []string{"1"}}, Negative: schema.Outcome{Name: "No", Spellings: []string{"0"}}},
	})
	require.NoError(t, err)
	return s, records
}

// Of 40 applicants 20 are in the second row and 10 in the first column: by
// chance 20·10/40 = 5 would be in both. Of 41 it would be 4.9.
func TestFiveAreToBeExpected(t *testing.T) {
	s, records := people(t, cells([][]int{{10, 10}, {0, 20}}))
	assert.Equal(t, []novelty.Pair{{First: 0, Second: 1, Labels: 2, Absent: []byte{1 << 2}}}, novelty.Learn(s, records).Pairs)
	s, records = people(t, cells([][]int{{10, 11}, {0, 20}}))
	assert.Empty(t, novelty.Learn(s, records).Pairs)
}

// Of ten pairs that are to be expected one is absent: a tenth. The eleventh, in
// the second table, is of the sixth label: by chance (80+30+8)·8/158 = 6 have it
// with the first, and 40·8/158 = 2 with the second.
func TestATenthOfThePairsTells(t *testing.T) {
	s, records := people(t, append(cells([][]int{{20, 20, 20, 30, 20, 0}, {10, 10, 10, 0, 10, 0}}), cell{none, 0, 1}, cell{0, none, 1}, cell{0, 5, 1}, cell{1, 5, 1}))
	n := novelty.Learn(s, records)
	require.NoError(t, n.Check(s))
	assert.Equal(t, []novelty.Pair{{First: 0, Second: 1, Labels: 6, Absent: []byte{0, 1 << 1}}}, n.Pairs, "bit 1·6+3 of twelve")
	for a := range int64(2) {
		for b := range int64(5) {
			r := schema.Record{a, b, schema.Missing}
			var want []string
			if a == 1 && b == 3 {
				want = []string{"a and b: nobody in the training data had a1 with b3."}
			}
			assert.Equal(t, want, n.Differences(s, r), "%v", r)
			assert.Equal(t, want != nil, n.Unlike(r), "%v", r)
		}
	}
	for _, r := range []schema.Record{{1, schema.Missing, -1}, {schema.Missing, 3, -1}} {
		assert.False(t, n.Unlike(r), "who has no label has no pair")
		assert.Empty(t, n.Differences(s, r))
	}

	s, records = people(t, cells([][]int{{20, 20, 20, 30, 20, 8}, {10, 10, 10, 0, 10, 0}}))
	assert.Empty(t, novelty.Learn(s, records).Pairs, "one of eleven is less than a tenth")
}

// A byte has eight pairs.
func TestAbsentPairsAreBits(t *testing.T) {
	for want, table := range map[string][][]int{
		"80":   {{20, 20, 20, 20}, {20, 20, 20, 0}},
		"0001": {{20, 20, 20}, {20, 20, 20}, {20, 20, 0}},
		"0104": {{0, 20, 20, 20}, {20, 20, 20, 20}, {20, 20, 0, 20}},
	} {
		s, records := people(t, cells(table))
		n := novelty.Learn(s, records)
		require.Len(t, n.Pairs, 1)
		assert.Equal(t, want, fmt.Sprintf("%x", n.Pairs[0].Absent))
		assert.NoError(t, n.Check(s))
		for _, c := range cells(table) {
			assert.Equal(t, c.count == 0, n.Unlike(schema.Record{int64(c.a), int64(c.b), -1}), "%v", c)
		}
		assert.False(t, n.Unlike(schema.Record{schema.Missing, 0, -1}), "who has no label has no pair")
		n.Pairs[0].Absent = n.Pairs[0].Absent[1:]
		assert.ErrorIs(t, n.Check(s), novelty.ErrNovelty, "a byte is missing")
		n.Pairs[0].Absent = make([]byte, len(want)/2+1)
		assert.ErrorIs(t, n.Check(s), novelty.ErrNovelty, "there is one too many")
	}
}

// Ten different applicants make a label familiar. The same applicant twice is
// one, wherever the two are.
func TestNineAreRare(t *testing.T) {
	s, records := people(t, []cell{{0, 0, 10}, {1, 0, 9}, {2, 0, 30}})
	records = append(records, records...)
	assert.Equal(t, []novelty.Rare{{Field: 0, Labels: []int{1}}}, novelty.Learn(s, records).Rare)
	n := novelty.Learn(s, records)
	assert.True(t, n.Unlike(schema.Record{1, schema.Missing, -1}))
	assert.False(t, n.Unlike(schema.Record{schema.Missing, schema.Missing, -1}))
}

func TestRangesGoFromTheLowestToTheHighest(t *testing.T) {
	s, records := people(t, []cell{{0, 0, 3}, {1, 1, 4}})
	for i, x := range []int64{-5, -2, -3, schema.Missing, -9, -8, -7} {
		records[i][2] = x
	}
	assert.Equal(t, []novelty.Range{{Field: 2, Low: -9, High: -2}}, novelty.Learn(s, records).Ranges)
	for i := range records {
		records[i][2] = schema.Missing
	}
	assert.Empty(t, novelty.Learn(s, records).Ranges, "nobody said a number")
}

func TestWhatIsARule(t *testing.T) {
	for name, c := range map[string]struct {
		cells   []cell
		implied []novelty.Implied
		absent  []byte
	}{
		"ten each":           {[]cell{{0, 0, 10}, {1, 1, 10}}, []novelty.Implied{{Field: 0, Other: 1, Labels: []int{0, 1}}, {Field: 1, Other: 0, Labels: []int{0, 1}}}, nil},
		"nine are too few":   {[]cell{{0, 0, 10}, {1, 1, 9}}, nil, nil},
		"who says neither":   {[]cell{{0, 0, 10}, {1, 1, 10}, {0, none, 3}, {none, 1, 3}}, []novelty.Implied{{Field: 0, Other: 1, Labels: []int{0, 1}}, {Field: 1, Other: 0, Labels: []int{0, 1}}}, nil},
		"one way only":       {[]cell{{0, 0, 20}, {1, 0, 20}, {2, 1, 20}}, []novelty.Implied{{Field: 0, Other: 1, Labels: []int{0, 0, 1}}}, nil},
		"the other way only": {[]cell{{0, 0, 20}, {0, 1, 20}, {1, 2, 20}}, []novelty.Implied{{Field: 1, Other: 0, Labels: []int{0, 0, 1}}}, nil},
		// All go to the first label: that says nothing. The second is absent with
		// both, where chance would have made 20·20/60 = 7.
		"to one label": {[]cell{{0, 0, 20}, {1, 0, 20}, {none, 1, 20}}, nil, []byte{1<<1 | 1<<3}},
		// One label goes to the first, one to none. Chance would have made 20·20/44
		// = 9 of the latter's have the first.
		"to one or nothing": {[]cell{{0, 0, 20}, {1, none, 20}, {none, 1, 4}}, nil, []byte{1 << 2}},
	} {
		t.Run(name, func(t *testing.T) {
			s, records := people(t, c.cells)
			n := novelty.Learn(s, records)
			require.NoError(t, n.Check(s))
			assert.ElementsMatch(t, c.implied, n.Implied)
			var absent []byte
			for _, p := range n.Pairs {
				absent = append(absent, p.Absent...)
			}
			assert.Equal(t, c.absent, absent)
		})
	}
}
