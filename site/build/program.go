package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"lendleaf/site/build/slim"
)

// tags has Vugu read events with its own small reader of JSON, the one it takes
// where there is no encoding/json, which is a tenth of the program.
const tags = "tinygo"

// called are the packages in which calls stay calls. Inlined, they would weigh
// 20 kB packed, and nothing in them has to be fast: they write the texts that
// people see.
var called = []string{"fmt", "reflect", "strconv", "internal/strconv"}

// program compiles the page's program, to the same bytes everywhere.
func program() ([]byte, error) {
	dir, err := os.MkdirTemp("", "lendleaf")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	out := filepath.Join(dir, "lendleaf.wasm")
	arguments := []string{"build", "-tags", tags, "-trimpath", "-buildvcs=false", "-ldflags", "-s -w", "-o", out}
	for _, packages := range called {
		arguments = append(arguments, "-gcflags", packages+"=-l")
	}
	cmd := exec.Command("go", append(arguments, "./wasm")...)
	cmd.Env = append(os.Environ(), "GOOS=js", "GOARCH=wasm")
	cmd.Stderr = os.Stderr
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("the page's program: %w", err)
	}
	module, err := os.ReadFile(out)
	if err != nil {
		return nil, err
	}
	small, err := slim.Program(module)
	if errors.Is(err, slim.ErrTable) { // another Go: the page weighs more, and works
		fmt.Fprintln(os.Stderr, "build: the page's program keeps its lines:", err)
		return slim.WithLines(module)
	}
	if err != nil {
		return nil, err
	}
	return small, nil
}

// output runs a command and returns what it writes.
func output(name string, args ...string) (string, error) {
	cmd := exec.Command(name, args...)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("%s: %w", strings.Join(cmd.Args, " "), err)
	}
	return strings.TrimSpace(string(out)), nil
}
