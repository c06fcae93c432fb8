//go:build browser && peers

package browsertest

import (
	"context"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// judge runs a script of the judges of the page, and returns what it writes. One
// that takes too long is asked to end its browser.
func judge(t testing.TB, script string, arguments ...string) []byte {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), testLimit)
	defer cancel()
	cmd := exec.CommandContext(ctx, "node", append([]string{"../judges/" + script}, arguments...)...)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 10 * time.Second
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	require.NoError(t, err, "the judges come by 'make judges'")
	return out
}
