package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"

	"lendleaf/core"
	"lendleaf/core/dataset"
	"lendleaf/core/measure"
	"lendleaf/core/record"
	"lendleaf/core/schema"
)

// The columns of a CSV of outcomes.
const (
	idColumn      = "prediction_id"
	outcomeColumn = "outcome"
)

// joined are predictions with what two models said of them, and what came of them.
type joined struct {
	predictions map[string]*prediction
	people      map[string]int // by inputs
	target      [2]string      // folded: the positive outcome, the negative one
	tally       joinTally
}

// prediction is what is known of one.
type prediction struct {
	champion, challenger answer
	person               int
	outcome              string // folded; "": none
}

// answer is what a model said; the zero value says nothing.
type answer struct {
	model string
	score core.Score
	twice bool
}

// joinTally counts what could not be joined.
type joinTally struct {
	joined, alone, twice int // predictions: of both models, of one, named more than once
	strangers            int // outcomes of which there is no record
	broken               int // lines that are no record
}

func (t joinTally) String() string {
	text := fmt.Sprintf("predictions scored by both models: %d", t.joined)
	for _, n := range []struct {
		count int
		text  string
	}{
		{t.alone, "scored by one alone"}, {t.twice, "named more than once, and passed over"}, {t.strangers, "outcomes without a record"}, {t.broken, "lines that are no record"},
	} {
		if n.count > 0 {
			text += fmt.Sprintf("; %s: %d", n.text, n.count)
		}
	}
	return text
}

func newJoined() *joined {
	return &joined{predictions: map[string]*prediction{}, people: map[string]int{}}
}

