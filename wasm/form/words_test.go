package form

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"lendleaf/core/calibration"
)

// Where a probability lies is said for both sides of the threshold and for the
// threshold itself, at which an applicant has the positive outcome.
func TestComparison(t *testing.T) {
	assert.Equal(t, "Below the threshold of 36%", comparison(0.3599, 0.36))
	assert.Equal(t, "At the threshold of 36%", comparison(0.36, 0.36))
	assert.Equal(t, "Above the threshold of 36%", comparison(0.3601, 0.36))
	assert.Equal(t, "Below the threshold of 45.5%", comparison(0.1, 0.455))
}

func TestDifference(t *testing.T) {
	for by, want := range map[float64]string{
		0.1234:  "12.3 points more than in the first answer",
		-0.1234: "12.3 points less than in the first answer",
		1:       "100.0 points more than in the first answer",
		0.0006:  "0.1 points more than in the first answer",
		-0.0006: "0.1 points less than in the first answer",
		0.0004:  "as in the first answer",
		-0.0004: "as in the first answer",
		0:       "as in the first answer",
	} {
		assert.Equal(t, want, difference(by), by)
	}
}

// Of 8 applicants 3 are 37.5 in a hundred, which people round up.
func TestMeaning(t *testing.T) {
	c := calibration.Calibration{Steps: []calibration.Step{{From: 0, Rows: 50, Positives: 1}, {From: 0.5, Rows: 8, Positives: 3}, {From: 0.9, Rows: 1000, Positives: 994}},
		Rows: 20, Brier: 0.1, BaseBrier: 0.2}
	assert.Equal(t, "Of 100 such applicants who were new to the model, about 2 ended as Failed.", meaning(&c, "Failed", 0.49))
	assert.Equal(t, "Of 100 such applicants who were new to the model, about 38 ended as Failed.", meaning(&c, "Failed", 0.5))
	assert.Equal(t, "Of 100 such applicants who were new to the model, about 99 ended as Failed.", meaning(&c, "Failed", 1))
	const unknown = "How many applicants with such a score end as Failed is not known: " +
		"on people who are new to it, this model does no better than one number for everybody."
	c.Brier = 0.2
	assert.Equal(t, unknown, meaning(&c, "Failed", 0.5))
	assert.Equal(t, unknown, meaning(nil, "Failed", 0.5))
}

// Texts near an end of the scale are set inwards, and an end that the
// threshold's text would touch goes without its own.
func TestScale(t *testing.T) {
	value := func(x, anchor, text string) Label { return Label{x, "13", anchor, text, "scale-value"} }
	label := func(x, anchor, text string) Label { return Label{x, "59", anchor, text, "scale-label"} }
	zero, hundred := label("0.000%", "start", "0%"), label("100.000%", "end", "100%")
	for _, c := range []struct {
		p, threshold float64
		want         []Label
	}{
		{0.124, 0.46, []Label{value("12.400%", "start", "12.4%"), label("46.000%", "middle", "threshold 46%"), zero, hundred}},
		{0.125, 0.46, []Label{value("12.500%", "middle", "12.5%"), label("46.000%", "middle", "threshold 46%"), zero, hundred}},
		{0.875, 0.46, []Label{value("87.500%", "middle", "87.5%"), label("46.000%", "middle", "threshold 46%"), zero, hundred}},
		{0.876, 0.46, []Label{value("87.600%", "end", "87.6%"), label("46.000%", "middle", "threshold 46%"), zero, hundred}},
		{0.5, 0.25, []Label{value("50.000%", "middle", "50.0%"), label("25.000%", "middle", "threshold 25%"), hundred}},
		{0.5, 0.26, []Label{value("50.000%", "middle", "50.0%"), label("26.000%", "middle", "threshold 26%"), zero, hundred}},
		{0.5, 0.74, []Label{value("50.000%", "middle", "50.0%"), label("74.000%", "middle", "threshold 74%"), zero, hundred}},
		{0.5, 0.75, []Label{value("50.000%", "middle", "50.0%"), label("75.000%", "middle", "threshold 75%"), zero}},
		{0.5, 0.455, []Label{value("50.000%", "middle", "50.0%"), label("45.500%", "middle", "threshold 45.5%"), zero, hundred}},
		{1, 0.05, []Label{value("100.000%", "end", "100.0%"), label("5.000%", "start", "threshold 5%"), hundred}},
	} {
		s := scale(c.p, c.threshold)
		assert.Equal(t, c.want, s.Labels, "%g, %g", c.p, c.threshold)
		assert.Equal(t, c.want[0].X, s.At)
		assert.Equal(t, c.want[1].X, s.Threshold)
		assert.Empty(t, s.First)
	}
}
