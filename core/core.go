// Package core scores applicants with a model file. It is what the page and the
// server build on: everything else of the core lies behind it.
//
// [Load] reads a model file and proves all of it. The model then knows its fields
// ([Model.Schema]), takes a [schema.Record] and gives a [Score]:
//
//	model, err := core.LoadFile("loan-default.lendleaf")
//	if err != nil {
//		return err
//	}
//	score := model.Score(record) // of one applicant
//	fmt.Println(model.Outcome(score), score.Probability)
//
// Package [lendleaf/core/rows] makes records of JSON, NDJSON and CSV, and answers
// of scores:
//
//	applicants, err := rows.NewCSV(file, rows.NewShape(model.Schema()), rows.Options{})
//
// For many applicants [Model.AppendScores] is faster, on one core, and
// [Model.AppendScoresOnAllCores] on all of them. All give the same bits, on every
// machine and in the browser.
//
// What a score means is said by [Model.Calibration] and [Model.Differences], and
// nothing should be said of it beyond that.
//
// README.md is a map of the packages behind this one.
package core

import (
	"fmt"
	"os"
	"slices"
	"sync"

	"lendleaf/core/baseline"
	"lendleaf/core/calibration"
	"lendleaf/core/forest"
	"lendleaf/core/modelfile"
	"lendleaf/core/schema"
)

// Model scores applicants. It does not change once loaded and may be used from
// many goroutines.
type Model struct {
	file    modelfile.Model // without its forest: the engine scores
	batches sync.Pool       // of *batch
}

// Score is what a model says of one applicant.
type Score struct {
	Probability float64 // of the positive outcome, 0 to 1
	Positive    bool    // whether Probability is at least the model's threshold
	Unlike      bool    // whether the applicant is unlike the training data: see Model.Differences
}

// Load reads a model file. Its errors wrap those of package modelfile.
func Load(file []byte) (*Model, error) { return LoadInSteps(file, nil) }

// LoadFile is Load for a file by its name, which its errors then begin with.
func LoadFile(name string) (*Model, error) {
	file, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	model, err := Load(file)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return model, nil
}

// LoadInSteps is Load for a program that has one thread and others to serve on
// it: unless pause is nil it is called, on the same goroutine, every few
// milliseconds.
func LoadInSteps(file []byte, pause func()) (*Model, error) {
	content, err := modelfile.DecodeInSteps(file, pause)
	if err != nil {
		return nil, err
	}
	return New(content), nil
}

// New makes a scoring model of what a model file holds.
func New(content *modelfile.Model) *Model {
	m := &Model{file: *content}
	m.file.Forest = nil // the engine has its own copy
	return m
}

// Name is the name of the model's definition.
func (m *Model) Name() string { return m.file.Definition.Name }

// Hash is the SHA-256 of the model file's content, in hexadecimal.
func (m *Model) Hash() string { return m.file.Hash }

// Threshold is the smallest probability that is predicted as positive.
func (m *Model) Threshold() float64 { return m.file.Threshold }

// Schema describes the applicant's fields. The caller must not change it.
func (m *Model) Schema() *schema.Schema { return m.file.Definition.Schema }

// Training says how the model came about.
func (m *Model) Training() modelfile.Training { return m.file.Training }

// Typical is the record value that stands in for the i-th field where it is
// missing, or schema.Missing where the field is required.
func (m *Model) Typical(i int) int64 { return m.file.Features.Typical(i) }

// Outcome names what a score predicts: "Default", "No Default".
func (m *Model) Outcome(s Score) string {
	if s.Positive {
		return m.Schema().Target.Positive.Name
	}
	return m.Schema().Target.Negative.Name
}

// Score scores one record, without allocation. The record must come from the
// model's schema.
func (m *Model) Score(r schema.Record) Score {
	var vector [forest.MaxFeatures]int64
	v := vector[:m.file.Features.Len()]
	m.file.Features.Vector(v, r)
	return m.score(r, m.file.Engine.Probability(v))
}

// AppendScores scores records, all from the model's schema, and appends one
// Score for each to dst. It does so faster than Score, and without allocation
// where dst has room, but on one core only: for more, share out the records.
func (m *Model) AppendScores(dst []Score, records []schema.Record) []Score {
	b, _ := m.batches.Get().(*batch)
	if b == nil {
		b = &batch{}
	}
	defer m.batches.Put(b)
	dst = slices.Grow(dst, len(records))
	for part := range slices.Chunk(records, batchSize) {
		b.vectors = m.appendVectors(b.vectors[:0], part)
		b.probabilities = m.file.Engine.AppendProbabilities(b.probabilities[:0], b.vectors)
		for i, p := range b.probabilities {
			dst = append(dst, m.score(part[i], p))
		}
	}
	return dst
}

// batch is memory in which records are scored together.
type batch struct {
	vectors       []int64
	probabilities []float64
}

// batchSize is how many records are scored together: as many as an engine takes
// down a tree at once.
const batchSize = 1 << 15

func (m *Model) appendVectors(dst []int64, records []schema.Record) []int64 {
	n := m.file.Features.Len()
	dst = slices.Grow(dst, n*len(records))
	for _, r := range records {
		start := len(dst)
		dst = dst[:start+n]
		m.file.Features.Vector(dst[start:], r)
	}
	return dst
}

func (m *Model) score(r schema.Record, p float64) Score {
	unlike := m.file.Novelty != nil && m.file.Novelty.Unlike(r)
	return Score{p, p >= m.file.Threshold, unlike}
}

// Differences says in sentences how an applicant is unlike all those that the
// model was trained on. There are none if the score is not Unlike.
func (m *Model) Differences(r schema.Record) []string {
	if m.file.Novelty == nil {
		return nil
	}
	return m.file.Novelty.Differences(m.Schema(), r)
}

// Implies returns the label of another field that all training applicants had
// who had a label of a field, all as places in the schema. It is not ok if they
// had several, if there were none, or if the two fields do not go together.
func (m *Model) Implies(field, label, other int) (implied int, ok bool) {
	if m.file.Novelty == nil {
		return 0, false
	}
	return m.file.Novelty.Implies(field, label, other)
}

// Calibration says what scores mean. It may be nil, or not hold.
func (m *Model) Calibration() *calibration.Calibration { return m.file.Calibration }

// Baseline says how the values of the training part were spread. It may be nil.
func (m *Model) Baseline() baseline.Baseline { return m.file.Baseline }
