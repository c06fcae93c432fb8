package form_test

import (
	"maps"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"lendleaf/wasm/form"
)

// but is the machine with other texts in some fields.
func but(s *form.Session, changes map[string]string) *form.Applicant {
	values := maps.Clone(machine)
	maps.Copy(values, changes)
	return applicant(s.Model(), values)
}

func TestTheFirstAnswerStands(t *testing.T) {
	s := form.NewSession(machines(t))
	s.Predict(but(s, nil), "now")
	require.NotNil(t, s.First)
	assert.Equal(t, "now", s.First.When)
	assert.Nil(t, s.Tried)
	first := s.First

	assert.False(t, s.Compare(but(s, map[string]string{"maker": "north works", "load": " 0.420 "})), "the same, written otherwise")
	changed := but(s, map[string]string{"hours": "3900", "oil": ""})
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
	assert.Equal(t, "later", s.Tried.When)
	assert.False(t, s.Waiting(), "all is scored")

	assert.True(t, s.Compare(but(s, map[string]string{"hours": "1"})))
	assert.True(t, s.Waiting(), "what was explored is not what the form holds now")
}

// hard is what a machine is run at that is going to fail: with 96.2 %, against
// 0.0 % for the other.
var hard = map[string]string{"hours": "3990", "load": "1.25", "vibration": "40", "maker": "Ostermann", "hall": "Yard"}

func TestAnExplorationSaysHowFarItIsFromTheFirstAnswer(t *testing.T) {
	s := form.NewSession(machines(t))
	calm, failing := but(s, nil), but(s, hard)
	s.Predict(calm, "now")
	assert.Equal(t, "0.0%", s.First.Probabilities[0].Percent)
	assert.Empty(t, s.First.Difference)
	s.Predict(failing, "later")
	assert.Equal(t, "96.2%", s.Tried.Probabilities[0].Percent)
	assert.Equal(t, "96.2 points more than in the first answer", s.Tried.Difference)
	assert.Equal(t, "0.000%", s.Tried.Scale.First)

	s.Accept(failing)
	assert.Equal(t, "96.2%", s.First.Probabilities[0].Percent)
	assert.Empty(t, s.First.Difference)
	s.Predict(calm, "later still")
	assert.Equal(t, "96.2 points less than in the first answer", s.Tried.Difference)
	assert.Equal(t, "96.197%", s.Tried.Scale.First)
}

// An applicant scored again, with nothing changed, is a first answer again.
func TestTheSameApplicantIsNoExploration(t *testing.T) {
	s := form.NewSession(machines(t))
	s.Predict(but(s, nil), "now")
	s.Predict(but(s, hard), "later")
	require.NotNil(t, s.Tried)
	s.Predict(but(s, nil), "at last")
	assert.Nil(t, s.Tried)
	assert.Equal(t, "at last", s.First.When)
	assert.Empty(t, s.First.Changes)
}

// What was tried keeps its changes, whatever is typed since.
func TestTypingDoesNotChangeWhatWasTried(t *testing.T) {
	s := form.NewSession(machines(t))
	s.Predict(but(s, nil), "now")
	s.Predict(but(s, map[string]string{"hours": "1"}), "later")
	s.Compare(but(s, map[string]string{"hours": "2"}))
	assert.Equal(t, []form.Change{{"hours", "Hours since service", "713", "1"}}, s.Tried.Changes)
	assert.Equal(t, []form.Change{{"hours", "Hours since service", "713", "2"}}, s.Changed)
}

func TestAWrongAttemptLeavesTheAnswer(t *testing.T) {
	s := form.NewSession(machines(t))
	s.Predict(but(s, nil), "now")
	first := s.First
	s.Predict(but(s, map[string]string{"load": "7"}), "later")
	assert.Equal(t, []form.Fault{{"load", "Load: Enter a number between 0 and 1.25."}}, s.Faults)
	assert.Same(t, first, s.First)
	assert.Nil(t, s.Tried)
	s.Compare(but(s, map[string]string{"load": "7"}))
	assert.Equal(t, []form.Change{{"load", "Load", "0.42", "7"}}, s.Changed, "what is wrong is a change too")
}

