package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"lendleaf/core"
	"lendleaf/core/dataset"
)

// recordsOf makes records as a server writes them, of the machines' data.
func recordsOf(t testing.TB, m *core.Model, n int) []string {
	t.Helper()
	data, err := dataset.Read(strings.NewReader(read(t, machinesData)), m.Schema())
	require.NoError(t, err)
	var lines []string
	for i := range n {
		record := data.Records[i%len(data.Records)]
		var inputs []string
		for j, f := range m.Schema().Fields {
			text := "null"
			if v := f.Value(record[j]); v.Text != "" {
				text = v.Text
				if f.Label(v.Text) >= 0 {
					text = fmt.Sprintf("%q", v.Text)
				}
			}
			inputs = append(inputs, fmt.Sprintf("%q:%s", f.Name, text))
		}
		score, target := m.Score(record), m.Schema().Target
		lines = append(lines, fmt.Sprintf(`{"batch_id":"B","prediction_id":"B-%d","inputs":{%s},"prediction":%q,"probabilities":{%q:%v,%q:%v},"error_message":null}`,
			i, strings.Join(inputs, ","), m.Outcome(score), target.Positive.Name, shortest(score.Probability), target.Negative.Name, 1-score.Probability))
	}
	return lines
}

func writeRecords(t testing.TB, lines []string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "records.jsonl")
	require.NoError(t, os.WriteFile(name, []byte(strings.Join(lines, "\n")+"\n"), 0o600))
	return name
}

func TestReplayOfTheSameModel(t *testing.T) {
	lines := recordsOf(t, loadMachines(t), 100)
	first := writeRecords(t, lines[:60])
	var packed bytes.Buffer
	zip := gzip.NewWriter(&packed)
	_, err := io.WriteString(zip, strings.Join(lines[60:90], "\n"))
	require.NoError(t, err)
	require.NoError(t, zip.Close())
	second := filepath.Join(t.TempDir(), "records-2026.jsonl.gz")
	require.NoError(t, os.WriteFile(second, packed.Bytes(), 0o600))
	r := lendleaf(strings.Join(lines[90:], "\n"), "replay", "-model", machinesModel, first, second, "-")
	assert.Equal(t, result{exitOK, "", "lendleaf replay: 0 of 100 answers changed, 0 in the prediction\n"}, r)
}

func TestReplayListsWhatChanged(t *testing.T) {
	m := loadMachines(t)
	lines := recordsOf(t, m, 6)
	score := m.Score(dataRecord(t, m, 1))
	now, then := m.Outcome(score), m.Schema().Target.Positive.Name
	if now == then {
		then = m.Schema().Target.Negative.Name
	}
	lines[1] = strings.Replace(lines[1], `"prediction":"`+now, `"prediction":"`+then, 1)
	lines[2] = strings.Replace(lines[2], `"hours":`, `"hours":-`, 1)
	lines[3] = strings.Replace(lines[3], fmt.Sprintf("{%q:", m.Schema().Target.Positive.Name), `{"Other":`, 1)
	lines[4] = strings.Replace(lines[4], `"prediction":`, `"forgotten":`, 1)
	lines = append(lines,
		`{"prediction_id":"B-6","prediction":"Runs On","error_message":null}`,
		`{"prediction_id":"B-7","inputs":{},"error_message":null}`,
		`{"prediction_id":"B-8","inputs":null,"prediction":null,"probabilities":null,"error_message":"load: Enter a number."}`,
		"", `{"prediction_id":"B-`, `{"batch_id":"B"}`)
	file := writeRecords(t, lines)
	r := lendleaf("", "replay", "-model", machinesModel, file)
	assert.Equal(t, exitChanged, r.code)
	assert.Equal(t, "lendleaf replay: 3 of 6 answers changed, 2 in the prediction; records without inputs or answer: 2; "+
		"records of applicants at fault: 1; lines that are no record: 2, the first "+file+" line 11\n", r.err)
	rows, err := csv.NewReader(strings.NewReader(r.out)).ReadAll()
	require.NoError(t, err)
	require.Len(t, rows, 4)
	assert.Equal(t, []string{"prediction_id", "prediction_before", "probability_failure_within_a_month_before",
		"prediction_after", "probability_failure_within_a_month_after", "error_after"}, rows[0])
	assert.Equal(t, []string{"B-1", then, shortest(score.Probability), now, shortest(score.Probability), ""}, rows[1])
	assert.Equal(t, []string{"B-2", "", "", "hours: Enter a number of at least 0."}, []string{rows[2][0], rows[2][3], rows[2][4], rows[2][5]})
	assert.Equal(t, "B-3", rows[3][0])
	assert.Empty(t, rows[3][2])
}

