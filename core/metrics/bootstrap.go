package metrics

import (
	"fmt"
	"math/rand/v2"
	"slices"
)

// Figures are what one set of rows comes to at one threshold. Precision, recall
// and F1 are those of the positive outcome.
type Figures struct {
	AUCPR     float64 `json:"auc_pr"`
	ROCAUC    float64 `json:"roc_auc"`
	Precision float64 `json:"precision"`
	Recall    float64 `json:"recall"`
	F1        float64 `json:"f1"`
	Accuracy  float64 `json:"accuracy"`
	Brier     float64 `json:"brier"`
}

func (f *Figures) all() []*float64 {
	return []*float64{&f.AUCPR, &f.ROCAUC, &f.Precision, &f.Recall, &f.F1, &f.Accuracy, &f.Brier}
}

// Measure takes all Figures; a probability of at least threshold predicts the
// positive outcome. Its errors are ErrRows, ErrProbability and ErrOneClass.
func Measure(probabilities []float64, positive []bool, threshold float64) (Figures, error) {
	if err := check(probabilities, positive); err != nil {
		return Figures{}, err
	}
	return (&sample{rows: ranked(probabilities, positive), threshold: threshold}).measure(func(int) int { return 1 })
}

// Bootstrap says between which Figures 95 % of samples lie that are drawn, with
// replacement, from the groups that the rows belong to, all rows of a group
// together: rows of one person say less than rows of several. Groups may have
// any numbers; the same seed gives the same samples. Its errors are those of
// Measure.
func Bootstrap(probabilities []float64, positive []bool, groups []int, threshold float64, draws int, seed uint64) (low, high Figures, err error) {
	if err := check(probabilities, positive); err != nil {
		return low, high, err
	}
	if len(groups) != len(positive) || draws < 1 {
		return low, high, fmt.Errorf("%w: %d groups, %d draws", ErrRows, len(groups), draws)
	}
	s := &sample{rows: ranked(probabilities, positive), threshold: threshold}
	number, count := renumber(groups)
	times := make([]int, count)
	drawn := make([][]float64, len(low.all()))
	for draw := range draws {
		r := rand.New(rand.NewPCG(seed, uint64(draw)))
		clear(times)
		for range count {
			times[r.IntN(count)]++
		}
		f, err := s.measure(func(position int) int { return times[number[position]] })
		if err != nil {
			return low, high, err
		}
		for i, x := range f.all() {
			drawn[i] = append(drawn[i], *x)
		}
	}
	lows, highs := low.all(), high.all()
	for i, values := range drawn {
		slices.Sort(values)
		*lows[i], *highs[i] = values[draws/40], values[draws-1-draws/40]
	}
	return low, high, nil
}

// renumber numbers groups from 0 in order of first appearance.
func renumber(groups []int) (number []int, count int) {
	known := map[int]int{}
	number = make([]int, len(groups))
	for i, g := range groups {
		n, ok := known[g]
		if !ok {
			n = len(known)
			known[g] = n
		}
		number[i] = n
	}
	return number, len(known)
}

// sample measures the same ranked rows again and again.
type sample struct {
	rows      []row
	threshold float64
	curve     []Point
}

// measure counts each row as often as count says for its position.
func (s *sample) measure(count func(position int) int) (Figures, error) {
	s.curve = appendCurve(s.curve[:0], s.rows, count)
	if len(s.curve) == 0 {
		return Figures{}, ErrOneClass
	}
	auc, err := rocAUC(s.curve)
	if err != nil {
		return Figures{}, err
	}
	c := s.curve[0].reject()
	for _, p := range s.curve {
		if p.Threshold < s.threshold {
			break
		}
		c = p.Confusion
	}
	return Figures{
		AUCPR: averagePrecision(s.curve), ROCAUC: auc,
		Precision: c.Precision(), Recall: c.Recall(), F1: c.F1(), Accuracy: c.Accuracy(),
		Brier: s.brier(count),
	}, nil
}

// reject predicts all rows as negative.
func (c Confusion) reject() Confusion {
	return Confusion{FalseNegatives: c.positives(), TrueNegatives: c.negatives()}
}

func (s *sample) brier(count func(position int) int) float64 {
	sum, n := 0.0, 0
	for _, r := range s.rows {
		p := r.probability
		if r.positive {
			p = 1 - p
		}
		times := count(r.position)
		sum += float64(float64(times) * float64(p*p))
		n += times
	}
	return sum / float64(n)
}
