package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"

	"lendleaf/core"
	"lendleaf/core/dataset"
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

	source interface{ Read(*dataset.Row) error }
	header []string // of CSV, nil of NDJSON; with the scores' columns
}

// sheet is some rows on their way.
type sheet struct {
	rows     []dataset.Row
	n        int // rows in use
	end      error
	records  []schema.Record
	scores   []core.Score
	out, bad bytes.Buffer
	badRows  int
	first    dataset.RowError // of the first bad row
	scored   chan struct{}    // holds one thing once scored
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
		free <- &sheet{rows: make([]dataset.Row, sheetRows), scored: make(chan struct{}, 1)}
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
	if format == formatNDJSON {
		s.source = dataset.NewJSONReader(in, s.model.Schema())
	} else {
		reader, err := dataset.NewReader(in, s.model.Schema())
		if err != nil {
			return s.unreadable(err)
		}
		s.source = reader
		if s.header, err = scoredHeader(s.model.Schema(), reader.Header()); err != nil {
			return s.unreadable(err)
		}
		if err := writeLine(s.out, s.header); err != nil {
			return err
		}
	}
	return writeLine(s.bad, []string{"line", "field", "reason"})
}

func (s *scoring) unreadable(err error) error { return fmt.Errorf("%s: %w", s.name, err) }

func writeLine(w io.Writer, cells []string) error {
	lines := csv.NewWriter(w)
	if err := lines.Write(cells); err != nil {
		return err
	}
	lines.Flush()
	return lines.Error()
}

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

func (sh *sheet) fill(source interface{ Read(*dataset.Row) error }) {
	sh.n = 0
	for size := 0; sh.n < len(sh.rows) && size < sheetBytes; sh.n++ {
		row := &sh.rows[sh.n]
		if sh.end = source.Read(row); sh.end != nil {
			return
		}
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
	if _, err := s.out.Write(sh.out.Bytes()); err != nil {
		return err
	}
	if _, err := s.bad.Write(sh.bad.Bytes()); err != nil {
		return err
	}
	if sh.end == nil || errors.Is(sh.end, io.EOF) {
		return nil
	}
	return s.unreadable(sh.end)
}

// score scores a sheet's good rows and writes down all of them.
func (s *scoring) score(sh *sheet) {
	sh.out.Reset()
	sh.bad.Reset()
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
	sh.describeFaults()
	if s.header == nil {
		s.describeJSON(sh)
	} else {
		s.describeCSV(sh)
	}
}

func (sh *sheet) describeFaults() {
	lines := csv.NewWriter(&sh.bad)
	for _, row := range sh.rows[:sh.n] {
		for _, fault := range row.Faults {
			lines.Write([]string{strconv.Itoa(fault.Line), fault.Field(), fault.Reason()}) // a buffer takes everything
		}
	}
	lines.Flush()
}

func (s *scoring) describeCSV(sh *sheet) {
	lines := csv.NewWriter(&sh.out)
	cells := make([]string, 0, len(s.header))
	scores := sh.scores
	for _, row := range sh.rows[:sh.n] {
		if len(row.Faults) > 0 {
			continue
		}
		cells = append(append(cells[:0], row.Cells...), s.model.Outcome(scores[0]), shortest(scores[0]))
		lines.Write(cells) // a buffer takes everything
		scores = scores[1:]
	}
	lines.Flush()
}

// describeJSON adds the scores at the end of each object: of a repeated key the
// last one counts.
func (s *scoring) describeJSON(sh *sheet) {
	scores := sh.scores
	probability := probabilityColumn(s.model.Schema())
	for _, row := range sh.rows[:sh.n] {
		if len(row.Faults) > 0 {
			continue
		}
		open := strings.TrimRight(strings.TrimSuffix(row.Cells[0], "}"), " \t")
		sh.out.WriteString(open)
		if open != "{" {
			sh.out.WriteByte(',')
		}
		fmt.Fprintf(&sh.out, "%q:%q,%q:%s}\n", predictionColumn, s.model.Outcome(scores[0]), probability, shortest(scores[0]))
		scores = scores[1:]
	}
}

// shortest is the shortest text that reads back to the same probability.
func shortest(s core.Score) string { return strconv.FormatFloat(s.Probability, 'g', -1, 64) }
