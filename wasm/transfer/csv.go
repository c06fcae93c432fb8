package transfer

import (
	"strconv"
	"strings"

	"lendleaf/core/schema"
)

// FromCSV takes the first applicant of some lines: below a line of headers, or
// with the fields in API order. Commas, tabs or semicolons part cells.
func FromCSV(s *schema.Schema, text string) *Applicant {
	rows := split(strings.TrimPrefix(text, "\ufeff"))
	if len(rows) > 0 && isHeader(s, rows[0]) {
		return underHeader(s, rows)
	}
	a := newApplicant(s, len(rows))
	if len(rows) == 0 {
		return a
	}
	at, ok := place(s, rows[0])
	if !ok {
		a.Notes = append(a.Notes, order(s))
		return a
	}
	for i := range s.Fields {
		a.put(s, i, rows[0][at+i])
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

func underHeader(s *schema.Schema, rows [][]string) *Applicant {
	a := newApplicant(s, len(rows)-1)
	if len(rows) == 1 {
		a.Notes = append(a.Notes, "There are headers, but no line below them.")
		return a
	}
	var strange []string
	for c, cell := range rows[1] {
		if c >= len(rows[0]) {
			break
		}
		if i := s.Column(rows[0][c]); i >= 0 {
			a.put(s, i, cell)
		} else if !s.IsTarget(rows[0][c]) {
			strange = append(strange, strings.TrimSpace(rows[0][c]))
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

// splitter parts text into rows and cells.
type splitter struct {
	rows [][]string
	row  []string
	cell []byte
}

// split parts text into rows of cells. Cells may stand in quotation marks, with
// two for one inside. Blank rows are passed over.
func split(text string) [][]string {
	var s splitter
	comma, quoted := separator(text), false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '"' && quoted && i+1 < len(text) && text[i+1] == '"':
			s.cell = append(s.cell, c)
			i++
		case c == '"' && (quoted || len(s.cell) == 0):
			quoted = !quoted
		case quoted:
			s.cell = append(s.cell, c)
		case c == comma:
			s.endCell()
		case c == '\n' || c == '\r':
			s.endRow()
		default:
			s.cell = append(s.cell, c)
		}
	}
	s.endRow()
	return s.rows
}

func (s *splitter) endCell() {
	s.row = append(s.row, string(s.cell))
	s.cell = s.cell[:0]
}

func (s *splitter) endRow() {
	s.endCell()
	if strings.TrimSpace(strings.Join(s.row, "")) != "" {
		s.rows = append(s.rows, s.row)
	}
	s.row = nil
}

// separator is what parts the first line's cells most often: programs that copy
// tables write tabs.
func separator(text string) byte {
	line, _, _ := strings.Cut(text, "\n")
	best := byte(',')
	for _, c := range []byte{'\t', ';'} {
		if strings.Count(line, string(c)) > strings.Count(line, string(best)) {
			best = c
		}
	}
	return best
}
