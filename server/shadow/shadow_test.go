package shadow

import (
	"context"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"lendleaf/core"
	"lendleaf/core/modelfile"
	"lendleaf/core/rows"
	"lendleaf/core/schema"
	"lendleaf/server/record"
)

func content(t testing.TB) *modelfile.Model {
	t.Helper()
	file, err := os.ReadFile("../../core/testdata/machines.lendleaf")
	require.NoError(t, err)
	m, err := modelfile.Decode(file)
	require.NoError(t, err)
	return m
}

func machines(t testing.TB) *core.Model { return core.New(content(t)) }

// other is the model of machines with another definition.
func other(t *testing.T, change func(*schema.Spec)) *core.Model {
	t.Helper()
	m := content(t)
	spec := m.Definition.Schema.Spec()
	change(&spec)
	compiled, err := schema.Compile(spec)
	require.NoError(t, err)
	d := *m.Definition
	d.Schema = compiled
	m.Definition = &d
	return core.New(m)
}

// batch holds machines with all that differs between them.
func batch(m *core.Model, id string, n int) *record.Batch {
	b := &record.Batch{ID: id, Start: time.Now(), Size: n, Model: m}
	for i := range n {
		r := schema.Record{int64(i * 97 % 9000), int64(i % 125), int64(i * 31 % 3000), int64(i % 4), int64(i % 8), int64(i % 2)}
		b.Predictions = append(b.Predictions, record.Prediction{Place: i, Record: r, Score: m.Score(r)})
	}
	return b
}

// keeper keeps what is recorded.
type keeper struct {
	mu      sync.Mutex
	batches []*record.Batch
	gate    chan struct{} // nil: open
}

