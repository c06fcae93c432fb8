package train

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"

	"lendleaf/core/calibration"
	"lendleaf/core/dataset"
	"lendleaf/core/metrics"
)

// calibrate counts what became of the validation part's people, and measures
// that on the test part's. Only people count whom the forest was not trained
// on: a forest knows those, and its scores mean something else for them. People
// has a number for each row of the data, that of its person.
func calibrate(training []int, validation, test *dataset.Scored, people []int) (*calibration.Calibration, error) {
	met := acquaintances{people: people, known: map[int]bool{}}
	met.meet(training)
	counted := met.strangers(validation)
	met.meet(counted.Rows)
	held := met.strangers(test)
	if len(counted.Rows) == 0 || len(held.Rows) == 0 {
		return &calibration.Calibration{Steps: []calibration.Step{}}, nil
	}
	c := &calibration.Calibration{Steps: calibration.Fit(points(counted)), Rows: len(held.Rows)}
	// What one number for everybody would be is the rate among the people that the
	// steps count, who may differ from those in training.
	if err := measure(c, held, people, counted.BaseRate()); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrTrain, err)
	}
	return c, nil
}

// acquaintances are the people whose rows have been used.
type acquaintances struct {
	people []int // for each row of the data, its person
	known  map[int]bool
}

func (a acquaintances) meet(rows []int) {
	for _, row := range rows {
		a.known[a.people[row]] = true
	}
}

// strangers picks the rows of people who are not known.
func (a acquaintances) strangers(part *dataset.Scored) *dataset.Scored {
	return part.Where(func(row int) bool { return !a.known[a.people[row]] })
}

// points counts rows by probability.
func points(rows *dataset.Scored) []calibration.Step {
	list := make([]calibration.Step, len(rows.Rows))
	for i, p := range rows.Probabilities {
		list[i] = calibration.Step{From: p, Rows: 1, Positives: count01(rows.Positive[i])}
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

// measure says how good the rates are on held rows, and by how much chance alone
// may let them seem better than the base rate.
func measure(c *calibration.Calibration, held *dataset.Scored, people []int, base float64) error {
	rates, persons := make([]float64, len(held.Rows)), make([]int, len(held.Rows))
	for i, row := range held.Rows {
		rates[i], persons[i] = c.Rate(held.Probabilities[i]), people[row]
	}
	var err error
	if c.Brier, err = metrics.Brier(rates, held.Positive); err != nil {
		return err
	}
	if c.BaseBrier, err = metrics.Brier(slices.Repeat([]float64{base}, len(rates)), held.Positive); err != nil {
		return err
	}
	c.Margin = margin(rates, held.Positive, persons, base, c.Brier-c.BaseBrier)
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
