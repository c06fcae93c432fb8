package report

import (
	"fmt"
	"slices"

	"lendleaf/core/cmd/lendleaf/internal/chart"
	"lendleaf/core/quality"
)

// Pictures draws the report, as SVG by file name.
func (r *Report) Pictures() map[string][]byte {
	files := map[string][]byte{}
	for name, c := range map[string]*chart.Chart{
		"precision-recall.svg":    r.precisionRecall(),
		"roc.svg":                 r.roc(),
		"calibration.svg":         r.calibration(),
		"scores-by-person.svg":    r.scores("Scores of both outcomes, split by person", r.ByPerson),
		"scores-random.svg":       r.scores("Scores of both outcomes, random split", r.Random),
		"threshold-by-person.svg": r.thresholds("Recall, precision and cost against the threshold, split by person", r.ByPerson),
		"threshold-random.svg":    r.thresholds("Recall, precision and cost against the threshold, random split", r.Random),
		"importance.svg":          r.importance(),
		"sizes.svg":               r.sizes(),
	} {
		files[name] = c.SVG()
	}
	return files
}

const (
	byPerson = "people it has never seen"
	random   = "random split: people it has seen"
)

// shares is an axis from 0 to 1.
func shares(label string) chart.Axis { return chart.Axis{Label: label, Holds: []float64{0, 1}} }

func line(name string, colour chart.Colour, points []chart.Point) chart.Series {
	return chart.Series{Name: name, Colour: colour, Shape: chart.Line, Points: points}
}

// bothSplits sets what is by person, in the strongest colour, beside what is by
// chance, and both beside a straight line of reference.
func (r *Report) bothSplits(c *chart.Chart, of func(quality.Split) []chart.Point, reference string, from, to chart.Point) *chart.Chart {
	c.Series = []chart.Series{
		line(byPerson, chart.Accent, of(r.ByPerson)),
		line(random, chart.Quiet, of(r.Random)),
		{Name: reference, Colour: chart.Quiet, Shape: chart.Reference, Points: []chart.Point{from, to}},
	}
	return c
}

func (r *Report) precisionRecall() *chart.Chart {
	c := &chart.Chart{
		Title: "Precision against recall, for both splits",
		X:     shares("recall: share of " + r.Model.Positive + " that is found"),
		Y:     shares("precision: share of alarms that are right"),
	}
	return r.bothSplits(c, func(s quality.Split) (points []chart.Point) {
		for _, p := range s.Curve {
			points = append(points, chart.Point{X: p.Recall, Y: p.Precision})
		}
		return points
	}, "no skill", chart.Point{X: 0, Y: r.ByPerson.BaseRate}, chart.Point{X: 1, Y: r.ByPerson.BaseRate})
}

func (r *Report) roc() *chart.Chart {
	c := &chart.Chart{
		Title: "ROC curves of both splits",
		X:     shares("share of others that are taken for " + r.Model.Positive),
		Y:     shares("share of " + r.Model.Positive + " that is found"),
	}
	return r.bothSplits(c, func(s quality.Split) []chart.Point {
		points := []chart.Point{{}}
		for _, p := range s.Curve {
			points = append(points, chart.Point{X: p.FalsePositiveRate, Y: p.Recall})
		}
		return points
	}, "no skill", chart.Point{}, chart.Point{X: 1, Y: 1})
}

func (r *Report) calibration() *chart.Chart {
	c := &chart.Chart{
		Title: "Share of " + r.Model.Positive + " against score, for both splits",
		X:     shares("score: mean of a tenth of the rows"),
		Y:     shares("share of " + r.Model.Positive + " among them"),
	}
	return r.bothSplits(c, func(s quality.Split) (points []chart.Point) {
		for _, x := range s.Rates {
			points = append(points, chart.Point{X: x.Probability, Y: x.Rate})
		}
		return points
	}, "if scores were rates", chart.Point{}, chart.Point{X: 1, Y: 1})
}

