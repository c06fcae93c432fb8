package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"unicode/utf8"

	"lendleaf/core/dataset"
	"lendleaf/core/record"
)

// eachLine reads a file of records, or gzip of it, a line at a time, and counts
// them from 1; - is the standard input. Its error names the file.
func eachLine(ctx context.Context, name string, in io.Reader, do func(line int, text []byte) error) error {
	if name != "-" {
		file, err := os.Open(name)
		if err != nil {
			return err
		}
		defer file.Close()
		in = file
	}
	plain, err := dataset.Decompress(interruptible{ctx, in})
	if err == nil {
		err = scanLines(plain, do)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

func scanLines(in io.Reader, do func(line int, text []byte) error) error {
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, longestRecord)
	lines.Split(splitLine)
	line := 1
	for ; lines.Scan(); line++ {
		if err := do(line, lines.Bytes()); err != nil {
			return err
		}
	}
	if errors.Is(lines.Err(), bufio.ErrTooLong) {
		return fmt.Errorf("line %d is too long for a record", line)
	}
	return lines.Err()
}

// longestRecord is far more than a record holds, in bytes.
const longestRecord = 1 << 22

// splitLine ends lines at line feeds alone: any other byte is the record's.
func splitLine(data []byte, atEOF bool) (advance int, token []byte, err error) {
	if i := bytes.IndexByte(data, '\n'); i >= 0 {
		return i + 1, data[:i], nil
	}
	if atEOF && len(data) > 0 {
		return len(data), data, nil
	}
	return 0, nil, nil
}

// present refuses files that are not there, before any is read.
func present(names []string) error {
	if len(names) == 0 {
		return usage("name files of records, or gzip of them; - is the standard input")
	}
	for _, name := range names {
		if name == "-" {
			continue
		}
		if _, err := os.Stat(name); err != nil {
			return err
		}
	}
	return nil
}

// escaped is a console on which no character of a record, or of a file's name,
// can hide or turn round what is read.
func (c console) escaped() console { return console{c.in, &escaping{to: c.out}, &escaping{to: c.err}} }

// escaping escapes text that is written, which ends with a whole character.
type escaping struct {
	to   io.Writer
	rest []byte // of a character that is not written as a whole yet
}

func (e *escaping) Write(text []byte) (int, error) {
	all := append(e.rest, text...)
	whole := len(all)
	for whole > 0 && len(all)-whole < utf8.UTFMax && !utf8.RuneStart(all[whole-1]) {
		whole--
	}
	if whole > 0 && !utf8.FullRune(all[whole-1:]) {
		whole--
	} else {
		whole = len(all)
	}
	if _, err := e.to.Write(record.AppendEscaped(nil, all[:whole])); err != nil {
		return 0, err
	}
	e.rest = bytes.Clone(all[whole:])
	return len(text), nil
}
