package train

import (
	"cmp"
	"slices"

	"lendleaf/core/calibration"
	"lendleaf/core/dataset"
	"lendleaf/core/metrics"
)

// calibrate counts what became of the validation part's people, and measures
// that on the test part's. Only people count whom the forest was not trained
// on: a forest knows those, and its scores mean something else for them.
func calibrate(data *dataset.Data, fields, training, validation, test []int, score func(rows []int) []float64) (*calibration.Calibration, error) {
	groups := dataset.Groups(data.Records, fields)
	known := map[int]bool{}
	for _, row := range training {
		known[groups[row]] = true
	}
	counted := strangers(validation, groups, known)
	for _, row := range counted {
		known[groups[row]] = true
	}
	held := strangers(test, groups, known)
	c := &calibration.Calibration{Steps: []calibration.Step{}}
	if len(counted) == 0 || len(held) == 0 {
		return c, nil
	}
	c.Steps = calibration.Fit(points(score(counted), data, counted))
	return c, measure(c, score(held), data, held, baseRate(data, counted))
}

// strangers picks the rows of people who are not known.
func strangers(rows, groups []int, known map[int]bool) []int {
	return slices.DeleteFunc(slices.Clone(rows), func(row int) bool { return known[groups[row]] })
}

// points counts rows by probability.
func points(probabilities []float64, data *dataset.Data, rows []int) []calibration.Step {
	list := make([]calibration.Step, len(rows))
	for i, row := range rows {
		list[i] = calibration.Step{From: probabilities[i], Rows: 1, Positives: count01(data.Positive[row])}
	}
	slices.SortFunc(list, func(a, b calibration.Step) int { return cmp.Compare(a.From, b.From) })
	merged := list[:1]
	for _, p := range list[1:] {
		if last := &merged[len(merged)-1]; last.From == p.From {
			last.Rows++
			last.Positives += p.Positives
		} else {
			merged = append(merged, p)
		}
	}
	return merged
}

func count01(positive bool) int {
	if positive {
		return 1
	}
	return 0
}

// baseRate is what one number for everybody would be: the rate among the people
// that the steps count, who may differ from those in training.
func baseRate(data *dataset.Data, rows []int) float64 {
	positives := 0
	for _, row := range rows {
		positives += count01(data.Positive[row])
	}
	return float64(positives) / float64(len(rows))
}

func measure(c *calibration.Calibration, probabilities []float64, data *dataset.Data, rows []int, base float64) error {
	_, positive := data.Rows(rows)
	rates := make([]float64, len(rows))
	for i, p := range probabilities {
		rates[i] = c.Rate(p)
	}
	var err error
	if c.Brier, err = metrics.Brier(rates, positive); err != nil {
		return err
	}
	c.Rows = len(rows)
	c.BaseBrier, err = metrics.Brier(slices.Repeat([]float64{base}, len(rows)), positive)
	return err
}
