package novelty_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"lendleaf/core/novelty"
	"lendleaf/core/schema"
)

// ferries is a made-up schema: a length, a port and a quay, of which every port
// has its own, and a flag that goes with any.
func ferries(t *testing.T) *schema.Schema {
	t.Helper()
	var spec schema.Spec
	require.NoError(t, json.Unmarshal([]byte(`{"fields": [
		{"name": "length", "text": "Length", "noun": "length", "kind": "number", "step": 0.1, "optional": true},
		{"name": "port", "text": "Port", "noun": "port", "kind": "choice", "labels": [{"name": "a", "text": "Aar"}, {"name": "b", "text": "Bol"}]},
		{"name": "quay", "text": "Quay", "noun": "quay", "kind": "choice", "optional": true, "labels": [{"name": "n", "text": "North"}, {"name": "s", "text": "South"}]},
		{"name": "flag", "text": "Flag", "noun": "flag", "kind": "choice", "labels": [{"name": "x", "text": "Blue"}, {"name": "y", "text": "Red"}, {"name": "z", "text": "Green"}]}],
		"form": [{"field": "length", "input": "number"}, {"field": "port", "input": "select"}, {"field": "quay", "input": "select"}, {"field": "flag", "input": "select"}],
		"target": {"columns": ["late"], "positive": {"name": "Late", "spellings": ["1"]}, "negative": {"name": "In time", "spellings": ["0"]}}}`), &spec))
	s, err := schema.Compile(spec)
	require.NoError(t, err)
	return s
}

// seen are forty different ferries: the quay goes with the port, Green is rare.
func seen() []schema.Record {
	var records []schema.Record
	for i := range int64(40) {
		records = append(records, schema.Record{100 + i, i % 2, i % 2, i / 2 % 2})
	}
	records[7][0] = schema.Missing
	records[3][3] = 2
	return append(records, records...) // the same ones again are no further ferries
}

func TestStrangersAreToldFromTheFamiliar(t *testing.T) {
	s := ferries(t)
	n := novelty.Learn(s, seen())
	require.NoError(t, n.Check(s))
	for _, r := range seen() {
		if r[3] != 2 {
			assert.False(t, n.Unlike(r), "%v", r)
			assert.Empty(t, n.Differences(s, r))
		}
	}
	const missing = schema.Missing
	for _, c := range []struct {
		record schema.Record
		want   []string
	}{
		{schema.Record{100, 0, 0, 1}, nil},
		{schema.Record{missing, 0, missing, 1}, nil},
		{schema.Record{99, 0, 0, 1}, []string{"Length: the training data goes from 10 to 13.9."}},
		{schema.Record{140, 1, 1, 0}, []string{"Length: the training data goes from 10 to 13.9."}},
		{schema.Record{110, 0, 0, 2}, []string{"Flag: hardly anybody in the training data had Green."}},
		{schema.Record{110, 0, 1, 0}, []string{"Port and Quay: nobody in the training data had Aar with South."}},
		{schema.Record{999, 1, 0, 2}, []string{
			"Length: the training data goes from 10 to 13.9.",
			"Flag: hardly anybody in the training data had Green.",
			"Port and Quay: nobody in the training data had Bol with North.",
		}},
	} {
		assert.Equal(t, c.want, n.Differences(s, c.record), "%v", c.record)
		assert.Equal(t, c.want != nil, n.Unlike(c.record), "%v", c.record)
	}
}

func TestUnlikeDoesNotAllocate(t *testing.T) {
	s := ferries(t)
	n := novelty.Learn(s, seen())
	r := schema.Record{110, 0, 0, 1}
	assert.Zero(t, testing.AllocsPerRun(100, func() { n.Unlike(r) }))
}

// Two fields that go with each other by chance only are not watched, and of few
// applicants nothing is expected.
func TestChanceIsNoRule(t *testing.T) {
	s := ferries(t)
	n := novelty.Learn(s, seen())
	assert.Len(t, n.Implied, 2, "port and quay, both ways")
	assert.Empty(t, n.Pairs)
	few := novelty.Learn(s, seen()[:6])
	assert.Empty(t, few.Pairs)
	assert.Empty(t, few.Implied)
	assert.NotEmpty(t, few.Rare)
}

func TestALabelImpliesAnother(t *testing.T) {
	const port, quay, flag = 1, 2, 3
	s := ferries(t)
	n := novelty.Learn(s, seen())
	for label := range 2 {
		implied, ok := n.Implies(port, label, quay)
		assert.True(t, ok)
		assert.Equal(t, label, implied)
	}
	for _, other := range []int{port, flag} {
		_, ok := n.Implies(port, 0, other)
		assert.False(t, ok, "field %d", other)
	}
	for _, label := range []int{-1, 2} {
		_, ok := n.Implies(port, label, quay)
		assert.False(t, ok, "there is no label %d", label)
	}
}

