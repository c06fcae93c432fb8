package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"lendleaf/core"
	"lendleaf/core/dataset"
	"lendleaf/core/modelfile"
)

const (
	machinesDefinition = "../../testdata/machines.json"
	machinesData       = "../../testdata/machines.csv"
	machinesModel      = "../../testdata/machines.lendleaf"
	shippedModel       = "../../../site/model/loan-default.lendleaf"
)

// result is what a command line came to.
type result struct {
	code     int
	out, err string
}

func lendleaf(in string, args ...string) result {
	var out, err bytes.Buffer
	code := run(context.Background(), args, console{strings.NewReader(in), &out, &err})
	return result{code, out.String(), err.String()}
}

// files lists a folder.
func files(t *testing.T, folder string) []string {
	t.Helper()
	entries, err := os.ReadDir(folder)
	require.NoError(t, err)
	names := []string{}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

func read(t testing.TB, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	require.NoError(t, err)
	return string(text)
}

// trainArgs train what core's tests train.
func trainArgs(out string, more ...string) []string {
	return append([]string{"train", "-definition", machinesDefinition, "-data", machinesData, "-out", out,
		"-trees", "10", "-features", "3", "-min-leaf", "3", "-max-leaves", "40", "-depth", "0"}, more...)
}

func TestUsage(t *testing.T) {
	model := filepath.Join(t.TempDir(), "m")
	for _, args := range [][]string{
		{}, {"predict"}, {"-x"},
		{"train"}, {"train", "-definition", machinesDefinition}, {"train", "-x"}, trainArgs(model, "more"),
		trainArgs(model, "-trees", "0"), trainArgs(model, "-trees", "x"), trainArgs(model, "-trees", "99999999"),
		trainArgs(model, "-jobs", "-1"), trainArgs(model, "-features", "8"), trainArgs(model, "-split", "half"),
		trainArgs(model, "-split", "all"), trainArgs(model, "-threshold", "2"), trainArgs(model, "-recall", "-1"),
		trainArgs(model, "-min-leaf", "0"), trainArgs(model, "-without", "colour"), trainArgs(model, "-group", "colour"),
		trainArgs(model, "-group", "hall", "-split", "all", "-threshold", "0.5"), trainArgs(model, "-seed", "-1"),
		{"evaluate"}, {"evaluate", "-model", machinesModel}, {"evaluate", "-model", "m", "-data", "d", "-split", "x"},
		{"evaluate", "-model", "m", "-data", "d", "more"},
		{"inspect"}, {"inspect", "a", "b"},
		{"report"}, {"report", "-model", "m", "-data", "d"}, {"report", "-model", "m", "-data", "d", "-out", "o", "-draws", "0"},
		{"report", "-model", "m", "-data", "d", "-out", "o", "-cost", "-1"}, {"report", "-model", "m", "-data", "d", "-out", "o", "more"},
		{"score"}, {"score", "-model", "m", "-jobs", "-1"}, {"score", "-model", "m", "-format", "xml"},
		{"score", "-model", "m", "-out", "x", "-bad", "x"}, {"score", "-model", "m", "more"}, {"score", "-model", "m", "-in", ""},
	} {
		r := lendleaf("", args...)
		assert.Equal(t, exitUsage, r.code, "%v: %s", args, r.err)
		assert.Empty(t, r.out, "%v", args)
		assert.NotEmpty(t, r.err, "%v", args)
	}
	assert.NoFileExists(t, model)
}

func TestHelp(t *testing.T) {
	for _, word := range []string{"help", "-h", "-help", "--help"} {
		r := lendleaf("", word)
		assert.Equal(t, exitOK, r.code)
		for _, cmd := range commands {
			assert.Contains(t, r.out, "  "+cmd.name)
		}
	}
	for _, cmd := range commands {
		r := lendleaf("", append(strings.Fields(cmd.name), "-help")...)
		assert.Equal(t, exitOK, r.code)
		assert.Contains(t, r.out, "usage: lendleaf "+cmd.name)
		assert.Contains(t, r.out, cmd.summary)
		assert.NotContains(t, r.out, "NaN")
		assert.Empty(t, r.err)
	}
	assert.Equal(t, lendleaf("", "import", "-help"), lendleaf("", "import", "DUMP", "-help"))
	r := lendleaf("", "train", "-trees", "x")
	assert.Equal(t, result{exitUsage, "", "lendleaf train: invalid value \"x\" for flag -trees: parse error\nlendleaf train -help lists the flags.\n"}, r)
}

func TestFailures(t *testing.T) {
	dir := t.TempDir()
	model := filepath.Join(dir, "m")
	bad, other := filepath.Join(dir, "bad.csv"), filepath.Join(dir, "other.csv")
	const good = "hours,load,vibration,maker,hall,oil,failed\n1,1,1,NW,A,thin,no\n"
	require.NoError(t, os.WriteFile(other, []byte(good), 0o644))
	require.NoError(t, os.WriteFile(bad, []byte(good+"1,1.26,1,NW,A,thin,no\n"), 0o644))
	for reason, args := range map[string][]string{
		`bad.csv: line 3, column "load": Enter a number between 0 and 1.25.`: {"train", "-definition", machinesDefinition, "-data", bad, "-out", model},
		"no-definition":      {"train", "-definition", "no-definition", "-data", bad, "-out", model},
		"no-data":            {"train", "-definition", machinesDefinition, "-data", "no-data", "-out", model},
		"invalid definition": {"train", "-definition", machinesData, "-data", bad, "-out", model},
		"open " + filepath.Join(dir, "no-folder", "m") + ":": trainArgs(filepath.Join(dir, "no-folder", "m")),
		"it is a directory":         trainArgs(dir),
		"not a lendleaf model file": {"inspect", machinesData},
		"no-model":                  {"inspect", "no-model"},
		machinesDefinition:          {"evaluate", "-model", machinesDefinition, "-data", machinesData},
		"use -split all":            {"evaluate", "-model", machinesModel, "-data", other},
	} {
		r := lendleaf("", args...)
		assert.Equal(t, exitFailed, r.code, "%v", args)
		assert.Contains(t, r.err, reason)
	}
	assert.Equal(t, []string{"bad.csv", "other.csv"}, files(t, dir), "nothing is left behind")
}

func TestTrain(t *testing.T) {
	dir := t.TempDir()
	model := filepath.Join(dir, "m.lendleaf")
	require.NoError(t, os.WriteFile(model, []byte("what was there before"), 0o600))
	r := lendleaf("", trainArgs(model, "-jobs", "2")...)
	require.Equal(t, exitOK, r.code, r.err)
	assert.Empty(t, r.out)
	assert.Contains(t, r.err, "read 1200 rows\n")
	assert.Contains(t, r.err, "growing trees: 10 of 10\n")
	assert.Equal(t, []string{"m.lendleaf"}, files(t, dir))
	info, err := os.Stat(model)
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o600), info.Mode().Perm(), "a file keeps its mode")
	assert.Equal(t, read(t, machinesModel), read(t, model), "the same model as core's, to the last byte")
}

