package api

import (
	"bytes"
	"context"
	"crypto/rand"
	"iter"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"lendleaf/core"
	"lendleaf/core/dataset"
	"lendleaf/core/schema"
	"lendleaf/server/client"
	"lendleaf/server/record"
)

// The headers that name a request, and its prediction where it has only one.
const (
	requestHeader    = "X-Request-Id"
	predictionHeader = "X-Prediction-Id"
)

// recording is a request's part in the records. A nil one records nothing.
type recording struct {
	ctx     context.Context
	keep    func(context.Context, *record.Batch) error
	header  http.Header
	batch   record.Batch // what all that is kept of the request has in common
	trusted bool         // whether the client may say for which address it asks
}

// record begins to record a request whose body has come. It returns nil where
// nothing is recorded.
func (a *API) record(w http.ResponseWriter, r *http.Request) *recording {
	if a.keep == nil {
		return nil
	}
	header := w.Header()
	if header.Get(requestHeader) == "" {
		header.Set(requestHeader, rand.Text())
	}
	return &recording{
		ctx: r.Context(), keep: a.keep, header: header, trusted: a.proxies.Trusts(r),
		batch: record.Batch{
			ID: header.Get(requestHeader), Start: time.Now(), Model: a.model,
			Client: record.Client{Address: a.proxies.Address(r), Agent: record.Cut(r.UserAgent())},
		},
	}
}

// scores records that applicants were scored. Their JSON is needed only if it
// may say for whom the client asks.
func (rec *recording) scores(s *shape, raw jsontext.Value, records []schema.Record, scores []core.Score) error {
	if rec == nil || len(records) == 0 {
		return nil
	}
	numbers := slices.Concat(records...) // whose memory is used again
	predictions := make([]record.Prediction, len(records))
	for i := range predictions {
		width := len(records[i])
		predictions[i] = record.Prediction{Place: i, Record: numbers[:width:width], Score: scores[i]}
		numbers = numbers[width:]
	}
	for i, item := range items(raw) {
		predictions[i].Client = rec.client(s.forWhom(item))
	}
	return rec.whole(len(records), predictions)
}

// faults records which of a request's applicants are at fault, or that it holds
// none that can be read.
func (rec *recording) faults(s *shape, raw jsontext.Value, faults iter.Seq[fault]) error {
	if rec == nil {
		return nil
	}
	if raw == nil {
		for f := range faults {
			return rec.whole(0, []record.Prediction{{Fault: f.message}})
		}
	}
	var predictions []record.Prediction
	size, known := 0, map[string]string{} // many applicants have few reasons
	for i, item := range items(raw) {
		size++
		applicant, faults := s.member(item, i)
		if faults == nil {
			continue
		}
		reason := s.reason(faults)
		if _, ok := known[reason]; !ok {
			known[reason] = reason
		}
		predictions = append(predictions, record.Prediction{
			Place: i, Record: applicant, Fault: known[reason], Client: rec.client(s.forWhom(item)),
		})
	}
	return rec.whole(size, predictions)
}

// items are the applicants of a body, which may be one object.
func items(raw jsontext.Value) iter.Seq2[int, jsontext.Value] {
	return func(yield func(int, jsontext.Value) bool) {
		if raw.Kind() == '{' {
			yield(0, raw)
		}
		if raw.Kind() != '[' {
			return
		}
		d := decoder(raw)
		for i := 0; d.PeekKind() != ']'; i++ {
			if !yield(i, must(d.ReadValue())) {
				return
			}
		}
	}
}

// reason says what is wrong with an applicant, as answers to rows do, without
// repeating what was sent.
func (s *shape) reason(faults []fault) string {
	var all []string
	for _, f := range faults {
		switch place, ok := s.places[f.field]; {
		case f.again:
		case !ok:
			all = append(all, dataset.ErrObject.Error())
		case place < len(s.schema.Fields):
			all = append(all, f.field+": "+s.schema.Fields[place].Advice())
		default:
			all = append(all, f.field+": "+f.message)
		}
	}
	return strings.Join(all, " ")
}

// whole keeps all of a request that has so many applicants.
func (rec *recording) whole(size int, predictions []record.Prediction) error {
	if err := rec.send(size, predictions); err != nil {
		return err
	}
	if size <= 1 {
		rec.header.Set(predictionHeader, record.ID(rec.batch.ID, 0))
	}
	return nil
}

// send keeps a part of a request.
func (rec *recording) send(size int, predictions []record.Prediction) error {
	batch := rec.batch
	batch.Size, batch.Latency, batch.Predictions = size, time.Since(batch.Start), predictions
	return rec.keep(rec.ctx, &batch)
}

// next begins another part of a request that is a stream.
func (rec *recording) next() {
	if rec != nil {
		rec.batch.Start = time.Now()
	}
}

// rows records rows of a stream. The scores are those of the good ones.
func (rec *recording) rows(rows []dataset.Row, scores []core.Score, forWhom func(*dataset.Row) (address, agent string)) error {
	if rec == nil || len(rows) == 0 {
		return nil
	}
	predictions := make([]record.Prediction, len(rows))
	for i := range rows {
		row, p := &rows[i], &predictions[i]
		p.Place, p.Client = row.Line, rec.client(forWhom(row))
		switch {
		case len(row.Faults) == 0:
			p.Record, p.Score = slices.Clone(row.Record), scores[0]
			scores = scores[1:]
		case row.Faults[0].Field() == "": // the row as a whole
			p.Fault = dataset.Reasons(row.Faults)
		default:
			p.Record, p.Fault = slices.Clone(row.Record), dataset.Reasons(row.Faults)
		}
	}
	return rec.send(len(rows), predictions)
}

// client is for whom a client says that it asks, or nil if it does not say. Any
// client may name any program, as it may in its headers; whose word counts for
// an address the operator says.
func (rec *recording) client(address, agent string) *record.Client {
	own := rec.batch.Client
	if agent != "" {
		own.Agent = record.Cut(agent)
	}
	if address != "" && rec.trusted {
		own.Address = client.Parse(address)
	}
	if own == rec.batch.Client {
		return nil
	}
	return &own
}

// saysForWhom says whether a body may name for whom the client asks.
func saysForWhom(body []byte) bool {
	return slices.ContainsFunc(texts, func(name string) bool { return bytes.Contains(body, []byte(name)) })
}

// forWhom reads for whom the client asks from an object of JSON.
func (s *shape) forWhom(object []byte) (address, agent string) {
	if !saysForWhom(object) {
		return "", ""
	}
	raw, invalid := parse(object)
	if invalid != nil || raw.Kind() != '{' {
		return "", ""
	}
	given := s.members(raw)
	return s.text(given, clientAddress), s.text(given, clientAgent)
}

// text is what is given for one of texts.
func (s *shape) text(given []value, name string) string {
	if v := given[s.places[name]]; v.Kind == schema.Text {
		return v.Text
	}
	return ""
}

// failRecord answers what must be recorded and cannot be.
func failRecord(w http.ResponseWriter) {
	w.Header().Set("Retry-After", "1")
	Fail(w, http.StatusServiceUnavailable, errRecord.Error())
}
