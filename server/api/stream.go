package api

import (
	"errors"
	"io"
	"net/http"
	"slices"
	"time"

	"lendleaf/core"
	"lendleaf/core/rows"
	"lendleaf/core/schema"
)

// The content types whose rows are answered row by row.
const (
	typeCSV    = "text/csv"
	typeNDJSON = "application/x-ndjson"
)

// streamTypes are all names that clients know these types by.
var streamTypes = []string{typeCSV, typeNDJSON, "application/ndjson", "application/jsonl", "application/x-jsonlines"}

// What rows are scored and sent together: so many, or those that hold so many
// bytes.
const (
	streamRows  = 256
	streamBytes = 512 << 10
)

// streamMemory is what a stream holds at most, in bytes: rows, the window that they
// are read from, their faults and answers. It has all of it from its begin, so that
// it never lacks some.
func (a *API) streamMemory() int {
	row := max(a.maxRow, rows.DefaultLimit)
	return streamBytes + 8*row + 64*a.maxColumns
}

// streamType returns the content type of a body that is a stream of rows, or "".
func streamType(contentType string) string {
	if kind := mediaType(contentType); slices.Contains(streamTypes, kind) {
		return kind
	}
	return ""
}

// stream answers rows as they come, in constant memory. Status 200 is sent
// before the last row is read, so the last record says whether all went well.
func (a *API) stream(w http.ResponseWriter, r *http.Request, kind string, body io.Reader, held *holding) {
	bytes := a.streamMemory()
	if err := held.set(bytes); err != nil {
		a.failRead(w, err)
		return
	}
	memory := rows.NewBudget(int64(bytes), nil)
	source, err := a.source(kind, body, memory)
	if err != nil {
		a.failRead(w, err)
		return
	}
	s := &stream{api: a, response: http.NewResponseController(w), out: w, recording: a.record(w, r), memory: memory}
	// Where one is not had, for HTTP/2 or a recorder, the other works too.
	_ = s.response.EnableFullDuplex()
	s.answers = rows.NDJSONAnswers(a.model.Schema().Target)
	if kind == typeCSV {
		s.answers = rows.CSVAnswers(a.model.Schema().Target)
	}
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Cache-Control", "no-store")
	s.run(source)
}

func (a *API) source(kind string, body io.Reader, memory *rows.Budget) (rows.Reader, error) {
	o := rows.Options{Limit: a.maxRow, Columns: a.maxColumns, Budget: memory}
	if kind == typeCSV {
		return rows.NewCSV(body, a.shape.rows, o)
	}
	return rows.NewNDJSON(body, a.shape.rows, o), nil
}

// stream is one request under way.
type stream struct {
	api       *API
	response  *http.ResponseController
	out       http.ResponseWriter
	answers   rows.Answers
	recording *recording
	memory    *rows.Budget // that rows hold
	rows      []rows.Row
	records   []schema.Record
	scores    []core.Score
	text      []byte
	begun     bool // whether some of the answer is out
	counts    counts
}

// counts is what the last record says.
type counts struct{ predictions, errors int }

func (s *stream) run(source rows.Reader) {
	s.text = s.answers.Begin(s.text[:0])
	for {
		n, err := s.read(source)
		s.score(n)
		if s.recording.rows(s.rows[:n], s.scores) == nil {
			s.describe(n)
		} else {
			err = errRecord
		}
		if err == errRecord && !s.begun {
			failRecord(s.out)
			return
		}
		if err != nil {
			s.text = s.answers.End(s.text, s.counts.predictions, s.counts.errors, ended(err))
			_ = s.send() // the client may have gone
			return
		}
		if s.send() != nil {
			return
		}
	}
}

// read reads some rows, and gives the client time for them.
func (s *stream) read(source rows.Reader) (n int, err error) {
	// A response without deadlines, of a test, has no need of more time.
	_ = s.response.SetReadDeadline(time.Now().Add(s.api.pause))
	if s.memory.Taken() >= streamBytes { // long rows are not kept for others
		for i := range s.rows {
			s.rows[i].Release()
		}
	}
	for n < streamRows && s.memory.Taken() < streamBytes && err == nil {
		if n == len(s.rows) {
			s.rows = append(s.rows, rows.Row{})
		}
		if err = source.Read(&s.rows[n]); err == nil {
			n++
		}
	}
	return n, err
}

func (s *stream) score(n int) {
	s.recording.next()
	s.records = s.records[:0]
	for i := range s.rows[:n] {
		if len(s.rows[i].Faults) == 0 {
			s.records = append(s.records, s.rows[i].Record)
		}
	}
	s.scores = s.api.model.AppendScores(s.scores[:0], s.records)
}

// describe writes the answers to some rows.
func (s *stream) describe(n int) {
	s.api.observer.Scored(s.records, s.scores)
	s.counts.predictions += len(s.records)
	s.counts.errors += n - len(s.records)
	scores := s.scores
	for i := range s.rows[:n] {
		row := &s.rows[i]
		if len(row.Faults) > 0 {
			for _, e := range row.Faults {
				s.api.observer.Faulty(e.Field())
			}
			s.text = s.answers.Faults(s.text, row.Line, row.Faults)
			continue
		}
		s.text = s.answers.Score(s.text, row.Line, s.api.model.Outcome(scores[0]), scores[0].Probability)
		scores = scores[1:]
	}
}

func (s *stream) send() error {
	_ = s.response.SetWriteDeadline(time.Now().Add(s.api.pause))
	_, err := s.out.Write(s.text)
	s.text, s.begun = s.text[:0], true
	err = errors.Join(err, s.response.Flush())
	s.recording.answered()
	return err
}

// ended is what stopped a stream, if not its end.
func ended(err error) error {
	switch {
	case errors.Is(err, io.EOF):
		return nil
	case errors.Is(err, errTooLarge), errors.Is(err, rows.ErrTooLong), errors.Is(err, errRecord):
		return err
	}
	return errBroken
}

// errBroken is all that a client needs to know of what failed below it.
var errBroken = errors.New("the body broke off, or could not be unpacked")

// errRecord says why there is no answer where it must be recorded.
var errRecord = errors.New("the answer cannot be recorded")
