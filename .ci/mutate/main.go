// Mutate asks of each package: would its own tests notice a fault? It makes
// small faults, mutants, in the package's code, one at a time, and runs the
// package's tests. A mutant is killed if a test fails, panics or hangs.
//
// All mutants of a package are compiled into one test binary, and the
// environment chooses one: thousands can be tried in minutes.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "mutate:", err)
		os.Exit(1)
	}
}

// options are what the command line says.
type options struct {
	least  float64 // share of mutants that each package has to kill
	sample float64 // share of mutants to try
	known  string  // file of known survivors
	work   string  // folder for binaries and results
}

func run(args []string, out io.Writer) error {
	var o options
	flags := flag.NewFlagSet("mutate", flag.ContinueOnError)
	flags.Float64Var(&o.least, "least", 0.85, "share of mutants that each package's own tests have to kill")
	flags.Float64Var(&o.sample, "sample", 1, "share of mutants to try, the same ones each time")
	flags.StringVar(&o.known, "known", ".ci/mutate/survivors.txt", "file of known survivors, with reasons")
	flags.StringVar(&o.work, "work", "bin/_mutate", "folder for binaries and results")
	if err := flags.Parse(args); err != nil {
		return err
	}
	known, err := readKnown(o.known)
	if err != nil {
		return err
	}
	packages, err := load(flags.Args())
	if err != nil {
		return err
	}
	if o.work, err = filepath.Abs(o.work); err != nil {
		return err
	}
	if err := os.MkdirAll(o.work, 0o777); err != nil {
		return err
	}
	return report(packages, known, o, out)
}

// errWeak is the error of a run that found too many survivors, or known ones
// that are no more.
var errWeak = errors.New("see above")

// report tries the mutants of all packages and writes what survived.
func report(packages []*pkg, known *known, o options, out io.Writer) error {
	var all tally
	weak := false
	for _, p := range packages {
		results, err := try(p, o, out)
		if err != nil {
			return fmt.Errorf("%s: %w", p.path, err)
		}
		t := known.judge(p, results, out)
		fmt.Fprintf(out, "%-28s %s\n", p.path, t)
		weak = weak || t.share() < o.least
		all.add(t)
	}
	fmt.Fprintf(out, "%-28s %s\n", "all", all)
	for _, stale := range known.stale(packages) {
		fmt.Fprintf(out, "listed, but no more there: %s\n", stale)
		weak = true
	}
	if weak {
		return errWeak
	}
	return nil
}

// tally counts mutants.
type tally struct {
	killed, survived, equivalent int
}

func (t *tally) add(u tally) {
	t.killed += u.killed
	t.survived += u.survived
	t.equivalent += u.equivalent
}

// share is the share of killed mutants among those that are not equivalent.
func (t tally) share() float64 {
	if t.killed+t.survived == 0 {
		return 1
	}
	return float64(t.killed) / float64(t.killed+t.survived)
}

func (t tally) String() string {
	return fmt.Sprintf("%5.1f %%  killed %d of %d, and %d are equivalent",
		100*t.share(), t.killed, t.killed+t.survived, t.equivalent)
}
