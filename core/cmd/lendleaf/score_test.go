package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"lendleaf/core"
	"lendleaf/core/dataset"
	"lendleaf/core/schema"
)

func loadMachines(t testing.TB) *core.Model {
	t.Helper()
	m, err := core.Load([]byte(read(t, machinesModel)))
	require.NoError(t, err)
	return m
}

// The scores are the façade's, in the file's order, for any number of cores.
func TestScore(t *testing.T) {
	in := read(t, machinesData)
	m := loadMachines(t)
	data, err := dataset.Read(strings.NewReader(in), m.Schema())
	require.NoError(t, err)
	many := in + strings.Repeat(in[strings.IndexByte(in, '\n')+1:], 4) // several sheets
	for _, jobs := range []string{"0", "1", "2", "7"} {
		r := lendleaf(many, "score", "-model", machinesModel, "-jobs", jobs)
		require.Equal(t, exitOK, r.code, r.err)
		rows, err := csv.NewReader(strings.NewReader(r.out)).ReadAll()
		require.NoError(t, err)
		require.Len(t, rows, 1+5*1200)
		assert.Equal(t, "Ref,Built by,HALL,Hours since service,Load (share),Vibration (mm/s),oil,failed,line,prediction,probability_failure_within_a_month", strings.Join(rows[0], ","))
		for i, row := range rows[1:] {
			score := m.Score(data.Records[i%1200])
			p, err := strconv.ParseFloat(row[10], 64)
			require.NoError(t, err)
			require.Equal(t, score.Probability, p)
			require.Equal(t, m.Outcome(score), row[9])
			require.Equal(t, strconv.Itoa(i+2), row[8])
			require.Equal(t, fmt.Sprintf("M%04d", i%1200), row[0])
		}
	}
}

func TestScoreFiles(t *testing.T) {
	dir := t.TempDir()
	in, out, bad := filepath.Join(dir, "in.csv.gz"), filepath.Join(dir, "out.csv"), filepath.Join(dir, "bad.csv")
	var packed bytes.Buffer
	zip := gzip.NewWriter(&packed)
	_, err := io.WriteString(zip, "load,hall,Built by,hours,Vibration (mm/s),oil,note\n"+
		"0.5,A,NW,100,,,\"a, b\"\n"+
		"1.3,A,nobody,1,1,thin,x\n"+
		"0.5,A\n"+
		"0.5,yard,Ostermann,3000,12.5,Thick,\"two\nlines\"\n"+
		"0.5,A,NW,\"1\n2\",,,x\n")
	require.NoError(t, err)
	require.NoError(t, zip.Close())
	require.NoError(t, os.WriteFile(in, packed.Bytes(), 0o644))

	r := lendleaf("", "score", "-model", machinesModel, "-in", in, "-out", out, "-bad", bad)
	assert.Equal(t, exitBadRows, r.code)
	assert.Empty(t, r.out)
	assert.Equal(t, "lendleaf score: 3 of 5 rows cannot be scored; the first: line 3, column \"load\": Enter a number between 0 and 1.25.\n", r.err)
	assert.Equal(t, "line,field,reason\n"+
		"3,load,Enter a number between 0 and 1.25.\n"+
		"3,maker,Select a maker from the list.\n"+
		"4,,wrong number of fields\n"+
		"7,hours,Enter a number of at least 0.\n", read(t, bad))
	rows, err := csv.NewReader(strings.NewReader(read(t, out))).ReadAll()
	require.NoError(t, err)
	require.Len(t, rows, 3)
	assert.Equal(t, []string{"0.5", "A", "NW", "100", "", "", "a, b", "2", "Runs On"}, rows[1][:9])
	assert.Equal(t, "5", rows[2][7], "the line where the row begins")
	assert.Equal(t, "two\nlines", rows[2][6])
	assert.ElementsMatch(t, []string{"in.csv.gz", "out.csv", "bad.csv"}, files(t, dir))
}

