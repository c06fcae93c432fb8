package core_test

import (
	"bytes"
	"math"
	"os"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"lendleaf/core"
	"lendleaf/core/dataset"
	"lendleaf/core/definition"
	"lendleaf/core/feature"
	"lendleaf/core/forest"
	"lendleaf/core/metrics"
	"lendleaf/core/modelfile"
	"lendleaf/core/schema"
)

// The second definition goes the whole road through the same code, and its
// model file is the committed one to the last byte, wherever it is trained.
func TestMachines(t *testing.T) {
	trained, data := trainMachines(t)
	file, err := modelfile.Encode(trained)
	require.NoError(t, err)
	if *update {
		require.NoError(t, os.WriteFile(machinesModel, file, 0o644))
	}
	require.True(t, bytes.Equal(readFile(t, machinesModel), file), "%s is not what training gives: run go generate ./core", machinesModel)

	m, err := core.Load(file)
	require.NoError(t, err)
	assert.Equal(t, "machines", m.Name())
	assert.Equal(t, trained.Threshold, m.Threshold())
	assert.Equal(t, trained.Training, m.Training())
	assert.Len(t, m.Hash(), 64)

	records, positive := data.Rows(dataset.Reference(len(data.Records)).Test)
	var probabilities []float64
	for i, s := range m.AppendScores(nil, records) {
		assert.Equal(t, m.Score(records[i]), s)
		assert.Equal(t, s.Probability >= m.Threshold(), s.Positive)
		probabilities = append(probabilities, s.Probability)
	}
	area, err := metrics.ROCAUC(probabilities, positive)
	require.NoError(t, err)
	assert.Greater(t, area, 0.8, "it learns what was put into the data")
}

func TestLoadRefuses(t *testing.T) {
	file := readFile(t, machinesModel)
	_, err := core.Load(nil)
	assert.ErrorIs(t, err, modelfile.ErrMagic)
	_, err = core.Load(file[:len(file)-1])
	assert.Error(t, err)
	spoilt := bytes.Clone(file)
	spoilt[len(spoilt)/2]++
	_, err = core.Load(spoilt)
	assert.ErrorIs(t, err, modelfile.ErrHash)
}

// One tree asks whether there are at most 10 hours, which gives 0.25, else 0.75.
func TestAProbabilityAtTheThresholdIsPositive(t *testing.T) {
	for threshold, want := range map[float64][2]bool{
		0:                       {true, true},
		0.25:                    {true, true},
		math.Nextafter(0.25, 1): {false, true},
		0.75:                    {false, true},
		math.Nextafter(0.75, 1): {false, false},
		1:                       {false, false},
	} {
		m := oneSplit(t, threshold)
		records := []schema.Record{{10}, {11}}
		scores := m.AppendScores(nil, records)
		for i, p := range []float64{0.25, 0.75} {
			s := core.Score{Probability: p, Positive: want[i]}
			assert.Equal(t, s, m.Score(records[i]), "threshold %v", threshold)
			assert.Equal(t, s, scores[i], "threshold %v", threshold)
			assert.Equal(t, map[bool]string{true: "Fails", false: "Holds"}[want[i]], m.Outcome(s))
		}
	}
}

func oneSplit(t *testing.T, threshold float64) *core.Model {
	t.Helper()
	d, err := definition.Compile(definition.Spec{
		Name: "hours",
		Spec: schema.Spec{
			Fields: []schema.FieldSpec{{Name: "hours", Text: "Hours", Noun: "hours", Kind: schema.Number, Step: 1}},
			Form:   []schema.Control{{Field: "hours", Input: schema.NumberInput}},
			Target: schema.Target{
				Columns:  []string{"failed"},
				Positive: schema.Outcome{Name: "Fails", Spellings: []string{"1"}},
				Negative: schema.Outcome{Name: "Holds", Spellings: []string{"0"}},
			},
		},
		Features: []feature.Spec{{Name: "hours", Field: "hours", Kind: feature.Plain}},
	})
	require.NoError(t, err)
	m, err := modelfile.New(modelfile.Content{
		Definition: d,
		Threshold:  threshold,
		Forest: &forest.Forest{
			Cuts:   [][]int64{{10}},
			Values: []float64{0.25, 0.75},
			Trees:  []forest.Tree{{{}, {Feature: forest.Leaf}, {Feature: forest.Leaf, Index: 1}}},
		},
	})
	require.NoError(t, err)
	return core.New(m)
}

