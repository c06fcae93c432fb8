package rows

import (
	"bytes"
	"io"
	"strings"
)

// parser takes the cells of a row of CSV. If it is lenient, none is at fault:
// quotation marks within a cell are letters, and one left open ends with the text.
type parser struct {
	separator byte
	lenient   bool
	most      int                    // cells in a row; 0: any number
	next      func() ([]byte, error) // the next line, with its end; else io.EOF
	line      int                    // lines that were read
	joined    []byte                 // text of the row's cells, one behind the other
	ends      []int                  // where each cell ends in it
	lines     []int                  // and on which line it begins
}

// begin begins a row, whose text goes where another one was.
func (p *parser) begin(text []byte) { p.lines, p.ends, p.joined = p.lines[:0], p.ends[:0], text[:0] }

// bounded is how many of so many cells are taken.
func (p *parser) bounded(cells int) int {
	if p.most > 0 {
		return min(cells, p.most)
	}
	return cells
}

// cells takes the cells of a row that begins with a line, and returns the row's
// fault.
func (p *parser) cells(line []byte) (fault, err error) {
	for {
		surplus := p.most > 0 && len(p.ends) == p.most
		if !surplus {
			p.lines = append(p.lines, p.line)
		}
		if len(line) > 0 && line[0] == '"' {
			if line, fault, err = p.quoted(line[1:]); err != nil || fault != nil {
				return fault, err
			}
		}
		bare, i := withoutEnd(line), bytes.IndexByte(line, p.separator)
		if i >= 0 {
			bare = line[:i]
		}
		if !p.lenient && bytes.IndexByte(bare, '"') >= 0 {
			return ErrBareQuote, nil
		}
		p.joined = append(p.joined, bare...)
		if !surplus {
			p.ends = append(p.ends, len(p.joined))
		}
		switch {
		case i < 0 && surplus:
			return ErrCells, nil
		case i < 0:
			return nil, nil
		}
		line = line[i+1:]
	}
}

// quoted takes what stands behind a quotation mark, up to the one that closes,
// and returns the rest of the line.
func (p *parser) quoted(line []byte) (rest []byte, fault, err error) {
	for {
		i := bytes.IndexByte(line, '"')
		switch {
		case i < 0:
			p.joined = appendLine(p.joined, line)
			if line, err = p.next(); err == io.EOF {
				return nil, p.unlessLenient(ErrQuote), nil
			}
			if err != nil {
				return nil, nil, err
			}
		case i+1 < len(line) && line[i+1] == '"':
			p.joined = append(p.joined, line[:i+1]...)
			line = line[i+2:]
		default:
			p.joined = append(p.joined, line[:i]...)
			rest = line[i+1:]
			if bare := withoutEnd(rest); len(bare) > 0 && bare[0] != p.separator {
				fault = p.unlessLenient(ErrQuote)
			}
			return rest, fault, nil
		}
	}
}

func (p *parser) unlessLenient(fault error) error {
	if p.lenient {
		return nil
	}
	return fault
}

// withoutEnd drops a line's end: \n, \r\n, or \r where the text ends with it.
func withoutEnd(line []byte) []byte {
	if n := len(line); n > 0 && line[n-1] == '\n' {
		line = line[:n-1]
	}
	if n := len(line); n > 0 && line[n-1] == '\r' {
		line = line[:n-1]
	}
	return line
}

// appendLine appends a line between quotation marks: \r\n becomes \n.
func appendLine(dst, line []byte) []byte {
	if n := len(line); n > 1 && line[n-2] == '\r' && line[n-1] == '\n' {
		return append(append(dst, line[:n-2]...), '\n')
	}
	return append(dst, line...)
}

// PastedCells parts what a person pasted into rows of cells. Commas, tabs or
// semicolons part cells, a carriage return ends a line too, rows without anything
// in them are passed over, and no cell is at fault.
func PastedCells(text string) (list [][]string) {
	rest := text
	p := parser{separator: Separator(text), lenient: true, next: func() ([]byte, error) {
		if rest == "" {
			return nil, io.EOF
		}
		end := strings.IndexAny(rest, "\r\n") + 1
		if end == 0 {
			end = len(rest)
		}
		line := []byte(rest[:end])
		rest = rest[end:]
		return line, nil
	}}
	for {
		line, err := p.next()
		if err != nil {
			return list
		}
		p.begin(p.joined)
		_, _ = p.cells(line) // lenient, and out of memory
		if row := p.strings(); strings.TrimSpace(strings.Join(row, "")) != "" {
			list = append(list, row)
		}
	}
}

// strings are the row's cells.
func (p *parser) strings() []string {
	row, begin := make([]string, len(p.ends)), 0
	for i, end := range p.ends {
		row[i] = string(p.joined[begin:end])
		begin = end
	}
	return row
}

// Separator is what parts the first line's cells of a text most often, a comma, a
// tab or a semicolon: programs that copy tables write tabs.
func Separator(text string) byte {
	line, _, _ := strings.Cut(text, "\n")
	best := byte(',')
	for _, c := range []byte{'\t', ';'} {
		if strings.Count(line, string(c)) > strings.Count(line, string(best)) {
			best = c
		}
	}
	return best
}
