package serve

import (
	"io"
	"log/slog"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var metricsAddress = regexp.MustCompile(`metrics=(\S+)`)

const goodApplicant = `{"income": 1250000, "age": 34, "experience": 6, "profession": "civil_engineer", "city": "patna", "state": "bihar",
	"current_job_yrs": 4, "current_house_yrs": 12}`

func send(t *testing.T, host, body string) int {
	t.Helper()
	response, err := http.Post("http://"+host+"/api/predict", "application/json", strings.NewReader(body))
	require.NoError(t, err)
	defer response.Body.Close()
	_, err = io.Copy(io.Discard, response.Body)
	require.NoError(t, err)
	return response.StatusCode
}

func TestMetricsHaveAListenerOfTheirOwn(t *testing.T) {
	host, log := serveFor(t, "-metrics-addr", "localhost:0")
	metrics := "http://" + metricsAddress.FindStringSubmatch(log.String())[1]
	require.Equal(t, http.StatusOK, send(t, host, "["+strings.Repeat(goodApplicant+",", 999)+goodApplicant+"]"))
	require.Equal(t, http.StatusUnprocessableEntity, send(t, host, `{"age": "canary", "canary": 1}`))
	response, err := http.Get("http://" + host + "/canary")
	require.NoError(t, err)
	response.Body.Close()
	text := get(t, metrics+"/metrics")
	for _, line := range []string{
		`lendleaf_requests_total{code="200",method="POST",pattern="/api/predict"} 1`,
		`lendleaf_requests_total{code="422",method="POST",pattern="/api/predict"} 1`,
		`lendleaf_requests_total{code="404",method="GET",pattern="/"} 1`,
		`lendleaf_validation_faults_total{field="age"} 1`,
		`lendleaf_validation_faults_total{field="income"} 1`,
		`lendleaf_validation_faults_total{field="body"} 0`,
		`lendleaf_score_count{role="champion"} 1000`,
		`lendleaf_drift_windows_total{role="champion"} 1`,
		`lendleaf_model_info{hash=`,
		`lendleaf_drift_psi{field="city",role="champion"} `,
	} {
		assert.Contains(t, text, "\n"+line)
	}
	assert.NotContains(t, text, "canary")

	response, err = http.Get("http://" + host + "/metrics")
	require.NoError(t, err)
	response.Body.Close()
	assert.Equal(t, http.StatusNotFound, response.StatusCode, "clients of the API do not see them")
	response, err = http.Get(metrics + "/api/model")
	require.NoError(t, err)
	response.Body.Close()
	assert.Equal(t, http.StatusNotFound, response.StatusCode)
}

func TestMetricsEndWithoutAnError(t *testing.T) {
	log := &logBuffer{}
	logger := slog.New(slog.NewTextHandler(log, nil))
	o, err := parse("server", []string{"-metrics-addr", "localhost:0"}, environment(), io.Discard)
	require.NoError(t, err)
	m, err := listenForMetrics(t.Context(), logger, o)
	require.NoError(t, err)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		m.serve(logger)
	}()
	get(t, "http://"+m.address()+"/metrics")
	require.NoError(t, m.Close())
	<-ended
	assert.Empty(t, log.String())
}

func TestMetricsNeedAnotherAddress(t *testing.T) {
	for _, args := range [][]string{
		{"-addr", "localhost:7860", "-metrics-addr", "localhost:7860"},
		{"-addr", ":7860", "-metrics-addr", "localhost:7860"},
		{"-addr", "localhost:7860", "-metrics-addr", ":7860"},
		{"-metrics-addr", "nowhere:at:all"},
		{"-drift-window", "99"},
	} {
		_, err := parse("server", args, environment(), io.Discard)
		var wrong UsageError
		require.ErrorAs(t, err, &wrong, "%v", args)
	}
	for _, args := range [][]string{
		{"-addr", "localhost:7860", "-metrics-addr", "localhost:7861"},
		{"-addr", "127.0.0.1:7860", "-metrics-addr", "127.0.0.2:7860"},
		{"-addr", ":0", "-metrics-addr", ":0"},
	} {
		_, err := parse("server", args, environment(), io.Discard)
		require.NoError(t, err, "%v", args)
	}
}
