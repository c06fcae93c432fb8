//go:build js && wasm

// Command wasm is the page's program. It scores what is typed into the form,
// and nothing of that leaves the page.
package main

import (
	"fmt"
	"runtime/debug"

	"github.com/vugu/vugu"
	"github.com/vugu/vugu/domrender"

	"lendleaf/core"
	"lendleaf/wasm/browser"
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

// run pauses often while it begins, so that the page answers meanwhile.
func run() error {
	browser.Pause()
	model, err := load()
	if err != nil {
		return err
	}
	browser.Pause()
	renderer, err := domrender.New("#outcome")
	if err != nil {
		return err
	}
	builder, err := vugu.NewBuildEnv(renderer.EventEnv())
	if err != nil {
		return err
	}
	browser.Pause()
	page := newPage(model, renderer.EventEnv())
	browser.Pause()
	if err := browser.Connect(page.answer); err != nil {
		return err
	}
	if err := browser.Ready(page.predict); err != nil {
		return err
	}
	for ok := true; ok; ok = renderer.EventWait() {
		if err := renderer.Render(builder.RunBuild(&page.shown)); err != nil {
			return err
		}
		then := page.then
		page.then = func() {}
		then()
	}
	return nil
}

// load reads the model. That leaves little behind, so garbage is not collected
// meanwhile: it would take a tenth of the time.
func load() (*core.Model, error) {
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	file, err := browser.Model()
	if err != nil {
		return nil, err
	}
	browser.Pause()
	return core.LoadInSteps(file, browser.Pause)
}