func (j *joined) read(ctx context.Context, records []string, outcomes string, in io.Reader) error {
	for _, name := range records {
		err := eachLine(ctx, name, in, func(line int, text []byte) error {
			if err := j.record(text); err != nil {
				return fmt.Errorf("line %d: %w", line, err)
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	file, err := os.Open(outcomes)
	if err != nil {
		return err
	}
	defer file.Close()
	plain, err := dataset.Decompress(interruptible{ctx, file})
	if err == nil {
		err = j.outcomes(plain)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", outcomes, err)
	}
	return nil
}

// scoredRecord is what a record says of a score.
type scoredRecord struct {
	ID            string          `json:"prediction_id"`
	Role          string          `json:"model_role"`
	Hash          string          `json:"model_hash"`
	Version       string          `json:"pipeline_version"` // of records without a hash
	Inputs        json.RawMessage `json:"inputs"`
	Prediction    *string         `json:"prediction"`
	Probabilities probabilities   `json:"probabilities"`
}

// probabilities are those of the positive outcome, which comes first, and of the
// negative one.
type probabilities struct {
	names  [2]string
	values [2]float64
}

var errProbabilities = errors.New("probabilities are no object of two outcomes, the positive one first")

// UnmarshalJSON keeps the order of the members.
func (p *probabilities) UnmarshalJSON(text []byte) error {
	if string(text) == "null" {
		return nil
	}
	d := json.NewDecoder(bytes.NewReader(text))
	if begin, err := d.Token(); err != nil || begin != json.Delim('{') {
		return errProbabilities
	}
	for i := range p.names {
		name, err := d.Token()
		var ok bool
		if p.names[i], ok = name.(string); err != nil || !ok || d.Decode(&p.values[i]) != nil {
			return errProbabilities
		}
	}
	if d.More() {
		return errProbabilities
	}
	return nil
}

// errTarget says that records are of models with different outcomes.
var errTarget = errors.New("it predicts other outcomes than the records before it")

// record takes what a record says, if it is one of a score.
func (j *joined) record(text []byte) error {
	var r scoredRecord
	if len(text) == 0 || record.IsErased(text) {
		return nil
	}
	if err := json.Unmarshal(text, &r); err != nil || r.ID == "" {
		j.tally.broken++
		return nil
	}
	if r.Prediction == nil || r.Probabilities.names[0] == "" {
		return nil // the applicant was at fault
	}
	target := [2]string{schema.Fold(r.Probabilities.names[0]), schema.Fold(r.Probabilities.names[1])}
	if j.target[0] == "" {
		j.target = target
	}
	if target != j.target {
		return errTarget
	}
	p := j.predictions[r.ID]
	if p == nil {
		p = &prediction{person: -1}
		j.predictions[r.ID] = p
	}
	a := &p.champion
	if r.Role == challenger {
		a = &p.challenger
	} else {
		p.person = j.person(r.Inputs)
	}
	a.twice = a.model != ""
	a.model = cmp.Or(r.Hash, r.Version, "unknown")
	a.score = core.Score{Probability: r.Probabilities.values[0], Positive: schema.Fold(*r.Prediction) == target[0]}
	return nil
}

// person numbers people by their inputs: whoever has the same ones is one. Without
// inputs, each is somebody else.
func (j *joined) person(inputs json.RawMessage) int {
	key := string(inputs)
	if key == "" || key == "null" {
		key = fmt.Sprint(len(j.people))
	}
	number, ok := j.people[key]
	if !ok {
		number = len(j.people)
		j.people[key] = number
	}
	return number
}

// outcomes reads what came of predictions.
func (j *joined) outcomes(in io.Reader) error {
	reader := csv.NewReader(in)
	header, err := reader.Read()
	if err != nil {
		return fmt.Errorf("header: %w", err)
	}
	header[0] = strings.TrimPrefix(header[0], "\ufeff")
	id, outcome := slices.Index(header, idColumn), slices.Index(header, outcomeColumn)
	if id < 0 || outcome < 0 {
		return fmt.Errorf("header: there is no column %s or %s", idColumn, outcomeColumn)
	}
	for {
		row, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err // which names the line
		}
		if err := j.outcome(row[id], row[outcome]); err != nil {
			line, _ := reader.FieldPos(0)
			return fmt.Errorf("line %d: %w", line, err)
		}
	}
}

func (j *joined) outcome(id, text string) error {
	outcome := schema.Fold(text)
	switch outcome {
	case "":
		return nil
	case "1":
		outcome = j.target[0]
	case "0":
		outcome = j.target[1]
	case j.target[0], j.target[1]:
	default:
		return fmt.Errorf("%q is no outcome: one is %q, %q, 1 or 0", text, j.target[0], j.target[1])
	}
	p := j.predictions[id]
	switch {
	case p == nil:
		j.tally.strangers++
	case p.outcome != "" && p.outcome != outcome:
		return fmt.Errorf("%s %q has another outcome above", idColumn, id)
	default:
		p.outcome = outcome
	}
	return nil
}

// compare compares each two models that scored the same applicants, those with the
// most first.
func (j *joined) compare(draws int, seed uint64) (comparisons, error) {
	pairs := map[[2]string][]measure.Applicant{}
	for _, id := range slices.Sorted(maps.Keys(j.predictions)) {
		p := j.predictions[id]
		switch {
		case p.champion.twice || p.challenger.twice:
			j.tally.twice++
		case p.champion.model == "" || p.challenger.model == "":
			j.tally.alone++
		default:
			j.tally.joined++
			pair := [2]string{p.champion.model, p.challenger.model}
			pairs[pair] = append(pairs[pair], measure.Applicant{
				Champion: p.champion.score, Challenger: p.challenger.score, Person: p.person, Known: p.outcome != "", Positive: p.outcome == j.target[0],
			})
		}
	}
	var list comparisons
	nothing := measure.ErrNoOutcome
	for _, pair := range slices.SortedFunc(maps.Keys(pairs), func(a, b [2]string) int {
		return cmp.Or(len(pairs[b])-len(pairs[a]), cmp.Compare(a[0], b[0]), cmp.Compare(a[1], b[1]))
	}) {
		c, err := measure.Challenge(pairs[pair], draws, seed)
		if errors.Is(err, nothing) {
			continue
		}
		if err != nil {
			return nil, err
		}
		list = append(list, comparison{pair[0], pair[1], c})
	}
	if len(list) == 0 {
		return nil, nothing
	}
	return list, nil
}
