package record

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"lendleaf/core/record"
)

// Options say what a Writer writes, and where.
type Options struct {
	File     string
	Rotation Rotation
	Required bool     // Keep waits until the records are on the disk
	Omit     []string // members that records go without
	Setting  Setting
	Anchor   string                  // file or address that is told where the chain ends; "": none
	Country  func(netip.Addr) string // a country's code, or ""; nil: nobody knows
	Log      *slog.Logger
}

// Why a batch cannot be kept.
var (
	ErrFull   = errors.New("the records waiting to be written are too many")
	ErrClosed = errors.New("the records are closed")
)

// Writer writes records in the background, in the order in which they came. It
// may be used from many goroutines.
type Writer struct {
	out      file
	encoder  *encoder
	chain    *record.Chain
	anchor   *anchor // nil: none
	log      *slog.Logger
	required bool

	mu      sync.Mutex // guards what follows
	queue   []*waiting
	records int // in the queue, or being written
	closed  bool

	wake  chan struct{} // holds one thing while the queue may hold some
	ended chan struct{}

	written, lost atomic.Int64
	full          atomic.Bool // records were lost since the queue was full

	// What follows is the background's alone.
	lines   []byte
	marks   []mark      // behind each of the lines
	sealed  record.Head // before the lines
	unready error       // why they cannot be written
	authors []*waiting  // of the lines
	torn    bool        // the file's last line was left unfinished
	trouble trouble
}

// mark is where a line ends, and the chain with it.
type mark struct {
	end  int
	head record.Head
}

// waiting is a batch on its way to the file.
type waiting struct {
	*Batch
	failed  error
	settled chan struct{} // closed once it is written, or failed
}

const (
	// maxRecords bounds the records that wait, with about 200 bytes each.
	maxRecords = 1 << 17
	// chunk is how many bytes are written together, or a little more. The
	// smallest file holds more.
	chunk = 1 << 18
)

// Open opens a file of records, to append to it. Its errors wrap ErrMember, or
// are those of the file.
func Open(o Options) (*Writer, error) {
	e, err := newEncoder(o.Omit, o.Country)
	if err != nil {
		return nil, err
	}
	e.setting = o.Setting
	if o.Anchor != "" {
		if err := checkAnchor(o.Anchor); err != nil {
			return nil, err
		}
	}
	out, torn, err := openFile(o.File, o.Rotation)
	if err != nil {
		return nil, err
	}
	if sameFile(o.File, o.Anchor) {
		return nil, errors.Join(errOwnAnchor, out.Close())
	}
	if readableByOthers(o.File) {
		o.Log.Warn("others than its owner can read the file of records", "file", o.File)
	}
	head, err := lastHead(o.File)
	if err != nil {
		return nil, errors.Join(err, out.Close())
	}
	return start(out, e, head, torn, o), nil
}

func start(out file, e *encoder, head record.Head, torn bool, o Options) *Writer {
	w := &Writer{
		out: out, encoder: e, chain: record.NewChain(head), log: o.Log, required: o.Required, torn: torn,
		wake: make(chan struct{}, 1), ended: make(chan struct{}), trouble: trouble{calm: calm},
	}
	if o.Anchor != "" {
		w.anchor = newAnchor(o.Anchor, o.Log)
	}
	go w.run()
	return w
}

