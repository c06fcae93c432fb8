package metrics

import (
	"math"
	"slices"
)

// line is the logistic recalibration of probabilities: of all lines, the one
// whose intercept + slope · logit(p) are the likeliest log-odds of the outcomes.
//
// Source: D. R. Cox, Two further applications of a model for binary regression,
// Biometrika 45 (1958), 562-565.
type line struct{ intercept, slope float64 }

// surest keeps logits finite: a probability nearer to 0 or 1 counts as this far
// from it, as in R's CalibrationCurves.
const surest = 1e-8

// odds are rows with one logit of their probability.
type odds struct{ logit, rows, positives float64 }

// recalibrate fits the line. There is none where logits tell both outcomes fully
// apart, where all are the same, and where there is one outcome: no line is the
// likeliest then.
func recalibrate(curve []Point) (l line, ok bool) {
	list := logits(curve)
	if !overlap(list) {
		return l, false
	}
	return likeliest(list)
}

func logits(curve []Point) []odds {
	var list []odds
	var before Confusion
	for _, p := range curve {
		x := min(max(p.Threshold, surest), 1-surest)
		positives, rows := p.TruePositives-before.TruePositives, p.predicted()-before.predicted()
		list = append(list, odds{math.Log(x / (1 - x)), float64(rows), float64(positives)})
		before = p.Confusion
	}
	return list
}

// overlap says whether some positive lies below some negative, and some above.
func overlap(list []odds) bool {
	var positives, negatives []float64
	for _, o := range list {
		if o.positives > 0 {
			positives = append(positives, o.logit)
		}
		if o.positives < o.rows {
			negatives = append(negatives, o.logit)
		}
	}
	return len(positives) > 0 && len(negatives) > 0 &&
		slices.Min(positives) < slices.Max(negatives) && slices.Min(negatives) < slices.Max(positives)
}

// likeliest climbs by Newton's method, with half a step where a whole one leads
// down by more than rounding does.
func likeliest(list []odds) (line, bool) {
	const most, close = 100, 1e-8
	at, step := line{}, line{}
	for range most {
		var ok bool
		if step, ok = at.newton(list); !ok {
			return line{}, false
		}
		now := at.likelihood(list)
		for at.plus(step).likelihood(list) < now-1e-12*math.Abs(now) {
			step = line{step.intercept / 2, step.slope / 2}
		}
		at = at.plus(step)
		if math.Abs(step.intercept) < close*(1+math.Abs(at.intercept)) && math.Abs(step.slope) < close*(1+math.Abs(at.slope)) {
			return at, true
		}
	}
	return line{}, false
}

func (l line) plus(step line) line { return line{l.intercept + step.intercept, l.slope + step.slope} }

// newton is the step to where the likelihood would be highest if it were as
// curved everywhere as it is here.
func (l line) newton(list []odds) (step line, ok bool) {
	var g, h0, h1, h2 float64 // the gradient's intercept, and the curvature
	var gx float64            // the gradient's slope
	for _, o := range list {
		p := 1 / (1 + math.Exp(-l.intercept-l.slope*o.logit))
		rest, weight := o.positives-o.rows*p, o.rows*p*(1-p)
		g += rest
		gx += rest * o.logit
		h0 += weight
		h1 += weight * o.logit
		h2 += weight * o.logit * o.logit
	}
	d := h0*h2 - h1*h1
	return line{(h2*g - h1*gx) / d, (h0*gx - h1*g) / d}, d > 0
}

// likelihood is its logarithm.
func (l line) likelihood(list []odds) float64 {
	sum := 0.0
	for _, o := range list {
		x := l.intercept + l.slope*o.logit
		sum += o.positives*x - o.rows*(max(x, 0)+math.Log1p(math.Exp(-math.Abs(x))))
	}
	return sum
}
