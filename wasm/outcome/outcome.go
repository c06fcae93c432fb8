// Package outcome renders what comes of a prediction.
package outcome

import (
	"strings"

	"lendleaf/wasm/form"
)

//go:generate go tool vugugen -s -skip-go-mod -skip-main .
//go:generate gofmt -w .
// The generator imports log for nothing, and the page's program with it.
//go:generate perl -ni -e "print unless /^(import \"log\"|var _ log)/" 0_components_gen.go

// Outcome is the page's part that changes: what is wrong, the answer, and what
// was explored.
type Outcome struct {
	Session *form.Session
}

// card is one answer as it is shown.
type card struct {
	*form.Answer
	ID       string // of the card: "result", or "tried"
	Prefix   string // of the ids within it
	Class    string
	Eyebrow  string
	Explored bool
	Stamped  bool // says when and by which model
}

func (c *Outcome) cards() []card {
	var cards []card
	if c.Session.First != nil {
		first := card{Answer: c.Session.First, ID: "result", Class: "result", Eyebrow: "Prediction", Stamped: true}
		if c.Session.Tried != nil {
			first.Eyebrow = "Prediction: the first answer stands"
		}
		cards = append(cards, first)
	}
	if c.Session.Tried != nil {
		cards = append(cards, card{Answer: c.Session.Tried, ID: "tried", Prefix: "tried-", Class: "result tried",
			Eyebrow: "Exploration, not a decision", Explored: true})
	}
	return cards
}

// positive names the outcome that the threshold is for.
func (a card) positive() string { return a.Probabilities[0].Outcome }

func (a card) stamp() string {
	return "Scored on this device, " + a.When + ". It supports a person's decision and must never be the sole factor in one."
}

// waiting names the fields that have changed since the first answer.
func (c *Outcome) waiting() string {
	var names []string
	for _, change := range c.Session.Changed {
		names = append(names, change.Text)
	}
	if n := len(names); n > 1 {
		return strings.Join(names[:n-1], ", ") + " and " + names[n-1] + " have changed since."
	}
	return names[0] + " has changed since."
}

func (c *Outcome) hash() string { return c.Session.Model().Hash() }

// short is as much of a hash as tells models apart at a glance.
func (c *Outcome) short() string { return c.hash()[:8] }
