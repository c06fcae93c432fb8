package main

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"lendleaf/core"
	"lendleaf/core/record"
	"lendleaf/core/rows"
)

// rlo turns round what stands behind it.
const rlo = "\u202e"

// sealedFiles writes records as a server does, in files of some, the first of them
// packed, and returns the files and the head.
func sealedFiles(t testing.TB, lines []string, each int) (names []string, head record.Head) {
	t.Helper()
	chain := record.NewChain(record.Head{})
	folder := t.TempDir()
	for i := 0; i < len(lines); i += each {
		var text []byte
		chain.Resume(chain.Head())
		for _, line := range lines[i:min(len(lines), i+each)] {
			start := len(text)
			text = append(chain.Seal(append(text, line...), start), '\n')
		}
		name := filepath.Join(folder, fmt.Sprintf("records-%d.jsonl", i))
		if i == 0 {
			name += ".gz"
			text = packed(t, text)
		}
		require.NoError(t, os.WriteFile(name, text, 0o600))
		names = append(names, name)
	}
	return names, chain.Head()
}

func packed(t testing.TB, text []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	zip := gzip.NewWriter(&b)
	_, err := zip.Write(text)
	require.NoError(t, err)
	require.NoError(t, zip.Close())
	return b.Bytes()
}

// unpacked is what a file of records holds.
func unpacked(t testing.TB, name string) string {
	t.Helper()
	text := read(t, name)
	if !strings.HasSuffix(name, ".gz") {
		return text
	}
	zip, err := gzip.NewReader(strings.NewReader(text))
	require.NoError(t, err)
	all, err := io.ReadAll(zip)
	require.NoError(t, err)
	return string(all)
}

func anchorFile(t testing.TB, h record.Head) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "anchor")
	require.NoError(t, os.WriteFile(name, record.AppendAnchor(nil, h, time.Now()), 0o600))
	return name
}

func TestVerify(t *testing.T) {
	files, head := sealedFiles(t, recordsOf(t, loadMachines(t), 9), 4)
	anchor := anchorFile(t, head)
	end := fmt.Sprintf("the chain ends with record 9, %v\n", head.Hash)
	r := lendleaf("", "records", "verify", files[2], files[0], "-anchor", anchor, files[1])
	assert.Equal(t, result{exitOK, "9\trecords that hold\n" + end, ""}, r)
	r = lendleaf(read(t, files[2]), "records", "verify", files[1], "-")
	assert.Equal(t, result{exitOK, "5\trecords that hold\n4\trecords before these, of which nothing is known\n" + end, ""}, r)

	text := read(t, files[1])
	require.NoError(t, os.WriteFile(files[1], []byte(strings.Replace(text, `"B-5"`, `"B-6"`, 1)), 0o600))
	r = lendleaf("", append([]string{"records", "verify"}, files...)...)
	assert.Equal(t, result{exitBroken, files[1] + " line 2: record 6 was changed\n", "lendleaf records verify: the chain of records is broken: places at fault: 1\n"}, r)
	require.NoError(t, os.WriteFile(files[1], []byte(strings.Replace(text, "\n", "\r\n", 1)), 0o600))
	assert.Equal(t, exitBroken, lendleaf("", append([]string{"records", "verify"}, files...)...).code, "of a line, each byte counts")
	require.NoError(t, os.WriteFile(files[1], []byte(text), 0o600))
	r = lendleaf("", "records", "verify", files[0], files[1], "-anchor", anchor)
	assert.Equal(t, exitBroken, r.code)
	assert.Equal(t, files[1]+": record 9 is missing at the end\n", r.out)
}

func TestVerifySaysThatOldRecordsHaveNoChain(t *testing.T) {
	old := writeRecords(t, recordsOf(t, loadMachines(t), 2))
	r := lendleaf("", "records", "verify", old)
	assert.Equal(t, result{exitFailed, "", "lendleaf records verify: these records have no chain: they are from before records were sealed, and nothing can be verified of them (lines: 2)\n"}, r)
	files, _ := sealedFiles(t, recordsOf(t, loadMachines(t), 2), 2)
	r = lendleaf("", "records", "verify", old, files[0])
	assert.Equal(t, exitOK, r.code)
	assert.Contains(t, r.out, "2\tlines from before the chain, of which nothing can be verified\n")
	empty := writeRecords(t, nil)
	assert.Contains(t, lendleaf("", "records", "verify", empty).err, "there is no record to verify")
}

