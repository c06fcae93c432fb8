package train

import (
	"fmt"
	"slices"

	"lendleaf/core/dataset"
	"lendleaf/core/metrics"
)

// Threshold says from which probability on a model predicts the positive
// outcome. Its zero value is BestF1.
type Threshold struct {
	rule  rule
	value float64 // the probability that is given, or the recall that is aimed for
}

type rule int

const (
	bestF1 rule = iota
	recallAtLeast
	given
)

// BestF1 chooses the threshold with the best F1 on the validation part.
var BestF1 = Threshold{rule: bestF1}

// RecallAtLeast chooses the highest threshold with that recall on the validation
// part.
func RecallAtLeast(recall float64) Threshold { return Threshold{recallAtLeast, recall} }

// Given is a threshold that is known beforehand.
func Given(probability float64) Threshold { return Threshold{given, probability} }

// chosen says whether it takes a validation part.
func (t Threshold) chosen() bool { return t.rule != given }

func (t Threshold) check() error {
	switch {
	case t.rule == given && !(t.value >= 0 && t.value <= 1):
		return fmt.Errorf("%w: threshold %v is not between 0 and 1", ErrTrain, t.value)
	case t.rule == recallAtLeast && !(t.value > 0 && t.value <= 1):
		return fmt.Errorf("%w: recall %v is not above 0 and at most 1", ErrTrain, t.value)
	}
	return nil
}

// checkRows says, before there is any work, whether the rows of the validation
// part allow a choice.
func (t Threshold) checkRows(data *dataset.Data, validation []int) error {
	_, positive := data.Rows(validation)
	if t.chosen() && !(slices.Contains(positive, true) && slices.Contains(positive, false)) {
		return fmt.Errorf("%w: the %d rows of the validation part do not have both outcomes, so no threshold can be chosen on them: give one", ErrTrain, len(validation))
	}
	return nil
}

// on is the threshold for a model that scores the validation part like this.
func (t Threshold) on(validation *dataset.Scored) (float64, error) {
	aim := metrics.BestF1
	switch t.rule {
	case given:
		return t.value, nil
	case recallAtLeast:
		aim = metrics.RecallAtLeast(t.value)
	}
	threshold, err := metrics.ChooseThreshold(validation.Probabilities, validation.Positive, aim)
	if err != nil {
		return 0, fmt.Errorf("%w: no threshold can be chosen on the validation part: %w", ErrTrain, err)
	}
	return threshold, nil
}
