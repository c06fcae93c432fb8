package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// scoredLine is a record of a model's score of a machine.
func scoredLine(id, role, hash string, hours int, p float64) string {
	prediction := "Runs On"
	if p >= 0.5 {
		prediction = "Failure Within A Month"
	}
	inputs := fmt.Sprintf(`{"hours":%d}`, hours)
	if role == challenger {
		inputs = "null"
	}
	return fmt.Sprintf(`{"model_hash":%q,"model_role":%q,"prediction_id":%q,"inputs":%s,"prediction":%q,"probabilities":{"Failure Within A Month":%v,"Runs On":%v},"error_message":null}`,
		hash, role, id, inputs, prediction, p, 1-p)
}

// twoModels are records of both models, and the outcomes of those whom the champion
// accepts: the challenger is right more often.
func twoModels(people int) (lines []string, outcomes string) {
	outcomes = "note,prediction_id,outcome\n"
	for i := range people {
		champion, better := float64(i*37%100)/100, 0.2
		positive := i%5 == 0
		if positive {
			better = 0.7
		}
		id := fmt.Sprintf("B-%d", i)
		lines = append(lines, scoredLine(id, "champion", "aaaa", i/2, champion))
		lines = append(lines, scoredLine(id, challenger, "bbbb", 0, better))
		if champion < 0.5 {
			outcomes += fmt.Sprintf("x,%s,%s\n", id, map[bool]string{true: "failure within a month", false: "0"}[positive])
		}
	}
	return lines, outcomes
}

func writeOutcomes(t *testing.T, text string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "outcomes.csv")
	require.NoError(t, os.WriteFile(name, []byte(text), 0o600))
	return name
}

func TestOutcomes(t *testing.T) {
	lines, outcomes := twoModels(400)
	files, _ := sealedFiles(t, lines, 300)
	r := lendleaf("", append(append([]string{"outcomes", "-json", "-"}, files...), writeOutcomes(t, "\ufeff"+outcomes+"x,B-9999,1\nx,B-0,\n"))...)
	require.Equal(t, exitOK, r.code, r.err)
	assert.Equal(t, "lendleaf outcomes: predictions scored by both models: 400; outcomes without a record: 1\n", r.err)
	var got comparisons
	require.NoError(t, json.Unmarshal([]byte(r.out), &got))
	require.Len(t, got, 1)
	c := got[0]
	assert.Equal(t, "aaaa", c.ChampionHash)
	assert.Equal(t, "bbbb", c.ChallengerHash)
	assert.Equal(t, 200, c.Rows)
	assert.Less(t, c.People, 200, "two of them are the same")
	assert.InDelta(t, 0.2, c.BaseRate, 1e-12)
	assert.Equal(t, 400, c.Swaps.BothAccept+c.Swaps.BothReject+c.Swaps.In.Count+c.Swaps.Out.Count)
	assert.Equal(t, 160, c.Swaps.In.Count)
	assert.Equal(t, 160, c.Swaps.In.Unknown, "whom nobody accepted has no outcome")
	assert.Equal(t, 40, c.Swaps.Out.Positives)
	assert.Equal(t, 1.0, c.Challenger.Figures.Recall)
	assert.Equal(t, 0.0, c.Champion.Figures.Recall)
	assert.Positive(t, c.Difference.Low.AUCPR)
	assert.LessOrEqual(t, c.Difference.Low.AUCPR, c.Difference.Figures.AUCPR)

	table := lendleaf("", append(append([]string{"outcomes"}, files...), writeOutcomes(t, outcomes))...)
	assert.Regexp(t, `(?m)^AUC-PR +0\.\d{4} \(0\.\d{4} to 0\.\d{4}\) +1\.0000 \(1\.0000 to 1\.0000\) +0\.\d{4} \(`, table.out)
	assert.Regexp(t, `(?m)^swapped in +160 +160 +0$`, table.out)
	again := lendleaf("", append(append([]string{"outcomes"}, files...), writeOutcomes(t, outcomes))...)
	assert.Equal(t, table, again)
}

// Models that came one after another are compared each with its challenger, and
// what cannot be joined is counted.
func TestOutcomesOfMoreModels(t *testing.T) {
	lines, outcomes := twoModels(40)
	lines = append(lines, scoredLine("C-1", "champion", "cccc", 1, 0.2), scoredLine("C-1", challenger, "bbbb", 1, 0.2), scoredLine("C-2", "champion", "cccc", 1, 0.2),
		lines[0], "{", `{"prediction_id":"D-1","error_message":"at fault"}`, `{"erased":"2031-01-01T00:00:00Z","reason":"x"}`)
	r := lendleaf("", "outcomes", writeRecords(t, lines), writeOutcomes(t, outcomes+"x,C-1,1\n"))
	assert.Equal(t, exitOK, r.code)
	assert.Equal(t, "lendleaf outcomes: predictions scored by both models: 40; scored by one alone: 1; named more than once, and passed over: 1; lines that are no record: 1\n", r.err)
	assert.Equal(t, 2, strings.Count(r.out, "with an outcome"))
	assert.Less(t, strings.Index(r.out, "aaaa"), strings.Index(r.out, "cccc"), "the most first")
}

func TestOutcomesFail(t *testing.T) {
	lines, outcomes := twoModels(10)
	records := writeRecords(t, lines)
	for _, args := range [][]string{{}, {records}, {records, writeOutcomes(t, outcomes), "-draws", "0"}} {
		assert.Equal(t, exitUsage, lendleaf("", append([]string{"outcomes"}, args...)...).code, "%v", args)
	}
	for text, want := range map[string]string{
		"":                                      "header: EOF",
		"id,outcome\n":                          "there is no column prediction_id or outcome",
		"prediction_id,outcome\nB-0,perhaps\n":  `line 2: "perhaps" is no outcome: one is "failure_within_a_month", "runs_on", 1 or 0`,
		"prediction_id,outcome\nB-0,1\nB-0,0\n": `line 3: prediction_id "B-0" has another outcome above`,
		"prediction_id,outcome\nB-0\n":          "record on line 2: wrong number of fields",
		"prediction_id,outcome\nB-77,1\n":       "nobody whom both models scored has an outcome: predictions scored by both models: 10; outcomes without a record: 1",
	} {
		r := lendleaf("", "outcomes", records, writeOutcomes(t, text))
		assert.Equal(t, exitFailed, r.code)
		assert.Contains(t, r.err, want)
	}
	other := strings.ReplaceAll(lines[0], "Runs On", "Stands Still")
	r := lendleaf("", "outcomes", writeRecords(t, []string{lines[0], other}), writeOutcomes(t, outcomes))
	assert.Contains(t, r.err, "line 2: it predicts other outcomes than the records before it")
	assert.Equal(t, exitFailed, lendleaf("", "outcomes", "none", writeOutcomes(t, outcomes)).code)
	assert.Equal(t, exitFailed, lendleaf("", "outcomes", records, "none").code)
}
