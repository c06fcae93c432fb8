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
	_, err = safejs.CopyBytesToGo(model, bytes)
	return model, err
}

// call calls a function that boot.js offers to the program.
func call(name string, args ...any) (safejs.Value, error) {
	boot, err := safejs.Global().Get("lendleaf")
	if err != nil {
		return safejs.Undefined(), err
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

// Mark marks a control as wrong, or, with no text, as right.
func Mark(id, fault string) error {
	_, err := call("mark", id, fault)
	return err
}

// Focus moves the keyboard to an element, once it is there.
func Focus(id string) error {
	_, err := call("focus", id)
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
