// Command bench measures how fast a model scores, for peers.py.
//
//	bench MODEL ROWS PROBABILITIES RUNS
//
// It writes the probability of each row of a CSV, and prints two figures as JSON:
// seconds for one row, the mean of all rows in turn, and seconds for all rows at
// once, the fastest of some runs. Both include making the features from records.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"time"

	"lendleaf/core"
	"lendleaf/core/dataset"
)

func main() {
	if len(os.Args) != 5 {
		fmt.Fprintln(os.Stderr, "usage: bench MODEL ROWS PROBABILITIES RUNS")
		os.Exit(2)
	}
	runs, err := strconv.Atoi(os.Args[4])
	if err == nil {
		err = run(os.Args[1], os.Args[2], os.Args[3], runs)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(modelFile, rowFile, out string, runs int) error {
	model, err := core.LoadFile(modelFile)
	if err != nil {
		return err
	}
	f, err := os.Open(rowFile)
	if err != nil {
		return err
	}
	defer f.Close()
	rows, err := dataset.Read(f, model.Schema())
	if err != nil {
		return err
	}
	scores := make([]core.Score, 0, len(rows.Records))
	all := fastest(runs, func() { scores = model.AppendScores(scores[:0], rows.Records) })
	one := fastest(1, func() {
		for _, r := range rows.Records {
			model.Score(r)
		}
	})
	var text []byte
	for _, s := range scores {
		text = append(strconv.AppendFloat(text, s.Probability, 'g', -1, 64), '\n')
	}
	if err := os.WriteFile(out, text, 0o644); err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(map[string]float64{
		"one": one.Seconds() / float64(len(rows.Records)),
		"all": all.Seconds(),
	})
}

// fastest is the least time of some runs.
func fastest(runs int, do func()) time.Duration {
	best := time.Duration(1<<63 - 1)
	for range runs {
		start := time.Now()
		do()
		best = min(best, time.Since(start))
	}
	return best
}