func TestAcceptAndBack(t *testing.T) {
	s := form.NewSession(machines(t))
	assert.Equal(t, make([]string, 6), s.Back())
	s.Accept(but(s, nil))
	assert.Nil(t, s.First)

	changed := but(s, map[string]string{"hours": "3900", "oil": ""})
	s.Predict(but(s, nil), "now")
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

}

func TestBackAndAcceptForgetWhatWasWrong(t *testing.T) {
	s := form.NewSession(machines(t))
	s.Predict(but(s, nil), "now")
	wrong := but(s, map[string]string{"load": "7"})
	s.Predict(wrong, "later")
	require.NotEmpty(t, s.Faults)
	s.Accept(wrong)
	assert.NotEmpty(t, s.Faults, "nothing was tried, so there is nothing to accept")
	s.Back()
	assert.Empty(t, s.Faults)

	s.Predict(but(s, hard), "later")
	s.Predict(wrong, "later still")
	require.NotEmpty(t, s.Faults)
	s.Accept(wrong)
	assert.Empty(t, s.Faults)
	assert.Equal(t, "96.2%", s.First.Probabilities[0].Percent)
	assert.Len(t, s.Changed, 5, "what is typed is not what was accepted")
}

func TestClearKeepsTheModelAlone(t *testing.T) {
	m := machines(t)
	s := form.NewSession(m)
	s.Predict(but(s, nil), "now")
	s.Predict(but(s, hard), "later")
	s.Predict(but(s, map[string]string{"load": "7"}), "later still")
	s.Compare(but(s, map[string]string{"load": "7"}))
	require.NotEmpty(t, s.Faults)
	require.NotEmpty(t, s.Changed)
	s.Clear()
	assert.Equal(t, *form.NewSession(m), *s)
	assert.Same(t, m, s.Model())
	assert.False(t, s.Compare(but(s, hard)), "there is nothing to differ from")
	assert.False(t, s.Waiting())
	s.Predict(but(s, hard), "anew")
	assert.Equal(t, "96.2%", s.First.Probabilities[0].Percent)
}

func TestSessionJSON(t *testing.T) {
	s := form.NewSession(machines(t))
	text, ok := s.JSON(but(s, map[string]string{"oil": ""}))
	assert.True(t, ok)
	assert.JSONEq(t, `{"hours": 713, "load": 0.42, "vibration": 10.08, "maker": "north_works", "hall": "d", "oil": null}`, text)
	text, ok = s.JSON(but(s, map[string]string{"hall": ""}))
	assert.False(t, ok)
	assert.Empty(t, text)
	assert.Equal(t, []form.Fault{{"hall", "Hall: Select a hall from the list."}}, s.Faults)
	_, ok = s.JSON(but(s, nil))
	assert.True(t, ok)
	assert.Empty(t, s.Faults)
}

// Only a model whose data has such a rule offers anything; here it is the
// shipped one, and any label of the field that tells another.
func TestOffers(t *testing.T) {
	s := form.NewSession(machines(t))
	assert.Empty(t, s.Offers(but(s, nil)))

	m := shipped(t)
	s = form.NewSession(m)
	offers := func(values map[string]string) []form.Offer { return s.Offers(applicant(m, values)) }
	offer := []form.Offer{{"state", "With Patna in the data:", "Bihar"}}
	assert.Equal(t, offer, offers(map[string]string{"city": "patna"}))
	assert.Equal(t, offer, offers(map[string]string{"city": "Patna", "state": "Kerala"}))
	assert.Empty(t, offers(map[string]string{"city": "Patna", "state": "bihar"}))
	assert.Empty(t, offers(map[string]string{"city": "Pat", "state": "bihar"}))
	assert.Empty(t, offers(nil))
}