// All that is made of a model file may be used at once: it is read, written,
// changed copies are made of its definition, and texts are scored. The race
// detector would see if any of that wrote to what they share.
func TestModelsAreSharedBetweenGoroutines(t *testing.T) {
	file := readFile(t, machinesModel)
	content, err := modelfile.Decode(file)
	require.NoError(t, err)
	m := core.New(content)
	score := func(m *core.Model) core.Score {
		s := m.Schema()
		values := make([]schema.Value, len(s.Fields))
		for i, text := range []string{"2900", "1.1", "20", "NW", "yard", "thick"} {
			values[i] = s.Fields[i].Read(text)
		}
		r := make(schema.Record, len(s.Fields))
		assert.Empty(t, s.Record(r, values))
		return m.Score(r)
	}
	want := score(m)
	var group sync.WaitGroup
	for _, use := range []func(){
		func() { assert.Equal(t, want, score(m)) },
		func() {
			written, err := modelfile.Encode(content)
			assert.NoError(t, err)
			assert.True(t, bytes.Equal(file, written))
		},
		func() {
			less, err := content.Definition.Without([]string{"oil"})
			assert.NoError(t, err)
			assert.Nil(t, less.Field("oil"))
		},
		func() {
			again, err := modelfile.New(content.Content)
			assert.NoError(t, err)
			assert.Equal(t, want, score(core.New(again)))
		},
	} {
		for range 2 {
			group.Go(func() {
				for range 5 {
					use()
				}
			})
		}
	}
	group.Wait()
}

func TestMissingValuesAreTypical(t *testing.T) {
	m := load(t, machinesModel)
	s := m.Schema()
	oil, hours := s.Index("oil"), s.Index("hours")
	assert.EqualValues(t, schema.Missing, m.Typical(hours))
	texts := map[string]string{"hours": "2900", "load": "1.1", "vibration": "20", "maker": "NW", "hall": "yard"}
	without := typed(t, s, texts)
	texts["oil"] = s.Fields[oil].Labels[m.Typical(oil)].Name
	assert.Equal(t, m.Score(typed(t, s, texts)), m.Score(without))
}

func TestOutcome(t *testing.T) {
	m := load(t, machinesModel)
	assert.Equal(t, "Failure Within A Month", m.Outcome(core.Score{Probability: 1, Positive: true}))
	assert.Equal(t, "Runs On", m.Outcome(core.Score{}))
}

func TestScoringDoesNotAllocate(t *testing.T) {
	for _, name := range []string{machinesModel, shippedModel} {
		m := load(t, name)
		records := everyKind(m.Schema(), 5000)
		assert.Zero(t, testing.AllocsPerRun(100, func() { m.Score(records[0]) }), name)
		scores := m.AppendScores(nil, records)
		// The collector may empty the pool once; the race detector empties it at random.
		if !raceDetector {
			assert.Less(t, testing.AllocsPerRun(20, func() { scores = m.AppendScores(scores[:0], records) }), 1.0, name)
		}
	}
}

// everyKind makes records of all sorts, deterministically.
func everyKind(s *schema.Schema, n int) []schema.Record {
	records := make([]schema.Record, n)
	for i := range records {
		r := make(schema.Record, len(s.Fields))
		for j, f := range s.Fields {
			x := int64(i)*7919 + int64(j)*104_729
			switch {
			case f.Optional && x%11 == 0:
				r[j] = schema.Missing
			case f.Kind == schema.Choice:
				r[j] = x % int64(len(f.Labels))
			case f.Min != nil && f.Max != nil:
				low, high := int64(*f.Min/f.Step), int64(*f.Max/f.Step)
				r[j] = low + x%(high-low+1)
			default:
				r[j] = x * x % 10_000_019
			}
		}
		records[i] = r
	}
	return records
}

func TestManyScoresAreThoseOfOne(t *testing.T) {
	m := load(t, shippedModel)
	records := everyKind(m.Schema(), 2500)
	for _, n := range []int{0, 1, 2047, 2048, 2049, 2500} {
		scores := m.AppendScores([]core.Score{{Probability: 0.5}}, records[:n])
		require.Len(t, scores, n+1)
		assert.Equal(t, 0.5, scores[0].Probability)
		for i, s := range scores[1:] {
			require.Equal(t, m.Score(records[i]), s)
		}
	}
}