func (k *keeper) keep(ctx context.Context, b *record.Batch) error {
	if k.gate != nil {
		select {
		case <-k.gate:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.batches = append(k.batches, b)
	return nil
}

// observer counts what it is told.
type observer struct {
	records, scores, compared, flips int
}

func (o *observer) Scored(records []schema.Record, scores []core.Score) {
	o.records += len(records)
	o.scores += len(scores)
}

func (o *observer) Compared(champion, challenger core.Score) {
	o.compared++
	if champion.Positive != challenger.Positive {
		o.flips++
	}
}

// Each applicant gets the challenger's own score, whatever they come with.
func TestTheChallengerScores(t *testing.T) {
	champion := machines(t)
	c := content(t)
	c.Threshold = 0.9
	challenger := core.New(c)
	k, o := &keeper{}, &observer{}
	memory := rows.NewBudget(1<<20, nil)
	s := New(k.keep, memory)
	pair, err := s.Pair(champion, challenger, o)
	require.NoError(t, err)
	sizes := map[string]int{"A": 1, "B": 700, "C": 1, "D": 1100}
	flips := 0
	for _, id := range []string{"A", "B", "C", "D"} {
		b := batch(champion, id, sizes[id])
		b.Predictions[0].Fault = "at fault"
		for _, p := range b.Predictions[1:] {
			if challenger.Score(p.Record).Positive != p.Score.Positive {
				flips++
			}
		}
		pair.Score(b)
	}
	s.Close()
	got := map[string]int{}
	for _, b := range k.batches {
		assert.True(t, b.Challenger)
		assert.Same(t, challenger, b.Model)
		assert.Equal(t, sizes[b.ID], b.Size)
		was := batch(champion, b.ID, b.Size)
		for _, p := range b.Predictions {
			assert.Equal(t, challenger.Score(was.Predictions[p.Place].Record), p.Score)
			assert.Nil(t, p.Record, "the champion's record has it")
			got[b.ID]++
		}
	}
	assert.Equal(t, map[string]int{"B": 699, "D": 1099}, got)
	assert.Equal(t, observer{699 + 1099, 699 + 1099, 699 + 1099, flips}, *o)
	assert.Positive(t, flips)
	assert.Zero(t, s.Lost())
	assert.Zero(t, s.Unscored())
	assert.Zero(t, memory.Taken())
	pair.Score(batch(champion, "late", 3))
	assert.EqualValues(t, 3, s.Lost())
}

// What does not fit is lost and counted; nobody waits.
func TestTooMuchIsLost(t *testing.T) {
	champion := machines(t)
	k := &keeper{gate: make(chan struct{})}
	memory := rows.NewBudget(100*(sizeOfPrediction+8*6), nil)
	s := New(k.keep, memory)
	pair, err := s.Pair(champion, champion, nil)
	require.NoError(t, err)
	pair.Score(batch(champion, "A", 60))
	pair.Score(batch(champion, "B", 41))
	assert.EqualValues(t, 41, s.Lost())
	pair.Score(batch(champion, "C", 40))
	assert.EqualValues(t, 41, s.Lost())
	close(k.gate)
	s.Close()
	assert.Zero(t, memory.Taken())
	assert.Len(t, k.batches, 2)
}

// Applicants who wait while the models are read again are scored by those that they
// came for.
func TestPairsThatChange(t *testing.T) {
	champion := machines(t)
	k := &keeper{gate: make(chan struct{}, 9)}
	s := New(k.keep, nil)
	var challengers []*core.Model
	for range 2 {
		challengers = append(challengers, machines(t))
		pair, err := s.Pair(champion, challengers[len(challengers)-1], nil)
		require.NoError(t, err)
		for range 2 {
			pair.Score(batch(champion, "A", 2))
		}
	}
	close(k.gate)
	s.Close()
	scored := map[*core.Model]int{}
	for _, b := range k.batches {
		scored[b.Model] += len(b.Predictions)
	}
	assert.Equal(t, map[*core.Model]int{challengers[0]: 4, challengers[1]: 4}, scored)
}

// Records that hang do not hold up the end.
func TestTheEndDoesNotWaitForEver(t *testing.T) {
	champion := machines(t)
	s := New((&keeper{gate: make(chan struct{})}).keep, nil)
	pair, err := s.Pair(champion, champion, nil)
	require.NoError(t, err)
	for range 3 {
		pair.Score(batch(champion, "A", together))
	}
	ended := make(chan struct{})
	go func() {
		s.Close()
		close(ended)
	}()
	select {
	case <-ended:
	case <-time.After(time.Minute):
		require.Fail(t, "it waits")
	}
	assert.EqualValues(t, 2*together, s.Lost())
	(*Scorer)(nil).Close()
}

// A challenger with other labels, bounds and fields takes what means the same.
func TestValuesAreTranslated(t *testing.T) {
	champion := machines(t)
	fields := champion.Schema().Fields
	challenger := other(t, func(spec *schema.Spec) {
		labels := spec.Fields[3].Labels
		labels[0], labels[1] = labels[1], labels[0]
		spec.Fields[0].Max = new(float64)
		*spec.Fields[0].Max = 5000
	})
	s := New(nil, nil)
	defer s.Close()
	pair, err := s.Pair(champion, challenger, nil)
	require.NoError(t, err)
	dst := make(schema.Record, len(fields))
	require.True(t, pair.translate(dst, schema.Record{4000, 97, 2250, 0, 2, 0}))
	assert.Equal(t, schema.Record{4000, 97, 2250, 1, 2, 0}, dst)
	assert.False(t, pair.translate(dst, schema.Record{7000, 97, 2250, 0, 2, 0}), "past the bound")
	pair.Score(batch(champion, "A", 100))
	past := int64(0)
	for _, p := range batch(champion, "A", 100).Predictions {
		if p.Record[0] > 5000 {
			past++
		}
	}
	require.Eventually(t, func() bool { return s.Unscored() == past }, time.Minute, time.Millisecond)

	for name, change := range map[string]func(*schema.FieldSpec){
		"a larger least": func(f *schema.FieldSpec) { *f.Min = 1 },
		"a larger step":  func(f *schema.FieldSpec) { f.Step *= 2 },
	} {
		pair, err := s.Pair(champion, other(t, func(spec *schema.Spec) { change(&spec.Fields[0]) }), nil)
		require.NoError(t, err)
		dst := make(schema.Record, len(fields))
		taken := pair.translate(dst, schema.Record{0, 97, 2250, 0, 2, 0})
		assert.Equal(t, name == "a larger step", taken, name)
		require.True(t, pair.translate(dst, schema.Record{4000, 97, 2250, 0, 2, 0}))
		assert.Equal(t, map[string]int64{"a larger least": 4000, "a larger step": 2000}[name], dst[0], name)
	}
}

func TestPairsThatCannotBe(t *testing.T) {
	champion := machines(t)
	s := New(nil, nil)
	defer s.Close()
	for name, change := range map[string]func(*schema.Spec){
		"another outcome":   func(spec *schema.Spec) { spec.Target.Positive.Name = "Burns" },
		"another other one": func(spec *schema.Spec) { spec.Target.Negative.Name = "Burns" },
		"another field": func(spec *schema.Spec) {
			for i := range spec.Form {
				if spec.Form[i].Field == spec.Fields[0].Name {
					spec.Form[i].Field = "days"
				}
			}
			spec.Fields[0].Name = "days"
		},
	} {
		_, err := s.Pair(champion, other(t, change), nil)
		require.ErrorIs(t, err, ErrFields, name)
	}
}
