package serve

import (
	"bytes"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"lendleaf/core"
	"lendleaf/core/modelfile"
	"lendleaf/server/shadow"
	"lendleaf/site"
)

// challengerFile is the shipped model with another threshold.
func challengerFile(t *testing.T, threshold float64) (file []byte, hash string) {
	t.Helper()
	content, err := modelfile.Decode(site.Model())
	require.NoError(t, err)
	content.Content.Threshold = threshold
	m, err := modelfile.New(content.Content)
	require.NoError(t, err)
	file, err = modelfile.Encode(m)
	require.NoError(t, err)
	loaded, err := core.Load(file)
	require.NoError(t, err)
	return file, loaded.Hash()
}

// Both models' answers are recorded and counted, the client gets the champion's, and
// the challenger is read again with it.
func TestTwoModelsAtOnce(t *testing.T) {
	records, name := filepath.Join(t.TempDir(), "records.jsonl"), filepath.Join(t.TempDir(), "challenger")
	file, hash := challengerFile(t, 0)
	require.NoError(t, os.WriteFile(name, file, 0o600))
	host, log := serveFor(t, "-shadow", name, "-record", records, "-metrics-addr", "localhost:0")
	champion, err := core.Load(site.Model())
	require.NoError(t, err)
	request := func() {
		status, header := predictAs(t, host, "["+goodApplicant+","+goodApplicant+"]")
		assert.Equal(t, http.StatusOK, status)
		assert.Equal(t, champion.Hash(), header.Get("X-Model-Hash"))
	}
	lines := func() []byte {
		text, err := os.ReadFile(records)
		require.NoError(t, err)
		return text
	}
	request()
	require.Eventually(t, func() bool { return bytes.Count(lines(), []byte("\n")) == 4 }, time.Minute, time.Millisecond)
	assert.Equal(t, 2, strings.Count(string(lines()), `"model_hash":"`+champion.Hash()+`","model_role":"champion"`))
	assert.Equal(t, 2, strings.Count(string(lines()), `"model_hash":"`+hash+`","model_role":"challenger"`))
	assert.Equal(t, 2, strings.Count(string(lines()), `-0","inputs":`), "both name the same prediction")
	metrics := get(t, "http://"+metricsAddress.FindStringSubmatch(log.String())[1]+"/metrics")
	for _, want := range []string{
		`lendleaf_predictions_total{outcome="Default",role="challenger"} 2`, `lendleaf_shadow_lost_total 0`, `lendleaf_shadow_unscored_total 0`,
		`lendleaf_model_info{hash="` + hash + `",name="loan-default",role="challenger"} 1`,
		`lendleaf_shadow_flips_total{challenger="Default",champion="No Default"} 2`, `lendleaf_shadow_score_difference_count 2`,
	} {
		assert.Contains(t, metrics, "\n"+want+"\n")
	}

	file, hash = challengerFile(t, 1)
	require.NoError(t, os.WriteFile(name, file, 0o600))
	require.NoError(t, syscall.Kill(syscall.Getpid(), syscall.SIGHUP))
	require.Eventually(t, func() bool { return strings.Contains(log.String(), hash) }, time.Minute, time.Millisecond)
	require.NoError(t, os.WriteFile(name, file[:100], 0o600))
	require.NoError(t, syscall.Kill(syscall.Getpid(), syscall.SIGHUP))
	require.Eventually(t, func() bool { return strings.Contains(log.String(), "the model stays as it was") }, time.Minute, time.Millisecond)
	request()
	require.Eventually(t, func() bool {
		return strings.Count(string(lines()), `"model_hash":"`+hash+`","model_role":"challenger"`) == 2
	}, time.Minute, time.Millisecond)
}

func TestChallengersThatCannotScore(t *testing.T) {
	err := tested.Run(t.Context(), []string{"-addr", "localhost:0", "-shadow", "../../core/testdata/machines.lendleaf"}, environment(), io.Discard)
	require.ErrorIs(t, err, shadow.ErrFields)
	require.ErrorContains(t, err, "machines.lendleaf")
	err = tested.Run(t.Context(), []string{"-addr", "localhost:0", "-shadow", "none"}, environment(), io.Discard)
	require.ErrorIs(t, err, os.ErrNotExist)
}