func TestModelsMayBeShared(t *testing.T) {
	m := load(t, machinesModel)
	records := everyKind(m.Schema(), 3000)
	want := m.AppendScores(nil, records)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			assert.Equal(t, want, m.AppendScores(nil, records))
			for i := range 300 {
				assert.Equal(t, want[i], m.Score(records[i]))
			}
		})
	}
	all.Wait()
}

func BenchmarkScore(b *testing.B) {
	m := load(b, shippedModel)
	records := everyKind(m.Schema(), 5000)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		m.Score(records[i%len(records)])
	}
}

func BenchmarkAppendScores(b *testing.B) {
	m := load(b, shippedModel)
	records := everyKind(m.Schema(), 5000)
	var scores []core.Score
	b.ReportAllocs()
	for b.Loop() {
		scores = m.AppendScores(scores[:0], records)
	}
	b.ReportMetric(float64(b.N*len(records))/b.Elapsed().Seconds(), "rows/s")
}

func BenchmarkLoad(b *testing.B) {
	file := readFile(b, shippedModel)
	b.ReportAllocs()
	for b.Loop() {
		_, err := core.Load(file)
		require.NoError(b, err)
	}
}

// In the shipped model's data every label of one field goes with one of another;
// in the machines', none.
func TestImplies(t *testing.T) {
	m := load(t, shippedModel)
	city, state := m.Schema().Index("city"), m.Schema().Index("state")
	for label := range m.Schema().Fields[city].Labels {
		_, ok := m.Implies(city, label, state)
		assert.True(t, ok, m.Schema().Fields[city].Labels[label].Name)
	}
	patna := m.Schema().Fields[city].Label("patna")
	implied, ok := m.Implies(city, patna, state)
	require.True(t, ok)
	assert.Equal(t, "bihar", m.Schema().Fields[state].Labels[implied].Name)
	_, ok = m.Implies(state, 0, city)
	assert.False(t, ok)

	m = load(t, machinesModel)
	for i := range m.Schema().Fields {
		for j := range m.Schema().Fields {
			_, ok := m.Implies(i, 0, j)
			assert.False(t, ok)
		}
	}
}

func TestLoadFile(t *testing.T) {
	m, err := core.LoadFile(machinesModel)
	require.NoError(t, err)
	assert.Equal(t, load(t, machinesModel).Hash(), m.Hash())
	_, err = core.LoadFile("testdata/nothing")
	assert.ErrorIs(t, err, os.ErrNotExist)
	assert.ErrorContains(t, err, "testdata/nothing")
	_, err = core.LoadFile("testdata/machines.csv")
	assert.ErrorIs(t, err, modelfile.ErrMagic)
	assert.ErrorContains(t, err, "testdata/machines.csv: ")
}

// Patna lies in Bihar.
func TestUnlike(t *testing.T) {
	m := load(t, shippedModel)
	s := m.Schema()
	record := make(schema.Record, len(s.Fields))
	for i, text := range []string{"5000000", "40", "10", "single", "rented", "no", "physician", "patna", "bihar", "8", "12"} {
		v, fault := s.Fields[i].Parse(s.Fields[i].Read(text))
		require.Equal(t, schema.NoFault, fault, text)
		record[i] = v
	}
	assert.False(t, m.Score(record).Unlike)
	assert.Empty(t, m.Differences(record))
	state := s.Index("state")
	record[state] = int64(s.Fields[state].Label("kerala"))
	assert.True(t, m.Score(record).Unlike)
	assert.Equal(t, []string{"City and State: nobody in the training data had Patna with Kerala."}, m.Differences(record))
}

// A model file may say nothing of its training data.
func TestWithoutTheTrainingDataNothingIsUnlike(t *testing.T) {
	m := oneSplit(t, 0.5)
	r := schema.Record{1 << 40}
	assert.False(t, m.Score(r).Unlike)
	assert.Empty(t, m.Differences(r))
	_, ok := m.Implies(0, 0, 0)
	assert.False(t, ok)
}
