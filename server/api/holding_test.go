package api

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"lendleaf/core/rows"
)

// What can never fit is refused for good, and what does not fit now for a while;
// for what is small there is always room. Afterwards nothing is held.
func TestRequestsHoldPartsOfABudget(t *testing.T) {
	const whole = 8 << 20
	budget := rows.NewBudget(whole, nil)
	a, err := New(loadModel(t), Options{MaxBody: 1 << 30, MaxStream: 1 << 30, Pause: time.Minute, Budget: budget})
	require.NoError(t, err)
	a.budgets.patience = time.Millisecond
	const good, refused, busy = http.StatusOK, http.StatusRequestEntityTooLarge, http.StatusServiceUnavailable
	arrayOf := func(n int) string { return "[" + strings.Repeat(applicant+",", n-1) + applicant + "]" }
	for name, c := range map[string]struct {
		contentType, encoding, body string
		atRest, busy                int // status
	}{
		"one":                  {"application/json", "", applicant, good, good},
		"one, packed":          {"application/json", "gzip", applicant, good, good},
		"many":                 {"application/json", "", arrayOf(1000), good, busy},
		"more":                 {"application/json", "", arrayOf(7000), refused, busy},
		"a large body":         {"application/json", "", strings.Repeat(" ", whole/2), refused, busy},
		"a large body, packed": {"application/json", "gzip", strings.Repeat(" ", whole/2), refused, busy},
		"in UTF-16":            {"application/json", "", "\xfe\xff" + strings.Repeat("\x00 ", 250_000) + strings.Repeat("\xff\xfd", 770_000), refused, busy},
		"a small window":       {"application/json", "zstd", applicant, good, busy},
		"rows":                 {typeNDJSON, "", applicant, good, busy},
		"rows, packed":         {typeCSV, "gzip", csvHeader + csvRow, good, busy},
	} {
		send := func() int {
			body := io.Reader(strings.NewReader(c.body))
			if c.encoding != "" {
				body = pack(t, c.encoding, c.body)
			}
			w := post(a, c.contentType, c.encoding, body)
			if w.Code == busy {
				assert.Equal(t, "1", w.Header().Get("Retry-After"))
				assert.JSONEq(t, `{"detail":"Service Unavailable"}`, w.Body.String())
			}
			return w.Code
		}
		assert.Equal(t, c.atRest, send(), name)
		assert.Zero(t, budget.Taken(), name)
		others := a.budgets.large
		require.NoError(t, others.Take(others.Limit()))
		assert.Equal(t, c.busy, send(), name)
		others.Give(others.Limit())
		assert.Zero(t, budget.Taken(), name)
	}
}

// Whoever waits for memory gets it when others let go of it.
func TestWaitingForMemory(t *testing.T) {
	b := newBudgets(rows.NewBudget(1<<20, nil))
	first, second := b.hold(t.Context()), b.hold(t.Context())
	require.NoError(t, first.set(512<<10))
	time.AfterFunc(20*time.Millisecond, first.release)
	require.NoError(t, second.set(512<<10))
	assert.Equal(t, errTooLarge, second.set(1<<20))
	require.NoError(t, second.set(1))
	assert.EqualValues(t, step, b.whole.Taken(), "less needs no waiting")
	second.release()
	assert.Zero(t, b.whole.Taken())
	assert.Zero(t, b.large.Taken())
}
