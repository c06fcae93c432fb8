package metrics

// Figures are what one set of rows comes to at one threshold. Precision, recall
// and F1 are those of the positive outcome. What takes both outcomes is null
// where all rows have the same one, and so is a line where none fits best.
type Figures struct {
	AUCPR     float64  `json:"auc_pr"`
	ROCAUC    *float64 `json:"roc_auc"`
	Precision float64  `json:"precision"`
	Recall    float64  `json:"recall"`
	F1        float64  `json:"f1"`
	Accuracy  float64  `json:"accuracy"`
	Brier     float64  `json:"brier"`
	Gini      *float64 `json:"gini"`                  // 2 · ROC AUC − 1: the accuracy ratio, or Somers' D
	KS        *float64 `json:"ks"`                    // Kolmogorov-Smirnov: the widest gap between both outcomes' distributions of the probability
	Slope     *float64 `json:"calibration_slope"`     // of the recalibration line; 1 is best, below 1 probabilities are too extreme
	Intercept *float64 `json:"calibration_intercept"` // of the same line; 0 is best
}

// values lists the figures as they are declared; nil: not defined.
func (f *Figures) values() []*float64 {
	return []*float64{
		&f.AUCPR, f.ROCAUC, &f.Precision, &f.Recall, &f.F1, &f.Accuracy, &f.Brier, f.Gini, f.KS, f.Slope, f.Intercept,
	}
}

// figuresOf takes what values lists.
func figuresOf(v []*float64) Figures {
	return Figures{
		AUCPR: *v[0], ROCAUC: v[1], Precision: *v[2], Recall: *v[3], F1: *v[4], Accuracy: *v[5], Brier: *v[6],
		Gini: v[7], KS: v[8], Slope: v[9], Intercept: v[10],
	}
}

// Map changes every figure that is defined.
func (f Figures) Map(change func(float64) float64) Figures {
	changed := f.values()
	for i, x := range changed {
		if x != nil {
			y := change(*x)
			changed[i] = &y
		}
	}
	return figuresOf(changed)
}

// Minus subtracts figures that both have.
func (f Figures) Minus(g Figures) Figures {
	difference, others := f.values(), g.values()
	for i, x := range difference {
		if x == nil || others[i] == nil {
			difference[i] = nil
			continue
		}
		y := *x - *others[i]
		difference[i] = &y
	}
	return figuresOf(difference)
}

// Measure takes all Figures; a probability of at least threshold predicts the
// positive outcome. Its errors are ErrRows and ErrProbability.
func Measure(probabilities []float64, positive []bool, threshold float64) (Figures, error) {
	s, err := newSample(probabilities, positive, threshold)
	if err != nil {
		return Figures{}, err
	}
	f, _ := s.measure(once)
	return f, nil
}

// sample measures the same ranked rows again and again.
type sample struct {
	rows      []row
	threshold float64
	curve     []Point
}

func newSample(probabilities []float64, positive []bool, threshold float64) (*sample, error) {
	if err := check(probabilities, positive); err != nil {
		return nil, err
	}
	return &sample{rows: ranked(probabilities, positive), threshold: threshold}, nil
}

// once counts each row once.
func once(int) int { return 1 }

// measure counts each row as often as count says for its position, and some row
// at least once. With the figures comes the confusion at the threshold.
func (s *sample) measure(count func(position int) int) (Figures, Confusion) {
	s.curve = appendCurve(s.curve[:0], s.rows, count)
	c := s.curve[0].reject()
	for _, p := range s.curve {
		if p.Threshold < s.threshold {
			break
		}
		c = p.Confusion
	}
	f := Figures{
		AUCPR:     averagePrecision(s.curve),
		Precision: c.Precision(), Recall: c.Recall(), F1: c.F1(), Accuracy: c.Accuracy(),
		Brier: brier(s.curve),
	}
	if auc, err := rocAUC(s.curve); err == nil {
		gini, ks := 2*auc-1, kolmogorovSmirnov(s.curve)
		f.ROCAUC, f.Gini, f.KS = &auc, &gini, &ks
	}
	if l, ok := recalibrate(s.curve); ok {
		f.Slope, f.Intercept = &l.slope, &l.intercept
	}
	return f, c
}

// reject predicts all rows as negative.
func (c Confusion) reject() Confusion {
	return Confusion{FalseNegatives: c.positives(), TrueNegatives: c.negatives()}
}

// brier is Brier of the rows of a curve, summed by probability: no order of rows
// rounds differently.
func brier(curve []Point) float64 {
	sum := 0.0
	var before Confusion
	for _, p := range curve {
		up, down := 1-p.Threshold, p.Threshold
		sum += float64(float64(p.TruePositives-before.TruePositives) * float64(up*up))
		sum += float64(float64(p.FalsePositives-before.FalsePositives) * float64(down*down))
		before = p.Confusion
	}
	return sum / float64(before.rows())
}
