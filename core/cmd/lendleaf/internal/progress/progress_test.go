package progress

import (
	"bytes"
	"os"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestPlainLinesForEachTenth(t *testing.T) {
	var out bytes.Buffer
	m := New(&out, "growing trees")
	for done := 1; done <= 25; done++ {
		m.Show(done, 25)
	}
	m.Close()
	assert.Equal(t, `growing trees: 3 of 25
growing trees: 5 of 25
growing trees: 8 of 25
growing trees: 10 of 25
growing trees: 13 of 25
growing trees: 15 of 25
growing trees: 18 of 25
growing trees: 20 of 25
growing trees: 23 of 25
growing trees: 25 of 25
`, out.String())
}

// Ten seconds for one of four steps leave thirty for the others.
func TestOneLineOnATerminal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		m := newMeter(&out, "work", true)
		time.Sleep(10 * time.Second)
		m.Show(1, 4)
		time.Sleep(50 * time.Second)
		m.Show(2, 4)
		time.Sleep(3 * time.Second)
		m.Show(3, 4)
		m.Close()
		assert.Equal(t, ""+
			"\rwork: 1 of 4, 30s left"+
			"\rwork: 2 of 4, 1m0s left"+
			"\rwork: 3 of 4, 21s left "+
			"\r                      \r", out.String())
	})
}

func TestAFileIsNoTerminal(t *testing.T) {
	f, err := os.CreateTemp(t.TempDir(), "")
	require.NoError(t, err)
	defer f.Close()
	m := New(f, "work")
	m.Show(1, 1)
	m.Close()
	text, err := os.ReadFile(f.Name())
	require.NoError(t, err)
	assert.Equal(t, "work: 1 of 1\n", string(text))
}
