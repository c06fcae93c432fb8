// Package progress shows how far long work has come: in one line that is drawn
// again and again where a person looks, in plain lines where none does.
package progress

import (
	"fmt"
	"io"
	"os"
	"time"

	"golang.org/x/term"
)

// Meter shows the progress of one piece of work. It is for one goroutine at a
// time.
type Meter struct {
	out      io.Writer
	what     string
	start    time.Time
	terminal bool
	width    int // of the line that is drawn
	tenth    int
}

// New makes a meter for work that begins now.
func New(out io.Writer, what string) *Meter {
	f, ok := out.(*os.File)
	return newMeter(out, what, ok && term.IsTerminal(int(f.Fd())))
}

func newMeter(out io.Writer, what string, terminal bool) *Meter {
	return &Meter{out: out, what: what, start: time.Now(), terminal: terminal}
}

// Show says that so many steps of the total are done, at least one. Where no
// person looks, it writes a line for each tenth.
func (m *Meter) Show(done, total int) {
	line := fmt.Sprintf("%s: %d of %d", m.what, done, total)
	if m.terminal {
		left := time.Since(m.start) * time.Duration(total-done) / time.Duration(done)
		m.draw(fmt.Sprintf("%s, %v left", line, left.Round(time.Second)))
		return
	}
	if tenth := done * 10 / total; tenth > m.tenth {
		m.tenth = tenth
		fmt.Fprintln(m.out, line)
	}
}

// Close takes the line away.
func (m *Meter) Close() {
	if m.terminal {
		m.draw("")
		fmt.Fprint(m.out, "\r")
	}
}

// draw writes over the line, with spaces over what is left of a longer one: that
// needs no terminal that knows escape sequences.
func (m *Meter) draw(line string) {
	fmt.Fprintf(m.out, "\r%-*s", m.width, line)
	m.width = len(line)
}
