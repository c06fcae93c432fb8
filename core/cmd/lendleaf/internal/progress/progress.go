// Package progress shows how far long work has come: as a bar where a person
// looks, as plain lines where none does.
package progress

import (
	"fmt"
	"io"
	"os"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// Meter shows the progress of one piece of work.
type Meter struct {
	out   io.Writer
	what  string
	bar   *progressbar.ProgressBar // nil where no person looks
	tenth int
}

// New makes a meter for work of so many steps.
func New(out io.Writer, what string, total int) *Meter {
	m := &Meter{out: out, what: what}
	if f, ok := out.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		m.bar = progressbar.NewOptions(total, progressbar.OptionSetWriter(out), progressbar.OptionSetDescription(what),
			progressbar.OptionShowCount(), progressbar.OptionSetPredictTime(true), progressbar.OptionClearOnFinish())
	}
	return m
}

// Show says that so many steps of the total are done. Where no person looks, it
// writes a line for each tenth.
func (m *Meter) Show(done, total int) {
	if m.bar != nil {
		m.bar.Set(done) // a bar that cannot be drawn must not stop the work
		return
	}
	if tenth := done * 10 / total; tenth > m.tenth {
		m.tenth = tenth
		fmt.Fprintf(m.out, "%s: %d of %d\n", m.what, done, total)
	}
}

// Close takes the bar away.
func (m *Meter) Close() {
	if m.bar != nil {
		m.bar.Finish()
	}
}