func TestScoreJSON(t *testing.T) {
	in := `{"hours":100,"load":0.5,"maker":"north_works","hall":"a","note":"<é>"}` + "\n\n" +
		`{"hours":"100","load":0.5,"maker":"NW","hall":"a"}` + "\n" +
		`{"hours":3000,"load":1.2,"maker":"ostermann","hall":"yard","oil":"thick","vibration":39.5 }` + "\n" + "x\n"
	bad := filepath.Join(t.TempDir(), "bad.csv")
	r := lendleaf(in, "score", "-model", machinesModel, "-format", "ndjson", "-bad", bad)
	assert.Equal(t, exitBadRows, r.code)
	assert.Equal(t, "line,field,reason\n3,hours,Enter a number of at least 0.\n3,maker,Select a maker from the list.\n5,,it is no JSON object\n", read(t, bad))
	lines := strings.Split(strings.TrimSuffix(r.out, "\n"), "\n")
	require.Len(t, lines, 2)
	assert.True(t, strings.HasPrefix(lines[0], `{"hours":100,"load":0.5,"maker":"north_works","hall":"a","note":"<é>","prediction":"Runs On","probability_failure_within_a_month":`), lines[0])
	var second map[string]any
	require.NoError(t, json.Unmarshal([]byte(lines[1]), &second))
	assert.Equal(t, "Failure Within A Month", second["prediction"])
	assert.Equal(t, 39.5, second["vibration"])

	again := lendleaf(lines[1], "score", "-model", machinesModel, "-format", "ndjson")
	require.Equal(t, exitOK, again.code, again.err)
	var twice map[string]any
	require.NoError(t, json.Unmarshal([]byte(again.out), &twice))
	assert.Equal(t, second, twice, "of a repeated key the last one counts")

	file := filepath.Join(t.TempDir(), "in.JSONL")
	require.NoError(t, os.WriteFile(file, []byte(lines[1]), 0o644))
	assert.Equal(t, again, lendleaf("", "score", "-model", machinesModel, "-in", file))
}

func TestScoreFails(t *testing.T) {
	header := "load,hall,maker,hours,vibration,oil"
	for reason, in := range map[string]string{
		"the file is empty":                             "",
		`"hours": there is no such column`:              "load,hall,maker,vibration,oil\n",
		`"prediction": the file has it already`:         header + ",prediction\n",
		`"line": the file has it already`:               "line," + header + "\n",
		"-: after line 1: the row is longer than 1 MiB": header + "\n1,\"" + strings.Repeat("x", 1<<21),
		"separated by commas":                           strings.ReplaceAll(header, ",", ";") + "\n",
	} {
		r := lendleaf(in, "score", "-model", machinesModel)
		assert.Equal(t, exitFailed, r.code)
		assert.Contains(t, r.err, reason)
	}
	dir := t.TempDir()
	r := lendleaf("x", "score", "-model", machinesModel, "-out", filepath.Join(dir, "out"), "-bad", filepath.Join(dir, "bad"))
	assert.Equal(t, exitFailed, r.code)
	assert.Empty(t, files(t, dir), "nothing is left behind")
	r = lendleaf(header+"\n", "score", "-model", machinesModel)
	assert.Equal(t, result{exitOK, header + ",line,prediction,probability_failure_within_a_month\n", ""}, r, "no row is no fault")
}

// As JSON may, a CSV may lack what is optional.
func TestScoreWithoutOptionalColumns(t *testing.T) {
	m := loadMachines(t)
	var optional []string
	for _, f := range m.Schema().Fields {
		if f.Optional {
			optional = append(optional, f.Name)
		}
	}
	require.Equal(t, []string{"vibration", "oil"}, optional)
	full := lendleaf("hours,load,maker,hall,vibration,oil\n100,0.5,NW,A,,\n", "score", "-model", machinesModel)
	require.Equal(t, exitOK, full.code, full.err)
	short := lendleaf("hours,load,maker,hall\n100,0.5,NW,A\n", "score", "-model", machinesModel)
	require.Equal(t, exitOK, short.code, short.err)
	_, want, _ := strings.Cut(strings.Split(full.out, "\n")[1], ",,,")
	assert.Equal(t, "100,0.5,NW,A,"+want+"\n", strings.SplitAfterN(short.out, "\n", 2)[1])
}

