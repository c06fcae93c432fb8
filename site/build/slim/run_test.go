//go:build peers

package slim

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// run has Node run a program.
func run(t *testing.T, module []byte) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "program.wasm")
	require.NoError(t, os.WriteFile(file, module, 0o644))
	root, err := exec.Command("go", "env", "GOROOT").Output()
	require.NoError(t, err)
	out, err := exec.Command(filepath.Join(strings.TrimSpace(string(root)), "lib", "wasm", "go_js_wasm_exec"), file).CombinedOutput()
	require.NoError(t, err, "%s", out)
	return string(out)
}

func TestSlimProgramsRunAlike(t *testing.T) {
	module := compile(t, "./testdata/trace")
	small, err := Program(module)
	require.NoError(t, err)
	want := run(t, module)
	assert.Contains(t, want, "main.fail\nmain.main\n")
	assert.Equal(t, want, run(t, small))
}
