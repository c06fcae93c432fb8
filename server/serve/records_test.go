package serve

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/maxmind/mmdbwriter"
	"github.com/maxmind/mmdbwriter/mmdbtype"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"lendleaf/server/record"
)

func TestRecordOptionsThatMakeNoSenseAreRefused(t *testing.T) {
	for _, args := range [][]string{
		{"-record-required"}, {"-record-omit", "inputs"}, {"-record-size", "10"}, {"-record-keep", "4"}, {"-record-age", "1"},
		{"-geoip", "countries.mmdb"}, {"-trusted-proxies", "10.0.0.0/8"},
		{"-record", "r", "-record-size", "0"}, {"-record", "r", "-record-keep", "-1"}, {"-record", "r", "-record-age", "-1"},
		{"-record", "r", "-record-omit", "input"}, {"-record", "r", "-record-omit", "prediction_id"},
		{"-record-anchor", "a"}, {"-record-retain", "credit=1"}, {"-record-decided-by", "person"},
		{"-record", "r", "-record-retain", "credit=9,audit=3", "-record-keep", "4"}, {"-record", "r", "-record-retain", "credit=9,audit=3", "-record-age", "8"},
		{"-record", "r", "-record-retain", "credit"}, {"-record", "r", "-record-decided-by", "committee"}, {"-record", "r", "-record-omit", "retain_until"},
		{"-record", "r", "-trusted-proxies", "10.0.0.0/33"},
	} {
		_, err := parse("server", args, environment(), io.Discard)
		var wrong UsageError
		require.ErrorAs(t, err, &wrong, "%v", args)
	}
	_, err := parse("server", []string{"-record", "r", "-record-omit", "input"}, environment(), io.Discard)
	require.ErrorIs(t, err, record.ErrMember)
	_, err = parse("server", nil, environment("LENDLEAF_RECORD_REQUIRED", "true"), io.Discard)
	require.ErrorContains(t, err, "-record-required needs -record")
}

// Law may ask for years: what must be recorded is not deleted by default.
func TestRequiredRecordsAreKept(t *testing.T) {
	for want, args := range map[int][]string{
		4: {"-record", "r"}, 0: {"-record", "r", "-record-required"}, 7: {"-record", "r", "-record-required", "-record-keep", "7"},
	} {
		o, err := parse("server", args, environment(), io.Discard)
		require.NoError(t, err)
		assert.Equal(t, want, o.records.keep, "%v", args)
	}
	o, err := parse("server", []string{"-record", "r", "-record-retain", "credit=9,audit=3", "-record-age", "9"}, environment(), io.Discard)
	require.NoError(t, err)
	assert.Equal(t, 0, o.records.keep, "what must be kept is not deleted by number")
	o, err = parse("server", nil, environment("LENDLEAF_RECORD", "r", "LENDLEAF_RECORD_REQUIRED", "true", "LENDLEAF_RECORD_KEEP", "9", "LENDLEAF_TRUSTED_PROXIES", "::1,10.0.0.0/8"), io.Discard)
	require.NoError(t, err)
	assert.Equal(t, 9, o.records.keep)
	assert.Len(t, o.records.trusted, 2)
}

func TestRecordFilesThatCannotBeUsedAreNamed(t *testing.T) {
	folder := t.TempDir()
	for _, args := range [][]string{
		{"-record", filepath.Join(folder, "none", "records.jsonl")},
		{"-record", filepath.Join(folder, "records.jsonl"), "-geoip", filepath.Join(folder, "none.mmdb")},
	} {
		err := tested.Run(t.Context(), append([]string{"-addr", "localhost:0"}, args...), environment(), io.Discard)
		require.ErrorIs(t, err, os.ErrNotExist)
	}
}

// writeCountries writes a database in which this machine is in India.
func writeCountries(t *testing.T) string {
	t.Helper()
	tree, err := mmdbwriter.New(mmdbwriter.Options{DatabaseType: "Test", IncludeReservedNetworks: true})
	require.NoError(t, err)
	for _, text := range []string{"127.0.0.0/8", "::1/128"} {
		_, network, err := net.ParseCIDR(text)
		require.NoError(t, err)
		require.NoError(t, tree.Insert(network, mmdbtype.Map{"country": mmdbtype.Map{"iso_code": mmdbtype.String("IN")}}))
	}
	var file bytes.Buffer
	_, err = tree.WriteTo(&file)
	require.NoError(t, err)
	name := filepath.Join(t.TempDir(), "countries.mmdb")
	require.NoError(t, os.WriteFile(name, file.Bytes(), 0o600))
	return name
}