func TestRecordsCommandsFail(t *testing.T) {
	files, _ := sealedFiles(t, recordsOf(t, loadMachines(t), 2), 2)
	for _, args := range [][]string{
		{"records"}, {"records", "burn"}, {"records", "verify"}, {"records", "find", "-id", "x"}, {"records", "find", files[0]}, {"records", "find", files[0], "-where", "x"},
		{"records", "find", files[0], "-id", ""}, {"records", "erase", files[0], "-id", "B-1"}, {"records", "erase", files[0], "-reason", "x"}, {"records", "erase", "-", "-id", "B-1", "-reason", "x"},
	} {
		assert.Equal(t, exitUsage, lendleaf("", args...).code, "%v", args)
	}
	for _, args := range [][]string{
		{"verify", files[0], "none"}, {"verify", files[0], "-anchor", "none"}, {"verify", files[0], "-anchor", files[0]}, {"find", "none", "-id", "x"},
		{"find", files[0], "-id", "x"}, {"erase", "none", "-id", "x", "-reason", "x"}, {"erase", files[0], "-id", "B-0", "-reason", "x", "-holds", "none"},
	} {
		r := lendleaf("", append([]string{"records"}, args...)...)
		assert.Equal(t, exitFailed, r.code, "%v", args)
		assert.NotEmpty(t, r.err)
	}
}

func TestFind(t *testing.T) {
	lines := recordsOf(t, loadMachines(t), 9)
	lines[3] = strings.Replace(lines[3], `"hours":`, `"note":"a `+rlo+` b","was":`, 1)
	files, _ := sealedFiles(t, lines, 4)
	r := lendleaf("", append([]string{"records", "find", "-id", "B-7", "-id", "B-1"}, files...)...)
	assert.Equal(t, exitOK, r.code)
	assert.Equal(t, "lendleaf records: 2 of 9 records\n", r.err)
	found := strings.Split(strings.TrimSuffix(r.out, "\n"), "\n")
	require.Len(t, found, 2)
	assert.Equal(t, strings.Split(unpacked(t, files[0]), "\n")[1], found[0], "as it stands in the file")
	assert.Contains(t, found[1], `"B-7"`)
	r = lendleaf("", append([]string{"records", "find", "-where", "inputs.note=a " + rlo + " b", "-where", "batch_id=B", "-where", "error_message="}, files...)...)
	assert.Equal(t, 1, strings.Count(r.out, "\n"))
	assert.NotContains(t, r.out, rlo)
	for _, none := range []string{"inputs.note=x", "inputs=", "batch_id.x=B", "none=", "prediction_id=B"} {
		r = lendleaf("", append([]string{"records", "find", "-where", none}, files...)...)
		assert.Equal(t, exitFailed, r.code, none)
		assert.Equal(t, "lendleaf records find: no such record: 0 of 9 records\n", r.err)
	}
	old := writeRecords(t, []string{`{"prediction_id":"B-1","user_agent":"` + rlo + `\u001b","n":12.50}`, `{"batch_id":"B","prediction_id":"B-2","inp`})
	r = lendleaf("", "records", "find", old, "-where", "n=12.50")
	assert.Equal(t, `{"prediction_id":"B-1","user_agent":"\u202e\u001b","n":12.50}`+"\n", r.out)
	assert.Contains(t, r.err, "could be looked through for -id alone: 1")
	assert.Contains(t, lendleaf("", "records", "find", old, "-id", "B-2").out, `"B-2","inp`)
}

