package api

import (
	"io"
	"slices"

	"lendleaf/core"
	"lendleaf/core/schema"
)

// work is memory for one request, used again and again.
type work struct {
	body    []byte
	numbers []int64 // of all records
	records []schema.Record
	scores  []core.Score
	answer  []byte
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

// plain reads a body that holds nothing unusual, in one pass. If it is not ok,
// shape.read must look, which also knows what is wrong; if it is, shape.read
// would say the same.
func (s *shape) plain(w *work, contentType string) (records []schema.Record, ok bool) {
	if len(w.body) == 0 || !isJSON(contentType) {
		return nil, false
	}
	w.numbers, w.records = w.numbers[:0], w.records[:0]
	text := skipBlanks(w.body)
	switch {
	case len(text) == 0:
	case text[0] == '{':
		text, ok = s.plainObject(w, text)
	case text[0] == '[':
		text, ok = s.plainArray(w, text[1:])
	}
	return w.records, ok && len(text) == 0
}

// plainArray reads what comes behind an array's opening bracket.
func (s *shape) plainArray(w *work, text []byte) (rest []byte, ok bool) {
	for text = skipBlanks(text); len(text) > 0; text = text[1:] {
		if len(w.records) == 0 && text[0] == ']' {
			return skipBlanks(text[1:]), true
		}
		if text, ok = s.plainObject(w, text); !ok || len(text) == 0 {
			return nil, false
		}
		switch text[0] {
		case ']':
			return skipBlanks(text[1:]), true
		case ',':
		default:
			return nil, false
		}
	}
	return nil, false
}

func (s *shape) plainObject(w *work, text []byte) (rest []byte, ok bool) {
	start, width := len(w.numbers), len(s.schema.Fields)
	w.numbers = slices.Grow(w.numbers, width)[:start+width]
	record := schema.Record(w.numbers[start:len(w.numbers):len(w.numbers)])
	w.records = append(w.records, record)
	return s.scanner.Object(record, text)
}

func skipBlanks(text []byte) []byte {
	for i, b := range text {
		if b != ' ' && b != '\n' && b != '\r' && b != '\t' {
			return text[i:]
		}
	}
	return nil
}
