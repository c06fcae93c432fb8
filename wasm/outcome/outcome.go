// Package outcome renders what comes of a prediction. Each part of it that
// changes is a component, X in x.vugu, with its own state and its own events:
// what a visitor asks for there goes by Vugu's event path to Actions.
package outcome

import (
	"strings"

	"github.com/vugu/vugu"

	"lendleaf/wasm/form"
)

//go:generate go tool vugugen -s -skip-go-mod -skip-main .
//go:generate go run ./compact 0_components_gen.go

// Actions are what a visitor can ask for. They may change the session: Vugu holds
// its lock meanwhile, and renders afterwards.
type Actions interface {
	Visit(field string) // goes to a field of the form
	Again()             // predicts with the changes
	Accept()            // makes the exploration the answer
	Back()              // goes back to the first answer
	Print()
}

// Outcome is all that comes of a prediction.
type Outcome struct {
	Session *form.Session
	Actions Actions
}

func (c *Outcome) empty() bool { return c.Session.First == nil && len(c.Session.Faults) == 0 }

// Faults say what is wrong with what was entered; each leads to its field.
type Faults struct {
	List  []form.Fault
	Visit func(field string)
}

// visit goes to the field in place of the browser, which would write the field's
// name into the address, and leave the label out of sight.
func (c *Faults) visit(event vugu.DOMEvent, field string) {
	event.PreventDefault()
	c.Visit(field)
}

// First is the first answer, which stands.
type First struct {
	Answer   *form.Answer
	Explored bool   // there is an exploration beside it
	Model    string // its hash
	Print    func()

	open bool // the whole hash is shown
}

func (c *First) eyebrow() string {
	if c.Explored {
		return "Prediction: the first answer stands"
	}
	return "Prediction"
}

func (c *First) stamp() string {
	return "Scored on this device, " + c.Answer.When + ". It supports a person's decision and must never be the sole factor in one."
}

// short is as much of a hash as tells models apart at a glance.
func (c *First) short() string { return c.Model[:8] }

// toggle opens or closes the hash in place of the browser, which would say so
// only after a while, when a rendering may have undone it.
func (c *First) toggle(event vugu.DOMEvent) {
	event.PreventDefault()
	c.open = !c.open
}

// Tried is an exploration: what the model says with other values.
type Tried struct {
	Answer       *form.Answer
	Accept, Back func()
}

// Figures are an answer's prediction and probabilities.
type Figures struct {
	Answer *form.Answer
	Card   string // the id of the card that they are on
	Prefix string // of the ids within
}

// positive names the outcome that the threshold is for.
func (c *Figures) positive() string { return c.Answer.Probabilities[0].Outcome }

// Scale draws where a probability lies.
type Scale struct{ form.Scale }

// Cautions are what an answer leans on beside what was entered.
type Cautions struct{ Answer *form.Answer }

// Waiting offers to predict again once fields have changed.
type Waiting struct {
	Changes []form.Change // at least one
	Again   func()
}

func (c *Waiting) text() string {
	names := make([]string, len(c.Changes))
	for i, change := range c.Changes {
		names[i] = change.Text
	}
	if n := len(names); n > 1 {
		return strings.Join(names[:n-1], ", ") + " and " + names[n-1] + " have changed since."
	}
	return names[0] + " has changed since."
}
