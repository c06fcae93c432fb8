package main

import (
	"bufio"
	"compress/gzip"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"lendleaf/core/record"
	"lendleaf/core/rows"
)

func prepareErase(flags *flag.FlagSet) func(context.Context, console, []string) error {
	var e eraser
	e.which.declare(flags)
	flags.StringVar(&e.erasure.Reason, "reason", "", "`TEXT` that stays in place of the record (required): name nobody in it")
	flags.StringVar(&e.erasure.Despite, "despite", "", "`TEXT` that says why a record may go that must be kept, and stays, too")
	flags.StringVar(&e.holds, "holds", "", "`FILE` of holds: lines of MEMBER=VALUE, or * for all records (default: the file "+holdsName+" beside the records, if there is one)")
	return func(ctx context.Context, c console, args []string) error {
		if err := errors.Join(required("reason", e.erasure.Reason), e.which.check(), present(args)); err != nil {
			return err
		}
		e.erasure.Time = time.Now()
		return e.run(ctx, c, args)
	}
}

// eraser erases the chosen records.
type eraser struct {
	which   selection
	erasure record.Erasure
	holds   string
	found   tallyOfFound
	kept    []string // why records must be kept, each with its place
}

// keptError says that nothing was erased, and why.
type keptError struct{ kept []string }

func (e keptError) Error() string {
	const most = 10
	text := fmt.Sprintf("nothing was erased: %d of the records must be kept, unless -despite says why not", len(e.kept))
	for i, reason := range e.kept {
		if i == most {
			return text + fmt.Sprintf("\n  and %d more", len(e.kept)-most)
		}
		text += "\n  " + reason
	}
	return text
}

// run erases all of the chosen records, or none where one must be kept.
func (e *eraser) run(ctx context.Context, c console, names []string) error {
	if slices.Contains(names, "-") {
		return usage("records are erased in files, not on the way")
	}
	if err := e.findBeside(ctx, names); err != nil {
		return err
	}
	var with []string
	for _, name := range names {
		before := e.found.found
		if err := e.look(ctx, name); err != nil {
			return err
		}
		if e.found.found > before {
			with = append(with, name)
		}
	}
	if len(e.kept) > 0 && e.erasure.Despite == "" {
		return keptError{e.kept}
	}
	for _, name := range with {
		if err := e.rewrite(ctx, name); err != nil {
			return err
		}
	}
	return e.found.end(c.err)
}

// findBeside finds the predictions of the chosen records: a challenger's records of
// them hold no inputs to be chosen by.
func (e *eraser) findBeside(ctx context.Context, names []string) error {
	beside := map[string]bool{}
	for _, name := range names {
		err := (&tallyOfFound{}).each(ctx, name, nil, &e.which, func(_ int, _ []byte, o object) error {
			beside[o.id()] = true
			return nil
		})
		if err != nil {
			return err
		}
	}
	e.which.beside = beside
	return nil
}

// look finds the chosen records of a file, and which of them must be kept.
func (e *eraser) look(ctx context.Context, name string) error {
	holds, err := readHolds(e.holds, name)
	if err != nil {
		return err
	}
	return e.found.each(ctx, name, nil, &e.which, func(line int, _ []byte, o object) error {
		for _, reason := range append(retained(o, e.erasure.Time), holds.on(o)...) {
			e.kept = append(e.kept, fmt.Sprintf("%s line %d: %s", name, line, reason))
		}
		return nil
	})
}

// rewrite puts a file without the chosen records in the place of another. Packed
// ones stay packed.
func (e *eraser) rewrite(ctx context.Context, name string) error {
	old, err := os.Open(name)
	if err != nil {
		return err
	}
	defer old.Close()
	if err := record.Lock(old); err != nil {
		return fmt.Errorf("%s: %w: stop the server, or wait until the file is full and renamed", name, err)
	}
	file, err := createOutput(name)
	if err != nil {
		return err
	}
	defer file.discard()
	if err := e.copy(ctx, name, file); err != nil {
		return err
	}
	if err := file.Sync(); err != nil {
		return err
	}
	return file.commit()
}

func (e *eraser) copy(ctx context.Context, name string, to io.Writer) error {
	buffered := bufio.NewWriter(to)
	var out io.Writer = buffered
	var zip *gzip.Writer
	if strings.HasSuffix(name, ".gz") {
		zip = gzip.NewWriter(buffered)
		out = zip
	}
	var line []byte
	err := eachLine(ctx, name, nil, func(_ int, text []byte) error {
		line = e.append(line[:0], text)
		_, err := out.Write(append(line, '\n'))
		return err
	})
	if err != nil {
		return err
	}
	if zip != nil {
		if err := zip.Close(); err != nil {
			return err
		}
	}
	return buffered.Flush()
}

// append appends a line, or what is left of it.
func (e *eraser) append(dst, text []byte) []byte {
	chosen := false
	if o, err := parseObject(text); err == nil {
		chosen = !record.IsErased(text) && e.which.has(o)
	} else {
		chosen = e.which.torn(text)
	}
	if !chosen {
		return append(dst, text...)
	}
	return record.AppendErased(dst, text, e.erasure, rows.AppendText[string])
}
