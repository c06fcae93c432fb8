package form_test

import (
	"maps"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"lendleaf/core"
	"lendleaf/wasm/form"
)

func but(changes map[string]string) func(string) string {
	values := maps.Clone(machine)
	maps.Copy(values, changes)
	return typed(values)
}

func TestTheFirstAnswerStands(t *testing.T) {
	s := form.NewSession(machines(t))
	s.Predict(but(nil), "now")
	require.NotNil(t, s.First)
	assert.Equal(t, "now", s.First.When)
	assert.Nil(t, s.Tried)
	first := s.First

	assert.False(t, s.Compare(but(map[string]string{"maker": "north works", "load": " 0.420 "})), "the same, written otherwise")
	changed := but(map[string]string{"hours": "3900", "oil": ""})
	assert.True(t, s.Compare(changed))
	assert.False(t, s.Compare(changed), "no news")
	want := []form.Change{{"hours", "Hours since service", "713", "3900"}, {"oil", "Oil", "Thick", "not given"}}
	assert.Equal(t, want, s.Changed)
	assert.True(t, s.Waiting())

	s.Predict(changed, "later")
	assert.Same(t, first, s.First)
	require.NotNil(t, s.Tried)
	assert.Equal(t, want, s.Tried.Changes)
	assert.Equal(t, first.Scale.At, s.Tried.Scale.First)
	assert.Regexp(t, `^(as in|\d+\.\d points (more|less) than in) the first answer$`, s.Tried.Difference)
	assert.False(t, s.Waiting(), "all is scored")

	assert.True(t, s.Compare(but(map[string]string{"hours": "1"})))
	assert.True(t, s.Waiting(), "what was explored is not what the form holds now")
}

func TestAWrongAttemptLeavesTheAnswer(t *testing.T) {
	s := form.NewSession(machines(t))
	s.Predict(but(nil), "now")
	first := s.First
	s.Predict(but(map[string]string{"load": "7"}), "later")
	assert.Equal(t, []form.Fault{{"load", "Load: Enter a number between 0 and 1.25."}}, s.Faults)
	assert.Same(t, first, s.First)
	assert.Nil(t, s.Tried)
	s.Compare(but(map[string]string{"load": "7"}))
	assert.Equal(t, []form.Change{{"load", "Load", "0.42", "7"}}, s.Changed, "what is wrong is a change too")
}

func TestAcceptAndBack(t *testing.T) {
	s := form.NewSession(machines(t))
	assert.Equal(t, make([]string, 6), s.Back())
	s.Accept(but(nil))
	assert.Nil(t, s.First)

	changed := but(map[string]string{"hours": "3900", "oil": ""})
	s.Predict(but(nil), "now")
	s.Predict(changed, "later")
	assert.Equal(t, []string{"713", "0.42", "10.08", "North Works", "D", "Thick"}, s.Back())
	assert.Nil(t, s.Tried)
	assert.Empty(t, s.Changed)

	s.Predict(changed, "later")
	tried := s.Tried
	s.Accept(changed)
	assert.Nil(t, s.Tried)
	assert.Empty(t, s.Changed)
	assert.Empty(t, s.First.Changes)
	assert.Empty(t, s.First.Scale.First)
	assert.Equal(t, tried.Probabilities, s.First.Probabilities)
	assert.Equal(t, []string{"3900", "0.42", "10.08", "North Works", "D", ""}, s.Back())

	s.Clear()
	assert.Nil(t, s.First)
	assert.Same(t, s.Model(), s.Model())
}

func TestSessionJSON(t *testing.T) {
	s := form.NewSession(machines(t))
	text, ok := s.JSON(but(map[string]string{"oil": ""}))
	assert.True(t, ok)
	assert.Contains(t, text, `"maker": "north_works"`)
	assert.Contains(t, text, `"oil": null`)
	_, ok = s.JSON(but(map[string]string{"hall": ""}))
	assert.False(t, ok)
	assert.Equal(t, []form.Fault{{"hall", "Hall: Select a hall from the list."}}, s.Faults)
}

// Only a model whose data has such a rule offers anything; here it is the
// shipped one, and any label of the field that tells another.
func TestOffers(t *testing.T) {
	assert.Empty(t, form.NewSession(machines(t)).Offers(but(nil)))

	file, err := os.ReadFile("../../site/model/loan-default.lendleaf")
	require.NoError(t, err)
	m, err := core.Load(file)
	require.NoError(t, err)
	s := form.NewSession(m)
	offer := []form.Offer{{"state", "With Patna in the data:", "Bihar"}}
	assert.Equal(t, offer, s.Offers(typed(map[string]string{"city": "patna"})))
	assert.Equal(t, offer, s.Offers(typed(map[string]string{"city": "Patna", "state": "Kerala"})))
	assert.Empty(t, s.Offers(typed(map[string]string{"city": "Patna", "state": "bihar"})))
	assert.Empty(t, s.Offers(typed(map[string]string{"city": "Pat", "state": "bihar"})))
	assert.Empty(t, s.Offers(typed(nil)))
}

func TestLabelsStayOnTheScale(t *testing.T) {
	s := form.NewSession(machines(t))
	s.Predict(but(nil), "")
	threshold := form.Percent(s.Model().Threshold(), -1)
	for _, l := range s.First.Scale.Labels {
		switch l.Text {
		case "0%":
			assert.Equal(t, "start", l.Anchor)
		case "100%":
			assert.Equal(t, "end", l.Anchor)
		case s.First.Probabilities[0].Percent:
			assert.Equal(t, s.First.Scale.At, l.X)
		default:
			assert.Equal(t, "threshold "+threshold, l.Text)
			assert.Equal(t, s.First.Scale.Threshold, l.X)
		}
	}
	assert.GreaterOrEqual(t, len(s.First.Scale.Labels), 3)
}
