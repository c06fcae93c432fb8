package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"

	"lendleaf/core/record"
)

func prepareFind(flags *flag.FlagSet) func(context.Context, console, []string) error {
	var which selection
	which.declare(flags)
	return func(ctx context.Context, c console, args []string) error {
		if err := errors.Join(which.check(), present(args)); err != nil {
			return err
		}
		out := bufio.NewWriter(c.out)
		found := tallyOfFound{}
		for _, name := range args {
			err := found.each(ctx, name, c.in, &which, func(_ int, text []byte, _ object) error {
				_, err := out.Write(append(text[:len(text):len(text)], '\n'))
				return err
			})
			if err != nil {
				return err
			}
		}
		return errors.Join(out.Flush(), found.end(c.err))
	}
}

// tallyOfFound counts what was looked through.
type tallyOfFound struct{ found, lines, torn int }

// each calls do with the chosen records of a file. Of a line that was cut off, there
// is no object.
func (t *tallyOfFound) each(ctx context.Context, name string, in io.Reader, which *selection, do func(line int, text []byte, o object) error) error {
	return eachLine(ctx, name, in, func(line int, text []byte) error {
		if len(text) == 0 || record.IsErased(text) {
			return nil
		}
		t.lines++
		o, err := parseObject(text)
		if err != nil {
			t.torn++
			if !which.torn(text) {
				return nil
			}
		} else if !which.has(o) {
			return nil
		}
		t.found++
		return do(line, text, o)
	})
}

// errNotFound says that no record is among the chosen ones.
var errNotFound = errors.New("no such record")

func (t *tallyOfFound) end(w io.Writer) error {
	text := fmt.Sprintf("%d of %d records", t.found, t.lines)
	if t.torn > 0 {
		text += fmt.Sprintf("; lines that are no record, and could be looked through for -id alone: %d", t.torn)
	}
	if t.found == 0 {
		return fmt.Errorf("%w: %s", errNotFound, text)
	}
	_, err := fmt.Fprintf(w, "lendleaf records: %s\n", text)
	return err
}
