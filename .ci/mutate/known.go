package main

import (
	"fmt"
	"io"
	"os"
	"strings"
)

// known is the list of survivors that somebody looked at.
type known struct {
	keys    []string
	reasons map[string]string
}

// equivalent is how the reason begins of a mutant that no test can kill: the
// program does the same with it. Such mutants are not counted.
const equivalent = "equivalent: "

// readKnown reads a list of survivors: some lines with a mutant's key each,
// then, behind a tab, the reason for them all. Empty lines and those that begin
// with # are nothing.
func readKnown(file string) (*known, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	k := &known{reasons: map[string]string{}}
	var open []string
	for i, line := range strings.Split(string(text), "\n") {
		switch {
		case line == "" || line[0] == '#':
		case line[0] != '\t':
			open = append(open, line)
		case len(open) == 0:
			return nil, fmt.Errorf("%s:%d: a reason for no mutant", file, i+1)
		default:
			for _, key := range open {
				k.reasons[key] = strings.TrimSpace(line)
			}
			k.keys = append(k.keys, open...)
			open = nil
		}
	}
	if len(open) > 0 {
		return nil, fmt.Errorf("%s: no reason for %s", file, open[0])
	}
	return k, nil
}

// judge counts a package's mutants, and writes the survivors that are not in
// the list as they stand there.
func (k *known) judge(p *pkg, results map[int]result, out io.Writer) tally {
	var t tally
	for _, m := range p.mutants {
		reason := k.reasons[m.key()]
		switch results[m.id] {
		case killed:
			t.killed++
			if reason != "" {
				fmt.Fprintf(out, "listed, but killed: %s\n", m.key())
			}
		case survived, unreached:
			if strings.HasPrefix(reason, equivalent) {
				t.equivalent++
				continue
			}
			t.survived++
			if reason == "" {
				fmt.Fprintf(out, "%s, line %d:\n%s\n", results[m.id], m.line, m.key())
			}
		}
	}
	return t
}

// stale are the keys in the list that none of the packages' mutants has.
func (k *known) stale(packages []*pkg) []string {
	files, keys := map[string]bool{}, map[string]bool{}
	for _, p := range packages {
		for _, s := range p.files {
			files[s.name] = true
		}
		for _, m := range p.mutants {
			keys[m.key()] = true
		}
	}
	var stale []string
	for _, key := range k.keys {
		if file, _, _ := strings.Cut(key, " "); files[file] && !keys[key] {
			stale = append(stale, key)
		}
	}
	return stale
}