// Of an erased record nothing is left that it could be guessed from, plain or
// packed, and the chain and the anchor hold.
func TestErase(t *testing.T) {
	lines := recordsOf(t, loadMachines(t), 9)
	files, head := sealedFiles(t, lines, 4)
	var before []string
	for _, name := range files {
		before = append(before, unpacked(t, name))
	}
	r := lendleaf("", append([]string{"records", "erase", "-id", "B-1", "-id", "B-6", "-reason", "asked for " + rlo}, files...)...)
	assert.Equal(t, result{exitOK, "", "lendleaf records: 2 of 9 records\n"}, r)
	for i, name := range files {
		now := unpacked(t, name)
		assert.Equal(t, i == 2, now == before[i])
		was := strings.Split(before[i], "\n")
		for j, line := range strings.Split(now, "\n") {
			if line == was[j] {
				continue
			}
			assert.Regexp(t, `^{"erased":"20[^"]*Z","reason":"asked for \\u202e","sequence":[27],"inner":"[0-9a-f]{64}","chain":"[0-9a-f]{64}"}$`, line)
			_, salt, _ := strings.Cut(was[j], `"salt":"`)
			assert.NotContains(t, now, salt[:32])
		}
		info, err := os.Stat(name)
		require.NoError(t, err)
		assert.EqualValues(t, 0o600, info.Mode().Perm())
	}
	folder, err := os.ReadDir(filepath.Dir(files[0]))
	require.NoError(t, err)
	assert.Len(t, folder, len(files), "nothing is left beside the files")
	r = lendleaf("", append([]string{"records", "verify", "-anchor", anchorFile(t, head)}, files...)...)
	assert.Equal(t, exitOK, r.code, r.err)
	assert.Contains(t, r.out, "9\trecords that hold\n2\tof them, erased\n")
	assert.Equal(t, exitFailed, lendleaf("", append([]string{"records", "erase", "-id", "B-1", "-reason", "again"}, files...)...).code)
	r = lendleaf("", append([]string{"replay", "-model", machinesModel}, files...)...)
	assert.Equal(t, result{exitOK, "", "lendleaf replay: 0 of 7 answers changed, 0 in the prediction; records that are erased: 2\n"}, r)
}

// What a second model made of somebody goes with the record that has their inputs,
// in whichever file it is.
func TestEraseWhatAChallengerSaid(t *testing.T) {
	lines := []string{
		`{"model_role":"challenger","prediction_id":"B-1","inputs":null}`, `{"model_role":"challenger","prediction_id":"B-2","inputs":null}`,
		`{"model_role":"champion","prediction_id":"B-1","inputs":{"n":1}}`, `{"model_role":"champion","prediction_id":"B-2","inputs":{"n":2}}`,
		`{"model_role":"champion","prediction_id":"B-1","inputs":{"n":3}}`,
	}
	files, _ := sealedFiles(t, lines, 2)
	r := lendleaf("", append([]string{"records", "erase", "-where", "inputs.n=1", "-reason", "x"}, files...)...)
	assert.Equal(t, result{exitOK, "", "lendleaf records: 2 of 5 records\n"}, r)
	assert.Equal(t, 1, strings.Count(unpacked(t, files[0]), `"B-2"`))
	assert.NotContains(t, unpacked(t, files[0])+unpacked(t, files[1]), `"B-1"`)
	assert.Contains(t, unpacked(t, files[2]), `"B-1"`, "somebody else's, of the same name")
	assert.Equal(t, exitOK, lendleaf("", append([]string{"records", "verify"}, files...)...).code)
}

func TestReplayPassesOverChallengers(t *testing.T) {
	lines := recordsOf(t, loadMachines(t), 2)
	lines[1] = strings.Replace(lines[1], "{", `{"model_role":"challenger",`, 1)
	r := lendleaf("", "replay", "-model", machinesModel, writeRecords(t, lines))
	assert.Equal(t, result{exitOK, "", "lendleaf replay: 0 of 1 answers changed, 0 in the prediction; records of a challenger: 1\n"}, r)
}

func TestEraseOldAndTornRecords(t *testing.T) {
	old := writeRecords(t, []string{`{"prediction_id":"B-1"}`, `{"batch_id":"B","prediction_id":"B-1","inp`, `{"prediction_id":"B-2"}`})
	require.Equal(t, exitOK, lendleaf("", "records", "erase", old, "-id", "B-1", "-reason", "x").code)
	assert.NotContains(t, read(t, old), "B-1")
	assert.Equal(t, 2, strings.Count(read(t, old), `"reason":"x"}`))
	assert.Contains(t, read(t, old), `{"prediction_id":"B-2"}`)
}

