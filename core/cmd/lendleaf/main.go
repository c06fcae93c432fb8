// Command lendleaf trains, evaluates, scores with, imports and looks into model
// files, and scores a server's records again.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)   // a second signal ends the program at once
	signal.Ignore(syscall.SIGPIPE) // a reader that is gone is an error of writing, so that files are cleaned up
	code := run(ctx, os.Args[1:], console{os.Stdin, os.Stdout, os.Stderr})
	stop()
	os.Exit(code)
}

// console is where a command reads and writes.
type console struct {
	in       io.Reader
	out, err io.Writer
}

// command is one verb of the command line. Its flags are declared before it
// runs; what stands behind them are its arguments.
type command struct {
	name, arguments, summary string
	prepare                  func(*flag.FlagSet) func(ctx context.Context, c console, args []string) error
}

// readsRecords says whether a command prints what clients of a server sent.
func (cmd command) readsRecords() bool { return strings.HasPrefix(cmd.arguments, recordFiles) }

const recordFiles = "RECORDS..."

var commands = []command{
	{"train", "", "fit a forest to a CSV of applicants and outcomes", prepareTrain},
	{"evaluate", "", "measure a model on a CSV of applicants and outcomes", prepareEvaluate},
	{"report", "", "measure a model by person and at random, with pictures", prepareReport},
	{"score", "", "score a CSV or NDJSON of applicants", prepareScore},
	{"replay", recordFiles, "score a server's records again and list answers that changed", prepareReplay},
	{"records verify", recordFiles, "check that no record was changed, lost, doubled or moved", prepareVerify},
	{"records find", recordFiles, "print records of a prediction or an applicant", prepareFind},
	{"records erase", recordFiles, "erase records, of which the place in the chain stays", prepareErase},
	{"outcomes", recordFiles + " OUTCOMES", "compare two models by what came of their predictions", prepareOutcomes},
	{"import", "DUMP", "make a model of a dump of sklearn_export.py", prepareImport},
	{"inspect", "MODEL", "show what a model file holds", prepareInspect},
}

// The exit codes.
const (
	exitOK      = 0
	exitFailed  = 1
	exitUsage   = 2
	exitBadRows = 3 // all others were scored
	exitChanged = 3 // all records were scored again
	exitBroken  = 3 // all records were checked, and the chain does not hold
	exitKept    = 3 // no record was erased, as some must be kept
)

// usageError says that the command line makes no sense.
type usageError struct{ reason string }

func (e usageError) Error() string { return e.reason }

func usage(format string, args ...any) error { return usageError{fmt.Sprintf(format, args...)} }

// run runs the command line and returns its exit code.
func run(ctx context.Context, args []string, c console) int {
	if len(args) == 0 {
		printCommands(c.err)
		return exitUsage
	}
	if args[0] == "help" || args[0] == "-h" || args[0] == "-help" || args[0] == "--help" {
		printCommands(c.out)
		return exitOK
	}
	for _, cmd := range commands {
		words := strings.Fields(cmd.name)
		if len(args) >= len(words) && slices.Equal(args[:len(words)], words) {
			return cmd.run(ctx, args[len(words):], c)
		}
	}
	fmt.Fprintf(c.err, "lendleaf: there is no command %q\n\n", args[0])
	printCommands(c.err)
	return exitUsage
}

func printCommands(w io.Writer) {
	fmt.Fprint(w, "usage: lendleaf COMMAND [flags]\n\n")
	for _, cmd := range commands {
		fmt.Fprintf(w, "  %-14s %s\n", cmd.name, cmd.summary)
	}
	fmt.Fprint(w, "\nlendleaf COMMAND -help lists a command's flags.\n")
}

func (cmd command) run(ctx context.Context, args []string, c console) int {
	flags := flag.NewFlagSet("lendleaf "+cmd.name, flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	if cmd.readsRecords() {
		c = c.escaped()
	}
	do := cmd.prepare(flags)
	arguments, err := parseFlags(flags, args)
	if err == nil {
		err = do(ctx, c, arguments)
	}
	switch {
	case err == nil:
		return exitOK
	case errors.Is(err, flag.ErrHelp):
		cmd.help(flags, c.out)
		return exitOK
	case errors.Is(err, syscall.EPIPE): // whoever read has enough
		return exitFailed
	case ctx.Err() != nil:
		fmt.Fprintf(c.err, "lendleaf %s: interrupted before it was done\n", cmd.name)
		return exitFailed
	}
	fmt.Fprintf(c.err, "lendleaf %s: %v\n", cmd.name, err)
	var wrong usageError
	if errors.As(err, &wrong) {
		fmt.Fprintf(c.err, "lendleaf %s -help lists the flags.\n", cmd.name)
		return exitUsage
	}
	return exitOf(err)
}

// exitOf is the code of a command that failed.
func exitOf(err error) int {
	var bad badRowsError
	var changed changedError
	var broken brokenError
	var kept keptError
	switch {
	case errors.As(err, &bad):
		return exitBadRows
	case errors.As(err, &changed):
		return exitChanged
	case errors.As(err, &broken):
		return exitBroken
	case errors.As(err, &kept):
		return exitKept
	}
	return exitFailed
}

// parseFlags reads flags, which may stand behind arguments, too, and returns the
// arguments; its error is flag.ErrHelp or a usageError.
func parseFlags(flags *flag.FlagSet, args []string) (arguments []string, err error) {
	for {
		switch err := flags.Parse(args); {
		case errors.Is(err, flag.ErrHelp):
			return nil, err
		case err != nil:
			return nil, usage("%v", err)
		}
		rest := flags.Args()
		ended := len(rest) < len(args) && args[len(args)-len(rest)-1] == "--"
		if len(rest) == 0 || ended {
			return append(arguments, rest...), nil
		}
		arguments, args = append(arguments, rest[0]), rest[1:]
	}
}

// thresholdFlag declares -threshold, which stays nil unless it is given.
func thresholdFlag(flags *flag.FlagSet, threshold **float64, usage string) {
	flags.Func("threshold", usage, func(text string) error {
		x, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return errors.New("parse error")
		}
		*threshold = &x
		return nil
	})
}

func (cmd command) help(flags *flag.FlagSet, w io.Writer) {
	fmt.Fprintln(w, strings.TrimRight(fmt.Sprintf("usage: lendleaf %s [flags] %s", cmd.name, cmd.arguments), " "))
	fmt.Fprintf(w, "%s\n\n", cmd.summary)
	flags.SetOutput(w)
	flags.PrintDefaults()
}

// noArguments refuses what stands behind the flags.
func noArguments(args []string) error {
	if len(args) > 0 {
		return usage("unexpected argument %q", args[0])
	}
	return nil
}

// required refuses flags that were left open: pairs of name and value.
func required(pairs ...string) error {
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i+1] == "" {
			return usage("-%s is missing", pairs[i])
		}
	}
	return nil
}
