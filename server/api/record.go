package api

import (
	"context"
	"crypto/rand"
	"iter"
	"net/http"
	"slices"
	"time"

	"lendleaf/core"
	"lendleaf/core/rows"
	"lendleaf/server/client"
	"lendleaf/server/record"
)

// ModelHeader names the model that answers, by its hash.
const ModelHeader = "X-Model-Hash"

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
	shadow  func(*record.Batch)
	batch   record.Batch  // what all that is kept of the request has in common
	scored  *record.Batch // what the answer under way says
	trusted bool          // whether the client may say for which address it asks
}

// record begins to record a request whose body has come. It returns nil where
// nothing is recorded.
func (a *API) record(w http.ResponseWriter, r *http.Request) *recording {
	if a.keep == nil && a.shadow == nil {
		return nil
	}
	header := w.Header()
	if header.Get(requestHeader) == "" {
		header.Set(requestHeader, rand.Text())
	}
	return &recording{
		ctx: r.Context(), keep: a.keep, shadow: a.shadow, header: header, trusted: a.proxies.Trusts(r),
		batch: record.Batch{
			ID: header.Get(requestHeader), Start: time.Now(), Model: a.model,
			Client: record.Client{Address: a.proxies.Address(r), Agent: record.Cut(r.UserAgent())},
		},
	}
}

// scores records that applicants were scored.
func (rec *recording) scores(w *work) error {
	if rec == nil || w.size == 0 {
		return nil
	}
	numbers := slices.Clone(w.numbers) // whose memory is used again
	predictions := make([]record.Prediction, w.size)
	for i := range predictions {
		width := len(w.records[i])
		predictions[i] = record.Prediction{Place: i, Record: numbers[:width:width], Score: w.scores[i], Client: rec.client(w.clients[i])}
		numbers = numbers[width:]
	}
	return rec.whole(w.size, predictions)
}

// answered has what was scored scored by another model, too, once the answer is out.
func (rec *recording) answered() {
	if rec != nil && rec.shadow != nil && rec.scored != nil {
		rec.shadow(rec.scored)
		rec.scored = nil
	}
}

// faults records which of a request's applicants are at fault, or that it holds
// none that can be read.
func (rec *recording) faults(s *shape, w *work, faults iter.Seq[fault]) error {
	if rec == nil || rec.keep == nil {
		return nil
	}
	if w.unread {
		for f := range faults {
			return rec.whole(0, []record.Prediction{{Fault: f.message}})
		}
	}
	var predictions []record.Prediction
	known := map[string]string{} // many applicants have few reasons
	for i, row := range s.applicants(w.text) {
		if len(row.Faults) > 0 {
			predictions = append(predictions, rec.faulty(row, i, known))
		}
	}
	return rec.whole(w.size, predictions)
}

// faulty is what is recorded of an applicant at fault. Reasons that are known are
// held once.
func (rec *recording) faulty(row *rows.Row, place int, known map[string]string) record.Prediction {
	reason := rows.Reasons(row.Faults)
	if _, ok := known[reason]; !ok {
		known[reason] = reason
	}
	p := record.Prediction{Place: place, Fault: known[reason], Client: rec.client(askerOf(row))}
	if row.Faults[0].Field() != "" { // else it is the row as a whole
		p.Record = slices.Clone(row.Record)
	}
	return p
}

// whole keeps all of a request that has so many applicants.
func (rec *recording) whole(size int, predictions []record.Prediction) error {
	if err := rec.send(size, predictions); err != nil {
		return err
	}
	if size <= 1 && rec.keep != nil {
		rec.header.Set(predictionHeader, record.ID(rec.batch.ID, 0))
	}
	return nil
}

// send keeps a part of a request.
func (rec *recording) send(size int, predictions []record.Prediction) error {
	batch := rec.batch
	batch.Size, batch.Latency, batch.Predictions = size, time.Since(batch.Start), predictions
	if rec.keep != nil {
		if err := rec.keep(rec.ctx, &batch); err != nil {
			return err
		}
	}
	rec.scored = &batch
	return nil
}

// next begins another part of a request that is a stream.
func (rec *recording) next() {
	if rec != nil {
		rec.batch.Start = time.Now()
	}
}

// rows records rows of a stream. The scores are those of the good ones.
func (rec *recording) rows(list []rows.Row, scores []core.Score) error {
	if rec == nil || len(list) == 0 {
		return nil
	}
	predictions := make([]record.Prediction, len(list))
	known := map[string]string{}
	for i := range list {
		row := &list[i]
		if len(row.Faults) > 0 {
			predictions[i] = rec.faulty(row, row.Line, known)
			continue
		}
		predictions[i] = record.Prediction{Place: row.Line, Record: slices.Clone(row.Record), Score: scores[0], Client: rec.client(askerOf(row))}
		scores = scores[1:]
	}
	return rec.send(len(list), predictions)
}

// client is for whom a client says that it asks, or nil if it does not say. Any
// client may name any program, as it may in its headers; whose word counts for
// an address the operator says.
func (rec *recording) client(who asker) *record.Client {
	own := rec.batch.Client
	if who.agent != "" {
		own.Agent = record.Cut(who.agent)
	}
	if who.address != "" && rec.trusted {
		own.Address = client.Parse(who.address)
	}
	if own == rec.batch.Client {
		return nil
	}
	return &own
}

// failRecord answers what must be recorded and cannot be.
func failRecord(w http.ResponseWriter) {
	w.Header().Set("Retry-After", "1")
	Fail(w, http.StatusServiceUnavailable, errRecord.Error())
}
