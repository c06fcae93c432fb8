package metrics

import (
	"math"
	"slices"
)

// AveragePrecision is the area under the precision-recall curve (AUC-PR) as a
// sum of steps: the precision at each distinct probability times the recall
// gained there. It is 0 if no outcome is positive.
// Its errors are ErrRows and ErrProbability.
func AveragePrecision(probabilities []float64, positive []bool) (float64, error) {
	curve, err := Curve(probabilities, positive)
	if err != nil {
		return 0, err
	}
	return averagePrecision(curve), nil
}

func averagePrecision(curve []Point) float64 {
	area, before := 0.0, 0
	for _, p := range curve {
		area += float64(float64(p.TruePositives-before) * p.Precision())
		before = p.TruePositives
	}
	if before == 0 {
		return 0
	}
	return area / float64(before)
}

// ROCAUC is the probability that a row with a positive outcome ranks above one
// with a negative outcome, ties counting half. Where there is only one outcome
// it is not defined: ErrOneClass. Its other errors are ErrRows and
// ErrProbability.
func ROCAUC(probabilities []float64, positive []bool) (float64, error) {
	curve, err := Curve(probabilities, positive)
	if err != nil {
		return 0, err
	}
	return rocAUC(curve)
}

// rocAUC counts pairs of rows in halves: no order of rows rounds differently.
func rocAUC(curve []Point) (float64, error) {
	all := curve[len(curve)-1]
	if all.positives() == 0 || all.negatives() == 0 {
		return 0, ErrOneClass
	}
	var halves int64
	var before Confusion
	for _, p := range curve {
		negatives := int64(p.FalsePositives - before.FalsePositives)
		halves += negatives * int64(p.TruePositives+before.TruePositives)
		before = p.Confusion
	}
	return float64(halves) / 2 / (float64(all.positives()) * float64(all.negatives())), nil
}

// kolmogorovSmirnov is the largest difference, at any threshold, between the
// share of positive and of negative outcomes at or above it.
func kolmogorovSmirnov(curve []Point) float64 {
	widest := 0.0
	for _, p := range curve {
		widest = max(widest, math.Abs(p.Recall()-p.FalsePositiveRate()))
	}
	return widest
}

// Aim says what a threshold is chosen for: of two confusions, with the lower
// threshold second, whether the second is to be preferred.
type Aim func(higher, lower Confusion) bool

// BestF1 aims for the highest F1 score of the positive outcome, at the smallest
// threshold that has it.
func BestF1(higher, lower Confusion) bool { return lower.F1() >= higher.F1() }

// RecallAtLeast aims for the highest threshold whose recall is at least that.
func RecallAtLeast(recall float64) Aim {
	return func(higher, _ Confusion) bool { return higher.Recall() < recall }
}

// ChooseThreshold returns the one of 0.99, 0.98, … 0.01 that meets the aim. Its
// errors are ErrRows, ErrProbability and, since one outcome alone gives no
// choice, ErrOneClass.
func ChooseThreshold(probabilities []float64, positive []bool, aim Aim) (float64, error) {
	curve, err := Curve(probabilities, positive)
	if err != nil {
		return 0, err
	}
	all := curve[len(curve)-1].Confusion
	if all.positives() == 0 || all.negatives() == 0 {
		return 0, ErrOneClass
	}
	points := Hundredths(curve)
	best := points[len(points)-1]
	for _, p := range slices.Backward(points[:len(points)-1]) {
		if aim(best.Confusion, p.Confusion) {
			best = p
		}
	}
	return best.Threshold, nil
}

// Hundredths says what comes of the thresholds 0.01, 0.02 … 0.99, in that order,
// for rows that have a curve.
func Hundredths(curve []Point) []Point {
	points := make([]Point, 99)
	at := curve[len(curve)-1].reject()
	for i := len(points) - 1; i >= 0; i-- {
		points[i].Threshold = float64(i+1) / 100
		for len(curve) > 0 && curve[0].Threshold >= points[i].Threshold {
			at, curve = curve[0].Confusion, curve[1:]
		}
		points[i].Confusion = at
	}
	return points
}

// Brier is the mean squared difference between probability and outcome: 0 is
// best. Its errors are ErrRows and ErrProbability.
func Brier(probabilities []float64, positive []bool) (float64, error) {
	if err := check(probabilities, positive); err != nil {
		return 0, err
	}
	sum := 0.0
	for i, p := range probabilities {
		if positive[i] {
			p = 1 - p
		}
		sum += float64(p * p)
	}
	return sum / float64(len(probabilities)), nil
}
