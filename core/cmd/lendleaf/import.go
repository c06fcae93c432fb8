package main

import (
	"context"
	"flag"
	"fmt"
	"os"

	"lendleaf/core/definition"
	"lendleaf/core/interop"
	"lendleaf/core/modelfile"
)

func prepareImport(flags *flag.FlagSet) func(context.Context, console, []string) error {
	var definitionFile, out string
	var threshold *float64
	flags.StringVar(&definitionFile, "definition", "", "`FILE` that declares fields and features (required)")
	flags.StringVar(&out, "out", "", "model `FILE` to write (required)")
	thresholdFlag(flags, &threshold, "smallest `probability` that is predicted positive (default: the dump's, or what predict does)")
	return func(_ context.Context, c console, args []string) error {
		if len(args) == 0 {
			return usage("want one dump, have none")
		}
		if err := noArguments(args[1:]); err != nil {
			return err
		}
		if err := required("definition", definitionFile, "out", out); err != nil {
			return err
		}
		if threshold != nil && !(*threshold >= 0 && *threshold <= 1) {
			return usage("-threshold %v is not between 0 and 1", *threshold)
		}
		if err := separate([]string{"-out", out}, []string{"-definition", definitionFile, "DUMP", args[0]}); err != nil {
			return err
		}
		d, err := readDefinition(definitionFile, "")
		if err != nil {
			return err
		}
		file, err := createOutput(out)
		if err != nil {
			return err
		}
		defer file.discard()
		m, err := importModel(args[0], d)
		if err != nil {
			return err
		}
		if threshold != nil {
			content := m.Content
			content.Threshold = *threshold
			if m, err = modelfile.New(content); err != nil {
				return err
			}
		}
		fmt.Fprintf(c.err, "imported %d trees, %d nodes\n", len(m.Forest.Trees), m.Forest.Nodes())
		for i, f := range d.Fields {
			if f.Optional && !m.Definition.Fields[i].Optional {
				fmt.Fprintf(c.err, "field %q must be given: the pipeline has nothing that a record could hold in its place\n", f.Name)
			}
		}
		return writeModel(c, m, file)
	}
}

func importModel(dump string, d *definition.Definition) (*modelfile.Model, error) {
	f, err := os.Open(dump)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	m, err := interop.Import(f, d)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", dump, err)
	}
	return m, nil
}
