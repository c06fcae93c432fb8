package api

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strconv"
	"time"

	"lendleaf/core"
	"lendleaf/core/dataset"
	"lendleaf/core/schema"
)

// The content types whose rows are answered row by row.
const (
	typeCSV    = "text/csv"
	typeNDJSON = "application/x-ndjson"
)

// streamRows is how many rows are scored and sent together.
const streamRows = 512

// streamType returns the content type of a body that is a stream of rows, or "".
func streamType(contentType string) string {
	kind, _, err := mime.ParseMediaType(contentType)
	if err != nil || kind != typeCSV && kind != typeNDJSON {
		return ""
	}
	return kind
}

// stream answers rows as they come, in constant memory. Status 200 is sent
// before the last row is read, so the last record says whether all went well.
func (a *API) stream(w http.ResponseWriter, r *http.Request, kind string, body io.Reader) {
	source, err := a.source(kind, body)
	if err != nil {
		a.failRead(w, err)
		return
	}
	s := &stream{api: a, response: http.NewResponseController(w), out: w, rows: make([]dataset.Row, streamRows), recording: a.record(w, r)}
	// Where one is not had, for HTTP/2 or a recorder, the other works too.
	_ = s.response.EnableFullDuplex()
	s.format = &ndjson{outcomes: a.model.Schema().Target, shape: a.shape}
	if kind == typeCSV {
		s.format = newCSV(a.model.Schema())
	}
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Cache-Control", "no-store")
	s.run(source)
}

type rowReader interface{ Read(*dataset.Row) error }

func (a *API) source(kind string, body io.Reader) (rowReader, error) {
	if kind == typeNDJSON {
		return dataset.NewJSONReader(body, a.model.Schema()), nil
	}
	return dataset.NewReader(body, a.model.Schema())
}

// stream is one request under way.
type stream struct {
	api       *API
	response  *http.ResponseController
	out       http.ResponseWriter
	format    format
	recording *recording
	rows      []dataset.Row
	records   []schema.Record
	scores    []core.Score
	text      []byte
	begun     bool // whether some of the answer is out
	counts    counts
}

// counts is what the last record says.
type counts struct{ predictions, errors int }

// format writes records of an answer.
type format interface {
	begin(dst []byte) []byte
	result(dst []byte, line int, outcome string, probability float64) []byte
	faults(dst []byte, line int, faults []dataset.RowError) []byte
	end(dst []byte, c counts, err error) []byte
	forWhom(row *dataset.Row) (address, agent string) // the client asks, by its own account
}

func (s *stream) run(source rowReader) {
	s.text = s.format.begin(s.text[:0])
	for {
		n, err := s.read(source)
		s.score(n)
		if s.recording.rows(s.rows[:n], s.scores, s.format.forWhom) == nil {
			s.describe(n)
		} else {
			err = errRecord
		}
		if err == errRecord && !s.begun {
			failRecord(s.out)
			return
		}
		if err != nil {
			s.text = s.format.end(s.text, s.counts, ended(err))
			_ = s.send() // the client may have gone
			return
		}
		if s.send() != nil {
			return
		}
	}
}

// read reads some rows, and gives the client time for them.
func (s *stream) read(source rowReader) (n int, err error) {
	// A response without deadlines, of a test, has no need of more time.
	_ = s.response.SetReadDeadline(time.Now().Add(s.api.pause))
	for n < len(s.rows) && err == nil {
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
			s.text = s.format.faults(s.text, row.Line, row.Faults)
			continue
		}
		s.text = s.format.result(s.text, row.Line, s.api.model.Outcome(scores[0]), scores[0].Probability)
		scores = scores[1:]
	}
}

func (s *stream) send() error {
	_ = s.response.SetWriteDeadline(time.Now().Add(s.api.pause))
	_, err := s.out.Write(s.text)
	s.text, s.begun = s.text[:0], true
	return errors.Join(err, s.response.Flush())
}

// ended is what stopped a stream, if not its end.
func ended(err error) error {
	switch {
	case errors.Is(err, io.EOF):
		return nil
	case errors.Is(err, errTooLarge), errors.Is(err, dataset.ErrTooLong), errors.Is(err, errRecord):
		return err
	}
	return errBroken
}

// errBroken is all that a client needs to know of what failed below it.
var errBroken = errors.New("the body broke off, or could not be unpacked")

// errRecord says why there is no answer where it must be recorded.
var errRecord = errors.New("the answer cannot be recorded")

// ndjson answers with an object in each line.
type ndjson struct {
	outcomes schema.Target
	shape    *shape
}

func (*ndjson) begin(dst []byte) []byte { return dst }

func (f *ndjson) result(dst []byte, line int, outcome string, probability float64) []byte {
	dst = strconv.AppendInt(append(dst, `{"line":`...), int64(line), 10)
	dst = appendResult(append(dst, ','), f.outcomes, outcome, probability)
	return append(dst, "}\n"...)
}

func (f *ndjson) faults(dst []byte, line int, faults []dataset.RowError) []byte {
	dst = strconv.AppendInt(append(dst, `{"line":`...), int64(line), 10)
	dst = append(dst, `,"detail":[`...)
	for i, e := range faults {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendString(append(dst, `{"field":`...), e.Field())
		dst = append(appendString(append(dst, `,"msg":`...), e.Reason()), '}')
	}
	return append(dst, "]}\n"...)
}

func (*ndjson) end(dst []byte, c counts, err error) []byte {
	dst = fmt.Appendf(dst, `{"n_predictions":%d,"n_errors":%d`, c.predictions, c.errors)
	if err != nil {
		dst = appendString(append(dst, `,"detail":`...), err.Error())
	}
	return append(dst, "}\n"...)
}

func (f *ndjson) forWhom(row *dataset.Row) (address, agent string) {
	return f.shape.forWhom([]byte(row.Cells[0]))
}

// csvFormat answers with a line for each.
type csvFormat struct {
	header []string
	buffer appender
	lines  *csv.Writer
}

// appender is a writer to the end of a text.
type appender struct{ text []byte }

func (a *appender) Write(p []byte) (int, error) {
	a.text = append(a.text, p...)
	return len(p), nil
}

func newCSV(s *schema.Schema) *csvFormat {
	f := &csvFormat{header: []string{"line", "prediction", "probability_" + schema.Fold(s.Target.Positive.Name), "error"}}
	f.lines = csv.NewWriter(&f.buffer)
	return f
}

func (f *csvFormat) line(dst []byte, cells ...string) []byte {
	f.buffer.text = dst
	// An appender takes everything.
	_ = f.lines.Write(cells)
	f.lines.Flush()
	return f.buffer.text
}

func (f *csvFormat) begin(dst []byte) []byte { return f.line(dst, f.header...) }

func (f *csvFormat) result(dst []byte, line int, outcome string, probability float64) []byte {
	return f.line(dst, strconv.Itoa(line), outcome, strconv.FormatFloat(probability, 'g', -1, 64), "")
}

func (f *csvFormat) faults(dst []byte, line int, faults []dataset.RowError) []byte {
	return f.line(dst, strconv.Itoa(line), "", "", dataset.Reasons(faults))
}

func (*csvFormat) forWhom(*dataset.Row) (address, agent string) { return "", "" }

func (f *csvFormat) end(dst []byte, c counts, err error) []byte {
	text := fmt.Sprintf("n_predictions=%d n_errors=%d", c.predictions, c.errors)
	if err != nil {
		text = err.Error() + "; " + text
	}
	return f.line(dst, "", "", "", text)
}
