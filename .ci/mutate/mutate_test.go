package main

import (
	"bytes"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// clerkFaults are the mutants of testdata/clerk, and what its tests make of
// each, as one finds by reading both.
const clerkFaults = `
adult: 18 → 19: killed
adult: 18 → 17: killed
patience: 2 * time.Second → twice as long: survived
Clerk.Admit: age < adult && !known → false: killed
Clerk.Admit: age < adult → age <= adult: killed
Clerk.Admit: age < adult → true: killed
Clerk.Admit: !known → true: survived
Clerk.Admit: return errAge → return nil: killed
Clerk.Admit: c.in++ → nothing: killed
sum: 0.0 → 1: killed
sum: 0 → 1: killed
sum: i < len(list) → i <= len(list): killed
sum: i < len(list) → false: killed
sum: 1 → 2: killed
sum: 1 → 0: killed
sum: total = total + list[i] → nothing: killed
sum: total + list[i] → total - list[i]: killed
even: n%2 == 0 → n%2 != 0: unreached
even: n%2 → n * 2: unreached
even: 2 → 3: unreached
even: 2 → 1: unreached
even: 0 → 1: unreached
room: 0 → 1: killed
half: n / 2 → n * 2: killed
half: 2 → 3: killed
half: 2 → 1: killed
`

func TestClerk(t *testing.T) {
	packages, err := load([]string{"./testdata/clerk"})
	require.NoError(t, err)
	require.Len(t, packages, 1)
	p := packages[0]
	results, err := try(p, options{sample: 1, work: t.TempDir()}, os.Stderr)
	require.NoError(t, err)
	var got []string
	for _, m := range p.mutants {
		got = append(got, m.function+": "+m.before+" → "+m.after+": "+string(results[m.id]))
	}
	require.ElementsMatch(t, strings.Split(strings.TrimSpace(clerkFaults), "\n"), got)
}

// TestReport sees what is counted, what is written, and when a run fails.
func TestReport(t *testing.T) {
	// The module's root names the files.
	const key = ".ci/mutate/testdata/clerk/clerk.go Clerk.Admit: !known → true | if age < adult && !known {\n"
	list := filepath.Join(t.TempDir(), "survivors.txt")
	work := t.TempDir()
	for _, c := range []struct {
		name, least, list string
		fails             bool
		says              string
	}{
		{"nothing is listed", "0.73", "", false, " 73.1 %  killed 19 of 26, and 0 are equivalent"},
		{"too few", "0.74", "", true, "survived, line 20:\n" + key},
		{"one does no harm", "0.75", key + "\tequivalent: for the test\n", false, " 76.0 %  killed 19 of 25, and 1 are equivalent"},
		{"one is known", "0.73", key + "\tnobody asks\n", false, " 73.1 %  killed 19 of 26, and 0 are equivalent"},
		{"one is gone", "0", strings.Replace(key, "true", "gone", 1) + "\tnobody asks\n", true, "listed, but no more there: " + strings.Replace(key, "true", "gone", 1)},
	} {
		t.Run(c.name, func(t *testing.T) {
			require.NoError(t, os.WriteFile(list, []byte(c.list), 0o666))
			var out bytes.Buffer
			err := run([]string{"-least", c.least, "-known", list, "-work", work, "./testdata/clerk"}, &out)
			require.Equal(t, c.fails, err != nil, "%v\n%s", err, &out)
			require.Contains(t, out.String(), c.says)
			if c.list != "" && !c.fails {
				require.NotContains(t, out.String(), key, "what is known is not written")
			}
		})
	}
}

// A sample has other neighbours, which are written too.
func TestSamplesAreWritten(t *testing.T) {
	packages, err := load([]string{"./testdata/clerk"})
	require.NoError(t, err)
	for _, m := range packages[0].mutants {
		if m.form == alone {
			continue
		}
		text := rewrite(m.file, []*mutant{m})
		_, err := parser.ParseFile(token.NewFileSet(), m.file.path, text, parser.AllErrors)
		require.NoError(t, err, m.key())
	}
}

func TestKnownNeedsAReason(t *testing.T) {
	list := filepath.Join(t.TempDir(), "survivors.txt")
	for _, text := range []string{"a b\n", "\ta reason\n"} {
		require.NoError(t, os.WriteFile(list, []byte(text), 0o666))
		_, err := readKnown(list)
		require.ErrorContains(t, err, "reason", text)
	}
}
