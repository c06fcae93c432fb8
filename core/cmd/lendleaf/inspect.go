package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"

	"lendleaf/core/calibration"
	"lendleaf/core/feature"
	"lendleaf/core/modelfile"
	"lendleaf/core/schema"
)

func prepareInspect(flags *flag.FlagSet) func(context.Context, console, []string) error {
	asJSON := flags.Bool("json", false, "write JSON")
	return func(_ context.Context, c console, args []string) error {
		if len(args) != 1 {
			return usage("want one model file, have %d", len(args))
		}
		file, err := os.ReadFile(args[0])
		if err != nil {
			return err
		}
		m, err := modelfile.Decode(file)
		if err != nil {
			return fmt.Errorf("%s: %w", args[0], err)
		}
		s := summarise(m, len(file))
		if *asJSON {
			return writeJSON(c.out, s)
		}
		return s.print(c.out)
	}
}

// summary is what inspect shows.
type summary struct {
	Name      string             `json:"name"`
	Hash      string             `json:"hash"`
	Bytes     int                `json:"bytes"`
	Threshold float64            `json:"threshold"`
	Trees     int                `json:"trees"`
	Nodes     int                `json:"nodes"`
	Values    int                `json:"values"` // distinct leaf probabilities
	Fields    []schema.Field     `json:"fields"`
	Target    schema.Target      `json:"target"`
	Features  []featureSummary   `json:"features"`
	Learned   feature.Learned    `json:"learned"`
	Training  modelfile.Training `json:"training"`

	Calibration *calibration.Calibration `json:"calibration,omitempty"`
}

type featureSummary struct {
	feature.Spec
	Cuts   int `json:"cuts"`   // distinct
	Splits int `json:"splits"` // nodes that ask for it
}

func summarise(m *modelfile.Model, size int) summary {
	s := summary{
		Name: m.Definition.Name, Hash: m.Hash, Bytes: size, Threshold: m.Threshold,
		Trees: len(m.Forest.Trees), Nodes: m.Forest.Nodes(), Values: len(m.Forest.Values),
		Fields: m.Definition.Fields, Target: m.Definition.Target, Learned: m.Learned, Training: m.Training,
		Calibration: m.Calibration,
	}
	for i, spec := range m.Definition.Features.Specs() {
		s.Features = append(s.Features, featureSummary{Spec: spec, Cuts: len(m.Forest.Cuts[i])})
	}
	for _, tree := range m.Forest.Trees {
		for _, n := range tree {
			if int(n.Feature) < len(s.Features) {
				s.Features[n.Feature].Splits++
			}
		}
	}
	return s
}

func (s summary) print(out io.Writer) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	t := s.Training
	fmt.Fprintf(w, "model\t%s\nhash\t%s\nbytes\t%d\n", s.Name, s.Hash, s.Bytes)
	fmt.Fprintf(w, "forest\t%d trees, %d nodes, %d distinct probabilities\n", s.Trees, s.Nodes, s.Values)
	fmt.Fprintf(w, "predicts\t%s from a probability of %v, else %s\n", s.Target.Positive.Name, s.Threshold, s.Target.Negative.Name)
	if t.Source != "" {
		fmt.Fprintf(w, "fitted by\t%s\n", t.Source)
	} else {
		fmt.Fprintf(w, "trained on\t%d rows, %d of them %s\n", t.Rows, t.Positives, s.Target.Positive.Name)
		fmt.Fprintf(w, "split\t%s, of %d rows with SHA-256 %s\n", t.Split, t.Data.Rows, t.Data.SHA256)
	}
	if len(t.Group) > 0 {
		fmt.Fprintf(w, "one person\trows with equal %s\n", strings.Join(t.Group, ", "))
	}
	p := t.Parameters
	fmt.Fprintf(w, "parameters\ttrees %d, depth %d, features %d, leaves %d, rows a leaf %d, seed %d\n",
		p.Trees, p.Depth, p.Features, p.MaxLeaves, p.MinLeaf, p.Seed)
	if len(t.Without) > 0 {
		fmt.Fprintf(w, "without\t%s\n", strings.Join(t.Without, ", "))
	}
	fmt.Fprintf(w, "calibration\t%s\n", describeCalibration(s.Calibration))
	fmt.Fprint(w, "\nfield\tkind\tvalues\tif missing\n")
	for _, f := range s.Fields {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", f.Name, f.Kind, describeValues(f), s.typical(f))
	}
	fmt.Fprint(w, "\nfeature\tfield\tkind\tcuts\tsplits\n")
	for _, f := range s.Features {
		fmt.Fprintf(w, "%s\t%s\t%s\t%d\t%d\n", f.Name, f.Field, f.Kind, f.Cuts, f.Splits)
	}
	return w.Flush()
}

func describeCalibration(c *calibration.Calibration) string {
	switch {
	case c == nil || c.Rows == 0:
		return "none: there was nobody to measure it on who is not in the training part"
	case !c.Holds():
		return fmt.Sprintf("none that holds: on %d rows of new people its Brier score is %.4f, the base rate's %.4f, give or take %.4f", c.Rows, c.Brier, c.BaseBrier, c.Margin)
	}
	return fmt.Sprintf("%d steps: on %d rows of new people its Brier score is %.4f, the base rate's %.4f, give or take %.4f", len(c.Steps), c.Rows, c.Brier, c.BaseBrier, c.Margin)
}

func describeValues(f schema.Field) string {
	if f.Kind == schema.Choice {
		return fmt.Sprintf("%d labels", len(f.Labels))
	}
	low, high := "…", "…"
	if f.Min != nil {
		low = fmt.Sprint(*f.Min)
	}
	if f.Max != nil {
		high = fmt.Sprint(*f.Max)
	}
	return fmt.Sprintf("%s to %s, step %v", low, high, f.Step)
}

func (s summary) typical(f schema.Field) string {
	v, ok := s.Learned.Typical[f.Name]
	if !ok {
		return "refused"
	}
	return f.Value(v).Text
}

func writeJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(v)
}
