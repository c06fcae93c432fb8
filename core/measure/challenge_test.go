package measure_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"lendleaf/core"
	"lendleaf/core/measure"
	"lendleaf/core/metrics"
)

// score predicts from a half on.
func score(p float64) core.Score { return core.Score{Probability: p, Positive: p >= 0.5} }

// The figures of two models are those of the people who have an outcome, and all are
// counted by whom the models accept.
func TestChallenge(t *testing.T) {
	var all []measure.Applicant
	add := func(times int, champion, challenger float64, known, positive bool) {
		for range times {
			all = append(all, measure.Applicant{Champion: score(champion), Challenger: score(challenger), Person: len(all), Known: known, Positive: positive})
		}
	}
	add(30, 0.2, 0.1, true, false)
	add(10, 0.4, 0.3, true, false)
	add(6, 0.4, 0.6, true, true)
	add(4, 0.2, 0.7, true, true)
	add(2, 0.1, 0.8, true, false)
	add(5, 0.6, 0.4, false, false)
	add(1, 0.7, 0.2, true, true)
	add(3, 0.9, 0.9, false, false)
	c, err := measure.Challenge(all, 200, 1)
	require.NoError(t, err)
	assert.Equal(t, 53, c.Rows)
	assert.Equal(t, 53, c.People)
	assert.InDelta(t, 11./53, c.BaseRate, 1e-12)
	assert.Equal(t, measure.Swaps{
		BothAccept: 40, BothReject: 3, In: measure.Group{Count: 6, Unknown: 5, Positives: 1}, Out: measure.Group{Count: 12, Positives: 10},
	}, c.Swaps)
	assert.InDelta(t, 1./11, c.Champion.Figures.Recall, 1e-12, "one of eleven was rejected")
	assert.InDelta(t, 10./11, c.Challenger.Figures.Recall, 1e-12)
	assert.InDelta(t, 10./12, c.Challenger.Figures.Precision, 1e-12)
	assert.InDelta(t, 9./11, c.Difference.Figures.Recall, 1e-12)
	assert.Less(t, c.Difference.Low.Recall, 9./11)
	assert.Greater(t, c.Difference.High.Recall, 9./11)
	assert.Positive(t, c.Difference.Low.Recall, "the challenger finds more, whatever the sample")
}

// Where samples have one outcome there are figures, and no interval.
func TestChallengeOfFewPeople(t *testing.T) {
	c, err := measure.Challenge([]measure.Applicant{
		{Champion: score(0.4), Challenger: score(0.2), Person: 1, Known: true},
		{Champion: score(0.4), Challenger: score(0.6), Person: 1, Known: true, Positive: true},
	}, 200, 1)
	require.NoError(t, err)
	assert.Equal(t, 1, c.People)
	assert.NotNil(t, c.Champion.Low, "one person is drawn always")
	assert.Equal(t, 0.0, c.Champion.Figures.Recall, "nobody was rejected")
	c, err = measure.Challenge([]measure.Applicant{{Champion: score(0.4), Challenger: score(0.2), Known: true}}, 200, 1)
	require.NoError(t, err)
	assert.Nil(t, c.Champion.Low)
	assert.Nil(t, c.Difference.High)
	_, err = measure.Challenge([]measure.Applicant{{}}, 200, 1)
	require.ErrorIs(t, err, measure.ErrNoOutcome)
	_, err = measure.Challenge([]measure.Applicant{{Champion: score(2), Known: true}}, 200, 1)
	require.ErrorIs(t, err, metrics.ErrProbability)
}