// No record goes that must be kept, and none beside it.
func TestEraseRefuses(t *testing.T) {
	day := func(days int) string { return time.Now().UTC().AddDate(0, 0, days).Format(time.DateOnly) }
	line := func(id, until string) string {
		return fmt.Sprintf(`{"prediction_id":"%s","retain_until":%s}`, id, until)
	}
	files, _ := sealedFiles(t, []string{
		line("free", "null"), line("past", `{"credit":"`+day(-1)+`"}`), line("today", `{"credit":"`+day(0)+`"}`),
		line("credit", `{"credit":"`+day(9)+`","complaints":"`+day(-9)+`"}`), line("odd", `{"credit":"soon"}`), line("odder", `7`), line("held", "null"),
	}, 7)
	holds := filepath.Join(filepath.Dir(files[0]), "holds")
	require.NoError(t, os.WriteFile(holds, []byte("# a court\n\nprediction_id=held\r\n"), 0o600))
	for id, why := range map[string]string{
		"today": "line 3: kept until " + day(0) + " for credit", "credit": "line 4: kept until " + day(9) + " for credit", "odd": "line 5: its retain_until cannot be read",
		"odder": "line 6: its retain_until cannot be read", "held": "line 7: under a hold of " + holds,
	} {
		was := read(t, files[0])
		r := lendleaf("", "records", "erase", files[0], "-id", id, "-id", "free", "-reason", "x")
		assert.Equal(t, exitKept, r.code, id)
		assert.Contains(t, r.err, "nothing was erased: 1 of the records must be kept")
		assert.Contains(t, r.err, why)
		assert.NotContains(t, r.err, "complaints")
		assert.Equal(t, was, read(t, files[0]))
	}
	everything := filepath.Join(t.TempDir(), "all")
	require.NoError(t, os.WriteFile(everything, []byte("*\n"), 0o600))
	assert.Equal(t, exitKept, lendleaf("", "records", "erase", files[0], "-id", "free", "-reason", "x", "-holds", everything).code)
	require.NoError(t, os.WriteFile(everything, []byte("all of them\n"), 0o600))
	assert.Contains(t, lendleaf("", "records", "erase", files[0], "-id", "free", "-reason", "x", "-holds", everything).err, "line 1: \"all of them\" is no MEMBER=VALUE")
	require.Equal(t, exitOK, lendleaf("", "records", "erase", files[0], "-id", "free", "-id", "past", "-reason", "x").code)
	require.Equal(t, exitOK, lendleaf("", "records", "erase", files[0], "-id", "credit", "-reason", "x", "-despite", "article 17").code)
	assert.Contains(t, unpacked(t, files[0]), `"reason":"x","despite":"article 17","sequence":4,`)
}

// A file that a server writes to is not put aside under it.
func TestEraseLeavesTheServersFileAlone(t *testing.T) {
	files, _ := sealedFiles(t, recordsOf(t, loadMachines(t), 8), 4)
	live, err := os.OpenFile(files[1], os.O_RDWR|os.O_APPEND, 0)
	require.NoError(t, err)
	defer live.Close()
	require.NoError(t, record.Lock(live))
	r := lendleaf("", append([]string{"records", "erase", "-id", "B-6", "-reason", "x"}, files...)...)
	assert.Equal(t, exitFailed, r.code)
	assert.Contains(t, r.err, files[1]+": another process writes to this file of records: stop the server, or wait until the file is full and renamed")
	assert.Contains(t, read(t, files[1]), "B-6")
	assert.Equal(t, exitOK, lendleaf("", append([]string{"records", "erase", "-id", "B-1", "-reason", "x"}, files...)...).code)
}

// Characters are escaped wherever writes divide them.
func TestEscapedConsole(t *testing.T) {
	text := strings.Repeat("é"+rlo+"😀\x1b", 3) + "\n"
	for at := range len(text) {
		var out bytes.Buffer
		c := console{out: &out}.escaped()
		for _, part := range []string{text[:at], text[at : at+1], text[at+1:]} {
			n, err := io.WriteString(c.out, part)
			require.NoError(t, err)
			assert.Len(t, part, n)
		}
		assert.Equal(t, strings.Repeat(`é\u202e😀\u001b`, 3)+"\n", out.String())
	}
	full := console{out: writerFunc(func([]byte) (int, error) { return 0, errFull })}.escaped()
	_, err := io.WriteString(full.out, "x")
	require.ErrorIs(t, err, errFull)
}