func TestTrainWithout(t *testing.T) {
	model := filepath.Join(t.TempDir(), "m.lendleaf")
	r := lendleaf("", trainArgs(model, "-without", "hall,oil")...)
	require.Equal(t, exitOK, r.code, r.err)
	m, err := modelfile.Decode([]byte(read(t, model)))
	require.NoError(t, err)
	assert.Equal(t, []string{"hall", "oil"}, m.Training.Without)
	assert.Nil(t, m.Definition.Field("hall"))
	assert.Contains(t, lendleaf("", "inspect", model).out, "without")
}

// Halls stand for people here: every row of one is in the same part.
func TestTrainByGroup(t *testing.T) {
	model := filepath.Join(t.TempDir(), "m.lendleaf")
	r := lendleaf("", trainArgs(model, "-group", "hall,maker")...)
	require.Equal(t, exitOK, r.code, r.err)
	m, err := modelfile.Decode([]byte(read(t, model)))
	require.NoError(t, err)
	assert.Equal(t, []string{"hall", "maker"}, m.Training.Group)
	assert.Contains(t, lendleaf("", "inspect", model).out, "rows with equal hall, maker")

	f, err := os.Open(machinesData)
	require.NoError(t, err)
	defer f.Close()
	data, err := dataset.Read(f, m.Definition.Schema)
	require.NoError(t, err)
	fields, err := m.Definition.Indexes(m.Training.Group)
	require.NoError(t, err)
	parts := data.Parts(fields)
	assert.Len(t, parts.Training, m.Training.Rows)
	assertShape(t, lendleaf("", "evaluate", "-model", model, "-data", machinesData, "-json", "-").out,
		map[string]int{"train": len(parts.Training), "validation": len(parts.Validation), "test": len(parts.Test)})

	all := lendleaf("", trainArgs(model, "-group", identical)...)
	require.Equal(t, exitOK, all.code, all.err)
	m, err = modelfile.Decode([]byte(read(t, model)))
	require.NoError(t, err)
	assert.Len(t, m.Training.Group, len(m.Definition.Fields))
}