// An applicant with a member that no record may have.
var recordedApplicant = strings.Replace(goodApplicant, "{", `{"note": "canary",`, 1)

func predictAs(t *testing.T, host, body string) (status int, header http.Header) {
	t.Helper()
	request, err := http.NewRequest(http.MethodPost, "http://"+host+"/api/predict", strings.NewReader(body))
	require.NoError(t, err)
	request.Header.Set("User-Agent", "a client")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, nil
	}
	defer response.Body.Close()
	_, err = io.Copy(io.Discard, response.Body)
	require.NoError(t, err)
	return response.StatusCode, response.Header
}

// The whole server with records: what they hold, and what the log does not.
func TestServerWithRecords(t *testing.T) {
	file := filepath.Join(t.TempDir(), "records.jsonl")
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	log, ended := &logBuffer{}, make(chan error, 1)
	go func() {
		ended <- tested.Run(ctx, []string{"-addr", "localhost:0", "-log-requests", "-record", file, "-geoip", writeCountries(t), "-record-omit", "batch_latency_ms"}, environment(), log)
	}()
	require.Eventually(t, func() bool { return address.MatchString(log.String()) }, time.Minute, 5*time.Millisecond)
	host := address.FindStringSubmatch(log.String())[1]
	status, header := predictAs(t, host, recordedApplicant)
	assert.Equal(t, http.StatusOK, status)
	status, _ = predictAs(t, host, strings.Replace(recordedApplicant, "34", `"canary"`, 1))
	assert.Equal(t, http.StatusUnprocessableEntity, status)
	assert.Contains(t, get(t, "http://"+host+"/docs"), "This server records applicants and answers.")
	stop()
	require.NoError(t, <-ended)

	text, err := os.ReadFile(file)
	require.NoError(t, err)
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	require.Len(t, lines, 2)
	var first map[string]any
	require.NoError(t, json.Unmarshal([]byte(lines[0]), &first))
	assert.Equal(t, header.Get("X-Request-Id"), first["batch_id"])
	assert.Equal(t, header.Get("X-Prediction-Id"), first["prediction_id"])
	assert.Equal(t, "IN", first["client_country"])
	assert.Equal(t, "a client", first["user_agent"])
	assert.Equal(t, "patna", first["inputs"].(map[string]any)["city"])
	assert.NotContains(t, first, "batch_latency_ms")
	assert.NotContains(t, string(text), "canary")
	assert.NotContains(t, string(text), "127.0.0.1", "addresses are not recorded")
	for _, private := range []string{"canary", "patna", "1250000", "civil_engineer", "a client", "127.0.0.1:"} {
		assert.NotContains(t, strings.ReplaceAll(log.String(), host, ""), private)
	}
	assert.Contains(t, log.String(), "written=2 lost=0")
}

// The command line scores the server's records again, to the last bit: single
// ones, arrays, rows, and those of applicants at fault.
func TestRecordsAreReplayed(t *testing.T) {
	file := filepath.Join(t.TempDir(), "records.jsonl")
	anchor := filepath.Join(t.TempDir(), "anchor")
	host, log := serveFor(t, "-record", file, "-record-anchor", anchor, "-record-retain", "credit=10", "-record-decided-by", "rule")
	odd := strings.NewReplacer("34", "34.5", "1250000", "123456789012345678901234567890", `"city": "patna"`, `"city": "bellary", "married": null`)
	predictAs(t, host, odd.Replace(recordedApplicant))
	predictAs(t, host, "["+recordedApplicant+","+recordedApplicant+"]")
	predictAs(t, host, strings.Replace(recordedApplicant, "34", "12", 1))
	rows := strings.ReplaceAll(odd.Replace(goodApplicant), "\n", "") + "\n" + strings.ReplaceAll(goodApplicant, "\n", "")
	response, err := http.Post("http://"+host+"/api/predict", "application/x-ndjson", strings.NewReader(rows))
	require.NoError(t, err)
	response.Body.Close()
	require.Eventually(t, func() bool {
		text, err := os.ReadFile(file)
		return err == nil && bytes.Count(text, []byte{'\n'}) == 6
	}, time.Minute, 5*time.Millisecond, log.String())
	said, err := exec.CommandContext(t.Context(), "go", "run", "../../core/cmd/lendleaf", "replay", "-model", "../../site/model/loan-default.lendleaf", file).CombinedOutput()
	require.NoError(t, err, "%s", said)
	assert.Equal(t, "lendleaf replay: 0 of 5 answers changed, 0 in the prediction; records of applicants at fault: 1\n", string(said))
	said, err = exec.CommandContext(t.Context(), "go", "run", "../../core/cmd/lendleaf", "records", "verify", file).CombinedOutput()
	require.NoError(t, err, "%s", said)
	assert.Contains(t, string(said), "6\trecords that hold\n")
	said, err = exec.CommandContext(t.Context(), "go", "run", "../../core/cmd/lendleaf", "records", "find", "-where", "decided_by=rule", file).CombinedOutput()
	require.NoError(t, err, "%s", said)
	assert.Equal(t, 6, strings.Count(string(said), `"retain_until":{"credit":"`+time.Now().UTC().AddDate(0, 0, 10).Format(time.DateOnly)+`"}`))
	said, err = exec.CommandContext(t.Context(), "go", "run", "../../core/cmd/lendleaf", "records", "erase", "-where", "decided_by=rule", "-reason", "test", file).CombinedOutput()
	require.Error(t, err)
	assert.Contains(t, string(said), "nothing was erased: 6 of the records must be kept")
	assert.FileExists(t, anchor)
}

