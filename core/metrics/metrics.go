// Package metrics measures how well probabilities tell two outcomes apart. It
// defines every figure as scikit-learn 1.6 does, ties included; Kolmogorov-Smirnov
// and Gini as SciPy does, and the recalibration line as statsmodels.
//
// Its functions take, for each row, the probability of the positive outcome
// and whether the outcome was positive. They are deterministic: counts are
// integers, and the order of rows does not matter except to the last bits of Brier.
package metrics

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
)

// What keeps figures from being measured.
var (
	ErrRows        = errors.New("no rows, or not as many probabilities as outcomes")
	ErrProbability = errors.New("a probability is not between 0 and 1")
	ErrOneClass    = errors.New("all rows have the same outcome")
)

// Confusion counts rows by outcome and prediction.
type Confusion struct {
	TruePositives, FalsePositives, FalseNegatives, TrueNegatives int
}

// Point is what comes of predicting as positive from a threshold on.
type Point struct {
	Threshold float64
	Confusion
}

// Curve has a point for every distinct probability, the highest first. The
// precision-recall curve is Recall and Precision of its points, the ROC curve
// FalsePositiveRate and Recall, from a corner at 0, 0.
// Its errors are ErrRows and ErrProbability.
func Curve(probabilities []float64, positive []bool) ([]Point, error) {
	if err := check(probabilities, positive); err != nil {
		return nil, err
	}
	return appendCurve(nil, ranked(probabilities, positive), once), nil
}

// appendCurve counts each row as often as count says for its position.
func appendCurve(curve []Point, rows []row, count func(position int) int) []Point {
	var c Confusion
	for _, r := range rows {
		c = c.add(r.positive, false, count(r.position))
	}
	for _, r := range rows {
		n := count(r.position)
		if n == 0 {
			continue
		}
		c = c.accept(r.positive, n)
		if last := len(curve) - 1; last >= 0 && curve[last].Threshold == r.probability {
			curve[last].Confusion = c
		} else {
			curve = append(curve, Point{r.probability, c})
		}
	}
	return curve
}

func check(probabilities []float64, positive []bool) error {
	if len(probabilities) == 0 || len(probabilities) != len(positive) {
		return fmt.Errorf("%w: %d and %d", ErrRows, len(probabilities), len(positive))
	}
	for i, p := range probabilities {
		if !(p >= 0 && p <= 1) {
			return fmt.Errorf("%w: row %d has %v", ErrProbability, i, p)
		}
	}
	return nil
}

type row struct {
	probability float64
	positive    bool
	position    int
}

// ranked sorts rows from the highest probability to the lowest.
func ranked(probabilities []float64, positive []bool) []row {
	rows := make([]row, len(probabilities))
	for i, p := range probabilities {
		rows[i] = row{p, positive[i], i}
	}
	slices.SortFunc(rows, func(a, b row) int { return cmp.Compare(b.probability, a.probability) })
	return rows
}

// add counts rows.
func (c Confusion) add(positive, predicted bool, rows int) Confusion {
	switch {
	case positive && predicted:
		c.TruePositives += rows
	case positive:
		c.FalseNegatives += rows
	case predicted:
		c.FalsePositives += rows
	default:
		c.TrueNegatives += rows
	}
	return c
}

// accept predicts rows as positive that were counted as predicted negative.
func (c Confusion) accept(positive bool, rows int) Confusion {
	if positive {
		c.FalseNegatives -= rows
	} else {
		c.TrueNegatives -= rows
	}
	return c.add(positive, true, rows)
}

func (c Confusion) positives() int { return c.TruePositives + c.FalseNegatives }
func (c Confusion) negatives() int { return c.FalsePositives + c.TrueNegatives }
func (c Confusion) predicted() int { return c.TruePositives + c.FalsePositives } // positive
func (c Confusion) rows() int      { return c.positives() + c.negatives() }

// Precision is the share of positive outcomes among positive predictions, or 0
// without such predictions.
func (c Confusion) Precision() float64 {
	return ratio(c.TruePositives, c.predicted())
}

// Recall is the share of positive predictions among positive outcomes, or 0
// without such outcomes.
func (c Confusion) Recall() float64 { return ratio(c.TruePositives, c.positives()) }

// FalsePositiveRate is the share of positive predictions among negative
// outcomes, or 0 without such outcomes.
func (c Confusion) FalsePositiveRate() float64 { return ratio(c.FalsePositives, c.negatives()) }

// F1 is the harmonic mean of precision and recall, or 0 without positive
// outcomes and predictions.
func (c Confusion) F1() float64 {
	return ratio(2*c.TruePositives, 2*c.TruePositives+c.FalsePositives+c.FalseNegatives)
}

// Accuracy is the share of rows whose prediction is their outcome.
func (c Confusion) Accuracy() float64 { return ratio(c.TruePositives+c.TrueNegatives, c.rows()) }

// swapped looks at the same rows with the other outcome as the positive one.
func (c Confusion) swapped() Confusion {
	return Confusion{c.TrueNegatives, c.FalseNegatives, c.FalsePositives, c.TruePositives}
}

// ratio is 0 where there is nothing to divide by.
func ratio(part, whole int) float64 {
	if whole == 0 {
		return 0
	}
	return float64(part) / float64(whole)
}
