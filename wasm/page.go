//go:build js && wasm

package main

import (
	"strconv"

	"github.com/vugu/vugu"

	"lendleaf/core"
	"lendleaf/core/schema"
	"lendleaf/wasm/browser"
	"lendleaf/wasm/combobox"
	"lendleaf/wasm/form"
	"lendleaf/wasm/outcome"
	"lendleaf/wasm/transfer"
)

// page connects the form with what is shown of it. Its exported methods are what
// can be asked for in the outcome: Vugu calls them, locked, and renders then.
type page struct {
	session *form.Session
	schema  *schema.Schema
	boxes   map[string]*combobox.Box // of the fields that are searched
	events  vugu.EventEnv
	marks   map[string]mark // what was told to the controls, by field
	shown   outcome.Outcome
	then    func() // is done once all is rendered
}

// mark is what a control says beside what it holds.
type mark struct {
	fault, change string
	offer         form.Offer
}

func newPage(m *core.Model, events vugu.EventEnv) *page {
	p := &page{session: form.NewSession(m), schema: m.Schema(), boxes: map[string]*combobox.Box{}, marks: map[string]mark{}, events: events, then: func() {}}
	p.shown = outcome.Outcome{Session: p.session, Actions: p}
	for _, c := range p.schema.Form {
		if c.Input != schema.SearchInput {
			continue
		}
		var texts []string
		for _, l := range p.schema.Field(c.Field).Labels {
			texts = append(texts, l.Text)
		}
		p.boxes[c.Field] = combobox.New(texts)
	}
	return p
}

// must ends the program where the page and it do not belong together.
func must(err error) {
	if err != nil {
		panic(err)
	}
}

// read takes what the form holds now.
func (p *page) read() *form.Applicant {
	return form.Read(p.schema, func(field string) string {
		text, err := browser.Value(field)
		must(err)
		return text
	})
}

// answer answers an event of the page.
func (p *page) answer(event string, arguments []string) any {
	defer guard()
	switch event {
	case "typed":
		p.typed()
	case "box":
		return p.box(arguments[0], arguments[1], arguments[2])
	case "take":
		return p.fill(transfer.From(p.schema, arguments[0]))
	case "json":
		return p.json()
	case "clear":
		p.render(p.clear)
	}
	return nil
}

// render changes what is shown.
func (p *page) render(change func()) {
	p.events.Lock()
	defer p.events.UnlockRender()
	change()
}

// predict answers what the form holds now, when it is sent.
func (p *page) predict() {
	defer guard()
	p.render(p.score)
}

func (p *page) score() {
	now, err := browser.Now()
	must(err)
	typed := p.read()
	p.session.Predict(typed, now)
	p.refresh(typed)
	p.then = p.toAnswer
}

// toAnswer moves the keyboard to a new answer or to what is wrong; an
// exploration only makes itself heard, so that one can go on typing.
func (p *page) toAnswer() {
	switch s := p.session; {
	case len(s.Faults) > 0:
		must(browser.Focus("error-summary"))
	case s.Tried != nil:
		a := s.Tried
		must(browser.Show("result")) // beside what was tried, if there is room for both
		must(browser.Show("tried"))
		must(browser.Announce("Exploration: " + a.Probabilities[0].Percent + ". " + a.Comparison + ": " + a.Prediction + "."))
	default:
		must(browser.Focus("result"))
	}
}

// refresh marks the controls as the session sees what they hold.
func (p *page) refresh(typed *form.Applicant) {
	marks := make(map[string]mark, len(p.schema.Form))
	for _, f := range p.session.Faults {
		marks[f.Field] = mark{fault: f.Text}
	}
	for _, c := range p.session.Changed {
		m := marks[c.Field]
		m.change = "changed, was " + c.From
		marks[c.Field] = m
	}
	for _, o := range p.session.Offers(typed) {
		m := marks[o.Field]
		m.offer = o
		marks[o.Field] = m
	}
	for _, c := range p.schema.Form {
		p.tell(c.Field, marks[c.Field])
	}
	must(browser.Faulty(len(p.session.Faults) > 0))
	must(browser.Waiting(p.session.Waiting()))
}

