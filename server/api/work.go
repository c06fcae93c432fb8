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
	body     []byte
	text     []byte // the body as UTF-8
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
	w.size, w.unread, w.text = 0, false, nil
	w.numbers, w.records, w.clients = w.numbers[:0], w.records[:0], w.clients[:0]
}

// reject says that the body as a whole is at fault.
func (w *work) reject(faults ...fault) iter.Seq[fault] {
	w.unread = true
	return slices.Values(faults)
}

// keep keeps an applicant.
func (w *work) keep(row *rows.Row) {
	start, width := len(w.numbers), len(row.Record)
	w.numbers = append(w.numbers, row.Record...)
	w.records = append(w.records, w.numbers[start:start+width:start+width])
	if w.recorded {
		w.clients = append(w.clients, askerOf(row))
	}
}

// maxKept bounds the body whose work is kept: a few large requests shall not
// hold their memory for ever.
const maxKept = 4 << 20

func (a *API) borrow() *work {
	w, _ := a.works.Get().(*work)
	if w == nil {
		w = &work{}
	}
	return w
}

func (a *API) giveBack(w *work) {
	if cap(w.body) <= maxKept {
		a.works.Put(w)
	}
}

// appendAll reads all that r holds.
func appendAll(dst []byte, r io.Reader) ([]byte, error) {
	for {
		dst = slices.Grow(dst, minRead)
		n, err := r.Read(dst[len(dst):cap(dst)])
		dst = dst[:len(dst)+n]
		if err == io.EOF {
			return dst, nil
		}
		if err != nil {
			return dst, err
		}
	}
}

// minRead is the least room to read into.
const minRead = 512