// Whatever an outcome is called, what is written is JSON, or CSV.
func TestScoresOfOutcomesWithStrangeNames(t *testing.T) {
	const strange = "Fa\"i\\l\x7fs,\u2028\n"
	dir := t.TempDir()
	definition, model := filepath.Join(dir, "definition.json"), filepath.Join(dir, "model")
	quoted, err := json.Marshal(strange)
	require.NoError(t, err)
	text := strings.Replace(read(t, machinesDefinition), `"Failure Within A Month"`, string(quoted), 1)
	text = strings.Replace(text, `"Runs On"`, `"\u007f\"Runs\\On\""`, 1)
	require.NoError(t, os.WriteFile(definition, []byte(text), 0o600))
	r := lendleaf("", "train", "-definition", definition, "-data", machinesData, "-out", model, "-trees", "3")
	require.Equal(t, exitOK, r.code, r.err)
	names := []string{strange, "\x7f\"Runs\\On\""}

	r = lendleaf(`{"hours":3000,"load":1.2,"maker":"ostermann","hall":"yard"}`, "score", "-model", model, "-format", "ndjson")
	require.Equal(t, exitOK, r.code, r.err)
	var answer map[string]any
	require.NoError(t, json.Unmarshal([]byte(r.out), &answer), r.out)
	assert.Contains(t, names, answer["prediction"])
	assert.Contains(t, answer, "probability_"+schema.Fold(strange))

	r = lendleaf("hours,load,maker,hall\n3000,1.2,ostermann,yard\n", "score", "-model", model)
	require.Equal(t, exitOK, r.code, r.err)
	rows, err := csv.NewReader(strings.NewReader(r.out)).ReadAll()
	require.NoError(t, err, r.out)
	assert.Contains(t, names, rows[1][5])
}

// No output may replace what is read, nor another output.
func TestOutputsAreFilesOfTheirOwn(t *testing.T) {
	dir := t.TempDir()
	in, model := filepath.Join(dir, "in.csv"), filepath.Join(dir, "model")
	require.NoError(t, os.WriteFile(in, []byte(read(t, machinesData)), 0o644))
	require.NoError(t, os.WriteFile(model, []byte(read(t, machinesModel)), 0o644))
	link := filepath.Join(dir, "link")
	require.NoError(t, os.Symlink(in, link))
	score := []string{"score", "-model", model, "-in", in}
	for says, args := range map[string][]string{
		"-out and -in":         append(score, "-out", in),
		"-bad and -in":         append(score, "-bad", dir+"/./in.csv"),
		"-out and -in are":     append(score, "-out", link),
		"-out and -model":      append(score, "-out", model),
		"-out and -bad":        append(score, "-out", filepath.Join(dir, "new"), "-bad", dir+"/./new"),
		"-out and -bad are":    append(score, "-bad", "-"),
		"-out and -data":       {"train", "-definition", machinesDefinition, "-data", in, "-out", in},
		"-out and -definition": {"import", "dump", "-definition", in, "-out", in},
		"-out and DUMP":        {"import", in, "-definition", machinesDefinition, "-out", in},
	} {
		r := lendleaf("", args...)
		assert.Equal(t, exitUsage, r.code, "%v: %s", args, r.err)
		assert.Contains(t, r.err, says)
	}
	assert.Equal(t, read(t, machinesData), read(t, in))
	assert.Equal(t, read(t, machinesModel), read(t, model))
	assert.ElementsMatch(t, []string{"in.csv", "link", "model"}, files(t, dir))
}

func TestBadRowsToTheStandardOutput(t *testing.T) {
	out := filepath.Join(t.TempDir(), "out.csv")
	r := lendleaf("load,hall,maker,hours,vibration,oil\n9,A,NW,1,1,thin\n", "score", "-model", machinesModel, "-out", out, "-bad", "-")
	assert.Equal(t, exitBadRows, r.code)
	assert.Equal(t, "line,field,reason\n2,load,Enter a number between 0 and 1.25.\n", r.out)
	assert.Equal(t, 1, strings.Count(read(t, out), "\n"))
}

// As in «lendleaf score … | head»: it ends without a word, and nothing is left.
func TestScoreForAReaderThatHasEnough(t *testing.T) {
	dir := t.TempDir()
	enough, out, err := os.Pipe()
	require.NoError(t, err)
	require.NoError(t, enough.Close())
	defer out.Close()
	var errs bytes.Buffer
	args := []string{"score", "-model", machinesModel, "-bad", filepath.Join(dir, "bad")}
	code := run(context.Background(), args, console{&endless{t: t}, out, &errs})
	assert.Equal(t, exitFailed, code)
	assert.Empty(t, errs.String())
	assert.Empty(t, files(t, dir))
}