// tell tells a control what is new: nearly always nothing is. A program that was
// started again knows nothing of what the one before it told.
func (p *page) tell(field string, now mark) {
	before, known := p.marks[field]
	p.marks[field] = now
	if !known || now.fault != before.fault {
		must(browser.Mark(field, now.fault))
	}
	if !known || now.change != before.change {
		must(browser.MarkChanged(field, now.change))
	}
	if !known || now.offer != before.offer {
		must(browser.Offer(field, now.offer.Sentence, now.offer.Label))
	}
}

// typed looks at the form again.
func (p *page) typed() {
	typed := p.read()
	if p.session.Compare(typed) {
		p.render(func() { p.refresh(typed) })
		return
	}
	p.refresh(typed)
}

// Visit moves the keyboard to a field.
func (p *page) Visit(field string) { p.focus(field) }

// Again predicts, and moves the keyboard from the button that goes to what has
// come.
func (p *page) Again() {
	defer guard()
	p.score()
	if p.session.Tried != nil && len(p.session.Faults) == 0 {
		p.focus("tried")
	}
}

// Accept makes the exploration the answer.
func (p *page) Accept() {
	defer guard()
	typed := p.read()
	p.session.Accept(typed)
	p.refresh(typed)
	p.focus("result")
}

// Back fills in again what the first answer is for.
func (p *page) Back() {
	defer guard()
	p.set(p.session.Back())
	p.refresh(p.read())
	p.focus("result")
}

// Print prints the answer.
func (p *page) Print() { p.then = func() { must(browser.Print()) } }

// focus moves the keyboard once all is rendered: a control that loses it is heard
// at once, and would find the lock taken.
func (p *page) focus(id string) { p.then = func() { must(browser.Focus(id)) } }

func (p *page) clear() {
	p.session.Clear()
	p.set(make([]string, len(p.schema.Fields)))
	must(browser.Say("", nil))
	p.refresh(p.read())
	p.focus(p.schema.Form[0].Field)
}

// set puts texts into the controls, for each field in API order.
func (p *page) set(values []string) {
	for i, text := range values {
		name := p.schema.Fields[i].Name
		if b := p.boxes[name]; b != nil {
			b.Set(text)
		}
		must(browser.Set(name, text))
	}
}

// fill begins anew with an applicant from elsewhere. It returns whether there was
// one.
func (p *page) fill(a *transfer.Applicant) bool {
	if a.Empty() {
		must(browser.Say("Nothing was filled in.", a.Notes))
		return false
	}
	p.render(func() {
		p.session.Clear()
		p.set(a.Values)
		p.refresh(p.read())
	})
	filled := 0
	next := "predict-button"
	for i := len(p.schema.Form) - 1; i >= 0; i-- {
		f := p.schema.Field(p.schema.Form[i].Field)
		switch {
		case a.Values[p.schema.Index(f.Name)] != "":
			filled++
		case !f.Optional:
			next = f.Name
		}
	}
	must(browser.Say("Filled in "+strconv.Itoa(filled)+" of "+strconv.Itoa(len(a.Values))+" fields.", a.Notes))
	must(browser.Focus(next))
	return true
}

// json returns what the form holds as JSON, or nil, and then says why.
func (p *page) json() any {
	typed := p.read()
	text, ok := p.session.JSON(typed)
	p.render(func() {
		p.refresh(typed)
		if !ok {
			p.then = p.toAnswer
		}
	})
	if !ok {
		return nil
	}
	return text
}

// box tells a searched field what happened, and returns what it shows then.
func (p *page) box(field, event, text string) any {
	b := p.boxes[field]
	used := false
	switch event {
	case "set":
		b.Set(text)
	case "type":
		b.Type(text)
	case "press":
		used = b.Press(text)
	case "choose":
		i, err := strconv.Atoi(text)
		must(err)
		b.Choose(i)
	case "toggle":
		b.Toggle()
	case "leave":
		b.Leave()
	}
	var offered []any
	for _, text := range b.Offered() {
		offered = append(offered, text)
	}
	return map[string]any{"used": used, "text": b.Text(), "open": b.Open(), "active": b.Active(), "more": b.More(), "offered": offered}
}
