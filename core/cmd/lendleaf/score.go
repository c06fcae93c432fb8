package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"strings"

	"lendleaf/core"
	"lendleaf/core/dataset"
	"lendleaf/core/rows"
	"lendleaf/core/schema"
)

// The formats of applicants and scores.
const (
	formatCSV    = "csv"
	formatNDJSON = "ndjson"
)

// scoreFlags are what the command line says.
type scoreFlags struct {
	model, in, out, bad, format string
	jobs                        int
}

func prepareScore(flags *flag.FlagSet) func(context.Context, console, []string) error {
	var f scoreFlags
	flags.StringVar(&f.model, "model", "", "model `FILE` (required)")
	flags.StringVar(&f.in, "in", "-", "`FILE` of applicants, or gzip of one; - is the standard input")
	flags.StringVar(&f.out, "out", "-", "`FILE` for applicants and scores; - is the standard output")
	flags.StringVar(&f.bad, "bad", "", "CSV `FILE` for what is wrong with rows that cannot be scored; - is the standard output")
	flags.StringVar(&f.format, "format", "", "`FORMAT`: csv, or ndjson, a JSON object in each line (default: by the extension of -in, else csv)")
	flags.IntVar(&f.jobs, "jobs", 0, "`number` of cores to score on (default: all)")
	return func(ctx context.Context, c console, args []string) error {
		if err := noArguments(args); err != nil {
			return err
		}
		if err := f.check(); err != nil {
			return err
		}
		model, err := core.LoadFile(f.model)
		if err != nil {
			return err
		}
		return f.score(ctx, c, model)
	}
}

func (f *scoreFlags) check() error {
	if err := required("model", f.model, "in", f.in, "out", f.out); err != nil {
		return err
	}
	if f.jobs < 0 {
		return usage("-jobs %d is negative", f.jobs)
	}
	if f.jobs == 0 {
		f.jobs = runtime.GOMAXPROCS(0)
	}
	if f.format == "" {
		f.format = formatOf(f.in)
	}
	if f.format != formatCSV && f.format != formatNDJSON {
		return usage("-format %q is neither %s nor %s", f.format, formatCSV, formatNDJSON)
	}
	return separate([]string{"-out", f.out, "-bad", f.bad}, []string{"-model", f.model, "-in", f.in})
}

// formatOf tells the format by a file's name.
func formatOf(name string) string {
	name = strings.TrimSuffix(strings.ToLower(name), ".gz")
	if strings.HasSuffix(name, ".ndjson") || strings.HasSuffix(name, ".jsonl") {
		return formatNDJSON
	}
	return formatCSV
}

// badRowsError says that some rows could not be scored; all others were.
type badRowsError struct {
	bad, rows int
	first     rows.RowError
}

func (e badRowsError) Error() string {
	return fmt.Sprintf("%d of %d rows cannot be scored; the first: %v", e.bad, e.rows, e.first)
}

// score opens files, scores, and closes them.
func (f *scoreFlags) score(ctx context.Context, c console, model *core.Model) error {
	in := c.in
	if f.in != "-" {
		file, err := os.Open(f.in)
		if err != nil {
			return err
		}
		defer file.Close()
		in = file
	}
	out, err := openScores(f.out, c.out)
	if err != nil {
		return err
	}
	defer out.discard()
	bad := stream{Writer: io.Discard}
	if f.bad != "" {
		bad, err = openScores(f.bad, c.out)
	}
	if err != nil {
		return err
	}
	defer bad.discard()
	plain, err := dataset.Decompress(interruptible{ctx, in})
	if err != nil {
		return fmt.Errorf("%s: %w", f.in, err)
	}
	s := &scoring{model: model, name: f.in, out: out, bad: bad, jobs: f.jobs}
	if err := s.run(ctx, plain, f.format); err != nil {
		return err
	}
	if err := errors.Join(out.commit(), bad.commit()); err != nil {
		return err
	}
	if s.faulty.bad > 0 {
		return s.faulty
	}
	return nil
}

// stream is an output, or a writer that is there already.
type stream struct {
	io.Writer
	file *output
}

// openScores creates the file; for "-" it takes the standard output.
func openScores(name string, standard io.Writer) (stream, error) {
	if name == "-" {
		return stream{Writer: standard}, nil
	}
	file, err := createOutput(name)
	if err != nil {
		return stream{}, err
	}
	return stream{file, file}, nil
}

func (s stream) commit() error {
	if s.file == nil {
		return nil
	}
	return s.file.commit()
}

func (s stream) discard() {
	if s.file != nil {
		s.file.discard()
	}
}

// errTaken says that a file has a column which the answers are to have.
var errTaken = errors.New("the file has it already, and the answer's would be a second one")

// scoredHeader adds the answers' columns to a file's, which must not have them.
func scoredHeader(s *schema.Schema, header []string) ([]string, error) {
	for _, name := range []string{rows.LineColumn, rows.PredictionColumn, rows.ProbabilityColumn(s.Target)} {
		if slices.Contains(header, name) {
			return nil, rows.ColumnError{Column: name, Err: errTaken}
		}
		header = append(header[:len(header):len(header)], name)
	}
	return header, nil
}
