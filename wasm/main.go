//go:build js && wasm

// Command wasm is the page's program. It scores what is typed into the form,
// and nothing of that leaves the page.
package main

import (
	"fmt"

	"github.com/vugu/vugu"
	"github.com/vugu/vugu/domrender"

	"lendleaf/core"
	"lendleaf/wasm/browser"
	"lendleaf/wasm/form"
	"lendleaf/wasm/outcome"
)

func main() {
	defer guard()
	if err := run(); err != nil {
		browser.Fail(err.Error())
	}
}

// guard shows a panic in place of a page that no longer answers.
func guard() {
	if r := recover(); r != nil {
		browser.Fail(fmt.Sprint(r))
	}
}

func run() error {
	file, err := browser.Model()
	if err != nil {
		return err
	}
	model, err := core.Load(file)
	if err != nil {
		return err
	}
	renderer, err := domrender.New("#outcome")
	if err != nil {
		return err
	}
	builder, err := vugu.NewBuildEnv(renderer.EventEnv())
	if err != nil {
		return err
	}
	page := &page{model: model, events: renderer.EventEnv()}
	if err := browser.Ready(page.predict); err != nil {
		return err
	}
	for ok := true; ok; ok = renderer.EventWait() {
		if err := renderer.Render(builder.RunBuild(&page.shown)); err != nil {
			return err
		}
		page.point()
	}
	return nil
}

// page connects the form with what is shown of it.
type page struct {
	model  *core.Model
	events vugu.EventEnv
	shown  outcome.Outcome
	told   *form.Answer // the answer that the keyboard was moved to last
}

// predict answers what the form holds now.
func (p *page) predict() {
	defer guard()
	p.events.Lock()
	defer p.events.UnlockRender()
	p.shown.Answer = form.Predict(p.model, func(field string) string {
		text, err := browser.Value(field)
		if err != nil {
			panic(err) // the page and the model file do not belong together
		}
		return text
	})
	p.mark()
}

// mark tells each control whether it is wrong.
func (p *page) mark() {
	faults := map[string]string{}
	for _, f := range p.shown.Answer.Faults {
		faults[f.Field] = f.Text
	}
	for _, c := range p.model.Schema().Form {
		if err := browser.Mark(c.Field, faults[c.Field]); err != nil {
			panic(err)
		}
	}
}

// point moves the keyboard to a new answer.
func (p *page) point() {
	a := p.shown.Answer
	if a == nil || a == p.told {
		return
	}
	p.told = a
	id := "result"
	if len(a.Faults) > 0 {
		id = "error-summary"
	}
	if err := browser.Focus(id); err != nil {
		browser.Fail(err.Error())
	}
}