// Whatever was answered before the server stopped is in the file.
func TestNothingIsLostWhenTheServerStopsUnderLoad(t *testing.T) {
	file := filepath.Join(t.TempDir(), "records.jsonl")
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	log, ended := &logBuffer{}, make(chan error, 1)
	go func() {
		ended <- tested.Run(ctx, []string{"-addr", "localhost:0", "-record", file}, environment(), log)
	}()
	require.Eventually(t, func() bool { return address.MatchString(log.String()) }, time.Minute, 5*time.Millisecond)
	host := address.FindStringSubmatch(log.String())[1]
	var clients sync.WaitGroup
	var mu sync.Mutex
	answered := map[string]bool{}
	for range 4 {
		clients.Go(func() {
			for {
				status, header := predictAs(t, host, recordedApplicant)
				if status != http.StatusOK {
					return
				}
				mu.Lock()
				answered[header.Get("X-Prediction-Id")] = true
				enough := len(answered) == 200
				mu.Unlock()
				if enough {
					stop()
				}
			}
		})
	}
	clients.Wait()
	stop()
	require.NoError(t, <-ended)
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(answered), 200)
	for id := range answered {
		assert.Contains(t, string(text), `"prediction_id":"`+id+`"`)
	}
}

func TestFullDiskWithRecordsRequired(t *testing.T) {
	if _, err := os.Stat("/dev/full"); err != nil {
		t.Skip("there is no /dev/full")
	}
	host, log := serveFor(t, "-record", "/dev/full", "-record-required", "-metrics-addr", "localhost:0")
	for range 3 {
		status, header := predictAs(t, host, recordedApplicant)
		assert.Equal(t, http.StatusServiceUnavailable, status)
		assert.Equal(t, "1", header.Get("Retry-After"))
	}
	assert.Equal(t, 1, strings.Count(log.String(), "predictions cannot be recorded"))
	metrics := get(t, "http://"+metricsAddress.FindStringSubmatch(log.String())[1]+"/metrics")
	assert.Contains(t, metrics, "\nlendleaf_records_lost_total 3\n")
	assert.Contains(t, metrics, "\nlendleaf_records_written_total 0\n")

	host, _ = serveFor(t, "-record", "/dev/full")
	status, _ := predictAs(t, host, recordedApplicant)
	assert.Equal(t, http.StatusOK, status, "where records are not required, an answer is given without one")
}

// Without -record nothing is written, wherever the server runs.
func TestNothingIsWrittenUnlessAsked(t *testing.T) {
	folder := t.TempDir()
	t.Chdir(folder)
	t.Setenv("TMPDIR", folder)
	t.Setenv("HOME", folder)
	host, _ := serveFor(t)
	status, header := predictAs(t, host, recordedApplicant)
	assert.Equal(t, http.StatusOK, status)
	assert.Empty(t, header.Get("X-Prediction-Id"))
	assert.Contains(t, get(t, "http://"+host+"/docs"), "This server keeps no record of applicants or answers.")
	entries, err := os.ReadDir(folder)
	require.NoError(t, err)
	assert.Empty(t, entries)
}
