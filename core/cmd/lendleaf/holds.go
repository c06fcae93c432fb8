package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// holdsName is the file of holds beside records.
const holdsName = "holds"

// holds are orders to keep records, as of a court.
type holds struct {
	name string
	all  bool
	list []value
}

// readHolds reads the holds of a file of records: those that are named, or those
// beside it. Of the latter, there need not be any.
func readHolds(name, records string) (*holds, error) {
	h := &holds{name: name}
	if name == "" {
		h.name = filepath.Join(filepath.Dir(records), holdsName)
	}
	text, err := os.ReadFile(h.name)
	if name == "" && errors.Is(err, fs.ErrNotExist) {
		return h, nil
	}
	if err != nil {
		return nil, err
	}
	number := 0
	for line := range strings.Lines(string(text)) {
		number++
		line = strings.TrimSpace(line)
		switch {
		case line == "" || strings.HasPrefix(line, "#"):
		case line == "*":
			h.all = true
		default:
			v, err := parseValue(line)
			if err != nil {
				return nil, fmt.Errorf("%s line %d: %w", h.name, number, err)
			}
			h.list = append(h.list, v)
		}
	}
	return h, nil
}

// on says which holds there are on a record.
func (h *holds) on(o object) (reasons []string) {
	held := h.all || slices.ContainsFunc(h.list, func(v value) bool { return v.holds(o) })
	if !held {
		return nil
	}
	return []string{"under a hold of " + h.name}
}

// retained says for which purposes a record must be kept on a day.
func retained(o object, day time.Time) (reasons []string) {
	until, ok := o["retain_until"]
	if !ok || until == nil {
		return nil
	}
	purposes, ok := until.(map[string]any)
	if !ok {
		return []string{"its retain_until cannot be read"}
	}
	for purpose, last := range purposes {
		text, _ := last.(string)
		date, err := time.Parse(time.DateOnly, text)
		switch {
		case err != nil:
			reasons = append(reasons, "its retain_until cannot be read")
		case !day.UTC().After(date.AddDate(0, 0, 1)):
			reasons = append(reasons, fmt.Sprintf("kept until %s for %s", text, purpose))
		}
	}
	slices.Sort(reasons)
	return reasons
}
