package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"text/tabwriter"

	"lendleaf/core/measure"
	"lendleaf/core/metrics"
)

func prepareOutcomes(flags *flag.FlagSet) func(context.Context, console, []string) error {
	var jsonFile string
	flags.StringVar(&jsonFile, "json", "", "`FILE` for the figures as JSON; - is the standard output, in place of the table")
	draws := flags.Int("draws", 1000, "`number` of samples behind an interval")
	seed := flags.Uint64("seed", 42, "`number` that fixes all draws")
	return func(ctx context.Context, c console, args []string) error {
		if len(args) < 2 {
			return usage("name files of records, and behind them a CSV of outcomes with the columns %s and %s", idColumn, outcomeColumn)
		}
		if *draws < 1 {
			return usage("-draws %d makes no sense", *draws)
		}
		if err := present(args); err != nil {
			return err
		}
		j := newJoined()
		if err := j.read(ctx, args[:len(args)-1], args[len(args)-1], c.in); err != nil {
			return err
		}
		r, err := j.compare(*draws, *seed)
		if err != nil {
			return fmt.Errorf("%w: %v", err, j.tally)
		}
		fmt.Fprintf(c.err, "lendleaf outcomes: %v\n", j.tally)
		return r.write(c.out, jsonFile)
	}
}

// comparisons are those of each two models that scored beside one another.
type comparisons []comparison

type comparison struct {
	ChampionHash   string `json:"champion_hash"`
	ChallengerHash string `json:"challenger_hash"`
	measure.Comparison
}

func (list comparisons) write(out io.Writer, jsonFile string) error {
	if jsonFile == "-" {
		return writeJSON(out, list)
	}
	if jsonFile != "" {
		if err := writeJSONFile(jsonFile, list); err != nil {
			return err
		}
	}
	for _, c := range list {
		if err := c.print(out); err != nil {
			return err
		}
	}
	return nil
}

// figures are what is compared, by the names that they have elsewhere.
var figures = []struct {
	name string
	of   func(f *metrics.Figures) *float64
}{
	{"AUC-PR", func(f *metrics.Figures) *float64 { return &f.AUCPR }},
	{"ROC AUC", func(f *metrics.Figures) *float64 { return f.ROCAUC }},
	{"Gini", func(f *metrics.Figures) *float64 { return f.Gini }},
	{"KS", func(f *metrics.Figures) *float64 { return f.KS }},
	{"Brier score", func(f *metrics.Figures) *float64 { return &f.Brier }},
	{"precision", func(f *metrics.Figures) *float64 { return &f.Precision }},
	{"recall", func(f *metrics.Figures) *float64 { return &f.Recall }},
	{"F1", func(f *metrics.Figures) *float64 { return &f.F1 }},
	{"accuracy", func(f *metrics.Figures) *float64 { return &f.Accuracy }},
}

func (c comparison) print(out io.Writer) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "champion\t%s\nchallenger\t%s\n", c.ChampionHash, c.ChallengerHash)
	fmt.Fprintf(w, "with an outcome\t%d predictions of %d people, base rate %.4f\n\n", c.Rows, c.People, c.BaseRate)
	fmt.Fprint(w, "of these\tchampion\tchallenger\tdifference\n")
	for _, f := range figures {
		fmt.Fprint(w, f.name)
		for _, m := range []measure.Measured{c.Champion, c.Challenger, c.Difference} {
			fmt.Fprintf(w, "\t%s", withInterval(m, f.of))
		}
		fmt.Fprintln(w)
	}
	s := c.Swaps
	fmt.Fprintf(w, "\nof all\tpredictions\twithout outcome\tpositive outcome\n")
	fmt.Fprintf(w, "both accept\t%d\nboth reject\t%d\n", s.BothAccept, s.BothReject)
	fmt.Fprintf(w, "swapped in\t%d\t%d\t%d\n", s.In.Count, s.In.Unknown, s.In.Positives)
	fmt.Fprintf(w, "swapped out\t%d\t%d\t%d\n\n", s.Out.Count, s.Out.Unknown, s.Out.Positives)
	return w.Flush()
}

// withInterval writes a figure, and between which 95 % of samples lie.
func withInterval(m measure.Measured, of func(*metrics.Figures) *float64) string {
	text := orUndefined(of(&m.Figures))
	if m.Low == nil || of(m.Low) == nil {
		return text
	}
	return fmt.Sprintf("%s (%.4f to %.4f)", text, *of(m.Low), *of(m.High))
}