func dataRecord(t *testing.T, m *core.Model, i int) []int64 {
	t.Helper()
	data, err := dataset.Read(strings.NewReader(read(t, machinesData)), m.Schema())
	require.NoError(t, err)
	return data.Records[i]
}

// Another model changes the answers of another forest.
func TestReplayWithAnotherModel(t *testing.T) {
	model := filepath.Join(t.TempDir(), "m")
	require.Equal(t, exitOK, lendleaf("", trainArgs(model, "-seed", "7")...).code)
	file := writeRecords(t, recordsOf(t, loadMachines(t), 50))
	r := lendleaf("", "replay", "-model", model, file)
	assert.Equal(t, exitChanged, r.code, r.err)
	assert.Greater(t, strings.Count(r.out, "\n"), 10)
}

func TestReplayFails(t *testing.T) {
	for _, args := range [][]string{{}, {"-model", machinesModel}, {"file"}} {
		assert.Equal(t, exitUsage, lendleaf("", append([]string{"replay"}, args...)...).code, "%v", args)
	}
	for in, want := range map[string]string{
		"":                         "there is no answer to compare: 0 of 0",
		"income,age\n1,2\n":        "lines that are no record: 2, the first - line 1",
		strings.Repeat("x", 5<<20): "line 1 is too long for a record",
		"\x1f\x8bno gzip":          "-: ",
		`{"prediction_id":"B-1"}`:  "records without inputs or answer: 1",
	} {
		r := lendleaf(in, "replay", "-model", machinesModel, "-")
		assert.Equal(t, exitFailed, r.code)
		assert.Contains(t, r.err, want)
	}
	assert.Equal(t, exitFailed, lendleaf("", "replay", "-model", machinesModel, "no-such-file").code)
	assert.Equal(t, exitFailed, lendleaf("", "replay", "-model", "no-such-file", "-").code)
	file := writeRecords(t, recordsOf(t, loadMachines(t), 1))
	file2 := writeRecords(t, []string{strings.Replace(read(t, file), `"hours":`, `"hours":-`, 1)})
	full := writerFunc(func([]byte) (int, error) { return 0, errFull })
	var errs bytes.Buffer
	assert.Equal(t, exitFailed, run(context.Background(), []string{"replay", "-model", machinesModel, file2}, console{strings.NewReader(""), full, &errs}))
	assert.Contains(t, errs.String(), errFull.Error())
}

func TestInterruptedReplay(t *testing.T) {
	ctx, stop := context.WithCancel(context.Background())
	stop()
	var errs bytes.Buffer
	assert.Equal(t, exitFailed, run(ctx, []string{"replay", "-model", machinesModel, "-"}, console{strings.NewReader("x"), io.Discard, &errs}))
	assert.Equal(t, "lendleaf replay: interrupted before it was done\n", errs.String())
}

func BenchmarkReplay(b *testing.B) {
	lines := recordsOf(b, loadMachines(b), 10_000)
	file := writeRecords(b, lines)
	b.ReportAllocs()
	for b.Loop() {
		code := run(context.Background(), []string{"replay", "-model", machinesModel, file}, console{strings.NewReader(""), io.Discard, io.Discard})
		require.Equal(b, exitOK, code)
	}
	b.ReportMetric(float64(b.N*len(lines))/b.Elapsed().Seconds(), "records/s")
}
