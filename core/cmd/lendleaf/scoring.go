package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"sync"

	"lendleaf/core"
	"lendleaf/core/rows"
	"lendleaf/core/schema"
)

// scoring takes rows through three stages that work at once: one goroutine
// reads sheets of rows, some score them, one writes them in the rows' order. A
// fixed number of sheets goes round, so memory stays the same however many rows
// there are.
type scoring struct {
	model    *core.Model
	name     string // of the input, for errors
	out, bad io.Writer
	jobs     int
	faulty   badRowsError // set by run

	source rows.Reader
	header []string // of CSV, nil of NDJSON; with the answers' columns

	prediction, probability []byte // the answers' names as members of NDJSON, with their colons
}

// sheet is some rows on their way.
type sheet struct {
	rows     []rows.Row
	n        int // rows in use
	end      error
	records  []schema.Record
	scores   []core.Score
	out, bad []byte
	badRows  int
	first    rows.RowError // of the first bad row
	scored   chan struct{} // holds one thing once scored
}

// What a sheet holds at most, unless one row alone holds more.
const (
	sheetRows  = 1 << 12
	sheetBytes = 1 << 20
)

// run scores all rows of in.
func (s *scoring) run(ctx context.Context, in io.Reader, format string) error {
	if err := s.open(in, format); err != nil {
		return err
	}
	reading, stop := context.WithCancel(ctx)
	defer stop()
	sheets := 2*s.jobs + 2
	free, read, work := make(chan *sheet, sheets), make(chan *sheet, sheets), make(chan *sheet, sheets)
	for range sheets {
		free <- &sheet{rows: make([]rows.Row, sheetRows), scored: make(chan struct{}, 1)}
	}
	var stages sync.WaitGroup
	stages.Go(func() { s.read(reading, free, read, work) })
	for range s.jobs {
		stages.Go(func() {
			for sh := range work {
				s.score(sh)
				sh.scored <- struct{}{}
			}
		})
	}
	err := s.write(ctx, read, free, stop)
	if ctx.Err() == nil {
		stages.Wait()
	}
	return err // once interrupted, without waiting for a reader that nobody feeds
}

// open reads the header, if there is one, and writes those of the outputs.
func (s *scoring) open(in io.Reader, format string) error {
	shape := rows.NewShape(s.model.Schema())
	if format == formatNDJSON {
		s.source = rows.NewNDJSON(in, shape, rows.OwnFile)
		s.prediction = append(rows.AppendText(nil, rows.PredictionColumn), ':')
		s.probability = append(rows.AppendText(nil, rows.ProbabilityColumn(s.model.Schema().Target)), ':')
	} else {
		reader, err := rows.NewCSV(in, shape, rows.OwnFile)
		if err != nil {
			return s.unreadable(err)
		}
		s.source = reader
		if s.header, err = scoredHeader(s.model.Schema(), reader.Header()); err != nil {
			return s.unreadable(err)
		}
		if _, err := s.out.Write(rows.AppendCells(nil, s.header...)); err != nil {
			return err
		}
	}
	_, err := s.bad.Write(rows.AppendCells(nil, "line", "field", "reason"))
	return err
}

func (s *scoring) unreadable(err error) error { return fmt.Errorf("%s: %w", s.name, err) }

// read fills sheets and hands each to the writer and to whoever scores. The
// last one has its end set.
func (s *scoring) read(ctx context.Context, free <-chan *sheet, read, work chan<- *sheet) {
	defer close(read)
	defer close(work)
	for sh := range free {
		sh.fill(s.source)
		if err := ctx.Err(); err != nil {
			sh.end = err
		}
		read <- sh
		work <- sh
		if sh.end != nil {
			return
		}
	}
}

func (sh *sheet) fill(source rows.Reader) {
	sh.n = 0
	for size := 0; sh.n < len(sh.rows) && size < sheetBytes; sh.n++ {
		row := &sh.rows[sh.n]
		if sh.end = source.Read(row); sh.end != nil {
			return
		}
		size += len(row.Object)
		for _, cell := range row.Cells {
			size += len(cell)
		}
	}
}

// write writes sheets in the order in which they were read.
func (s *scoring) write(ctx context.Context, read <-chan *sheet, free chan<- *sheet, stop func()) error {
	var failed error
	for {
		var sh *sheet
		select {
		case sh = <-read:
		case <-ctx.Done():
			return ctx.Err()
		}
		if sh == nil {
			return failed
		}
		<-sh.scored
		if failed == nil {
			failed = s.writeSheet(sh)
		}
		if failed != nil {
			stop() // and let the sheets under way come home
		}
		free <- sh
	}
}

func (s *scoring) writeSheet(sh *sheet) error {
	if s.faulty.bad == 0 {
		s.faulty.first = sh.first
	}
	s.faulty.bad += sh.badRows
	s.faulty.rows += sh.n
	if _, err := s.out.Write(sh.out); err != nil {
		return err
	}
	if _, err := s.bad.Write(sh.bad); err != nil {
		return err
	}
	if sh.end == nil || errors.Is(sh.end, io.EOF) {
		return nil
	}
	return s.unreadable(sh.end)
}

// score scores a sheet's good rows and writes down all of them.
func (s *scoring) score(sh *sheet) {
	sh.out, sh.bad = sh.out[:0], sh.bad[:0]
	sh.records, sh.badRows = sh.records[:0], 0
	for i := range sh.rows[:sh.n] {
		row := &sh.rows[i]
		if len(row.Faults) == 0 {
			sh.records = append(sh.records, row.Record)
			continue
		}
		if sh.badRows == 0 {
			sh.first = row.Faults[0]
		}
		sh.badRows++
	}
	sh.scores = s.model.AppendScores(sh.scores[:0], sh.records)
	scores := sh.scores
	for i := range sh.rows[:sh.n] {
		row := &sh.rows[i]
		if len(row.Faults) > 0 {
			sh.describeFaults(row)
			continue
		}
		if s.header == nil {
			sh.out = s.appendObject(sh.out, row, scores[0])
		} else {
			sh.out = s.appendLine(sh.out, row, scores[0])
		}
		scores = scores[1:]
	}
}

func (sh *sheet) describeFaults(row *rows.Row) {
	for _, fault := range row.Faults {
		sh.bad = rows.AppendCells(sh.bad, strconv.Itoa(fault.Line), fault.Field(), fault.Reason())
	}
}

func (s *scoring) appendLine(dst []byte, row *rows.Row, score core.Score) []byte {
	for _, cell := range row.Cells {
		dst = append(rows.AppendCell(dst, cell), ',')
	}
	return append(rows.AppendScore(dst, row.Line, s.model.Outcome(score), score.Probability), '\n')
}

// appendObject adds the score at the end of the object: of a repeated name the
// last value counts.
func (s *scoring) appendObject(dst []byte, row *rows.Row, score core.Score) []byte {
	open := bytes.TrimRight(bytes.TrimSuffix(row.Object, []byte("}")), " \t\r")
	dst = append(dst, open...)
	if len(open) > len("{") {
		dst = append(dst, ',')
	}
	dst = append(rows.AppendText(append(dst, s.prediction...), s.model.Outcome(score)), ',')
	dst = append(dst, s.probability...)
	return append(rows.Exact.AppendProbability(dst, score.Probability), "}\n"...)
}
