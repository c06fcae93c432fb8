package api

import (
	"io"
	"iter"
	"slices"

	"lendleaf/core"
	"lendleaf/core/rows"
	"lendleaf/core/schema"
)

// work is memory for one request, used again and again.
type work struct {
	held     *holding // what it may be large by
	body     []byte
	decoded  []byte // the body as UTF-8, where it is in another encoding
	text     []byte // the body as UTF-8, or the list
	list     []byte // applicants that came in another form, as a list of JSON
	parts    int    // bytes of what the body was cut into
	row      rows.Row
	size     int  // applicants
	unread   bool // the body as a whole cannot be read
	numbers  []int64
	records  []schema.Record // parts of numbers
	clients  []asker
	scores   []core.Score
	answer   []byte
	recorded bool
}

// asker is for whom a client says that it asks.
type asker struct{ address, agent string }

// askerOf is for whom a row says that it is asked.
func askerOf(row *rows.Row) asker {
	return asker{row.Text(slices.Index(texts, clientAddress)), row.Text(slices.Index(texts, clientAgent))}
}

func (w *work) begin() {
	w.size, w.unread, w.text, w.decoded, w.list, w.parts = 0, false, nil, nil, nil, 0
	w.numbers, w.records, w.clients = w.numbers[:0], w.records[:0], w.clients[:0]
}

// reject says that the body as a whole is at fault.
func (w *work) reject(faults ...fault) iter.Seq[fault] {
	w.unread = true
	return slices.Values(faults)
}

// keep keeps an applicant. Its error is that of the holding.
func (w *work) keep(row *rows.Row) error {
	if len(w.records)%applicantsAtOnce == 0 {
		if err := w.reserve(applicantsAtOnce); err != nil {
			return err
		}
	}
	start, width := len(w.numbers), len(row.Record)
	w.numbers = append(w.numbers, row.Record...)
	w.records = append(w.records, w.numbers[start:start+width:start+width])
	if w.recorded {
		w.clients = append(w.clients, askerOf(row))
	}
	return nil
}

// What an applicant costs, in bytes: numbers, scores and answer, half as much
// again while they grow; and what is recorded of it.
const (
	applicantSize    = 512
	recordedSize     = 384
	applicantsAtOnce = 16
)

// reserve holds memory for more applicants.
func (w *work) reserve(more int) error {
	each := applicantSize
	if w.recorded {
		each += recordedSize
	}
	return w.held.set(max(w.bytes(), cap(w.body)+cap(w.decoded)+cap(w.list)+w.parts+(len(w.records)+more)*each))
}

// bytes is how many bytes the work is large by.
func (w *work) bytes() int {
	return cap(w.body) + cap(w.decoded) + cap(w.list) + w.parts + cap(w.numbers)*8 + (cap(w.records)+cap(w.scores))*24 + cap(w.clients)*32 + cap(w.answer)
}

// maxKept bounds the works that are kept, in bytes: a few large requests shall not
// hold their memory for ever.
const maxKept = 8 << 20

func (a *API) borrow(held *holding) *work {
	w, _ := a.works.Get().(*work)
	if w == nil {
		w = &work{}
	}
	w.held = held
	return w
}

// enlarge exchanges a small work's memory for that of a large one, if there is one,
// once its body needs it: a client that sends little, or slowly, holds little.
func (a *API) enlarge(w *work) {
	large, _ := a.largeWorks.Get().(*work)
	if large == nil || w.held.set(w.bytes()+large.bytes()) != nil {
		return
	}
	large.body, large.held = append(large.body[:0], w.body...), w.held
	*w, *large = *large, *w
	a.giveBack(large)
}

// giveBack keeps a work for others, unless it is gone already.
func (a *API) giveBack(w *work) {
	if w == nil {
		return
	}
	w.held, w.text, w.decoded, w.list, w.parts = nil, nil, nil, nil, 0
	switch size := w.bytes(); {
	case size+gzipMemory <= small: // so that it serves packed bodies, too
		a.works.Put(w)
	case size <= maxKept:
		a.largeWorks.Put(w)
	}
}

// fill reads a whole body. Its errors are those of the body and of the holding.
func (a *API) fill(w *work, body io.Reader) error {
	w.body = w.body[:0]
	for {
		if len(w.body) == enlargedFrom {
			a.enlarge(w)
		}
		if len(w.body) == cap(w.body) {
			if err := w.grow(); err != nil {
				return err
			}
		}
		n, err := body.Read(w.body[len(w.body):cap(w.body)])
		w.body = w.body[:len(w.body)+n]
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// grow doubles the room for the body, of which there are two meanwhile.
func (w *work) grow() error {
	room := max(minRoom, 2*cap(w.body))
	if err := w.held.set(w.bytes() + room); err != nil {
		return err
	}
	w.body = append(make([]byte, 0, room), w.body...)
	return w.held.set(w.bytes())
}

const (
	minRoom      = 1 << 10
	enlargedFrom = 32 << 10 // a room of small works
)
