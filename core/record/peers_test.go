//go:build peers

package record

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A verifier in Python, made of the package's comment alone, finds the same chain,
// erased records among it, and the same fault.
func TestSecondReaderVerifiesTheSame(t *testing.T) {
	c := NewChain(Head{})
	first, second := seal(c, 40), seal(c, 30)
	second[7] = string(AppendErased(nil, []byte(second[7]), Erasure{Time: time.Now(), Reason: "asked for"}, quote))
	second[0] = string(AppendErased(nil, []byte(second[0]), Erasure{Time: time.Now(), Reason: "asked for"}, quote))
	verify := func(files ...[]string) (string, error) {
		args := []string{"testdata/verify.py"}
		for i, lines := range files {
			name := filepath.Join(t.TempDir(), fmt.Sprint(i))
			require.NoError(t, os.WriteFile(name, []byte(strings.Join(lines, "\n")+"\n"), 0o600))
			args = append(args, name)
		}
		said, err := exec.Command("python3", args...).CombinedOutput()
		return string(said), err
	}
	said, err := verify(first, second)
	require.NoError(t, err, said)
	assert.Equal(t, fmt.Sprintf("70 %v\n", c.Head().Hash), said)
	first[8] = strings.Replace(first[8], "{}", "[]", 1)
	said, err = verify(first, second)
	require.Error(t, err)
	assert.Contains(t, said, "record 9 is not what was sealed")
}
