package slim

import (
	"bytes"
	"debug/gosym"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// compile builds a program for the browser.
func compile(t testing.TB, pattern string) []byte {
	t.Helper()
	out := filepath.Join(t.TempDir(), "program.wasm")
	cmd := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", out, pattern)
	cmd.Env = append(os.Environ(), "GOOS=js", "GOARCH=wasm")
	cmd.Stderr = os.Stderr
	require.NoError(t, cmd.Run())
	module, err := os.ReadFile(out)
	require.NoError(t, err)
	return module
}

func dataOf(t *testing.T, module []byte) (image []byte, pieces []piece, others [][]byte) {
	t.Helper()
	sections, err := split(module)
	require.NoError(t, err)
	for _, s := range sections {
		switch s.id {
		case dataSection:
			image, pieces, err = load(s.body)
			require.NoError(t, err)
		case customSection:
		default:
			others = append(others, s.body)
		}
	}
	return image, pieces, others
}

// symbols reads a function table as debuggers do.
func symbols(t *testing.T, image []byte) *gosym.Table {
	t.Helper()
	table, err := gosym.NewTable(nil, gosym.NewLineTable(image[bytes.Index(image, tableStart):], 0))
	require.NoError(t, err)
	require.Greater(t, len(table.Funcs), 1000)
	return table
}

func TestProgram(t *testing.T) {
	module := compile(t, "./testdata/trace")
	small, err := Program(module)
	require.NoError(t, err)
	before, pieces, code := dataOf(t, module)
	after, joined, sameCode := dataOf(t, small)
	assert.Equal(t, code, sameCode)
	assert.Less(t, len(joined), len(pieces)/100)

	require.Equal(t, len(before), len(after))
	at := bytes.Index(before, tableStart)
	assert.True(t, bytes.Equal(before[:at], after[:at]), "only the function table may change")

	withLines, without := symbols(t, before), symbols(t, after)
	require.Equal(t, len(withLines.Funcs), len(without.Funcs))
	for i, f := range withLines.Funcs {
		g := without.Funcs[i]
		assert.Equal(t, []any{f.Name, f.Entry, f.End}, []any{g.Name, g.Entry, g.End})
	}
	file, line, f := withLines.PCToLine(withLines.LookupFunc("main.main").Entry)
	assert.Equal(t, "main.go", filepath.Base(file))
	assert.Positive(t, line)
	_, line, g := without.PCToLine(f.Entry)
	assert.LessOrEqual(t, line, 0)
	assert.Equal(t, "main.main", g.Name)
}

// The tables that the runtime walks stacks by are as they were.
func TestNeededTablesStay(t *testing.T) {
	before, _, _ := dataOf(t, compile(t, "./testdata/trace"))
	after := bytes.Clone(before)
	require.NoError(t, dropLines(after))
	old, err := find(before)
	require.NoError(t, err)
	needed, all, err := old.references()
	require.NoError(t, err)
	kept, dropped := 0, 0
	for i, at := range all[:len(all)-1] {
		from, to := old.deltas+at, old.deltas+all[i+1]
		now := after[len(before)-len(old.bytes):][from:to]
		if needed[at] {
			kept++
			assert.Equal(t, old.bytes[from:to], now)
		} else {
			dropped++
			assert.Zero(t, bytes.Trim(now, "\x00"))
		}
	}
	assert.Greater(t, kept, 1000)
	assert.Greater(t, dropped, 1000)
}

func TestRewritingTwiceChangesNothing(t *testing.T) {
	small, err := Program(compile(t, "./testdata/trace"))
	require.NoError(t, err)
	again, err := Program(small)
	require.NoError(t, err)
	assert.True(t, bytes.Equal(small, again))
}

// module makes one of a data section.
func module(body ...byte) []byte {
	return assemble([]section{{dataSection, body}})
}

func TestBadModules(t *testing.T) {
	for name, m := range map[string][]byte{
		"nothing":             {},
		"something else":      []byte("PK\x03\x04"),
		"no data":             preamble,
		"a short section":     append(bytes.Clone(preamble), dataSection, 9, 1),
		"an endless number":   append(bytes.Clone(preamble), dataSection, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff),
		"missing pieces":      module(200, 1),
		"another memory":      module(1, 1, constant, 8, end, 1, 'x'),
		"a computed place":    module(1, memoryZero, 0x23, 8, end, 1, 'x'),
		"a place below zero":  module(1, memoryZero, constant, 0x7f, end, 1, 'x'),
		"a place far away":    module(1, memoryZero, constant, 0xff, 0xff, 0xff, 0xff, 7, end, 1, 'x'),
		"more than there is":  module(1, memoryZero, constant, 8, end, 100, 'x'),
		"a long way to count": module(1, memoryZero, constant, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, end, 1, 'x'),
	} {
		_, err := Program(m)
		assert.ErrorIs(t, err, ErrModule, name)
	}
}

func TestUnknownTables(t *testing.T) {
	header := func(words ...byte) []byte {
		image := bytes.Clone(tableStart)
		for _, w := range words {
			image = append(image, w, 0, 0, 0, 0, 0, 0, 0)
		}
		return append(image, make([]byte, 64)...)
	}
	for name, image := range map[string][]byte{
		"none":               []byte("no table here"),
		"a header alone":     tableStart,
		"parts out of order": header(1, 0, 0, 0, 80, 0, 72, 90),
		"too many functions": header(99, 0, 0, 0, 72, 0, 72, 72),
		"far functions":      append(header(1, 0, 0, 0, 72, 0, 72, 72)[:76], 255, 255, 255, 255),
		"far tables":         header(1, 0, 0, 0, 72, 0, 72, 72),
	} {
		before := bytes.Clone(image)
		require.ErrorIs(t, dropLines(image), ErrTable, name)
		assert.Equal(t, before, image, name)
	}
}

// A module whose table is not known can be joined all the same.
func TestUnknownTableCanBeKept(t *testing.T) {
	m := module(2, memoryZero, constant, 20, end, 1, 'b', memoryZero, constant, 8, end, 2, 'a', 'a')
	_, err := Program(m)
	require.ErrorIs(t, err, ErrTable)
	small, err := WithLines(m)
	require.NoError(t, err)
	assert.Equal(t, module(append([]byte{1, memoryZero, constant, 8, end, 13}, "aa\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00b"...)...), small)
}

func FuzzProgram(f *testing.F) {
	f.Add(module(1, memoryZero, constant, 8, end, 1, 'x'))
	f.Fuzz(func(t *testing.T, m []byte) {
		slim := Program
		if _, err := Program(m); errors.Is(err, ErrTable) {
			slim = WithLines
		}
		small, err := slim(m)
		if err != nil {
			require.ErrorIs(t, err, ErrModule)
			return
		}
		again, err := slim(small)
		require.NoError(t, err)
		assert.Equal(t, small, again)
	})
}
