package dataset_test

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"lendleaf/core/dataset"
	"lendleaf/core/schema"
)

// parts are row positions, or digests of them.
type parts[T any] struct{ Train, Validation, Test T }

// splits is testdata/splits.json, which testdata/splits.py made.
type splits struct {
	Rows    map[string]parts[[]int]
	Digests map[string]parts[string]
	ByGroup struct {
		Values, Groups []int
		Rows           parts[[]int]
	} `json:"by_group"`
}

func readSplits(t *testing.T) splits {
	t.Helper()
	text, err := os.ReadFile("testdata/splits.json")
	require.NoError(t, err)
	var s splits
	require.NoError(t, json.Unmarshal(text, &s))
	return s
}

func lines(rows []int) []byte {
	var b []byte
	for _, r := range rows {
		b = append(strconv.AppendInt(b, int64(r), 10), '\n')
	}
	return b
}

func digest(rows []int) string {
	sum := sha256.Sum256(lines(rows))
	return hex.EncodeToString(sum[:])
}

func TestReferenceIsScikitLearnsSplit(t *testing.T) {
	want := readSplits(t)
	require.Len(t, want.Rows, 8)
	require.Len(t, want.Digests, 3)
	for size, w := range want.Rows {
		n, err := strconv.Atoi(size)
		require.NoError(t, err)
		p := dataset.Reference(n)
		assert.Equal(t, w, parts[[]int]{p.Training, p.Validation, p.Test}, "%d rows", n)
	}
	for size, w := range want.Digests {
		n, err := strconv.Atoi(size)
		require.NoError(t, err)
		p := dataset.Reference(n)
		assert.Equal(t, w, parts[string]{digest(p.Training), digest(p.Validation), digest(p.Test)}, "%d rows", n)
	}
}

func TestReferenceOfTheTrainingData(t *testing.T) {
	p := dataset.Reference(252_000)
	for name, rows := range map[string][]int{"val_rows.txt.gz": p.Validation, "test_rows.txt.gz": p.Test} {
		list, err := gzip.NewReader(bytes.NewReader(outside(t, name)))
		require.NoError(t, err)
		want, err := io.ReadAll(list)
		require.NoError(t, err)
		assert.True(t, bytes.Equal(want, lines(rows)), name)
	}
	assert.Len(t, p.Training, 201_600)
}

func TestReferenceTakesEveryRowOnce(t *testing.T) {
	for n := range 200 {
		p := dataset.Reference(n)
		all := slices.Concat(p.Training, p.Validation, p.Test)
		slices.Sort(all)
		require.Len(t, all, n)
		for i, row := range all {
			require.Equal(t, i, row, "%d rows", n)
		}
	}
}

func TestByGroupDividesGroupsAsNumPyPermutes(t *testing.T) {
	want := readSplits(t).ByGroup
	require.NotEmpty(t, want.Values)
	records := make([]schema.Record, len(want.Values))
	for i, v := range want.Values {
		records[i] = schema.Record{int64(i), int64(v % 7), 3, int64(v / 7)}
	}
	groups := dataset.Groups(records, []int{1, 3})
	assert.Equal(t, want.Groups, groups)
	for _, p := range []dataset.Parts{dataset.ByGroup(groups), (&dataset.Data{Records: records}).Parts([]int{1, 3})} {
		assert.Equal(t, want.Rows, parts[[]int]{p.Training, p.Validation, p.Test})
	}
}

// Without fields that tell people apart, scikit-learn's split it is.
func TestPartsWithoutAGroup(t *testing.T) {
	d := &dataset.Data{Records: make([]schema.Record, 35)}
	for i := range d.Records {
		d.Records[i] = schema.Record{7}
	}
	p := d.Parts(nil)
	assert.Equal(t, readSplits(t).Rows["35"], parts[[]int]{p.Training, p.Validation, p.Test})
}

func TestAllRowsInOrder(t *testing.T) {
	assert.Equal(t, []int{0, 1, 2, 3}, dataset.All(4))
}

func TestGroups(t *testing.T) {
	records := []schema.Record{{1, 2}, {1, 3}, {schema.Missing, 2}, {1, 2}, {258, 2}, {schema.Missing, 2}}
	assert.Equal(t, []int{0, 1, 2, 0, 3, 2}, dataset.Groups(records, []int{0, 1}))
	assert.Equal(t, []int{0, 1, 0, 0, 0, 0}, dataset.Groups(records, []int{1}))
	assert.Equal(t, []int{0, 0, 0, 0, 0, 0}, dataset.Groups(records, nil), "no field tells them apart")
	assert.Empty(t, dataset.Groups(nil, []int{0}))
}

func TestByGroupOfNothing(t *testing.T) {
	p := dataset.ByGroup(nil)
	assert.Empty(t, slices.Concat(p.Training, p.Validation, p.Test))
}

// The digests are pandas' groups of equal rows and NumPy's permutation of them.
func TestByGroupOfTheTrainingData(t *testing.T) {
	s := loan(t)
	d, err := dataset.Read(bytes.NewReader(trainingData(t)), s)
	require.NoError(t, err)
	all := make([]int, len(s.Fields))
	for i := range all {
		all[i] = i
	}
	groups := dataset.Groups(d.Records, all)
	assert.Equal(t, 42_007, slices.Max(groups)+1)
	p := dataset.ByGroup(groups)
	assert.Equal(t, parts[string]{
		"418e7e9de0188852ec497676dbf65160972783056dbee19a962b50856d2265bf",
		"a8b7a37ca87ce080899e36e77eae3d66fe15faf4bfbcbddf15d442482f6f90a6",
		"23da3b5e9bb87dfdda5e1f1ba029a3ab92b08345c4467d38696afcade9bf8837",
	}, parts[string]{digest(p.Training), digest(p.Validation), digest(p.Test)})
}

func ExampleReference() {
	p := dataset.Reference(10)
	fmt.Println(p.Training, p.Validation, p.Test)
	// Output: [5 0 7 2 9 4 3 6] [8] [1]
}
