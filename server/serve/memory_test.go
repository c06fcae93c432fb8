package serve

import (
	"io"
	"math"
	"runtime/debug"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func withMemory(t *testing.T, bytes int64, args ...string) *options {
	t.Helper()
	o, err := parse("server", append([]string{"-memory", strconv.FormatInt(bytes, 10)}, args...), environment(), io.Discard)
	require.NoError(t, err)
	return o
}

func TestLimitsFollowFromTheMemory(t *testing.T) {
	for memory, body := range map[int64]int64{64 << 20: 2 << 20, 128 << 20: 6 << 20, 256 << 20: 14 << 20, 2 << 30: 32 << 20, math.MaxInt64: 32 << 20} {
		o := withMemory(t, memory)
		assert.Equal(t, body, o.maxBody, memory)
		assert.Less(t, o.budget(), o.memory/2)
	}
	assert.EqualValues(t, 5, withMemory(t, 64<<20, "-max-body", "5").maxBody, "what is given counts")
	assert.Equal(t, 262_144, withMemory(t, 64<<20, "-max-row", "262144", "-max-columns", "32768").maxRow)
}

// Without a word, the server takes what it may.
func TestAvailableMemory(t *testing.T) {
	o, err := parse("server", nil, environment(), io.Discard)
	require.NoError(t, err)
	assert.Equal(t, availableMemory(environment()), o.memory)
	assert.Greater(t, o.memory, int64(leastMemory))
	assert.Less(t, o.memory, int64(1<<50), "that is a machine's")

	before := debug.SetMemoryLimit(200 << 20)
	defer debug.SetMemoryLimit(before)
	told := environment("GOMEMLIMIT", "200MiB")
	assert.EqualValues(t, 200<<20, availableMemory(told))
	o.limitGo(told)
	assert.EqualValues(t, 200<<20, debug.SetMemoryLimit(-1), "the operator's own stays")
	withMemory(t, 800<<20).limitGo(environment())
	assert.EqualValues(t, 700<<20, debug.SetMemoryLimit(-1))
}
