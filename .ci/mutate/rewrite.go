package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// place is where a file changes: all its mutants stand there side by side.
type place struct {
	mutants []*mutant // of one node
}

func (p place) from() int  { return p.mutants[0].from }
func (p place) to() int    { return p.mutants[0].to }
func (p place) form() form { return p.mutants[0].form }

// places are where mutants stand, the outer ones first.
func places(mutants []*mutant) []place {
	sorted := slices.Clone(mutants)
	slices.SortStableFunc(sorted, func(a, b *mutant) int {
		return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(b.to, a.to), cmp.Compare(a.form, b.form))
	})
	var list []place
	for _, m := range sorted {
		if last := len(list) - 1; last >= 0 && list[last].from() == m.from && list[last].to() == m.to && list[last].form() == m.form {
			list[last].mutants = append(list[last].mutants, m)
			continue
		}
		list = append(list, place{[]*mutant{m}})
	}
	return list
}

// rewrite writes a file in which each mutant waits to be chosen. A line
// directive before it says which one a compiler's complaint is about.
func rewrite(s *source, mutants []*mutant) string {
	w := writer{source: s, places: places(mutants)}
	return w.text(0, len(s.text))
}

type writer struct {
	source *source
	places []place
}

// text is a part of the file, with the mutants in it.
func (w *writer) text(from, to int) string {
	var b strings.Builder
	at := from
	for i, p := range w.places {
		if p.from() < at || p.to() > to {
			continue
		}
		b.Write(w.source.text[at:p.from()])
		inner := writer{w.source, w.places[i+1:]}
		b.WriteString(inner.place(p))
		b.WriteString(w.line(p.to()))
		at = p.to()
	}
	b.Write(w.source.text[at:to])
	return b.String()
}

// line is a directive: from here on it is the file's own text again. The blank
// keeps it apart from a slash before it.
func (w *writer) line(at int) string {
	before := string(w.source.text[:at])
	return fmt.Sprintf(" /*line %s:%d:%d*/", w.source.path, strings.Count(before, "\n")+1, at-strings.LastIndexByte(before, '\n'))
}

func (w *writer) place(p place) string {
	original := func() string { return w.line(p.from()) + w.text(p.from(), p.to()) }
	var b strings.Builder
	switch p.form() {
	case condition:
		b.WriteString("(")
		none := ""
		for _, m := range p.mutants {
			fmt.Fprintf(&b, "mutant_(%d) && (%s%s) || ", m.id, m.directive(), m.text)
			none += fmt.Sprintf("!mutant_(%d) && ", m.id)
		}
		fmt.Fprintf(&b, "%s(%s))", none, original())
	case statement:
		for _, m := range p.mutants {
			fmt.Fprintf(&b, "if mutant_(%d) { %s%s } else ", m.id, m.directive(), m.text)
		}
		fmt.Fprintf(&b, "{ %s }", original())
	case arithmetic:
		m := p.mutants[0]
		fmt.Fprintf(&b, "%smutant_%s(%d, %s, %s)", m.directive(), m.text, m.id,
			w.line(m.from)+w.text(m.from, m.left), w.line(m.right)+w.text(m.right, m.to))
	case value:
		text := original()
		for _, m := range p.mutants {
			text = fmt.Sprintf("%smutant_%s(%d, %s)", m.directive(), m.text, m.id, text)
		}
		b.WriteString(text)
	}
	return b.String()
}

// directive makes the compiler say which mutant it complains about.
func (m *mutant) directive() string { return fmt.Sprintf(" /*line mutant:%d:1*/", m.id) }

// chosen is the file that is added to a package: it asks the environment which
// mutant is chosen, or notes which ones a test reaches.
const chosen = `package %s

import (
	"os"
	"strconv"
	"syscall"
)

var mutant_number, mutant_reached = mutant_choose()

func mutant_choose() (int, []byte) {
	n, _ := strconv.Atoi(os.Getenv("MUTANT"))
	if n > 0 {
		syscall.Setrlimit(syscall.RLIMIT_AS, &syscall.Rlimit{Cur: 8 << 30, Max: 8 << 30})
	}
	file, err := os.OpenFile(os.Getenv("MUTANTS_REACHED"), os.O_RDWR, 0)
	if n >= 0 || err != nil {
		return n, make([]byte, %[2]d)
	}
	reached, err := syscall.Mmap(int(file.Fd()), 0, %[2]d, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_SHARED)
	if err != nil {
		panic(err)
	}
	return n, reached
}

func mutant_(n int) bool { return mutant_number == n || mutant_number < 0 && mutant_note(n) }

//go:noinline
func mutant_note(n int) bool {
	mutant_reached[n] = 1
	return false
}

type mutant_integer interface {
	~int | ~int8 | ~int16 | ~int32 | ~int64 | ~uint | ~uint8 | ~uint16 | ~uint32 | ~uint64 | ~uintptr
}

type mutant_real interface {
	mutant_integer | ~float32 | ~float64
}

func mutant_More[T mutant_real](n int, c T) T {
	if mutant_(n) {
		return c + 1
	}
	return c
}

func mutant_Less[T mutant_real](n int, c T) T {
	if mutant_(n) {
		return c - 1
	}
	return c
}

func mutant_Twice[T mutant_real](n int, c T) T {
	if mutant_(n) {
		return c * 2
	}
	return c
}

func mutant_Tenth[T mutant_real](n int, c T) T {
	if mutant_(n) {
		return T(float64(c) * 0.9)
	}
	return c
}

func mutant_Add[T mutant_real](n int, a, b T) T {
	if mutant_(n) {
		return a - b
	}
	return a + b
}

func mutant_Sub[T mutant_real](n int, a, b T) T {
	if mutant_(n) {
		return a + b
	}
	return a - b
}

func mutant_Mul[T mutant_real](n int, a, b T) T {
	if mutant_(n) {
		return a / b
	}
	return a * b
}

func mutant_Quo[T mutant_real](n int, a, b T) T {
	if mutant_(n) {
		return a * b
	}
	return a / b
}

func mutant_Rem[T mutant_integer](n int, a, b T) T {
	if mutant_(n) {
		return a * b
	}
	return a %% b
}

func mutant_And[T mutant_integer](n int, a, b T) T {
	if mutant_(n) {
		return a | b
	}
	return a & b
}

func mutant_Or[T mutant_integer](n int, a, b T) T {
	if mutant_(n) {
		return a & b
	}
	return a | b
}

func mutant_Xor[T mutant_integer](n int, a, b T) T {
	if mutant_(n) {
		return a & b
	}
	return a ^ b
}

func mutant_AndNot[T mutant_integer](n int, a, b T) T {
	if mutant_(n) {
		return a & b
	}
	return a &^ b
}

func mutant_Shl[T, U mutant_integer](n int, a T, b U) T {
	if mutant_(n) {
		return a >> b
	}
	return a << b
}

func mutant_Shr[T, U mutant_integer](n int, a T, b U) T {
	if mutant_(n) {
		return a << b
	}
	return a >> b
}
`
