package rows

import (
	"errors"
	"fmt"
	"sync/atomic"
)

// ErrBudget is wrapped by the error of a reader that needs more memory than its
// budget has left.
var ErrBudget = errors.New("the rows under way need more memory than there is for them")

// BudgetError says how much memory there is.
type BudgetError struct {
	Wanted int64 // bytes that were asked for
	Limit  int64 // of the budget that refused them, in bytes
}

// Error gives the bytes.
func (e BudgetError) Error() string {
	return fmt.Sprintf("%v: %d bytes more, of %d in all", ErrBudget, e.Wanted, e.Limit)
}

// Unwrap returns ErrBudget.
func (e BudgetError) Unwrap() error { return ErrBudget }

// Budget counts the bytes that rows under way hold: texts, and cells and records
// with what they cost beside their text. It may be a part of another one, as a
// request's is of a process's: then both must have the bytes. It may be used
// from many goroutines; a nil one has no end.
type Budget struct {
	limit int64
	taken atomic.Int64
	whole *Budget
}

// NewBudget makes a budget of so many bytes, as a part of another one or nil.
func NewBudget(bytes int64, whole *Budget) *Budget { return &Budget{limit: bytes, whole: whole} }

// Limit is how many bytes there are in all.
func (b *Budget) Limit() int64 { return b.limit }

// Taken is how many bytes are held now.
func (b *Budget) Taken() int64 { return b.taken.Load() }

// Take takes bytes, or none. Its error is a BudgetError.
func (b *Budget) Take(bytes int64) error {
	if b == nil {
		return nil
	}
	if b.taken.Add(bytes) > b.limit {
		b.taken.Add(-bytes)
		return BudgetError{bytes, b.limit}
	}
	if err := b.whole.Take(bytes); err != nil {
		b.taken.Add(-bytes)
		return err
	}
	return nil
}

// Give gives bytes back that were taken.
func (b *Budget) Give(bytes int64) {
	if b != nil {
		b.taken.Add(-bytes)
		b.whole.Give(bytes)
	}
}

// holding is what something holds of a budget.
type holding struct {
	budget *Budget
	bytes  int64
}

// raise makes it hold at least so many bytes, of this budget from now on.
func (h *holding) raise(budget *Budget, bytes int) error {
	if h.budget != budget {
		h.release()
		h.budget = budget
	}
	more := int64(bytes) - h.bytes
	if budget == nil || more <= 0 {
		return nil
	}
	if err := budget.Take(more); err != nil {
		return err
	}
	h.bytes += more
	return nil
}

func (h *holding) release() {
	h.budget.Give(h.bytes)
	*h = holding{}
}
