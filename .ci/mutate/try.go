package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"io"
	"io/fs"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"
)

// result is what became of a mutant.
type result string

const (
	killed    result = "killed"
	survived  result = "survived"
	unreached result = "unreached" // no test runs the code
	refused   result = "refused"   // it does not compile
)

// try tries the mutants of a package, those of the sample. What it found for
// the same code and tests it does not try again.
func try(p *pkg, o options, out io.Writer) (map[int]result, error) {
	mutants := slices.DeleteFunc(slices.Clone(p.mutants), func(m *mutant) bool { return !m.sampled(o.sample) })
	results := map[int]result{}
	if !p.tested {
		for _, m := range mutants {
			results[m.id] = unreached
		}
		return results, nil
	}
	dir, err := os.MkdirTemp(o.work, "run")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	binary, no, err := build(p, mutants, dir)
	if err != nil {
		return nil, err
	}
	memory, err := memoryOf(p, binary, mutants, o.work)
	if err != nil {
		return nil, err
	}
	if text, err := os.ReadFile(memory); err == nil && json.Unmarshal(text, &results) == nil {
		return results, nil
	}
	t := &trial{pkg: p, binary: binary, dir: dir}
	if err := t.reach(out); err != nil {
		return nil, err
	}
	var lock sync.Mutex
	each(mutants, func(m *mutant) {
		r := refused
		if !no[m.id] {
			r = t.try(m)
		}
		lock.Lock()
		defer lock.Unlock()
		results[m.id] = r
	})
	text, err := json.Marshal(results)
	if err != nil {
		return nil, err
	}
	return results, os.WriteFile(memory, text, 0o666)
}

// sampled says whether a mutant is in a sample: its key decides, by chance but
// for good.
func (m *mutant) sampled(share float64) bool {
	h := fnv.New32a()
	io.WriteString(h, m.key())
	return float64(h.Sum32()) <= share*math.MaxUint32
}

// memoryOf is the file for the results of a binary with the files that its
// tests read.
func memoryOf(p *pkg, binary string, mutants []*mutant, work string) (string, error) {
	h := sha256.New()
	files := []string{binary}
	filepath.WalkDir(filepath.Join(p.dir, "testdata"), func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			files = append(files, path)
		}
		return nil
	})
	for _, path := range files {
		text, err := os.ReadFile(path)
		if err != nil {
			return "", err
		}
		h.Write(text)
	}
	for _, m := range mutants {
		fmt.Fprintln(h, m.id, m.key())
	}
	return filepath.Join(work, hex.EncodeToString(h.Sum(nil)[:16])+".json"), nil
}

// each does something for all mutants, as many at once as there are CPUs.
func each(mutants []*mutant, do func(*mutant)) {
	next := make(chan *mutant)
	var group sync.WaitGroup
	for range runtime.NumCPU() {
		group.Go(func() {
			for m := range next {
				do(m)
			}
		})
	}
	for _, m := range mutants {
		next <- m
	}
	close(next)
	group.Wait()
}

// trial runs the tests of a package.
type trial struct {
	pkg    *pkg
	binary string
	dir    string
	tests  []test // the fastest first
}

// test is a test by itself.
type test struct {
	name    string
	takes   time.Duration
	reached []byte // by the number of a mutant: 1 if the test runs its code
}

// reach finds which mutants each test reaches, and how long it takes.
func (t *trial) reach(out io.Writer) error {
	c := exec.Command(t.binary, "-test.list", ".")
	c.Dir = t.pkg.dir
	list, err := output(c)
	if err != nil {
		return err
	}
	for name := range strings.FieldsSeq(string(list)) {
		if strings.HasPrefix(name, "Benchmark") {
			continue
		}
		file := filepath.Join(t.dir, name)
		if err := os.WriteFile(file, make([]byte, len(t.pkg.mutants)+1), 0o666); err != nil {
			return err
		}
		start := time.Now()
		if !t.passes(t.binary, 10*time.Minute, []string{name}, "MUTANT=-1", "MUTANTS_REACHED="+file) {
			fmt.Fprintf(out, "%-28s %s is left out: it fails with no mutant chosen\n", t.pkg.path, name)
			continue
		}
		takes := time.Since(start)
		reached, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		t.tests = append(t.tests, test{name, takes, reached})
	}
	slices.SortFunc(t.tests, func(a, b test) int { return int(a.takes - b.takes) })
	return nil
}

// passes runs tests, and says whether they pass in time.
func (t *trial) passes(binary string, limit time.Duration, names []string, env ...string) bool {
	tmp, err := os.MkdirTemp(t.dir, "tmp")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(tmp)
	ctx, cancel := context.WithTimeout(context.Background(), limit+time.Second)
	defer cancel()
	c := exec.CommandContext(ctx, binary, "-test.failfast", "-test.timeout="+limit.String(), "-test.run=^("+strings.Join(names, "|")+")$")
	c.Dir = t.pkg.dir
	c.Env = append(append(os.Environ(), "TMPDIR="+tmp), env...)
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	c.Cancel = func() error { return syscall.Kill(-c.Process.Pid, syscall.SIGKILL) }
	c.WaitDelay = time.Second
	return c.Run() == nil
}

// try runs the tests that reach a mutant, until one fails.
func (t *trial) try(m *mutant) result {
	binary := t.binary
	if m.form == alone {
		var err error
		if binary, err = buildAlone(t.pkg, m, t.dir); err != nil {
			return refused
		}
		defer os.RemoveAll(filepath.Dir(binary))
	}
	r := unreached
	for _, batch := range t.batches(m) {
		r = survived
		if !t.passes(binary, batch.limit, batch.names, fmt.Sprintf("MUTANT=%d", m.id)) {
			return killed
		}
	}
	return r
}

// batch is tests that run in one process.
type batch struct {
	names []string
	limit time.Duration // after which they hang
}

// batches are the tests that reach a mutant: the fast ones together first.
func (t *trial) batches(m *mutant) []batch {
	const fast, start, patience = 100 * time.Millisecond, 3 * time.Second, 5
	var list []batch
	quick := false
	for _, test := range t.tests {
		if m.form != alone && test.reached[m.id] == 0 {
			continue
		}
		if !quick || test.takes > fast {
			list = append(list, batch{limit: start})
		}
		quick = test.takes <= fast
		last := &list[len(list)-1]
		last.names = append(last.names, test.name)
		last.limit += patience * test.takes
	}
	return list
}
