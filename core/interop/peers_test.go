//go:build peers

package interop_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"lendleaf/core"
	"lendleaf/core/dataset"
	"lendleaf/core/definition"
	"lendleaf/core/interop"
)

const (
	root           = "../.."
	environment    = root + "/.venv-peers"
	loanDefinition = root + "/site/model/definition.json"
	loanData       = root + "/../shared/data/training.csv.gz"
)

// Pipelines and forests that scikit-learn fits here and now give the same
// probability for every row once imported.
func TestImportAgreesWithScikitLearn(t *testing.T) {
	python := venv(t)
	data := map[string]string{"made up": "-"}
	if _, err := os.Stat(loanData); err == nil {
		data["loans"] = loanData
	} else {
		t.Logf("%s is not there: made-up rows alone are compared", loanData)
	}
	for name, file := range data {
		t.Run(name, func(t *testing.T) {
			out := t.TempDir()
			output, err := exec.Command(python, "-B", "testdata/peers.py", file, out).CombinedOutput()
			require.NoError(t, err, "%s", output)
			for _, fitted := range []string{"pipeline", "imputed", "extra", "tree", "forest"} {
				t.Run(fitted, func(t *testing.T) { compare(t, python, filepath.Join(out, fitted)) })
			}
			if file != "-" {
				return
			}
			t.Run("faults", func(t *testing.T) { testFaults(t, python, out) })
		})
	}
}

// compare exports and imports what was fitted and compares it on all its rows.
func compare(t *testing.T, python, fitted string) {
	args := []string{fitted + ".joblib", "-o", fitted + ".dump"}
	if _, err := os.Stat(fitted + ".json"); err == nil {
		args = append(args, "-inputs", fitted+".json")
	}
	output, err := export(python, args...)
	require.NoError(t, err, "%s", output)
	d, err := definition.Parse(readFile(t, loanDefinition))
	require.NoError(t, err)
	rows, err := dataset.Read(bytes.NewReader(readFile(t, fitted+".csv")), d.Schema)
	require.NoError(t, err)
	content, err := interop.Import(bytes.NewReader(readFile(t, fitted+".dump")), d)
	require.NoError(t, err)
	model := core.New(content)
	want, err := csv.NewReader(bytes.NewReader(readFile(t, fitted+".txt"))).ReadAll()
	require.NoError(t, err)
	require.Len(t, want, len(rows.Records))
	require.Greater(t, len(want), 10000)
	positives := 0
	for i, s := range model.AppendScores(nil, rows.Records) {
		p, err := strconv.ParseFloat(want[i][0], 64)
		require.NoError(t, err)
		require.InDelta(t, p, s.Probability, 1e-9, "row %d", i)
		require.Equal(t, p > 0.5, s.Positive, "row %d", i)
		if s.Positive {
			positives++
		}
	}
	require.NotZero(t, positives)
	require.Less(t, positives, len(want))
	t.Logf("%d rows agree, %d of them positive; %d nodes", len(want), positives, content.Forest.Nodes())
}

func export(python string, args ...string) ([]byte, error) {
	cmd := exec.Command(python, append([]string{"-B", "sklearn_export.py"}, args...)...)
	cmd.Env = append(os.Environ(), "PYTHONPATH=testdata/steps")
	return cmd.CombinedOutput()
}

// testFaults exports what cannot be, and wants one line that says why.
func testFaults(t *testing.T, python, out string) {
	inputs := []string{"-inputs", filepath.Join(out, "inputs.json")}
	for _, c := range []struct {
		fitted, says string
		args         []string
	}{
		{"no_feature_scaler_encoder", "no step 'feature_scaler_encoder'", nil},
		{"no_state_default_rate_target_encoder", "no step 'state_default_rate_target_encoder'", nil},
		{"no_rf_classifier", "no step 'rf_classifier'", nil},
		{"pipeline", "leave -inputs out", inputs},
		{"boosting", "GradientBoostingClassifier is unknown", inputs},
		{"unfitted", "not fitted", inputs},
		{"three_classes", "exactly two classes", inputs},
		{"few_inputs", "12 inputs are described, the classifier has 3", inputs},
		{"nan", "not a number", inputs},
		{"counts", "do not hold fractions", inputs},
		{"forest", "needs -inputs", nil},
		{"text", "cannot be loaded", inputs},
		{"missing", "No such file", inputs},
		{"weights", "transformer_weights", nil},
		{"changed", "step 'again' changes ['income', ", nil},
		{"not_last", "step 'last' stands behind 'rf_classifier'", nil},
		{"neighbours", "a KNNImputer has no statistics_", nil},
		{"marked", "takes -1 for missing", nil},
		{"homeless", "a notebook or script defined it", nil},
		{"old", "scikit-learn 1.2.1 fitted it, this is 1.6.1", inputs},
		{"search", "save its best_estimator_ alone", nil},
	} {
		t.Run(c.fitted, func(t *testing.T) {
			dump := filepath.Join(t.TempDir(), "dump")
			output, err := export(python, append([]string{filepath.Join(out, c.fitted+".joblib"), "-o", dump}, c.args...)...)
			var exit *exec.ExitError
			require.ErrorAs(t, err, &exit)
			assert.Equal(t, 1, exit.ExitCode())
			assert.Contains(t, string(output), c.says)
			assert.Equal(t, 1, strings.Count(string(output), "\n"), "%s", output)
			assert.NoFileExists(t, dump)
		})
	}
}

// venv returns a Python that has requirements.txt. It is kept between runs for
// as long as that file stays the same.
func venv(t *testing.T) string {
	t.Helper()
	python, err := filepath.Abs(filepath.Join(environment, "bin", "python"))
	require.NoError(t, err)
	requirements := readFile(t, "requirements.txt")
	installed := filepath.Join(environment, "requirements.txt")
	if have, err := os.ReadFile(installed); err == nil && bytes.Equal(have, requirements) {
		if exec.Command(python, "-c", "import sklearn, pandas").Run() == nil {
			return python
		}
	}
	require.NoError(t, os.RemoveAll(environment))
	if output, err := exec.Command("python3", "-m", "venv", environment).CombinedOutput(); err != nil {
		installVenv(t, output)
		command(t, "python3", "-m", "venv", "--clear", environment)
	}
	command(t, python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--only-binary", ":all:", "-r", "requirements.txt")
	require.NoError(t, os.WriteFile(installed, requirements, 0o644))
	return python
}

// installVenv takes Python's venv from Debian where that may be done.
func installVenv(t *testing.T, reason []byte) {
	t.Helper()
	if _, err := exec.LookPath("apt-get"); err != nil || os.Getuid() != 0 {
		require.Failf(t, "no usable Python", "install python3 and python3-venv: %s", reason)
	}
	command(t, "apt-get", "update", "-qq")
	command(t, "apt-get", "install", "-y", "-qq", "--no-install-recommends", "python3", "python3-venv")
}

// command runs a program that must succeed.
func command(t *testing.T, name string, args ...string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive")
	output, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s %v: %s", name, args, output)
}
