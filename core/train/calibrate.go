package train

import (
	"cmp"
	"maps"
	"math"
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
	return c, measure(c, score(held), data, held, groups, baseRate(data, counted))
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

// measure says how good the rates are on held rows, and by how much chance alone
// may let them seem better than the base rate.
func measure(c *calibration.Calibration, probabilities []float64, data *dataset.Data, rows, groups []int, base float64) error {
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
	if c.BaseBrier, err = metrics.Brier(slices.Repeat([]float64{base}, len(rows)), positive); err != nil {
		return err
	}
	people := make([]int, len(rows))
	for i, row := range rows {
		people[i] = groups[row]
	}
	c.Margin = margin(rates, positive, people, base, c.Brier-c.BaseBrier)
	return nil
}

// oneInTwenty is how many standard errors a normal variable exceeds in one case
// of twenty.
const oneInTwenty = 1.6449

// margin is that many standard errors of the mean difference of both squared
// errors, where all rows of a person count as one draw: its deviation from that
// mean is summed before it is squared.
func margin(rates []float64, positive []bool, people []int, base, mean float64) float64 {
	deviation := map[int]float64{}
	for i, rate := range rates {
		y := float64(count01(positive[i]))
		difference := float64((rate-y)*(rate-y)) - float64((base-y)*(base-y))
		deviation[people[i]] += difference - mean
	}
	sum := 0.0
	for _, person := range slices.Sorted(maps.Keys(deviation)) { // so that every bit is the same each time
		sum += float64(deviation[person] * deviation[person])
	}
	return float64(oneInTwenty*math.Sqrt(sum)) / float64(len(rates))
}
