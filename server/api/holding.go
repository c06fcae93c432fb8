package api

import (
	"context"
	"errors"
	"time"

	"lendleaf/core/rows"
)

// errBusy says that other requests hold the memory that one needs.
var errBusy = errors.New("the server is busy with other requests")

const (
	// small is what requests for some applicants hold at most, in bytes. What is
	// larger has a part of the budget alone, so that there is always room for them.
	small = 128 << 10
	// step is what a request takes at once, in bytes.
	step = 8 << 10
	// patience is how long a request waits for memory.
	patience = time.Second
)

// budgets say how much memory all requests may hold together.
type budgets struct {
	whole *rows.Budget // nil: there is no end
	large *rows.Budget // the part of whole for requests that are not small
	most  int64        // for one request

	patience time.Duration
}

func newBudgets(whole *rows.Budget) budgets {
	if whole == nil {
		return budgets{}
	}
	return budgets{whole, rows.NewBudget(whole.Limit()/4*3, whole), whole.Limit() / 2, patience}
}

// holding is what a request holds of the budgets.
type holding struct {
	budgets
	ctx   context.Context
	of    *rows.Budget // whole or large
	extra int          // for what unpacks the body
	bytes int64
}

func (b budgets) hold(ctx context.Context) *holding {
	return &holding{budgets: b, ctx: ctx, of: b.whole}
}

// set makes the request hold so many bytes and the extra ones, rounded up. For more it waits a while.
// Its error is errTooLarge if it can never have them, else errBusy.
func (h *holding) set(bytes int) error {
	if h.whole == nil {
		return nil
	}
	want := (int64(bytes+h.extra) + step - 1) / step * step
	switch {
	case want > h.most:
		return errTooLarge
	case want > small && h.of == h.whole:
		if err := h.take(h.large, want); err != nil {
			return err
		}
		h.of.Give(h.bytes)
		h.of = h.large
	case want > h.bytes:
		if err := h.take(h.of, want-h.bytes); err != nil {
			return err
		}
	default:
		h.of.Give(h.bytes - want)
	}
	h.bytes = want
	return nil
}

// unpack makes the request hold memory for what unpacks its body.
func (h *holding) unpack(bytes int) error {
	h.extra = bytes
	return h.set(0)
}

// take takes bytes once they are there.
func (h *holding) take(of *rows.Budget, bytes int64) error {
	for begin := time.Now(); of.Take(bytes) != nil; time.Sleep(look) {
		if h.ctx.Err() != nil || time.Since(begin) > h.patience {
			return errBusy
		}
	}
	return nil
}

// look is how long a request that waits for memory sleeps before it looks again.
const look = 10 * time.Millisecond

func (h *holding) release() {
	h.of.Give(h.bytes)
	h.bytes = 0
}
