//go:build js && wasm

// Package browser is the program's only way to the page: everything else is
// plain Go. What boot.js promises it is written down there.
package browser

import (
	"fmt"

	"github.com/hack-pad/safejs"
)

// Model takes the model file that boot.js has fetched.
func Model() ([]byte, error) {
	boot, err := safejs.Global().Get("lendleaf")
	if err != nil {
		return nil, err
	}
	bytes, err := boot.Get("model")
	if err != nil {
		return nil, err
	}
	length, err := bytes.Length()
	if err != nil {
		return nil, err
	}
	model := make([]byte, length)
	if _, err := safejs.CopyBytesToGo(model, bytes); err != nil {
		return nil, err
	}
	return model, nil
}

// Pause lets the browser do what has become due meanwhile. It must not be called
// while an event of the page is answered.
func Pause() {
	done := make(chan struct{})
	goOn, err := safejs.FuncOf(func(safejs.Value, []safejs.Value) any {
		close(done)
		return nil
	})
	if err != nil {
		return // it is only a courtesy
	}
	defer goOn.Release()
	if _, err := call("pause", goOn); err == nil {
		<-done
	}
}

// call calls a function that boot.js offers to the program.
func call(name string, args ...any) (safejs.Value, error) {
	boot, err := safejs.Global().Get("lendleaf")
	if err != nil {
		return safejs.Value{}, err
	}
	return boot.Call(name, args...)
}

// Value returns what is typed or chosen in the control with that id.
func Value(id string) (string, error) {
	v, err := call("value", id)
	if err != nil {
		return "", err
	}
	if v.Type() != safejs.TypeString {
		return "", fmt.Errorf("there is no control %q", id)
	}
	return v.String()
}

// Set puts a text into the control with that id: a label as people read it.
func Set(id, text string) error {
	_, err := call("set", id, text)
	return err
}

// Mark marks a control as wrong, or, with no text, as right.
func Mark(id, fault string) error {
	_, err := call("mark", id, fault)
	return err
}

// MarkChanged says at a control what it held for the answer that is shown, or,
// with no text, that it still does.
func MarkChanged(id, text string) error {
	_, err := call("markChanged", id, text)
	return err
}

// Offer offers a label for a control, or, with no sentence, nothing.
func Offer(id, sentence, label string) error {
	_, err := call("offer", id, sentence, label)
	return err
}

// Waiting says whether the form holds what is not scored yet, beside an answer.
func Waiting(waiting bool) error {
	_, err := call("waiting", waiting)
	return err
}

// Say shows and announces sentences: of what was done, and what could not be.
func Say(done string, troubles []string) error {
	list := make([]any, len(troubles))
	for i, t := range troubles {
		list[i] = t
	}
	_, err := call("say", done, list)
	return err
}

// Announce tells those who do not see the answer.
func Announce(text string) error {
	_, err := call("announce", text)
	return err
}

// Focus moves the keyboard to an element, once it is there.
func Focus(id string) error {
	_, err := call("focus", id)
	return err
}

// Show brings an element into view, and leaves the keyboard where it is.
func Show(id string) error {
	_, err := call("show", id)
	return err
}

// Print has the page printed.
func Print() error {
	_, err := call("print")
	return err
}

// Faulty says whether something is wrong with what was entered.
func Faulty(faulty bool) error {
	_, err := call("faulty", faulty)
	return err
}

// Now is the day and the time, as people here write them.
func Now() (string, error) {
	now, err := call("now")
	if err != nil {
		return "", err
	}
	return now.String()
}

// Connect has events of the page answered. What the answer may be is what
// safejs.ValueOf takes.
func Connect(answer func(event string, arguments []string) any) error {
	f, err := safejs.FuncOf(func(_ safejs.Value, args []safejs.Value) any {
		texts := make([]string, len(args))
		for i, arg := range args {
			// A text that is none is a fault of the page's, and as good as empty.
			texts[i], _ = arg.String()
		}
		return answer(texts[0], texts[1:])
	})
	if err != nil {
		return err
	}
	_, err = call("connect", f)
	return err
}

// Ready enables the form, and has predict called whenever it is sent.
func Ready(predict func()) error {
	f, err := safejs.FuncOf(func(safejs.Value, []safejs.Value) any {
		predict()
		return nil
	})
	if err != nil {
		return err
	}
	_, err = call("ready", f)
	return err
}

// Fail says calmly that the program cannot go on, and why.
func Fail(reason string) {
	// If even that fails there is nobody left to tell.
	_, _ = call("fail", reason)
}
