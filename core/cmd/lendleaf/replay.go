package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"

	"lendleaf/core"
	"lendleaf/core/dataset"
	"lendleaf/core/rows"
)

func prepareReplay(flags *flag.FlagSet) func(context.Context, console, []string) error {
	name := flags.String("model", "", "model `FILE` (required)")
	return func(ctx context.Context, c console, args []string) error {
		if err := required("model", *name); err != nil {
			return err
		}
		if len(args) == 0 {
			return usage("name files of records, or gzip of them; - is the standard input")
		}
		model, err := core.LoadFile(*name)
		if err != nil {
			return err
		}
		r := newReplay(model, c.out)
		for _, file := range args {
			if err := r.file(ctx, file, c.in); err != nil {
				return err
			}
		}
		return r.end(c.err)
	}
}

// answered is what a record says of an answer.
type answered struct {
	ID            string             `json:"prediction_id"`
	Inputs        json.RawMessage    `json:"inputs"`
	Prediction    *string            `json:"prediction"`
	Probabilities map[string]float64 `json:"probabilities"`
	Error         *string            `json:"error_message"`
}

// replay scores records again.
type replay struct {
	model   *core.Model
	shape   *rows.Shape
	row     rows.Row
	changes *bufio.Writer
	tally   tally
}

// tally counts records.
type tally struct {
	compared, changed, predictions int    // answers: all, changed ones, those whose prediction changed
	incomplete                     int    // records without inputs or answer
	faulty                         int    // records of applicants at fault
	broken                         int    // lines that are no records
	first                          string // of those
}

// changedError says that some answers changed.
type changedError struct{ tally }

func (e changedError) Error() string { return e.String() }

// errNothing says that no record could be compared.
var errNothing = errors.New("there is no answer to compare")

func newReplay(model *core.Model, out io.Writer) *replay {
	return &replay{model: model, shape: rows.NewShape(model.Schema()), changes: bufio.NewWriter(out)}
}

// file scores a file's records again.
func (r *replay) file(ctx context.Context, name string, in io.Reader) error {
	if name != "-" {
		file, err := os.Open(name)
		if err != nil {
			return err
		}
		defer file.Close()
		in = file
	}
	plain, err := dataset.Decompress(interruptible{ctx, in})
	if err == nil {
		err = r.lines(name, plain)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

func (r *replay) lines(name string, in io.Reader) error {
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, longestRecord)
	line := 1
	for ; lines.Scan(); line++ {
		if len(lines.Bytes()) == 0 {
			continue
		}
		var before answered
		if err := json.Unmarshal(lines.Bytes(), &before); err != nil || before.ID == "" {
			r.tally.breaks(name, line)
			continue
		}
		if err := r.compare(&before, line); err != nil {
			return err
		}
	}
	if errors.Is(lines.Err(), bufio.ErrTooLong) {
		return fmt.Errorf("line %d is too long for a record", line)
	}
	return lines.Err()
}

// longestRecord is far more than a record holds, in bytes.
const longestRecord = 1 << 22

func (t *tally) breaks(name string, line int) {
	if t.broken == 0 {
		t.first = fmt.Sprintf("%s line %d", name, line)
	}
	t.broken++
}

// compare scores a record again and lists the answer if it is another.
func (r *replay) compare(before *answered, line int) error {
	switch {
	case before.Error != nil:
		r.tally.faulty++
		return nil
	case len(before.Inputs) == 0 || before.Inputs[0] == 'n' || before.Prediction == nil && before.Probabilities == nil:
		r.tally.incomplete++
		return nil
	}
	r.shape.Object(&r.row, before.Inputs, line)
	r.tally.compared++
	if len(r.row.Faults) > 0 {
		r.tally.changed++
		r.tally.predictions++
		return r.list(before, "", "", rows.Reasons(r.row.Faults))
	}
	score := r.model.Score(r.row.Record)
	prediction := r.model.Outcome(score)
	probability, known := before.Probabilities[r.model.Schema().Target.Positive.Name]
	predicted := before.Prediction == nil || *before.Prediction == prediction
	if predicted && (before.Probabilities == nil || known && probability == score.Probability) {
		return nil
	}
	r.tally.changed++
	if !predicted {
		r.tally.predictions++
	}
	return r.list(before, prediction, shortest(score.Probability), "")
}

// list writes an answer as it was and as it is now; the header comes first.
func (r *replay) list(before *answered, prediction, probability, fault string) error {
	if r.tally.changed == 1 {
		column := rows.ProbabilityColumn(r.model.Schema().Target)
		header := []string{"prediction_id", "prediction_before", column + "_before", "prediction_after", column + "_after", "error_after"}
		if err := r.line(header...); err != nil {
			return err
		}
	}
	cells := []string{before.ID, "", "", prediction, probability, fault}
	if before.Prediction != nil {
		cells[1] = *before.Prediction
	}
	if p, ok := before.Probabilities[r.model.Schema().Target.Positive.Name]; ok {
		cells[2] = shortest(p)
	}
	return r.line(cells...)
}

func (r *replay) line(cells ...string) error {
	_, err := r.changes.Write(rows.AppendCells(nil, cells...))
	return err
}

func shortest(probability float64) string {
	return string(rows.Exact.AppendProbability(nil, probability))
}

// end says what came of it all.
func (r *replay) end(w io.Writer) error {
	switch err := r.changes.Flush(); {
	case err != nil:
		return err
	case r.tally.compared == 0:
		return fmt.Errorf("%w: %v", errNothing, r.tally)
	case r.tally.changed > 0:
		return changedError{r.tally}
	}
	_, err := fmt.Fprintf(w, "lendleaf replay: %v\n", r.tally)
	return err
}

func (t tally) String() string {
	text := fmt.Sprintf("%d of %d answers changed, %d in the prediction", t.changed, t.compared, t.predictions)
	if t.incomplete > 0 {
		text += fmt.Sprintf("; records without inputs or answer: %d", t.incomplete)
	}
	if t.faulty > 0 {
		text += fmt.Sprintf("; records of applicants at fault: %d", t.faulty)
	}
	if t.broken > 0 {
		text += fmt.Sprintf("; lines that are no record: %d, the first %s", t.broken, t.first)
	}
	return text
}
