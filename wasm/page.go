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

// page connects the form with what is shown of it.
type page struct {
	session *form.Session
	schema  *schema.Schema
	boxes   map[string]*combobox.Box // of the fields that are searched
	events  vugu.EventEnv
	shown   outcome.Outcome
	point   func() // moves the keyboard to what was rendered, once
}

func newPage(m *core.Model, events vugu.EventEnv) *page {
	p := &page{session: form.NewSession(m), schema: m.Schema(), boxes: map[string]*combobox.Box{}, events: events, point: func() {}}
	p.shown.Session = p.session
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

func read(field string) string {
	text, err := browser.Value(field)
	must(err)
	return text
}

// answer answers an event of the page.
func (p *page) answer(event string, arguments []string) any {
	defer guard()
	switch event {
	case "typed":
		p.typed()
	case "box":
		return p.box(arguments[0], arguments[1], arguments[2])
	case "members":
		return p.members(arguments)
	case "csv":
		return p.fill(transfer.FromCSV(p.schema, arguments[0]))
	case "json":
		return p.json()
	case "accept", "back", "clear":
		p.render(func() { p.act(event) })
	}
	return nil
}

// render changes what is shown.
func (p *page) render(change func()) {
	p.events.Lock()
	defer p.events.UnlockRender()
	change()
}

// predict answers what the form holds now.
func (p *page) predict() {
	defer guard()
	p.render(func() {
		now, err := browser.Now()
		must(err)
		p.session.Predict(read, now)
		p.refresh()
		p.point = p.toAnswer
	})
}

// toAnswer moves the keyboard to a new answer or to what is wrong; an
// exploration only makes itself heard, so that one can go on typing.
func (p *page) toAnswer() {
	switch s := p.session; {
	case len(s.Faults) > 0:
		must(browser.Focus("error-summary"))
	case s.Tried != nil:
		a := s.Tried
		must(browser.Announce("Exploration: " + a.Probabilities[0].Percent + ". " + a.Comparison + ": " + a.Prediction + "."))
	default:
		must(browser.Focus("result"))
	}
}

// refresh marks the controls as the session sees them.
func (p *page) refresh() {
	faults, changes, offers := map[string]string{}, map[string]string{}, map[string]form.Offer{}
	for _, f := range p.session.Faults {
		faults[f.Field] = f.Text
	}
	for _, c := range p.session.Changed {
		changes[c.Field] = "changed, was " + c.From
	}
	for _, o := range p.session.Offers(read) {
		offers[o.Field] = o
	}
	for _, c := range p.schema.Form {
		must(browser.Mark(c.Field, faults[c.Field]))
		must(browser.MarkChanged(c.Field, changes[c.Field]))
		must(browser.Offer(c.Field, offers[c.Field].Sentence, offers[c.Field].Label))
	}
	must(browser.Faulty(len(p.session.Faults) > 0))
	must(browser.Waiting(p.session.Waiting()))
}

// typed looks at the form again.
func (p *page) typed() {
	if p.session.Compare(read) {
		p.render(p.refresh)
		return
	}
	p.refreshOffers()
}

func (p *page) refreshOffers() {
	offers := map[string]form.Offer{}
	for _, o := range p.session.Offers(read) {
		offers[o.Field] = o
	}
	for field := range p.boxes {
		must(browser.Offer(field, offers[field].Sentence, offers[field].Label))
	}
}

func (p *page) act(name string) {
	switch name {
	case "accept":
		p.session.Accept(read)
		p.point = func() { must(browser.Focus("result")) }
	case "back":
		p.set(p.session.Back())
		p.point = func() { must(browser.Focus("result")) }
	case "clear":
		p.session.Clear()
		p.set(make([]string, len(p.schema.Fields)))
		must(browser.Say("", nil))
		must(browser.Focus(p.schema.Form[0].Field))
	}
	p.refresh()
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
		p.refresh()
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

// members takes a JSON object: how many there were, and of each member its
// name, the kind of its value, and that as text.
func (p *page) members(arguments []string) bool {
	of, err := strconv.Atoi(arguments[0])
	must(err)
	var members []transfer.Member
	for m := arguments[1:]; len(m) >= 3; m = m[3:] {
		members = append(members, transfer.Member{Name: m[0], Null: m[1] == "null", Deep: m[1] == "deep", Text: m[2]})
	}
	return p.fill(transfer.FromMembers(p.schema, members, of))
}

// json returns what the form holds as JSON, or nil, and then says why.
func (p *page) json() any {
	text, ok := p.session.JSON(read)
	p.render(func() {
		p.refresh()
		if !ok {
			p.point = p.toAnswer
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
