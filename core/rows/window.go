package rows

import (
	"bytes"
	"io"
)

// window is the part of a source that is looked at: the row under way, and what
// has come behind it.
type window struct {
	source io.Reader // nil: all of it is there
	text   []byte
	from   int   // where the row under way begins
	err    error // what the source ended with
	limit  int   // of a row, in bytes
	budget *Budget
	held   holding
}

// windowSize is how much is read at once, in bytes.
const windowSize = 1 << 16

func newWindow(source io.Reader, o Options) window {
	return window{source: source, limit: o.limit(), budget: o.Budget}
}

// wholeText is a window on a text that is there. The text is not copied.
func wholeText(text []byte) window { return window{text: text, err: io.EOF, limit: len(text)} }

// rest is what is there of the row under way, and behind it.
func (w *window) rest() []byte { return w.text[w.from:] }

// more reads more of the source. Its error is io.EOF at the end, TooLongError where
// the row has no end within its limit, that of a budget, or the source's own.
func (w *window) more() error {
	if w.err != nil {
		return w.err
	}
	if len(w.rest()) > w.limit {
		return TooLongError{w.limit}
	}
	if err := w.makeRoom(); err != nil {
		return err
	}
	for tries := 0; w.err == nil; tries++ {
		if tries == maxEmptyReads {
			w.err = io.ErrNoProgress
			break
		}
		n, err := w.source.Read(w.text[len(w.text):cap(w.text)])
		w.text, w.err = w.text[:len(w.text)+n], err
		if n > 0 {
			return nil
		}
	}
	return w.err
}

// maxEmptyReads is how often a source may give nothing: as often as for bufio.
const maxEmptyReads = 100

func (w *window) makeRoom() error {
	if w.from > 0 {
		w.text = w.text[:copy(w.text, w.rest())]
		w.from = 0
	}
	if len(w.text) < cap(w.text) {
		return nil
	}
	size := max(windowSize, 2*cap(w.text))
	if err := w.held.raise(w.budget, size); err != nil {
		return err
	}
	w.text = append(make([]byte, 0, size), w.text...)
	return nil
}

// skipMark gets past the byte order mark that a source may begin with. Errors
// come again with the first row.
func (w *window) skipMark() {
	for len(w.text) < len(byteOrderMark) && w.more() == nil {
	}
	if bytes.HasPrefix(w.text, byteOrderMark) {
		w.from = len(byteOrderMark)
	}
}

var byteOrderMark = []byte("\xef\xbb\xbf")

// lineEnd finds the end, behind its line break, of the line that begins at a place
// behind from. Its error is io.EOF if nothing comes any more, else that of more.
func (w *window) lineEnd(at int) (end int, err error) {
	for end = at; ; {
		rest := w.rest()[end:]
		if i := bytes.IndexByte(rest, '\n'); i >= 0 {
			end += i + 1
			break
		}
		end += len(rest)
		err := w.more()
		if err == io.EOF && end > at {
			break
		}
		if err != nil {
			return 0, err
		}
	}
	if end > w.limit {
		return 0, TooLongError{w.limit}
	}
	return end, nil
}

// skipLine gets past the line that begins at from, however long it is, and says
// whether a byte is in it. An error of the source comes again with the next row.
func (w *window) skipLine(has byte) (found bool) {
	for {
		line, _, ended := bytes.Cut(w.rest(), []byte{'\n'})
		found = found || bytes.IndexByte(line, has) >= 0
		if w.from += len(line); ended {
			w.from++
			return found
		}
		if w.more() != nil {
			return found
		}
	}
}

// Close gives back what a reader holds of a budget. Its rows stay as they are.
func (w *window) Close() { w.held.release() }