func TestInterruptedTraining(t *testing.T) {
	dir := t.TempDir()
	ctx, stop := context.WithCancel(context.Background())
	var errs bytes.Buffer
	watch := writerFunc(func(p []byte) (int, error) {
		if bytes.Contains(p, []byte("read 1200 rows")) {
			stop()
		}
		return errs.Write(p)
	})
	code := run(ctx, trainArgs(filepath.Join(dir, "m"), "-trees", "60000"), console{strings.NewReader(""), io.Discard, watch})
	assert.Equal(t, exitFailed, code)
	assert.Contains(t, errs.String(), "lendleaf train: interrupted before it was done\n")
	assert.Empty(t, files(t, dir))

	errs.Reset()
	code = run(ctx, trainArgs(filepath.Join(dir, "m")), console{strings.NewReader(""), io.Discard, &errs})
	assert.Equal(t, exitFailed, code)
	assert.NotContains(t, errs.String(), "read", "reading stops too")
}

type writerFunc func(p []byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

func TestInspect(t *testing.T) {
	r := lendleaf("", "inspect", machinesModel)
	require.Equal(t, exitOK, r.code, r.err)
	model, err := core.Load([]byte(read(t, machinesModel)))
	require.NoError(t, err)
	for _, want := range []string{model.Hash(), "10 trees", "Failure Within A Month", "960 rows", "hall_failure_rate", "8 labels", "0 to 1.25, step 0.01", "refused", "thin"} {
		assert.Contains(t, r.out, want)
	}
	r = lendleaf("", "inspect", "-json", machinesModel)
	require.Equal(t, exitOK, r.code, r.err)
	var s summary
	require.NoError(t, json.Unmarshal([]byte(r.out), &s))
	assert.Equal(t, model.Hash(), s.Hash)
	assert.Equal(t, 10, s.Trees)
	assert.Len(t, s.Features, 7)
	splits := 0
	for _, f := range s.Features {
		splits += f.Splits
	}
	assert.Equal(t, s.Nodes, 2*splits+s.Trees)
	assert.Equal(t, 42, int(s.Training.Parameters.Seed))
}

func TestEvaluate(t *testing.T) {
	args := []string{"evaluate", "-model", machinesModel, "-data", machinesData}
	r := lendleaf("", args...)
	require.Equal(t, exitOK, r.code, r.err)
	for _, want := range []string{"train, 960 rows", "validation, 120 rows", "test, 120 rows", "Failure Within A Month", "Runs On", "accuracy", "macro average", "weighted average",
		"Gini", "KS", "Brier score", "calibration slope"} {
		assert.Contains(t, r.out, want)
	}
	file := filepath.Join(t.TempDir(), "e.json")
	both := lendleaf("", append(args, "-json", file)...)
	assert.Equal(t, r, both, "the table too")
	alone := lendleaf("", append(args, "-json", "-")...)
	assert.Equal(t, alone.out, read(t, file))

	assertShape(t, alone.out, map[string]int{"train": 960, "validation": 120, "test": 120})
	all := lendleaf("", append(args, "-json", "-", "-split", "all")...)
	assertShape(t, all.out, map[string]int{"test": 1200})
}

// assertShape compares the names of all members.
func assertShape(t *testing.T, text string, splits map[string]int) {
	t.Helper()
	var got map[string]any
	require.NoError(t, json.Unmarshal([]byte(text), &got))
	keys := func(v any) []string {
		list := []string{}
		for k := range v.(map[string]any) {
			list = append(list, k)
		}
		return list
	}
	assert.ElementsMatch(t, []string{"model", "splits"}, keys(got))
	assert.ElementsMatch(t, []string{"hash", "threshold"}, keys(got["model"]))
	require.Len(t, got["splits"], len(splits))
	for name, n := range splits {
		split := got["splits"].(map[string]any)[name].(map[string]any)
		assert.EqualValues(t, n, split["n"])
		assert.ElementsMatch(t, []string{
			"n", "auc_pr", "roc_auc", "precision", "recall", "f1", "accuracy", "brier", "gini", "ks", "calibration_slope", "calibration_intercept",
			"classes", "macro", "weighted",
		}, keys(split))
		classes := split["classes"].(map[string]any)
		assert.ElementsMatch(t, []string{"Failure Within A Month", "Runs On"}, keys(classes))
		for _, class := range []any{classes["Runs On"], classes["Failure Within A Month"], split["macro"], split["weighted"]} {
			assert.ElementsMatch(t, []string{"precision", "recall", "f1", "support"}, keys(class))
		}
	}
}
