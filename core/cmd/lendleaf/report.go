package main

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"lendleaf/core/cmd/lendleaf/internal/report"
	"lendleaf/core/measure"
	"lendleaf/core/modelfile"
	"lendleaf/core/quality"
	"lendleaf/core/train"
)

func prepareReport(flags *flag.FlagSet) func(context.Context, console, []string) error {
	var modelFile, dataFile, out, jsonFile string
	var o measure.Options
	var recall float64
	flags.StringVar(&modelFile, "model", "", "model `FILE` (required)")
	flags.StringVar(&dataFile, "data", "", "CSV `FILE` that the model was trained on, or gzip of one (required)")
	flags.StringVar(&out, "out", "", "`FOLDER` to write index.html and its pictures to (required)")
	flags.StringVar(&jsonFile, "json", "", "`FILE` for the figures (default: report.json in that folder)")
	flags.Float64Var(&recall, "recall", 0, "how the threshold by person is chosen: as train's `recall`")
	flags.IntVar(&o.Draws, "draws", 1000, "`number` of samples behind an interval")
	flags.Float64Var(&o.Cost, "cost", 5, "what a missed positive costs, as a `multiple` of a wrongly predicted one")
	flags.Uint64Var(&o.Seed, "seed", 42, "`number` that fixes all draws")
	return func(ctx context.Context, c console, args []string) error {
		if err := noArguments(args); err != nil {
			return err
		}
		if err := required("model", modelFile, "data", dataFile, "out", out); err != nil {
			return err
		}
		if o.Draws < 1 || !(o.Cost >= 0) || !(recall >= 0 && recall <= 1) {
			return usage("-draws %d, -cost %v or -recall %v makes no sense", o.Draws, o.Cost, recall)
		}
		o.Threshold = thresholdOf(nil, recall)
		r, err := makeReport(ctx, modelFile, dataFile, o)
		if err != nil {
			return err
		}
		if err := writeReport(r, out, cmp.Or(jsonFile, filepath.Join(out, "report.json"))); err != nil {
			return err
		}
		fmt.Fprintf(c.err, "wrote %s: AUC-PR by person %.3f, on the random split %.3f\n", out, r.ByPerson.Figures.AUCPR, r.Random.Figures.AUCPR)
		return nil
	}
}

func makeReport(ctx context.Context, modelFile, dataFile string, o measure.Options) (*quality.Report, error) {
	m, _, err := readModel(modelFile)
	if err != nil {
		return nil, err
	}
	if m.Training.Split != modelfile.SplitReference || len(m.Training.Group) > 0 {
		return nil, fmt.Errorf("%s: a report is for models of the random split, which it sets beside one by person", modelFile)
	}
	data, err := readData(ctx, dataFile, m.Definition)
	if err != nil {
		return nil, err
	}
	o.Sizes = otherSizes(m.Training.Parameters)
	return measure.Report(ctx, m, data, o)
}

// otherSizes are settings to compare a model's own with: smaller and larger
// forests of the same kind, and forests of full trees that draw one feature for
// each split.
func otherSizes(own modelfile.Parameters) []train.Options {
	features := own.Features
	list := []train.Options{}
	for _, s := range [][2]int{{5, 2000}, {10, 2000}, {10, 4000}, {20, 2000}, {20, 3000}, {40, 2000}, {60, 2500}, {80, 4000}} {
		list = append(list, train.Options{Trees: s[0], MaxLeaves: s[1], Features: features, MinLeaf: own.MinLeaf, Seed: own.Seed})
	}
	for _, trees := range []int{5, 20, 50, 225} {
		list = append(list, train.Options{Trees: trees, Features: 1, MinLeaf: own.MinLeaf, Seed: own.Seed})
	}
	return slices.DeleteFunc(list, func(o train.Options) bool {
		return o.Trees == own.Trees && o.MaxLeaves == own.MaxLeaves && o.Features == own.Features
	})
}

// writeReport writes each file whole or not at all.
func writeReport(r *quality.Report, folder, jsonFile string) error {
	shown := report.Report{Report: r}
	page, err := shown.Page()
	if err != nil {
		return err
	}
	files := shown.Pictures()
	files["index.html"] = page
	files["page.css"] = report.Styles()
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	for name, content := range files {
		if err := writeOutput(filepath.Join(folder, name), content); err != nil {
			return err
		}
	}
	return writeJSONFile(jsonFile, r)
}

func writeOutput(name string, content []byte) error {
	f, err := createOutput(name)
	if err != nil {
		return err
	}
	defer f.discard()
	if _, err := f.Write(content); err != nil {
		return err
	}
	return f.commit()
}