// One ferry at the other quay, and neither tells the other any more. Where
// chance would have made the other exception too, it is still known as absent.
func TestARuleHasNoException(t *testing.T) {
	const port, quay = 1, 2
	s := ferries(t)
	n := novelty.Learn(s, append(seen(), schema.Record{50, 0, 1, 0})) // the shortest is looked at first
	_, ok := n.Implies(port, 0, quay)
	assert.False(t, ok)
	require.Len(t, n.Pairs, 1)
	assert.True(t, n.Unlike(schema.Record{110, 1, 0, 0}))
	assert.False(t, n.Unlike(schema.Record{110, 0, 1, 0}))
}

// Labels that nobody had imply nothing.
func TestNobodyImpliesNothing(t *testing.T) {
	const port, quay = 1, 2
	s := ferries(t)
	spec := s.Spec()
	spec.Fields[port].Labels = append(spec.Fields[port].Labels, schema.Label{Name: "c", Text: "Cor"})
	s, err := schema.Compile(spec)
	require.NoError(t, err)
	n := novelty.Learn(s, seen())
	require.NoError(t, n.Check(s))
	_, ok := n.Implies(port, 2, quay)
	assert.False(t, ok)
	text, err := json.Marshal(n.Implied)
	require.NoError(t, err)
	require.JSONEq(t, `[{"field":1,"other":2,"labels":[0,1,-1]}, {"field":2,"other":1,"labels":[0,1]}]`, string(text), "as model files have it")
	n.Implied = n.Implied[:1]
	assert.Equal(t, []string{"Port: hardly anybody in the training data had Cor."}, n.Differences(s, schema.Record{110, 2, 0, 0}))
}

func TestCheckRefuses(t *testing.T) {
	s := ferries(t)
	for name, n := range map[string]novelty.Summary{
		"no such field":       {Ranges: []novelty.Range{{Field: 4}}},
		"a field before all":  {Ranges: []novelty.Range{{Field: -1}}},
		"range of a choice":   {Ranges: []novelty.Range{{Field: 1}}},
		"range upside down":   {Ranges: []novelty.Range{{Field: 0, Low: 2, High: 1}}},
		"labels of a number":  {Rare: []novelty.Rare{{Field: 0, Labels: []int{0}}}},
		"no such label":       {Rare: []novelty.Rare{{Field: 1, Labels: []int{2}}}},
		"a label before all":  {Rare: []novelty.Rare{{Field: 1, Labels: []int{-1}}}},
		"labels of nothing":   {Rare: []novelty.Rare{{Field: 4, Labels: []int{0}}}},
		"nor before all":      {Rare: []novelty.Rare{{Field: -1, Labels: []int{0}}}},
		"labels out of line":  {Rare: []novelty.Rare{{Field: 3, Labels: []int{2, 1}}}},
		"no labels":           {Rare: []novelty.Rare{{Field: 3}}},
		"pair of a number":    {Pairs: []novelty.Pair{{First: 0, Second: 1, Labels: 2, Absent: []byte{0}}}},
		"pair without bits":   {Pairs: []novelty.Pair{{First: 0, Second: 1, Labels: 2}}},
		"wrong width":         {Pairs: []novelty.Pair{{First: 1, Second: 3, Labels: 2, Absent: []byte{0}}}},
		"implied by itself":   {Implied: []novelty.Implied{{Field: 1, Other: 1, Labels: []int{0, 0}}}},
		"implied of a number": {Implied: []novelty.Implied{{Field: 1, Other: 0, Labels: []int{0, 0}}}},
		"implied too few":     {Implied: []novelty.Implied{{Field: 1, Other: 2, Labels: []int{0}}}},
		"implied by nothing":  {Implied: []novelty.Implied{{Field: 0, Other: 1}}},
		"implied label":       {Implied: []novelty.Implied{{Field: 1, Other: 2, Labels: []int{0, 2}}}},
		"implied before all":  {Implied: []novelty.Implied{{Field: 1, Other: 2, Labels: []int{0, -2}}}},
		"the second implied":  {Implied: []novelty.Implied{{Field: 1, Other: 2, Labels: []int{0, 1}}, {Field: 1, Other: 2, Labels: []int{0, 2}}}},
		"too few bits":        {Pairs: []novelty.Pair{{First: 1, Second: 3, Labels: 3}}},
	} {
		assert.ErrorIs(t, n.Check(s), novelty.ErrNovelty, name)
	}
}

func TestCheckTakesTheEdges(t *testing.T) {
	n := novelty.Summary{
		Ranges:  []novelty.Range{{Field: 0, Low: 5, High: 5}},
		Rare:    []novelty.Rare{{Field: 1, Labels: []int{0}}, {Field: 3, Labels: []int{0, 2}}},
		Implied: []novelty.Implied{{Field: 1, Other: 2, Labels: []int{novelty.None, 1}}},
	}
	assert.NoError(t, n.Check(ferries(t)))
}
