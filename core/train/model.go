package train

import (
	"context"
	"fmt"
	"slices"

	"lendleaf/core/baseline"
	"lendleaf/core/dataset"
	"lendleaf/core/definition"
	"lendleaf/core/feature"
	"lendleaf/core/forest"
	"lendleaf/core/metrics"
	"lendleaf/core/modelfile"
	"lendleaf/core/novelty"
	"lendleaf/core/schema"
)

// Plan says how a model is trained.
type Plan struct {
	Options
	Split     string   // modelfile.SplitReference or modelfile.SplitAll
	Group     []string // fields in which the rows of one person are equal; none: rows are split at random
	Threshold float64  // the smallest probability that is positive; NaN: chosen on the validation part
	Recall    float64  // that the chosen threshold must reach there; 0: it has the best F1 instead
}

// Model trains a model on the training part of data. Rates, typical values and
// forest come from that part only. Its errors wrap ErrTrain; that of ctx too
// once it is done.
func Model(ctx context.Context, d *definition.Definition, data *dataset.Data, plan Plan) (*modelfile.Model, error) {
	if err := plan.Check(len(d.Features)); err != nil {
		return nil, err
	}
	training, validation, test, err := plan.parts(d, data)
	if err != nil {
		return nil, err
	}
	if err := plan.checkValidation(data, validation); err != nil {
		return nil, err
	}
	records, positive := data.Rows(training)
	m := &modelfile.Model{
		Definition: *d,
		Learned:    feature.Learn(&d.Schema, d.Features, records, positive),
		Threshold:  plan.Threshold,
		Training: modelfile.Training{
			Data:       modelfile.Data{SHA256: data.SHA256, Rows: len(data.Records)},
			Split:      plan.Split,
			Rows:       len(records),
			Parameters: plan.parameters(),
			Group:      plan.Group,
		},
	}
	for _, p := range positive {
		if p {
			m.Training.Positives++
		}
	}
	set, err := feature.Compile(&d.Schema, d.Features, m.Learned)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrTrain, err)
	}
	if m.Forest, err = Fit(ctx, Vectors(set, records), set.Len(), positive, plan.Options); err != nil {
		return nil, err
	}
	engine, err := forest.Compile(m.Forest)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrTrain, err)
	}
	score := func(rows []int) []float64 {
		records, _ := data.Rows(rows)
		return engine.AppendProbabilities(nil, Vectors(set, records))
	}
	if plan.Threshold != plan.Threshold {
		_, positive := data.Rows(validation)
		if m.Threshold, err = metrics.ChooseThreshold(score(validation), positive, plan.aim()); err != nil {
			return nil, fmt.Errorf("%w: no threshold can be chosen on the validation part: %w", ErrTrain, err)
		}
	}
	m.Novelty = novelty.Learn(&d.Schema, records)
	m.Baseline = baseline.Learn(&d.Schema, records)
	m.Calibration, err = calibrate(data, plan.person(d), training, validation, test, score)
	return m, err
}

// person lists the fields in which the rows of one person are equal: all of
// them if nothing else was said.
func (p Plan) person(d *definition.Definition) []int {
	fields, err := d.Indexes(p.Group)
	if err != nil || len(fields) == 0 { // parts has seen the error already
		return dataset.All(len(d.Fields))
	}
	return fields
}

// Check says what is wrong with the plan for so many features. Its error wraps
// ErrTrain.
func (p Plan) Check(features int) error {
	chosen := p.Threshold != p.Threshold
	switch {
	case p.Split != modelfile.SplitReference && p.Split != modelfile.SplitAll:
		return fmt.Errorf("%w: split %q is neither %s nor %s", ErrTrain, p.Split, modelfile.SplitReference, modelfile.SplitAll)
	case p.Split == modelfile.SplitAll && chosen:
		return fmt.Errorf("%w: split %s leaves no row to choose a threshold on: give one", ErrTrain, p.Split)
	case p.Split == modelfile.SplitAll && len(p.Group) > 0:
		return fmt.Errorf("%w: split %s has no parts for groups to be in", ErrTrain, p.Split)
	case !chosen && !(p.Threshold >= 0 && p.Threshold <= 1):
		return fmt.Errorf("%w: threshold %v is not between 0 and 1", ErrTrain, p.Threshold)
	case !(p.Recall >= 0 && p.Recall <= 1):
		return fmt.Errorf("%w: recall %v is not between 0 and 1", ErrTrain, p.Recall)
	}
	return p.Options.Check(features)
}

// checkValidation says, before there is any work, whether a threshold can be
// chosen on the validation part.
func (p Plan) checkValidation(data *dataset.Data, validation []int) error {
	_, positive := data.Rows(validation)
	if p.Threshold != p.Threshold && !(slices.Contains(positive, true) && slices.Contains(positive, false)) {
		return fmt.Errorf("%w: the %d rows of the validation part do not have both outcomes, so no threshold can be chosen on them: give one", ErrTrain, len(validation))
	}
	return nil
}

// parts divides the rows as planned.
func (p Plan) parts(d *definition.Definition, data *dataset.Data) (training, validation, test []int, err error) {
	if p.Split == modelfile.SplitAll {
		return dataset.All(len(data.Records)), nil, nil, nil
	}
	fields, err := d.Indexes(p.Group)
	if err != nil {
		return nil, nil, nil, fmt.Errorf("%w: %w", ErrTrain, err)
	}
	training, validation, test = data.Parts(fields)
	return training, validation, test, nil
}

func (o Options) parameters() modelfile.Parameters {
	return modelfile.Parameters{
		Trees: o.Trees, Depth: o.Depth, Features: o.Features,
		MaxLeaves: o.MaxLeaves, MinLeaf: o.MinLeaf, Seed: o.Seed,
	}
}

// Vectors computes the features of records, one vector behind the other.
func Vectors(set *feature.Set, records []schema.Record) []int64 {
	n := set.Len()
	vectors := make([]int64, len(records)*n)
	for i, r := range records {
		set.Vector(vectors[i*n:(i+1)*n], r)
	}
	return vectors
}

func (p Plan) aim() metrics.Aim {
	if p.Recall > 0 {
		return metrics.RecallAtLeast(p.Recall)
	}
	return metrics.BestF1
}
