// Package calibration says what a score means: how many of the applicants who
// scored alike had the positive outcome, counted on people whom the forest was
// not trained on.
package calibration

import (
	"errors"
	"fmt"
	"sort"
)

// ErrCalibration is wrapped by every error of this package.
var ErrCalibration = errors.New("invalid calibration")

// Calibration maps the forest's probabilities to rates of positives.
type Calibration struct {
	Steps []Step `json:"steps"` // From rises, and so does the rate; none if there was nobody to count

	// How good it is on people who are neither in training nor among those that
	// the steps count: mean squared errors of its rates, and of the rate of all
	// whom the steps count for everybody. By more than the margin they differ
	// through chance, people drawn anew, in one case of twenty. See Holds.
	Rows      int     `json:"rows"`
	Brier     float64 `json:"brier"`
	BaseBrier float64 `json:"base_brier"`
	Margin    float64 `json:"margin,omitempty"`
}

// Step counts applicants whose probability is at least From and below the next
// step's.
type Step struct {
	From      float64 `json:"from"`
	Rows      int     `json:"rows"`
	Positives int     `json:"positives"`
}

// Holds says whether the calibration tells more about strangers than the base
// rate does, and more than chance may. If not, nothing should be said by it.
func (c *Calibration) Holds() bool {
	return c != nil && len(c.Steps) > 0 && c.Rows > 0 && c.Brier+c.Margin < c.BaseBrier
}

// Rate is the rate of positives among applicants who scored like p.
// There must be a step.
func (c *Calibration) Rate(p float64) float64 {
	i := sort.Search(len(c.Steps), func(i int) bool { return c.Steps[i].From > p })
	s := c.Steps[max(0, i-1)]
	return float64(s.Positives) / float64(s.Rows)
}

// Check proves that steps and rates rise. Its error wraps ErrCalibration.
func (c *Calibration) Check() error {
	for i, s := range c.Steps {
		if s.Rows < 1 || s.Positives < 0 || s.Positives > s.Rows || !(s.From >= 0 && s.From <= 1) {
			return fmt.Errorf("%w: step %d makes no sense", ErrCalibration, i)
		}
		if i > 0 && (s.From <= c.Steps[i-1].From || !c.Steps[i-1].below(s)) {
			return fmt.Errorf("%w: step %d does not rise", ErrCalibration, i)
		}
	}
	if c.Rows < 0 || !(c.Brier >= 0 && c.Brier <= 1) || !(c.BaseBrier >= 0 && c.BaseBrier <= 1) || !(c.Margin >= 0 && c.Margin <= 1) {
		return fmt.Errorf("%w: its measure makes no sense", ErrCalibration)
	}
	return nil
}

// below compares rates, in integers.
func (s Step) below(t Step) bool {
	return uint64(s.Positives)*uint64(t.Rows) < uint64(t.Positives)*uint64(s.Rows)
}

// Fit makes the steps whose rates rise with the probability and are nearest to
// the outcomes (isotonic regression by pooling neighbours that do not rise).
// Points are counts of applicants with one probability each, which rise.
func Fit(points []Step) []Step {
	var steps []Step
	for _, p := range points {
		steps = append(steps, p)
		for n := len(steps); n > 1 && !steps[n-2].below(steps[n-1]); n-- {
			steps[n-2].Rows += steps[n-1].Rows
			steps[n-2].Positives += steps[n-1].Positives
			steps = steps[:n-1]
		}
	}
	return steps
}