var errFull = errors.New("full")

func TestScoreStopsWhenNothingCanBeWritten(t *testing.T) {
	written := 0
	full := writerFunc(func(p []byte) (int, error) {
		if written += len(p); written > 100_000 {
			return 0, errFull
		}
		return len(p), nil
	})
	var errs bytes.Buffer
	code := run(context.Background(), []string{"score", "-model", machinesModel}, console{&endless{t: t}, full, &errs})
	assert.Equal(t, exitFailed, code)
	assert.Equal(t, "lendleaf score: full\n", errs.String(), "not as if the input were at fault")
}

func TestInterruptedScoring(t *testing.T) {
	ctx, stop := context.WithCancel(context.Background())
	var errs bytes.Buffer
	out := writerFunc(func(p []byte) (int, error) {
		stop()
		return len(p), nil
	})
	silent, feed := io.Pipe()
	defer feed.Close()
	code := run(ctx, []string{"score", "-model", machinesModel}, console{io.MultiReader(strings.NewReader(read(t, machinesData)), silent), out, &errs})
	assert.Equal(t, exitFailed, code)
	assert.Equal(t, "lendleaf score: interrupted before it was done\n", errs.String())
}

// endless is a file without an end.
type endless struct {
	t    testing.TB
	text []byte
	at   int
}

func (e *endless) Read(p []byte) (int, error) {
	if e.text == nil {
		e.text = []byte(read(e.t, machinesData))
	}
	n := copy(p, e.text[e.at:])
	if e.at += n; e.at == len(e.text) {
		e.at = bytes.IndexByte(e.text, '\n') + 1
	}
	return n, nil
}

func TestScoreTakesConstantMemory(t *testing.T) {
	heap := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	var early, late uint64
	written := 0
	out := writerFunc(func(p []byte) (int, error) {
		before := written
		written += len(p)
		if before < 1<<20 && written >= 1<<20 {
			early = heap()
		}
		if before < 8<<20 && written >= 8<<20 {
			late = heap()
			return 0, errFull
		}
		return len(p), nil
	})
	code := run(context.Background(), []string{"score", "-model", machinesModel}, console{&endless{t: t}, out, io.Discard})
	assert.Equal(t, exitFailed, code)
	assert.Less(t, late, early+4<<20)
}

func BenchmarkScore(b *testing.B) {
	for format, in := range map[string]string{formatCSV: loanCSV(100_000), formatNDJSON: loanNDJSON(50_000)} {
		rows := strings.Count(in, "\n")
		b.Run(format, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				code := run(context.Background(), []string{"score", "-model", shippedModel, "-format", format}, console{strings.NewReader(in), io.Discard, os.Stderr})
				require.Equal(b, exitOK, code)
			}
			b.ReportMetric(float64(b.N*rows)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}

func loanCSV(rows int) string {
	var b strings.Builder
	b.WriteString("Id,Income,Age,Experience,Married/Single,House_Ownership,Car_Ownership,Profession,CITY,STATE,CURRENT_JOB_YRS,CURRENT_HOUSE_YRS\n")
	for i := range rows {
		fmt.Fprintf(&b, "%d,%d,%d,%d,single,rented,no,%s,%s,Madhya_Pradesh,%d,%d\n", i, i*7919%10_000_000, 21+i%59, i%21,
			[]string{"Mechanical_engineer", "Chef", "Librarian"}[i%3], []string{"Rewa", "Pune", "Hubli-Dharwad", "Surat"}[i%4], i%15, 10+i%5)
	}
	return b.String()
}

func loanNDJSON(rows int) string {
	var b strings.Builder
	for i := range rows {
		fmt.Fprintf(&b, `{"income":%d,"age":%d,"experience":%d,"married":"single","house_ownership":"rented","car_ownership":"no","profession":"chef","city":"pune","state":"kerala","current_job_yrs":%d,"current_house_yrs":%d}`+"\n",
			i*7919%10_000_000, 21+i%59, i%21, i%15, 10+i%5)
	}
	return b.String()
}
