package dataset

import (
	"errors"
	"io"
	"slices"
	"strings"

	"lendleaf/core/rows"
	"lendleaf/core/schema"
)

// ErrOutcome says that a row's outcome is not known.
var ErrOutcome = errors.New("the outcome is none of the target's spellings")

// labelled reads rows whose outcomes are known.
type labelled struct {
	*rows.CSV
	target   int // its column
	outcomes schema.Target
}

// newLabelled reads the header of a CSV with a column for every field, and one
// for the target. Optional fields need theirs too: what stands in for a missing
// value is learned from it, and a header that is misspelt would go unseen.
func newLabelled(r io.Reader, s *schema.Schema) (*labelled, error) {
	csv, err := rows.NewCSV(r, rows.NewShape(s), rows.OwnFile)
	if err != nil {
		return nil, err
	}
	for i := range s.Fields {
		if _, err := csv.Find(s.Fields[i].Name, func(header string) bool { return s.Column(header) == i }); err != nil {
			return nil, err
		}
	}
	target, err := csv.Find(s.Target.Columns[0], s.IsTarget)
	if err != nil {
		return nil, err
	}
	return &labelled{csv, target, s.Target}, nil
}

// read reads the next row and its outcome. A row that cannot be used is an error.
func (l *labelled) read(row *rows.Row) (positive bool, err error) {
	if err := l.Read(row); err != nil {
		return false, err
	}
	if len(row.Faults) > 0 {
		return false, row.Faults[0]
	}
	text := strings.TrimSpace(string(row.Cells[l.target]))
	switch {
	case slices.Contains(l.outcomes.Positive.Spellings, text):
		return true, nil
	case slices.Contains(l.outcomes.Negative.Spellings, text):
		return false, nil
	}
	return false, rows.RowError{Line: l.Line(l.target), Column: l.Header()[l.target], Err: ErrOutcome}
}