// scores shows the shares of each outcome's rows, which add up to one.
func (r *Report) scores(title string, s quality.Split) *chart.Chart {
	var edges, positives, negatives []float64
	var allPositives, allNegatives float64
	for _, b := range s.Scores {
		edges = append(edges, b.From)
		positives, negatives = append(positives, float64(b.Positives)), append(negatives, float64(b.Negatives))
		allPositives += float64(b.Positives)
		allNegatives += float64(b.Negatives)
	}
	edges = append(edges, 1)
	for i := range positives {
		positives[i] /= allPositives
		negatives[i] /= allNegatives
	}
	return &chart.Chart{
		Title: title,
		X:     shares("score"),
		Y:     chart.Axis{Label: "share of the rows with that outcome", Holds: []float64{0}},
		Series: []chart.Series{
			line(r.Model.Positive, chart.Second, chart.Steps(edges, positives)),
			line("others", chart.Accent, chart.Steps(edges, negatives)),
		},
		Marks: threshold(s),
	}
}

func threshold(s quality.Split) []chart.Mark {
	return []chart.Mark{{Name: fmt.Sprintf("threshold, %.2f", s.Threshold), X: s.Threshold}}
}

func (r *Report) thresholds(title string, s quality.Split) *chart.Chart {
	var recall, precision, cost []chart.Point
	for _, t := range s.Thresholds {
		recall = append(recall, chart.Point{X: t.Threshold, Y: t.Recall})
		precision = append(precision, chart.Point{X: t.Threshold, Y: t.Precision})
		cost = append(cost, chart.Point{X: t.Threshold, Y: t.Cost})
	}
	return &chart.Chart{
		Title: title,
		X:     shares("threshold"),
		Y:     shares("share, and cost for each applicant"),
		Series: []chart.Series{
			line("recall", chart.Accent, recall), line("precision", chart.Quiet, precision), line("cost", chart.Second, cost),
		},
		Marks: threshold(s),
	}
}

// importance has the field that counts most on the random split at the top.
func (r *Report) importance() *chart.Chart {
	places := map[string]int{}
	var names []string
	for i, x := range r.Random.Importance {
		places[x.Field] = i
		names = append(names, x.Text)
	}
	bars := func(name string, colour chart.Colour, list []quality.Importance) chart.Series {
		s := chart.Series{Name: name, Colour: colour, Shape: chart.Bars}
		for _, x := range list {
			s.Points = append(s.Points, chart.Point{X: x.Drop, Y: float64(places[x.Field])})
		}
		slices.SortFunc(s.Points, func(a, b chart.Point) int { return int(a.Y - b.Y) })
		return s
	}
	return &chart.Chart{
		Title:  "What each field adds to AUC-PR, for both splits",
		X:      chart.Axis{Label: "loss of AUC-PR when the field's values are shuffled"},
		Y:      chart.Axis{Names: names},
		Series: []chart.Series{bars(byPerson, chart.Accent, r.ByPerson.Importance), bars(random, chart.Quiet, r.Random.Importance)},
	}
}

// sizes marks the model of the report.
func (r *Report) sizes() *chart.Chart {
	var shipped, others []chart.Point
	for _, s := range r.Sizes {
		point := chart.Point{X: float64(s.Bytes) / 1000, Y: s.Validation}
		if s.Shipped {
			shipped = append(shipped, point)
		} else {
			others = append(others, point)
		}
	}
	return &chart.Chart{
		Title: "AUC-PR on the validation part against the size of the model file",
		X:     chart.Axis{Label: "model file, kB", Log: true},
		Y:     chart.Axis{Label: "AUC-PR, random split, validation part"},
		Series: []chart.Series{
			{Name: "other settings", Colour: chart.Quiet, Shape: chart.Dots, Points: others},
			{Name: "the model of this report", Colour: chart.Accent, Shape: chart.Dots, Points: shipped},
		},
	}
}
