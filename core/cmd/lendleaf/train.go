package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"lendleaf/core/cmd/lendleaf/internal/progress"
	"lendleaf/core/dataset"
	"lendleaf/core/definition"
	"lendleaf/core/modelfile"
	"lendleaf/core/train"
)

func prepareTrain(flags *flag.FlagSet) func(context.Context, console, []string) error {
	var definitionFile, dataFile, out, without, group string
	var threshold *float64
	var recall float64
	plan := train.Plan{}
	flags.StringVar(&definitionFile, "definition", "", "`FILE` that declares fields and features (required)")
	flags.StringVar(&dataFile, "data", "", "CSV `FILE` of applicants and outcomes, or gzip of one (required)")
	flags.StringVar(&out, "out", "", "model `FILE` to write (required)")
	flags.StringVar(&plan.Split, "split", modelfile.SplitReference, "`reference`: train on 80 % of the rows, or all: on all of them")
	thresholdFlag(flags, &threshold, "smallest `probability` that is predicted positive (default: the best F1 on the validation part)")
	flags.Float64Var(&recall, "recall", 0, "in place of the best F1, choose the highest threshold with that `recall` on the validation part")
	flags.StringVar(&without, "without", "", "`FIELDS` to leave out, with commas between")
	flags.StringVar(&group, "group", "", "split so that rows with equal `FIELDS` (commas between), or "+identical+" ones, are in one part: the same person")
	flags.IntVar(&plan.Trees, "trees", 225, "`number` of trees")
	flags.IntVar(&plan.Depth, "depth", 26, "`number` of splits above the deepest leaf; 0: no limit")
	flags.IntVar(&plan.Features, "features", 1, "`number` of features drawn for each split")
	flags.IntVar(&plan.MaxLeaves, "max-leaves", 0, "`number` of leaves of a tree, the best splits first; 0: no limit")
	flags.IntVar(&plan.MinLeaf, "min-leaf", 1, "`number` of drawn rows in a leaf at least")
	flags.Uint64Var(&plan.Seed, "seed", 42, "`number` that fixes all draws")
	flags.IntVar(&plan.Jobs, "jobs", 0, "`number` of trees grown at once (default: one for each CPU)")
	return func(ctx context.Context, c console, args []string) error {
		if err := noArguments(args); err != nil {
			return err
		}
		if err := required("definition", definitionFile, "data", dataFile, "out", out); err != nil {
			return err
		}
		if err := separate([]string{"-out", out}, []string{"-definition", definitionFile, "-data", dataFile}); err != nil {
			return err
		}
		d, err := readDefinition(definitionFile, without)
		if err != nil {
			return err
		}
		if plan.Group, err = groupFields(group, d); err != nil {
			return err
		}
		plan.Threshold = thresholdOf(threshold, recall)
		plan.Without = fieldList(without)
		if err := plan.Check(d.Features.Len()); err != nil {
			return usage("%v", err)
		}
		file, err := createOutput(out)
		if err != nil {
			return err
		}
		defer file.discard()
		m, err := trainModel(ctx, c, d, dataFile, plan)
		if err != nil {
			return err
		}
		return writeModel(c, m, file)
	}
}

// thresholdOf is what -threshold and -recall ask for. The first one goes before.
func thresholdOf(given *float64, recall float64) train.Threshold {
	switch {
	case given != nil:
		return train.Given(*given)
	case recall != 0:
		return train.RecallAtLeast(recall)
	}
	return train.BestF1
}

// identical stands for all fields.
const identical = "identical"

func groupFields(group string, d *definition.Definition) ([]string, error) {
	names := fieldList(group)
	if group == identical {
		names = nil
		for _, f := range d.Fields {
			names = append(names, f.Name)
		}
	}
	if _, err := d.Indexes(names); err != nil {
		return nil, usage("-group: %v", err)
	}
	return names, nil
}

func fieldList(list string) []string {
	if list == "" {
		return nil
	}
	return strings.Split(list, ",")
}

func readDefinition(name, without string) (*definition.Definition, error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	d, err := definition.Parse(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	less, err := d.Without(fieldList(without))
	if err != nil {
		return nil, usage("-without: %v", err)
	}
	return less, nil
}

func readData(ctx context.Context, name string, d *definition.Definition) (*dataset.Data, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := dataset.Read(interruptible{ctx, f}, d.Schema)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return data, nil
}

// interruptible reads until its context is done.
type interruptible struct {
	ctx    context.Context
	source io.Reader
}

func (i interruptible) Read(p []byte) (int, error) {
	if err := i.ctx.Err(); err != nil {
		return 0, err
	}
	return i.source.Read(p)
}

func trainModel(ctx context.Context, c console, d *definition.Definition, dataFile string, plan train.Plan) (*modelfile.Model, error) {
	data, err := readData(ctx, dataFile, d)
	if err != nil {
		return nil, err
	}
	fmt.Fprintf(c.err, "read %d rows\n", len(data.Records))
	start := time.Now()
	meter := progress.New(c.err, "growing trees")
	plan.Progress = meter.Show
	m, err := train.Model(ctx, d, data, plan)
	meter.Close()
	if err != nil {
		return nil, err
	}
	fmt.Fprintf(c.err, "trained %d trees, %d nodes in %.1f s\n", len(m.Forest.Trees), m.Forest.Nodes(), time.Since(start).Seconds())
	return m, nil
}

func writeModel(c console, m *modelfile.Model, out *output) error {
	file, err := modelfile.Encode(m)
	if err != nil {
		return err
	}
	if _, err := out.Write(file); err != nil {
		return err
	}
	if err := out.commit(); err != nil {
		return err
	}
	fmt.Fprintf(c.err, "wrote %s: %d bytes, threshold %v\n", out.name, len(file), m.Threshold)
	return nil
}
