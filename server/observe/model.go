package observe

import (
	"sync"

	"github.com/prometheus/client_golang/prometheus"

	"lendleaf/core"
	"lendleaf/core/baseline"
	"lendleaf/core/schema"
)

// Model counts what one model scores.
type Model struct {
	metrics            *Metrics
	model              *core.Model
	role               Role
	unlike             prometheus.Counter
	scores             prometheus.Observer
	windows            prometheus.Counter
	positive, negative prometheus.Counter
	faults             map[string]prometheus.Counter // by field
	body               prometheus.Counter

	mu       sync.Mutex
	baseline baseline.Baseline // nil: drift is not known
	expected [][]int           // counts of the baseline's bins, by field
	observed [][]int           // the same of the window under way
	n        int               // applicants in it
}

// Model prepares to count what a model scores; more are fields that a request
// may have beside the model's.
func (m *Metrics) Model(model *core.Model, role Role, more ...string) *Model {
	target := model.Schema().Target
	o := &Model{
		metrics: m, model: model, role: role, baseline: model.Baseline(),
		positive: m.predictions.WithLabelValues(target.Positive.Name, string(role)),
		negative: m.predictions.WithLabelValues(target.Negative.Name, string(role)),
		unlike:   m.unlike.WithLabelValues(string(role)),
		scores:   m.scores.WithLabelValues(string(role)),
		windows:  m.windows.WithLabelValues(string(role)),
		body:     m.faults.WithLabelValues("body"),
		faults:   map[string]prometheus.Counter{},
	}
	for _, f := range model.Schema().Fields {
		more = append(more, f.Name)
	}
	for _, name := range more {
		o.faults[name] = m.faults.WithLabelValues(name)
	}
	for i := range o.baseline {
		bins := &o.baseline[i]
		o.expected = append(o.expected, bins.AppendCounts(nil))
		o.observed = append(o.observed, make([]int, bins.Len()))
	}
	return o
}

// Use says that this is the model of its role from now on. What was known of
// drift from another one is forgotten.
func (o *Model) Use() {
	role := prometheus.Labels{roleLabel: string(o.role)}
	o.metrics.model.DeletePartialMatch(role)
	o.metrics.model.WithLabelValues(o.model.Name(), o.model.Hash(), string(o.role)).Set(1)
	o.metrics.drift.DeletePartialMatch(role)
}

// Compared counts what a challenger makes of an applicant that the champion has
// scored; both predict the same outcomes.
func (o *Model) Compared(champion, challenger core.Score) {
	o.metrics.differences.Observe(challenger.Probability - champion.Probability)
	if champion.Positive != challenger.Positive {
		o.metrics.flips.WithLabelValues(o.model.Outcome(champion), o.model.Outcome(challenger)).Inc()
	}
}

// Faulty counts a fault of a field, or, with "", of a body as a whole.
func (o *Model) Faulty(field string) {
	if c := o.faults[field]; c != nil {
		c.Inc()
		return
	}
	o.body.Inc()
}

// Scored counts applicants and their scores.
func (o *Model) Scored(records []schema.Record, scores []core.Score) {
	positive, unlike := 0, 0
	for _, s := range scores {
		o.scores.Observe(s.Probability)
		if s.Positive {
			positive++
		}
		if s.Unlike {
			unlike++
		}
	}
	o.positive.Add(float64(positive))
	o.negative.Add(float64(len(scores) - positive))
	o.unlike.Add(float64(unlike))
	if o.baseline != nil {
		o.addToWindow(records)
	}
}

func (o *Model) addToWindow(records []schema.Record) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, r := range records {
		for i := range o.baseline {
			o.observed[i][o.baseline[i].Of(r[i])]++
		}
		if o.n++; o.n == o.metrics.window {
			o.endWindow()
		}
	}
}

// endWindow says how far the window's applicants are from those of the training
// part, and begins another one.
func (o *Model) endWindow() {
	fields := o.model.Schema().Fields
	for i := range o.baseline {
		o.metrics.drift.WithLabelValues(fields[i].Name, string(o.role)).Set(baseline.PSI(o.expected[i], o.observed[i]))
		clear(o.observed[i])
	}
	o.n = 0
	o.windows.Inc()
}
