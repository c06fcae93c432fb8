package measure

import (
	"errors"
	"fmt"
	"math"

	"lendleaf/core"
	"lendleaf/core/metrics"
)

// Applicant is somebody whom two models scored.
type Applicant struct {
	Champion, Challenger core.Score
	Person               int  // the same number for the same person
	Known                bool // whether there is an outcome: that of an accepted person
	Positive             bool // that outcome
}

// Comparison is what two models come to on the same people.
type Comparison struct {
	Rows       int      `json:"rows"` // with an outcome; the figures are theirs alone
	People     int      `json:"people"`
	BaseRate   float64  `json:"base_rate"` // of positives
	Champion   Measured `json:"champion"`
	Challenger Measured `json:"challenger"`
	Difference Measured `json:"difference"` // what the challenger has more
	Swaps      Swaps    `json:"swaps"`      // of all people
}

// Measured are figures, and between which 95 % of samples of people lie: nil where
// samples have one outcome only.
type Measured struct {
	Figures metrics.Figures  `json:"figures"`
	Low     *metrics.Figures `json:"low"`
	High    *metrics.Figures `json:"high"`
}

// Swaps counts people by whom the models would accept: those of whom they predict
// the negative outcome.
type Swaps struct {
	BothAccept int   `json:"both_accept"`
	BothReject int   `json:"both_reject"`
	In         Group `json:"swapped_in"`  // whom the challenger alone would accept
	Out        Group `json:"swapped_out"` // whom the champion alone would accept
}

// Group is some people, of whom some have an outcome.
type Group struct {
	Count     int `json:"count"`
	Unknown   int `json:"without_outcome"`
	Positives int `json:"positives"`
}

// ErrNoOutcome says that nobody has an outcome whom both models scored.
var ErrNoOutcome = errors.New("nobody whom both models scored has an outcome")

// Challenge compares two models on people whose outcomes are known, with intervals
// of so many draws. People who were not accepted have none: of them no figure says
// anything. Its errors are ErrNoOutcome and those of package metrics.
func Challenge(applicants []Applicant, draws int, seed uint64) (Comparison, error) {
	var c Comparison
	var champion, challenger []core.Score
	var positive []bool
	var people []int
	for _, a := range applicants {
		c.Swaps.add(a)
		if a.Known {
			champion, challenger = append(champion, a.Champion), append(challenger, a.Challenger)
			positive, people = append(positive, a.Positive), append(people, a.Person)
		}
	}
	if len(positive) == 0 {
		return Comparison{}, fmt.Errorf("%w (scored by both: %d)", ErrNoOutcome, len(applicants))
	}
	c.Rows, c.People, c.BaseRate = len(positive), distinct(people), baseRate(positive)
	first, second := scored(champion), scored(challenger)
	var err error
	if c.Champion, err = measured(first, positive, people, draws, seed); err != nil {
		return Comparison{}, err
	}
	if c.Challenger, err = measured(second, positive, people, draws, seed); err != nil {
		return Comparison{}, err
	}
	c.Difference.Figures = c.Challenger.Figures.Minus(c.Champion.Figures)
	low, high, err := metrics.BootstrapDifference(first, second, positive, people, draws, seed)
	if err := c.Difference.between(low, high, err); err != nil {
		return Comparison{}, err
	}
	return c, nil
}

func (s *Swaps) add(a Applicant) {
	switch {
	case a.Champion.Positive && a.Challenger.Positive:
		s.BothReject++
	case a.Champion.Positive:
		s.In.add(a)
	case a.Challenger.Positive:
		s.Out.add(a)
	default:
		s.BothAccept++
	}
}

func (g *Group) add(a Applicant) {
	g.Count++
	switch {
	case !a.Known:
		g.Unknown++
	case a.Positive:
		g.Positives++
	}
}

// scored finds the threshold that the predictions were made with: from the smallest
// probability that was predicted as positive on, all are.
func scored(scores []core.Score) metrics.Scored {
	s := metrics.Scored{Threshold: math.Inf(1)}
	for _, score := range scores {
		s.Probabilities = append(s.Probabilities, score.Probability)
		if score.Positive {
			s.Threshold = min(s.Threshold, score.Probability)
		}
	}
	return s
}

func measured(s metrics.Scored, positive []bool, people []int, draws int, seed uint64) (Measured, error) {
	figures, err := metrics.Measure(s.Probabilities, positive, s.Threshold)
	if err != nil {
		return Measured{}, err
	}
	m := Measured{Figures: figures}
	low, high, err := metrics.Bootstrap(s.Probabilities, positive, people, s.Threshold, draws, seed)
	if err := m.between(low, high, err); err != nil {
		return Measured{}, err
	}
	return m, nil
}

// between takes an interval, if there is one.
func (m *Measured) between(low, high metrics.Figures, err error) error {
	if errors.Is(err, metrics.ErrOneClass) {
		return nil
	}
	if err != nil {
		return err
	}
	m.Low, m.High = &low, &high
	return nil
}

func distinct(people []int) int {
	seen := map[int]bool{}
	for _, p := range people {
		seen[p] = true
	}
	return len(seen)
}

func baseRate(positive []bool) float64 {
	n := 0
	for _, p := range positive {
		if p {
			n++
		}
	}
	return float64(n) / float64(len(positive))
}
