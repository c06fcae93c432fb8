// Package outcome renders what comes of a prediction.
package outcome

import (
	"strconv"

	"lendleaf/wasm/form"
)

//go:generate go tool vugugen -s -skip-go-mod -skip-main .
//go:generate gofmt -w .

// Outcome is the page's part that changes: what is wrong, or the answer.
type Outcome struct {
	Answer *form.Answer // nil before the first prediction
}

func (c *Outcome) faults() []form.Fault {
	if c.Answer == nil {
		return nil
	}
	return c.Answer.Faults
}

func (c *Outcome) answered() bool { return c.Answer != nil && len(c.Answer.Faults) == 0 }

// number writes a share for an attribute, which would print a float otherwise.
func number(share float64) string { return strconv.FormatFloat(share, 'f', -1, 64) }

// positive names the outcome that the threshold is for.
func (c *Outcome) positive() string { return c.Answer.Probabilities[0].Outcome }
