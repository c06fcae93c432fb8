package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"math"

	"lendleaf/core"
	"lendleaf/core/record"
	"lendleaf/core/rows"
	"lendleaf/core/schema"
)

func prepareReplay(flags *flag.FlagSet) func(context.Context, console, []string) error {
	name := flags.String("model", "", "model `FILE` (required)")
	return func(ctx context.Context, c console, args []string) error {
		if err := required("model", *name); err != nil {
			return err
		}
		if err := present(args); err != nil {
			return err
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
	Role          string             `json:"model_role"`
}

// replay scores records again.
type replay struct {
	model   *core.Model
	shape   *rows.Shape
	row     rows.Row
	changes *bufio.Writer
	files   []record.File
	tally   tally
}

// tally counts records.
type tally struct {
	compared, changed, predictions int    // answers: all, changed ones, those whose prediction changed
	incomplete                     int    // records without inputs or answer
	faulty                         int    // records of applicants at fault
	erased                         int    // records that are erased
	beside                         int    // records of what a challenger said
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

// file scores a file's records again, and checks the chain that they may have.
func (r *replay) file(ctx context.Context, name string, in io.Reader) error {
	checker := record.NewChecker(name, record.Head{})
	err := eachLine(ctx, name, in, func(line int, text []byte) error {
		checker.Line(text)
		return r.line(name, line, text)
	})
	r.files = append(r.files, checker.End())
	return err
}

func (r *replay) line(name string, line int, text []byte) error {
	if len(text) == 0 {
		return nil
	}
	if record.IsErased(text) {
		r.tally.erased++
		return nil
	}
	var before answered
	if err := json.Unmarshal(text, &before); err != nil || before.ID == "" {
		r.tally.breaks(name, line)
		return nil
	}
	return r.compare(&before, line)
}

func (t *tally) breaks(name string, line int) {
	if t.broken == 0 {
		t.first = fmt.Sprintf("%s line %d", name, line)
	}
	t.broken++
}

// compare scores a record again and lists the answer if it is another.
func (r *replay) compare(before *answered, line int) error {
	switch {
	case before.Role == challenger:
		r.tally.beside++
		return nil
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
	predicted := before.Prediction == nil || schema.Fold(*before.Prediction) == schema.Fold(prediction)
	if predicted && (before.Probabilities == nil || r.agrees(before, score.Probability)) {
		return nil
	}
	r.tally.changed++
	if !predicted {
		r.tally.predictions++
	}
	return r.list(before, prediction, shortest(score.Probability), "")
}

// agrees says whether a probability is the recorded one, to the last bit. The
// service that lendleaf replaces names outcomes in its own way and keeps three
// decimals; of other records of its kind, imported models agree within 1e-9.
func (r *replay) agrees(before *answered, probability float64) bool {
	positive := r.model.Schema().Target.Positive.Name
	if was, ok := before.Probabilities[positive]; ok {
		return was == probability
	}
	was, ok := before.Probabilities[schema.Fold(positive)]
	within := 1e-9
	if math.Round(was*1000)/1000 == was {
		within += 0.0005
	}
	return ok && math.Abs(was-probability) <= within
}

// list writes an answer as it was and as it is now; the header comes first.
func (r *replay) list(before *answered, prediction, probability, fault string) error {
	if r.tally.changed == 1 {
		column := rows.ProbabilityColumn(r.model.Schema().Target)
		header := []string{"prediction_id", "prediction_before", column + "_before", "prediction_after", column + "_after", "error_after"}
		if err := r.cells(header...); err != nil {
			return err
		}
	}
	cells := []string{before.ID, "", "", prediction, probability, fault}
	if before.Prediction != nil {
		cells[1] = *before.Prediction
	}
	positive := r.model.Schema().Target.Positive.Name
	for _, name := range []string{schema.Fold(positive), positive} {
		if p, ok := before.Probabilities[name]; ok {
			cells[2] = shortest(p)
		}
	}
	return r.cells(cells...)
}

func (r *replay) cells(cells ...string) error {
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
	if faults := record.Join(r.files, record.Head{}).Faults; len(faults) > 0 {
		return fmt.Errorf("%v; %w, the first %v", r.tally, brokenError{len(faults)}, faults[0])
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
	if t.beside > 0 {
		text += fmt.Sprintf("; records of a challenger: %d", t.beside)
	}
	if t.erased > 0 {
		text += fmt.Sprintf("; records that are erased: %d", t.erased)
	}
	if t.broken > 0 {
		text += fmt.Sprintf("; lines that are no record: %d, the first %s", t.broken, t.first)
	}
	return text
}