// Keep has a batch written. Where records are required, it waits until the
// batch is on the disk, and its error says that it is not, or not yet: it is
// ErrFull, ErrClosed, that of ctx, or that of the file. Where they are not, it
// waits for nothing and has no error, and what cannot be kept is counted.
//
// The batch is the Writer's from then on and must not be changed.
func (w *Writer) Keep(ctx context.Context, b *Batch) error {
	if len(b.Predictions) == 0 {
		return nil
	}
	batch := &waiting{Batch: b}
	if w.required {
		batch.settled = make(chan struct{})
	}
	if err := w.enqueue(batch); err != nil || !w.required {
		if !w.required {
			return nil
		}
		return err
	}
	select {
	case <-batch.settled:
		return batch.failed
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (w *Writer) enqueue(b *waiting) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	n := len(b.Predictions)
	switch {
	case w.closed:
		w.lost.Add(int64(n))
		return ErrClosed
	case w.records > 0 && w.records+n > maxRecords: // a large batch alone may pass
		w.lost.Add(int64(n))
		w.full.Store(true)
		return ErrFull
	}
	w.queue = append(w.queue, b)
	w.records += n
	select {
	case w.wake <- struct{}{}:
	default:
	}
	return nil
}

// Written counts the records in the file since the start.
func (w *Writer) Written() int64 { return w.written.Load() }

// Lost counts the records that could not be written since the start.
func (w *Writer) Lost() int64 { return w.lost.Load() }

// Close writes all that waits and closes the file. What comes later is lost. It
// must be called once.
func (w *Writer) Close() error {
	w.mu.Lock()
	w.closed = true
	close(w.wake)
	w.mu.Unlock()
	<-w.ended
	w.anchor.close(w.chain.Head())
	w.log.Info("records closed", "written", w.Written(), "lost", w.Lost())
	return w.out.Close()
}

func (w *Writer) run() {
	defer close(w.ended)
	for range w.wake { // whatever comes is followed by a thing in it
		w.writeQueue()
	}
}

// writeQueue writes what waits, and tells those who wait for it.
func (w *Writer) writeQueue() {
	w.mu.Lock()
	queue := w.queue
	w.queue = nil
	w.mu.Unlock()
	records := 0
	for _, b := range queue {
		w.write(b)
		records += len(b.Predictions)
	}
	w.flush()
	for _, b := range queue {
		if b.settled != nil {
			close(b.settled)
		}
	}
	w.mu.Lock()
	w.records -= records
	w.mu.Unlock()
	if w.full.Swap(false) {
		w.trouble.begin(w.log, ErrFull)
	}
}

// write writes a batch's records, perhaps only as far as w.lines.
func (w *Writer) write(b *waiting) {
	e := entry{Batch: b.Batch, Setting: &w.encoder.setting}
	country, agent := w.encoder.client(b.Client)
	w.encoder.begin(b.Batch)
	w.authors = append(w.authors, b)
	for i := range b.Predictions {
		e.Prediction, e.country, e.agent = &b.Predictions[i], country, agent
		if own := e.Prediction.Client; own != nil {
			e.country, e.agent = w.encoder.client(*own)
		}
		w.append(&e)
		if len(w.lines) >= chunk {
			w.flush()
			w.authors = append(w.authors, b)
		}
	}
}

// append appends a line, sealed, to those that wait for the file.
func (w *Writer) append(e *entry) {
	if len(w.marks) == 0 {
		w.begin()
	}
	start := len(w.lines)
	w.lines = append(w.chain.Seal(w.encoder.append(w.lines, e), start), '\n')
	w.marks = append(w.marks, mark{len(w.lines), w.chain.Head()})
}

// begin makes ready for lines that are written together.
func (w *Writer) begin() {
	place, err := w.out.ready()
	w.unready, w.sealed = err, w.chain.Head()
	if place == newFile {
		w.log.Warn("the file of records was moved or deleted: they go on in a new one", "records", w.sealed.Count)
	}
	if place != behind {
		w.torn = false
		w.chain.Resume(w.sealed)
		w.anchor.reached(w.sealed)
	}
}

// flush writes the lines. A line that a full disk cut off is ended by the next
// ones, so that it spoils no other.
func (w *Writer) flush() {
	if len(w.marks) > 0 {
		if err := w.put(); err != nil {
			w.trouble.begin(w.log, err)
			for _, b := range w.authors {
				b.failed = err
			}
		} else {
			w.trouble.end(w.log, w.Lost())
		}
	}
	w.lines, w.marks, w.authors = w.lines[:0], w.marks[:0], w.authors[:0]
}

// put writes the lines, and counts those that are kept and those that are not.
func (w *Writer) put() error {
	lines, end, n := w.lines, 0, 0
	if w.torn { // the line before has no end
		lines, end = append([]byte{'\n'}, lines...), 1
	}
	err := w.unready
	if err == nil {
		n, err = w.out.Write(lines)
	}
	if n > 0 {
		w.torn = lines[n-1] != '\n'
	}
	kept := w.settle(max(0, n-end))
	if err == nil && w.required {
		if err = w.out.Sync(); err != nil {
			err, kept = fmt.Errorf("not known to be on the disk: %w", err), 0
		}
	}
	w.written.Add(int64(kept))
	w.lost.Add(int64(len(w.marks) - kept))
	return err
}

// settle counts the lines that are in the file when it has so many of their bytes.
// The chain goes on from the last of them: one that lacks only its end is whole.
func (w *Writer) settle(bytes int) (kept int) {
	head := w.sealed
	for ; kept < len(w.marks) && w.marks[kept].end-1 <= bytes; kept++ {
		head = w.marks[kept].head
	}
	if kept < len(w.marks) {
		w.chain.Resume(head)
	}
	return kept
}

// trouble reports a fault when it begins and when it has been gone for a while.
type trouble struct {
	calm time.Duration // that while
	is   bool
	last time.Time
}

// calm keeps a disk that is full every other moment from filling the log.
const calm = 10 * time.Second

func (t *trouble) begin(log *slog.Logger, err error) {
	t.last = time.Now()
	if !t.is {
		t.is = true
		log.Error("predictions cannot be recorded", "error", err)
	}
}

func (t *trouble) end(log *slog.Logger, lost int64) {
	if t.is && time.Since(t.last) >= t.calm {
		t.is = false
		log.Info("predictions are recorded again", "lost", lost)
	}
}