// The log of the service that lendleaf replaces has its own names for outcomes, and
// probabilities of three decimals.
func TestReplayOfTheReplacedServicesLog(t *testing.T) {
	m := loadMachines(t)
	target := m.Schema().Target
	var lines []string
	for i := range 40 {
		score := m.Score(dataRecord(t, m, i))
		line := recordsOf(t, m, i+1)[i]
		before, _, _ := strings.Cut(line, `"prediction":`)
		lines = append(lines, before+fmt.Sprintf(`"prediction":%q,"probabilities":{"failure_within_a_month":%.3f,"runs_on":%.3f},"error_message":null}`,
			m.Outcome(score), score.Probability, 1-score.Probability))
	}
	file := writeRecords(t, lines)
	r := lendleaf("", "replay", "-model", machinesModel, file)
	assert.Equal(t, result{exitOK, "", "lendleaf replay: 0 of 40 answers changed, 0 in the prediction\n"}, r)
	p := fmt.Sprintf("%.3f", m.Score(dataRecord(t, m, 0)).Probability)
	for name, line := range map[string]string{
		"another decimal": strings.Replace(lines[0], `month":`+p, `month":`+p[:len(p)-1]+string('0'+(p[len(p)-1]-'0'+5)%10), 1),
		"more decimals":   strings.Replace(lines[0], `month":`+p, `month":`+p+"49", 1),
		"other names":     strings.Replace(lines[0], `"failure_within_a_month"`, `"broken"`, 1),
		"other outcome":   strings.Replace(strings.Replace(lines[0], target.Positive.Name, target.Negative.Name, 1), `"prediction":"`+target.Negative.Name, `"prediction":"`+map[bool]string{true: target.Negative.Name, false: target.Positive.Name}[m.Score(dataRecord(t, m, 0)).Positive], 1),
	} {
		r := lendleaf("", "replay", "-model", machinesModel, writeRecords(t, []string{line}))
		assert.Equal(t, exitChanged, r.code, "%s: %s", name, line)
	}
}

// A line as the replaced service writes it, of the model that it had.
func TestReplayOfALoan(t *testing.T) {
	const model = "../../../site/model/loan-default.lendleaf"
	m, err := core.LoadFile(model)
	require.NoError(t, err)
	const inputs = `{"income":1250000,"age":34,"experience":6,"married":null,"house_ownership":"rented","car_ownership":"no","profession":"civil_engineer","city":"patna","state":"bihar","current_job_yrs":4,"current_house_yrs":12}`
	var row rows.Row
	rows.NewShape(m.Schema()).Object(&row, []byte(inputs), 1)
	score := m.Score(row.Record)
	line := fmt.Sprintf(`{"batch_id":"b","batch_size":1,"batch_timestamp":"2026-01-02T03:04:05.678900+00:00","batch_latency_ms":31,"avg_prediction_latency_ms":31,"pipeline_version":"1.0","client_country":"IN","user_agent":"x",`+
		`"prediction_id":"0b7a","inputs":%s,"prediction":%q,"probabilities":{"default":%.3f,"no_default":%.3f}}`, inputs, m.Outcome(score), score.Probability, 1-score.Probability)
	r := lendleaf("", "replay", "-model", model, writeRecords(t, []string{line}))
	assert.Equal(t, result{exitOK, "", "lendleaf replay: 0 of 1 answers changed, 0 in the prediction\n"}, r)
	r = lendleaf("", "replay", "-model", model, writeRecords(t, []string{strings.Replace(line, `"default":0.`, `"default":0.9`, 1)}))
	assert.Equal(t, exitChanged, r.code)
	assert.Contains(t, r.out, "0b7a,"+m.Outcome(score)+",0.9")
}

// Records that are missing are no records that agree.
func TestReplayOfRecordsThatAreMissing(t *testing.T) {
	files, _ := sealedFiles(t, recordsOf(t, loadMachines(t), 12), 4)
	r := lendleaf("", "replay", "-model", machinesModel, files[2], files[0])
	assert.Equal(t, exitBroken, r.code)
	assert.Contains(t, r.err, "records 5 to 8 are missing before it, behind "+files[0])
	r = lendleaf("", "replay", "-model", machinesModel, files[0], "none")
	assert.Equal(t, exitFailed, r.code)
	assert.Empty(t, r.out)
	assert.Equal(t, exitOK, lendleaf("", "replay", "-model", machinesModel, files[1]).code)
}
