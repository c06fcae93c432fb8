package metrics

// Report is the table lenders know, of one set of rows at one threshold.
type Report struct {
	N int `json:"n"` // rows
	Figures
	Classes  map[string]Class `json:"classes"`  // by the outcome's name
	Macro    Class            `json:"macro"`    // the classes' plain mean
	Weighted Class            `json:"weighted"` // the classes' mean, weighted by support
}

// Class is how well one outcome is predicted, or a mean over both. What would
// divide by nothing is 0.
type Class struct {
	Precision float64 `json:"precision"`
	Recall    float64 `json:"recall"`
	F1        float64 `json:"f1"`
	Support   int     `json:"support"` // rows with that outcome
}

// Names are the two outcomes' names.
type Names struct{ Positive, Negative string }

// Evaluate measures all of a Report; a probability of at least threshold
// predicts the positive outcome. Its errors are ErrRows and ErrProbability.
func Evaluate(probabilities []float64, positive []bool, threshold float64, names Names) (*Report, error) {
	s, err := newSample(probabilities, positive, threshold)
	if err != nil {
		return nil, err
	}
	figures, c := s.measure(once)
	yes, no := c.class(), c.swapped().class()
	return &Report{
		N:        c.rows(),
		Figures:  figures,
		Classes:  map[string]Class{names.Positive: yes, names.Negative: no},
		Macro:    mean(yes, no, 1, 1),
		Weighted: mean(yes, no, yes.Support, no.Support),
	}, nil
}

func (c Confusion) class() Class {
	return Class{c.Precision(), c.Recall(), c.F1(), c.positives()}
}

// mean keeps every product rounded, so that CPUs that fuse agree with others.
func mean(a, b Class, weightA, weightB int) Class {
	wa, wb := float64(weightA), float64(weightB)
	of := func(x, y float64) float64 { return (float64(x*wa) + float64(y*wb)) / (wa + wb) }
	return Class{of(a.Precision, b.Precision), of(a.Recall, b.Recall), of(a.F1, b.F1), a.Support + b.Support}
}
