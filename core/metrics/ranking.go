package metrics

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

// ChooseThreshold returns the smallest of 0.01, 0.02, … 0.99 at which the F1
// score of the positive outcome is highest. Its errors are ErrRows,
// ErrProbability and, since one outcome alone gives no choice, ErrOneClass.
func ChooseThreshold(probabilities []float64, positive []bool) (float64, error) {
	curve, err := Curve(probabilities, positive)
	if err != nil {
		return 0, err
	}
	if all := curve[len(curve)-1]; all.positives() == 0 || all.negatives() == 0 {
		return 0, ErrOneClass
	}
	// F1 scores that differ are more than a rounding apart below 2^25 rows.
	best, chosen, reached := -1.0, 0.0, -1
	for hundredths := 99; hundredths >= 1; hundredths-- {
		threshold := float64(hundredths) / 100
		for reached+1 < len(curve) && curve[reached+1].Threshold >= threshold {
			reached++
		}
		f1 := 0.0
		if reached >= 0 {
			f1 = curve[reached].F1()
		}
		if f1 >= best {
			best, chosen = f1, threshold
		}
	}
	return chosen, nil
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
