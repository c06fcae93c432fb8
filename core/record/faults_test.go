package record

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// concerned lists the records that a report is about.
func concerned(r Report) []int64 {
	var all []int64
	for _, f := range r.Faults {
		for n := max(f.First, 1); n <= f.Last; n++ {
			all = append(all, n)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// Whatever is done to one record of three files, the report is about that record and
// no other, and says what was done.
func TestOneRecordAtATime(t *testing.T) {
	c := NewChain(Head{})
	whole := [][]string{seal(c, 3), seal(c, 4), seal(c, 3)}
	anchor := c.Head()
	with := func(file int, lines []string) [][]string {
		files := slices.Clone(whole)
		files[file] = lines
		return files
	}
	n := int64(0)
	for file, lines := range whole {
		for i, line := range lines {
			n++
			name := fmt.Sprintf("record %d", n)
			without := slices.Delete(slices.Clone(lines), i, i+1)

			r := check(anchor, with(file, without)...)
			require.Len(t, r.Faults, 1, name)
			assert.Equal(t, Lost, r.Faults[0].Kind, name)
			if i > 0 || file == 0 { // before the first one of a file, more could be lost
				assert.Equal(t, []int64{n}, concerned(r), name)
			}

			for what, changed := range map[string]string{
				"content": strings.Replace(line, "{}", "[]", 1), "salt": flip(line, saltMember), "chain": flip(line, chainMember), "number": strings.Replace(line, sequenceMember, sequenceMember+"1", 1),
			} {
				r = check(anchor, with(file, append(append(slices.Clone(lines[:i]), changed), lines[i+1:]...))...)
				assert.Contains(t, concerned(r), n, "%s: %s", name, what)
				if i < len(lines)-1 && i > 0 {
					assert.Equal(t, []int64{n}, concerned(r), "%s: %s", name, what)
					require.Len(t, r.Faults, 1)
					assert.Equal(t, Changed, r.Faults[0].Kind)
					assert.Equal(t, i+1, r.Faults[0].Line)
				}
			}
			for at := i + 1; at <= len(lines); at++ {
				r = check(anchor, with(file, slices.Insert(slices.Clone(lines), at, line))...)
				if i == 0 && file == 0 {
					assert.NotEmpty(t, r.Faults, "a chain that begins twice")
					continue
				}
				assert.Equal(t, []int64{n}, concerned(r), "%s doubled at %d", name, at)
				assert.Equal(t, Doubled, r.Faults[0].Kind)
				if at > i+1 && at < len(lines) && i > 0 {
					r = check(anchor, with(file, slices.Insert(slices.Clone(without), at, line))...)
					assert.Equal(t, []int64{n}, concerned(r), "%s moved to %d", name, at)
					assert.Equal(t, Moved, r.Faults[0].Kind)
				}
			}
		}
	}
}

// A pipe has no last line to be read: there, each start begins a chain.
func TestChainsThatBeginInAFile(t *testing.T) {
	first, second := NewChain(Head{}), NewChain(Head{})
	lines := append(seal(first, 3), seal(second, 2)...)
	r := check(second.Head(), lines)
	assert.Empty(t, said(r))
	assert.Equal(t, 2, r.Chains)
	assert.Equal(t, []Head{first.Head(), second.Head()}, r.Heads)
	assert.Empty(t, said(check(first.Head(), lines)))
	r = check(second.Head(), slices.Insert(slices.Clone(lines), 3, `{"half`))
	assert.Empty(t, said(r))
	assert.EqualValues(t, 1, r.Torn)
	assert.Zero(t, r.Unsealed)
	r = check(second.Head(), slices.Insert(slices.Clone(lines), 3, `{"added":1}`))
	assert.Equal(t, "A line 4: nobody sealed this line", said(r))
	third := NewChain(Head{})
	r = check(second.Head(), lines, seal(third, 9))
	assert.Empty(t, said(r))
	assert.Equal(t, 3, r.Chains)
	r = check(Head{9, Hash{1}}, lines, seal(NewChain(Head{}), 9))
	assert.Equal(t, "B: record 9 is not the one that was anchored: the chain was written anew", said(r))
	r = check(Head{10, Hash{1}}, lines, seal(NewChain(Head{}), 8))
	assert.Equal(t, "B: records 9 to 10 are missing at the end", said(r))
	r = check(Head{2, Hash{1}})
	assert.Equal(t, ": records 1 to 2 are missing at the end", said(r))
}

func TestBrokenBeginnings(t *testing.T) {
	c := NewChain(Head{})
	first, second := seal(c, 2), seal(c, 2)
	unlinked := strings.Replace(first[0], previousMember+strings.Repeat("0", 64)+`"`, "", 1)
	assert.Equal(t, "A line 1: record 1 was changed", said(check(c.Head(), []string{unlinked, first[1]}, second)))
	assert.Equal(t, "A line 1: record 1 was changed", said(check(c.Head(), []string{flip(first[0], saltMember), first[1]}, second)))
	// A head that nobody had: the files do not belong to each other.
	other := NewChain(Head{})
	seal(other, 2)
	r := check(Head{}, first, seal(other, 2))
	assert.Equal(t, "A: record 2 was changed", said(r))
	// Two chains, of which one lacks a file: the gap is behind the one with the most.
	long := NewChain(Head{})
	a, _, last := seal(long, 3), seal(long, 2), seal(long, 1)
	short := NewChain(Head{})
	r = check(Head{}, seal(short, 1), a, last)
	assert.Equal(t, "C line 1: records 4 to 5 are missing before it, behind B", said(r))
	assert.Equal(t, 2, r.Chains)
	assert.Equal(t, []Head{short.Head(), long.Head()}, r.Heads)
	// Ends of two chains whose beginnings are not here could be those of one.
	r = check(Head{}, last, second)
	assert.Equal(t, "A line 1: record 5 is missing before it, behind B", said(r))
	assert.EqualValues(t, 2, r.Missing)
	r = check(Head{}, last[:1], second[1:])
	assert.Equal(t, "B line 1: record 3, and perhaps some before it, is missing before it\nA line 1: record 5 is missing before it, behind B", said(r))
	unlinked = second[0][:strings.Index(second[0], previousMember)] + second[0][strings.Index(second[0], chainMember):]
	assert.Equal(t, "B line 1: record 3 was changed", said(check(c.Head(), first, []string{unlinked, second[1]})))
	r = check(Head{}, first, first)
	assert.Equal(t, "B line 1: records 1 to 2 are in A, too", said(r))
	assert.Equal(t, 1, r.Chains)
}

// Some lines at once: each fault is told where it is, in the lines' order.
func TestSomeFaults(t *testing.T) {
	whole := seal(NewChain(Head{}), 12)
	for name, test := range map[string]struct {
		lines []string
		want  string
	}{
		"three moved to the end": {append(append(slices.Clone(whole[:2]), whole[6:]...), whole[3], whole[2], whole[5]),
			"A line 3: record 5 is missing before it\nA line 9: record 4 is not in its place\nA line 10: record 3 is not in its place\nA line 11: record 6 is not in its place"},
		"two broken, one lost": {append(append(slices.Clone(whole[:2]), whole[2][:30], `{"x":1}`), whole[5:]...),
			"A line 4: nobody sealed this line\nA line 5: records 3 to 5 are missing before it"},
		"two broken": {append(append(slices.Clone(whole[:2]), whole[2][:30], `{"x":1}`), whole[4:]...), "A line 3: record 3 was changed\nA line 4: record 4 was changed"},
		"lost and changed": {append(append(slices.Clone(whole[:2]), whole[4:8]...), flip(whole[8], saltMember), whole[9]),
			"A line 3: records 3 to 4 are missing before it\nA line 7: record 9 was changed"},
		"changed and doubled": {[]string{whole[0], flip(whole[1], saltMember), whole[2], whole[2]}, "A line 2: record 2 was changed\nA line 4: record 3 is there once more"},
	} {
		assert.Equal(t, test.want, said(check(Head{}, test.lines)), name)
	}
}

// What is left of an erased line that had no seal is no record, and no fault.
func TestErasedLinesWithoutASeal(t *testing.T) {
	file := seal(NewChain(Head{}), 3)
	r := check(Head{}, slices.Insert(file, 2, `{"erased":"2031-01-02T03:04:05Z","reason":"x"}`))
	assert.Empty(t, said(r))
	assert.EqualValues(t, 1, r.Torn)
}

func TestParseRefuses(t *testing.T) {
	line := seal(NewChain(Head{}), 1)[0]
	digits := strings.Repeat("0", 64)
	for _, bad := range []string{
		"", "{}", `"}`, line[1:], line[:len(line)-1], line + " ", "x" + line, strings.Replace(line, saltMember, `,"pepper":"`, 1), strings.Replace(line, chainMember, `,"Chain":"`, 1),
		strings.Replace(line, sequenceMember, `,"Sequence":`, 1), strings.Replace(line, sequenceMember+"1", sequenceMember+"0", 1), strings.Replace(line, sequenceMember+"1", sequenceMember+"-1", 1),
		strings.Replace(line, sequenceMember+"1", sequenceMember+"x", 1), strings.Replace(line, sequenceMember+"1", sequenceMember+"99999999999999999999", 1),
		strings.Replace(line, chainMember, chainMember+"0", 1), flip(line, chainMember)[:len(line)-3] + `G"}`, flip(line, chainMember)[:len(line)-3] + `A"}`,
		`{"a":1,"sequence":1,"chain":"` + digits + `"}`, `{"sequence":1` + innerMember + digits + `"` + `"}`,
	} {
		_, err := Parse([]byte(bad))
		assert.ErrorIs(t, err, ErrUnsealed, bad)
	}
	l, err := Parse([]byte(line))
	require.NoError(t, err)
	assert.EqualValues(t, 1, l.Sequence)
	assert.False(t, l.Erased)
	assert.EqualValues(t, 1, l.Head().Count)
}

func TestAFileHasOneWriter(t *testing.T) {
	name := filepath.Join(t.TempDir(), "records")
	open := func() *os.File {
		f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o600)
		require.NoError(t, err)
		return f
	}
	first, second := open(), open()
	defer second.Close()
	require.NoError(t, Lock(first))
	require.ErrorIs(t, Lock(second), ErrLocked)
	require.NoError(t, first.Close())
	require.NoError(t, Lock(second))
	require.NoError(t, second.Close())
	err := Lock(second)
	require.Error(t, err)
	require.NotErrorIs(t, err, ErrLocked)
}
