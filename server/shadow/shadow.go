// Package shadow has a second model, the challenger, score applicants once the
// answers of the first one, the champion, are out. It holds up no answer: where too
// much waits, applicants go unscored and are counted.
package shadow

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"lendleaf/core"
	"lendleaf/core/rows"
	"lendleaf/core/schema"
	"lendleaf/server/record"
)

// Scorer scores in the background, one part after another. It may be used from
// many goroutines.
type Scorer struct {
	keep   func(context.Context, *record.Batch) error // nil: nothing is recorded
	memory *rows.Budget

	mu     sync.Mutex // guards what follows
	queue  []job
	closed bool

	wake     chan struct{} // holds one thing while the queue may hold some
	ended    chan struct{}
	patience context.Context // once it ends, what waits is given up
	giveUp   context.CancelFunc
	lost     atomic.Int64
	unscored atomic.Int64

	part part // the background's alone
}

// Observer is told what both models say of the same applicants. It must not keep
// what it is given.
type Observer interface {
	Scored(records []schema.Record, scores []core.Score)
	Compared(champion, challenger core.Score)
}

// job is a batch on its way.
type job struct {
	pair  *Pair
	batch *record.Batch
	bytes int64
}

const (
	// sizeOfPrediction is what a batch holds for an applicant, beside its numbers,
	// in bytes.
	sizeOfPrediction = 128
	// together is how many applicants are scored before others have their turn.
	together = 512
	// patience is how long the end may take.
	patience = 2 * time.Second
)

// New makes a Scorer that holds no more memory than a budget has. It hands what it
// scores to keep, unless that is nil.
func New(keep func(context.Context, *record.Batch) error, memory *rows.Budget) *Scorer {
	s := &Scorer{keep: keep, memory: memory, wake: make(chan struct{}, 1), ended: make(chan struct{})}
	s.patience, s.giveUp = context.WithCancel(context.Background())
	go s.run()
	return s
}

// Lost counts applicants that went unscored, as too many waited.
func (s *Scorer) Lost() int64 { return s.lost.Load() }

// Unscored counts applicants that the challenger does not take, such as those with
// a label that it does not know.
func (s *Scorer) Unscored() int64 { return s.unscored.Load() }

// Close scores what waits, but for no longer than two seconds. A nil Scorer has
// nothing to do.
func (s *Scorer) Close() {
	if s == nil {
		return
	}
	s.mu.Lock()
	s.closed = true
	close(s.wake)
	s.mu.Unlock()
	defer time.AfterFunc(patience, s.giveUp).Stop()
	<-s.ended
}

func (s *Scorer) enqueue(j job) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || s.memory.Take(j.bytes) != nil {
		s.lost.Add(int64(len(j.batch.Predictions)))
		return
	}
	s.queue = append(s.queue, j)
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

func (s *Scorer) run() {
	defer close(s.ended)
	for range s.wake {
		s.mu.Lock()
		queue := s.queue
		s.queue = nil
		s.mu.Unlock()
		for _, j := range queue {
			s.score(j)
			s.part.bytes += j.bytes
		}
		s.flush()
	}
}

// score scores a batch, or begins to: single applicants cost a tenth where some are
// scored together.
func (s *Scorer) score(j job) {
	if s.part.pair != j.pair {
		s.flush()
		s.part.pair = j.pair
	}
	for i := range j.batch.Predictions {
		of := &j.batch.Predictions[i]
		switch {
		case of.Fault != "":
		case s.patience.Err() != nil:
			s.lost.Add(1)
		case !s.part.add(j.batch, of):
			s.unscored.Add(1)
		}
		if len(s.part.of) == together {
			s.flush()
		}
	}
}

// flush scores what came together.
func (s *Scorer) flush() {
	p := &s.part
	if len(p.of) > 0 {
		p.score()
		if s.keep != nil {
			for _, b := range p.batches() {
				// What is lost is counted where it is.
				_ = s.keep(s.patience, b)
			}
		}
		p.clear()
		runtime.Gosched() // to requests
	}
	s.memory.Give(p.bytes)
	p.bytes = 0
}
