package train

import (
	"fmt"

	"lendleaf/core/dataset"
	"lendleaf/core/definition"
	"lendleaf/core/modelfile"
)

// Plan says how a model is trained.
type Plan struct {
	Options
	Split     string   // modelfile.SplitReference or modelfile.SplitAll
	Without   []string // fields that the definition was made without, for the record
	Group     []string // fields in which the rows of one person are equal; none: rows are split at random
	Threshold Threshold
}

// Check says what is wrong with the plan for so many features. Its error wraps
// ErrTrain.
func (p Plan) Check(features int) error {
	switch {
	case p.Split != modelfile.SplitReference && p.Split != modelfile.SplitAll:
		return fmt.Errorf("%w: split %q is neither %s nor %s", ErrTrain, p.Split, modelfile.SplitReference, modelfile.SplitAll)
	case p.Split == modelfile.SplitAll && p.Threshold.chosen():
		return fmt.Errorf("%w: split %s leaves no row to choose a threshold on: give one", ErrTrain, p.Split)
	case p.Split == modelfile.SplitAll && len(p.Group) > 0:
		return fmt.Errorf("%w: split %s has no parts for groups to be in", ErrTrain, p.Split)
	}
	if err := p.Threshold.check(); err != nil {
		return err
	}
	return p.Options.Check(features)
}

// parts divides the rows as planned, and numbers the people they are of. Rows of
// one person are equal in the plan's group, or in all fields if there is none.
func (p Plan) parts(d *definition.Definition, data *dataset.Data) (parts dataset.Parts, people []int, err error) {
	group, err := d.Indexes(p.Group)
	if err != nil {
		return dataset.Parts{}, nil, fmt.Errorf("%w: %w", ErrTrain, err)
	}
	if p.Split == modelfile.SplitAll {
		parts.Training = dataset.All(len(data.Records))
	} else {
		parts = data.Parts(group)
	}
	if len(group) == 0 {
		group = dataset.All(len(d.Fields))
	}
	return parts, dataset.Groups(data.Records, group), nil
}

// training is what the model file says of a training part with so many rows and
// positives.
func (p Plan) training(data *dataset.Data, rows, positives int) modelfile.Training {
	return modelfile.Training{
		Data:      modelfile.Data{SHA256: data.SHA256, Rows: len(data.Records)},
		Split:     p.Split,
		Without:   p.Without,
		Group:     p.Group,
		Rows:      rows,
		Positives: positives,
		Parameters: modelfile.Parameters{
			Trees: p.Trees, Depth: p.Depth, Features: p.Features,
			MaxLeaves: p.MaxLeaves, MinLeaf: p.MinLeaf, Seed: p.Seed,
		},
	}
}
