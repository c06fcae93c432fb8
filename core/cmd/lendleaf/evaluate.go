package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"text/tabwriter"

	"lendleaf/core"
	"lendleaf/core/dataset"
	"lendleaf/core/measure"
	"lendleaf/core/metrics"
	"lendleaf/core/modelfile"
	"lendleaf/core/quality"
	"lendleaf/core/schema"
)

func prepareEvaluate(flags *flag.FlagSet) func(context.Context, console, []string) error {
	var modelFile, dataFile, split, jsonFile string
	flags.StringVar(&modelFile, "model", "", "model `FILE` (required)")
	flags.StringVar(&dataFile, "data", "", "CSV `FILE` of applicants and outcomes, or gzip of one (required)")
	flags.StringVar(&split, "split", modelfile.SplitReference, "`reference`: training, validation and test part apart, as the model was trained, or all: all rows as test")
	flags.StringVar(&jsonFile, "json", "", "`FILE` for the figures as JSON; - is the standard output, in place of the table")
	return func(ctx context.Context, c console, args []string) error {
		if err := noArguments(args); err != nil {
			return err
		}
		if err := required("model", modelFile, "data", dataFile); err != nil {
			return err
		}
		if split != modelfile.SplitReference && split != modelfile.SplitAll {
			return usage("-split %q is neither reference nor all", split)
		}
		e, err := evaluate(ctx, modelFile, dataFile, split)
		if err != nil {
			return err
		}
		return e.write(c.out, jsonFile)
	}
}

func evaluate(ctx context.Context, modelFile, dataFile, split string) (*evaluation, error) {
	content, model, err := readModel(modelFile)
	if err != nil {
		return nil, err
	}
	data, err := readData(ctx, dataFile, content.Definition)
	if err != nil {
		return nil, err
	}
	parts := map[string][]int{quality.Test: dataset.All(len(data.Records))}
	if split == modelfile.SplitReference {
		p, err := measure.Parts(model, data)
		if errors.Is(err, measure.ErrOtherData) {
			return nil, fmt.Errorf("%w: use -split all", err)
		}
		if err != nil {
			return nil, err
		}
		parts = map[string][]int{quality.Train: p.Training, quality.Validation: p.Validation, quality.Test: p.Test}
	}
	measured, err := measure.Evaluate(model, data, parts)
	if err != nil {
		return nil, err
	}
	return &evaluation{measured, model.Schema().Target}, nil
}

// readModel reads a model file: all that it holds, and ready to score.
func readModel(name string) (*modelfile.Model, *core.Model, error) {
	file, err := os.ReadFile(name)
	if err != nil {
		return nil, nil, err
	}
	content, err := modelfile.Decode(file)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", name, err)
	}
	return content, core.New(content), nil
}

// evaluation is what was measured, with the names of the outcomes.
type evaluation struct {
	*quality.Evaluation
	target schema.Target
}

func (e *evaluation) write(out io.Writer, jsonFile string) error {
	if jsonFile == "-" {
		return writeJSON(out, e.Evaluation)
	}
	if jsonFile != "" {
		if err := writeJSONFile(jsonFile, e.Evaluation); err != nil {
			return err
		}
	}
	return e.print(out)
}

func writeJSONFile(name string, v any) error {
	f, err := createOutput(name)
	if err != nil {
		return err
	}
	defer f.discard()
	if err := writeJSON(f, v); err != nil {
		return err
	}
	return f.commit()
}

func (e *evaluation) print(out io.Writer) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(w, "threshold %v\n\n", e.Model.Threshold)
	for _, name := range []string{quality.Train, quality.Validation, quality.Test} {
		r := e.Splits[name]
		if r == nil {
			continue
		}
		fmt.Fprintf(w, "%s, %d rows: AUC-PR %.4f, ROC AUC %s\n", name, r.N, r.AUCPR, orUndefined(r.ROCAUC))
		fmt.Fprintf(w, "Gini %s, KS %s, Brier score %.4f\n", orUndefined(r.Gini), orUndefined(r.KS), r.Brier)
		fmt.Fprintf(w, "calibration slope %s, intercept %s\n", orUndefined(r.Slope), orUndefined(r.Intercept))
		fmt.Fprint(w, "\tprecision\trecall\tF1\tsupport\t\n")
		for _, outcome := range []string{e.target.Positive.Name, e.target.Negative.Name} {
			printClass(w, outcome, r.Classes[outcome])
		}
		fmt.Fprintf(w, "accuracy\t\t\t%.4f\t%d\t\n", r.Accuracy, r.N)
		printClass(w, "macro average", r.Macro)
		printClass(w, "weighted average", r.Weighted)
		fmt.Fprintln(w)
	}
	return w.Flush()
}

func orUndefined(x *float64) string {
	if x == nil {
		return "not defined"
	}
	return fmt.Sprintf("%.4f", *x)
}

func printClass(w io.Writer, name string, c metrics.Class) {
	fmt.Fprintf(w, "%s\t%.4f\t%.4f\t%.4f\t%d\t\n", name, c.Precision, c.Recall, c.F1, c.Support)
}
