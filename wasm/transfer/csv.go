package transfer

import (
	"strconv"
	"strings"

	"lendleaf/core/rows"
	"lendleaf/core/schema"
)

// fromCSV takes the first applicant of some lines: below a line of headers, or
// with the fields in API order. Commas, tabs or semicolons part cells.
func fromCSV(s *schema.Schema, text string) *Applicant {
	lines := rows.PastedCells(text)
	if len(lines) > 0 && isHeader(s, lines[0]) {
		return underHeader(s, lines)
	}
	a := newApplicant(s, len(lines))
	if len(lines) == 0 {
		return a
	}
	at, ok := place(s, lines[0])
	if !ok {
		a.Notes = append(a.Notes, order(s))
		return a
	}
	for i := range s.Fields {
		a.put(s, i, lines[0][at+i])
	}
	return a
}

// isHeader says whether at least half of a row's cells name fields.
func isHeader(s *schema.Schema, row []string) bool {
	named := 0
	for _, cell := range row {
		if s.Column(cell) >= 0 {
			named++
		}
	}
	return 2*named >= len(row)
}

func underHeader(s *schema.Schema, lines [][]string) *Applicant {
	a := newApplicant(s, len(lines)-1)
	if len(lines) == 1 {
		a.Notes = append(a.Notes, "There are headers, but no line below them.")
		return a
	}
	var strange []string
	for c, cell := range lines[1] {
		if c >= len(lines[0]) {
			break
		}
		if i := s.Column(lines[0][c]); i >= 0 {
			a.put(s, i, cell)
		} else if !s.IsTarget(lines[0][c]) {
			strange = append(strange, strings.TrimSpace(lines[0][c]))
		}
	}
	a.passOver(strange)
	return a
}

// place is where in a row without headers the fields begin. Files often have a
// number before them and the outcome behind them, so of all places where the
// fields would have room it is the one where most cells fit.
func place(s *schema.Schema, row []string) (at int, ok bool) {
	best := 0
	for from := 0; from+len(s.Fields) <= len(row); from++ {
		fit := 0
		for i := range s.Fields {
			f := &s.Fields[i]
			if _, fault := f.Parse(f.Read(row[from+i])); fault == schema.NoFault {
				fit++
			}
		}
		if fit > best {
			at, best = from, fit
		}
	}
	return at, 2*best >= len(s.Fields)
}

func order(s *schema.Schema) string {
	names := make([]string, len(s.Fields))
	for i := range s.Fields {
		names[i] = s.Fields[i].Name
	}
	return "This is no JSON object, and no line of " + strconv.Itoa(len(names)) + " cells in this order: " +
		strings.Join(names, ", ") + ". With a line of headers above it, cells may stand in any order."
}
