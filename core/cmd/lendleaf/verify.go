package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"

	"lendleaf/core/record"
)

func prepareVerify(flags *flag.FlagSet) func(context.Context, console, []string) error {
	anchorFile := flags.String("anchor", "", "`FILE` of anchors that a server wrote (-record-anchor): the last one must be reached")
	return func(ctx context.Context, c console, args []string) error {
		if err := present(args); err != nil {
			return err
		}
		anchor, err := readAnchor(*anchorFile)
		if err != nil {
			return err
		}
		var files []record.File
		for _, name := range args {
			file, err := checkFile(ctx, name, c.in, anchor)
			if err != nil {
				return err
			}
			files = append(files, file)
		}
		return verified(record.Join(files, anchor), c.out)
	}
}

// readAnchor reads the last anchor of a file, if one is named.
func readAnchor(name string) (record.Head, error) {
	if name == "" {
		return record.Head{}, nil
	}
	text, err := os.ReadFile(name)
	if err != nil {
		return record.Head{}, err
	}
	head, err := record.ParseAnchors(text)
	if err != nil {
		return record.Head{}, fmt.Errorf("%s: %w", name, err)
	}
	return head, nil
}

func checkFile(ctx context.Context, name string, in io.Reader, anchor record.Head) (record.File, error) {
	checker := record.NewChecker(name, anchor)
	err := eachLine(ctx, name, in, func(_ int, text []byte) error {
		checker.Line(text)
		return nil
	})
	if err != nil {
		return record.File{}, err
	}
	return checker.End(), nil
}

// brokenError says in how many places a chain does not hold.
type brokenError struct{ faults int }

func (e brokenError) Error() string {
	return fmt.Sprintf("the chain of records is broken: places at fault: %d", e.faults)
}

// Why there is nothing to verify.
var (
	errUnsealed = errors.New("these records have no chain: they are from before records were sealed, and nothing can be verified of them")
	errNoRecord = errors.New("there is no record to verify")
)

// verified says what was found.
func verified(r record.Report, w io.Writer) error {
	for _, f := range r.Faults {
		if _, err := fmt.Fprintln(w, f); err != nil {
			return err
		}
	}
	switch {
	case len(r.Faults) > 0:
		return brokenError{len(r.Faults)}
	case r.Sealed == 0 && r.Unsealed > 0:
		return fmt.Errorf("%w (lines: %d)", errUnsealed, r.Unsealed)
	case r.Sealed == 0:
		return errNoRecord
	}
	for _, n := range []struct {
		count int64
		text  string
	}{
		{r.Sealed, "records that hold"},
		{r.Erased, "of them, erased"},
		{r.Missing, "records before these, of which nothing is known"},
		{r.Unsealed, "lines from before the chain, of which nothing can be verified"},
		{r.Torn, "lines that were cut off while they were written, and are no records"},
	} {
		if n.count > 0 {
			if _, err := fmt.Fprintf(w, "%d\t%s\n", n.count, n.text); err != nil {
				return err
			}
		}
	}
	for _, h := range r.Heads {
		if _, err := fmt.Fprintf(w, "the chain ends with record %d, %v\n", h.Count, h.Hash); err != nil {
			return err
		}
	}
	return nil
}
