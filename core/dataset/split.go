package dataset

import (
	"encoding/binary"
	"math"

	"lendleaf/core/schema"
)

// referenceSeed is the seed of the reference split.
const referenceSeed = 42

// Parts are the rows of a data set by what they are for, as positions from 0. No
// row is in two.
type Parts struct {
	Training   []int
	Validation []int // to choose by
	Test       []int // to measure on
}

// Reference divides n rows at random into 80 % training, 10 % validation and
// 10 % test, exactly as scikit-learn's train_test_split does with test_size=0.2
// and then, on that fifth, test_size=0.5, both with random_state=42, and in
// scikit-learn's order. Of fewer than six rows, which scikit-learn refuses to
// divide, some parts are empty.
func Reference(n int) Parts {
	training, rest := hold(n, 0.2)
	validation, test := hold(len(rest), 0.5)
	return Parts{training, pick(rest, validation), pick(rest, test)}
}

// hold shuffles n positions and holds a share of them back, rounded up.
func hold(n int, share float64) (kept, held []int) {
	p := newMersenneTwister(referenceSeed).permutation(n)
	count := int(math.Ceil(share * float64(n)))
	return p[count:], p[:count]
}

func pick(from, positions []int) []int {
	picked := make([]int, len(positions))
	for i, p := range positions {
		picked[i] = from[p]
	}
	return picked
}

// ByGroup divides rows so that no group is in two parts: the groups, numbered
// from 0 as Groups does, are permuted as NumPy's RandomState(42) does; the first
// tenth of them is the test part, the second the validation part, both rounded
// up, and the others are for training. Each part is in rising order.
func ByGroup(groups []int) Parts {
	count := 0
	for _, g := range groups {
		count = max(count, g+1)
	}
	held, testGroups := hold(count, 0.1)
	validationGroups := held[:min(len(testGroups), len(held))]
	var parts Parts
	of := make([]*[]int, count)
	for g := range of {
		of[g] = &parts.Training
	}
	for _, g := range validationGroups {
		of[g] = &parts.Validation
	}
	for _, g := range testGroups {
		of[g] = &parts.Test
	}
	for row, g := range groups {
		*of[g] = append(*of[g], row)
	}
	return parts
}

// Parts divides the rows: at random, as Reference does, or, where fields are
// given, so that records that are equal in them are in one part, as ByGroup
// does. Fields are places in a Record.
func (d *Data) Parts(fields []int) Parts {
	if len(fields) == 0 {
		return Reference(len(d.Records))
	}
	return ByGroup(Groups(d.Records, fields))
}

// Groups numbers the rows' groups: records that are equal in the given fields,
// places in a Record, are one group, and groups count from 0 in order of first
// appearance.
func Groups(records []schema.Record, fields []int) []int {
	groups := make([]int, len(records))
	number := map[string]int{}
	key := make([]byte, 0, 8*len(fields))
	for row, record := range records {
		key = key[:0]
		for _, f := range fields {
			key = binary.LittleEndian.AppendUint64(key, uint64(record[f]))
		}
		g, ok := number[string(key)]
		if !ok {
			g = len(number)
			number[string(key)] = g
		}
		groups[row] = g
	}
	return groups
}

// All lists the positions of n rows.
func All(n int) []int {
	rows := make([]int, n)
	for i := range rows {
		rows[i] = i
	}
	return rows
}
