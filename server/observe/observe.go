// Package observe counts what the server does, for Prometheus. It keeps nothing
// of an applicant; but the difference between two scrapes can tell of one, so
// what it counts belongs on a listener that only the operator reaches.
package observe

import (
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Metrics are what is counted from the start of the server to its end, whatever
// model it has. They may be used from many goroutines.
type Metrics struct {
	registry *prometheus.Registry
	window   int

	running  prometheus.Gauge
	requests *prometheus.CounterVec
	took     *prometheus.HistogramVec
	sent     *prometheus.CounterVec

	model       *prometheus.GaugeVec
	reloads     *prometheus.CounterVec
	predictions *prometheus.CounterVec
	unlike      *prometheus.CounterVec
	scores      *prometheus.HistogramVec
	faults      *prometheus.CounterVec

	drift   *prometheus.GaugeVec
	windows *prometheus.CounterVec

	flips       *prometheus.CounterVec
	differences prometheus.Histogram
}

// MinWindow is the fewest applicants that drift is measured on: of fewer, an
// index could tell of one of them.
const MinWindow = 100

// New makes metrics that measure drift on windows of so many applicants, at
// least MinWindow.
func New(window int) *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		window:   max(window, MinWindow),

		running:  gauge("requests_running", "Requests that are being answered."),
		requests: counters("requests_total", "Requests that were answered.", "method", "pattern", "code"),
		took: prometheus.NewHistogramVec(prometheus.HistogramOpts{Namespace: namespace, Name: "request_seconds",
			Help: "Time from a request's headers to the end of its answer.", Buckets: latencies}, []string{"pattern"}),
		sent: counters("response_bytes_total", "Bytes of the bodies of answers.", "pattern"),

		model:       prometheus.NewGaugeVec(opts("model_info", "1 for the model that answers (champion), or that scores the same applicants beside it (challenger)."), []string{"name", "hash", roleLabel}),
		reloads:     counters("model_reloads_total", "Times that the model was read again, by how that went.", "result"),
		predictions: counters("predictions_total", "Applicants that were scored.", "outcome", roleLabel),
		unlike:      counters("predictions_unlike_total", "Scored applicants who are unlike all that the model was trained on.", roleLabel),
		scores: prometheus.NewHistogramVec(prometheus.HistogramOpts{Namespace: namespace, Name: "score",
			Help: "Scores: probabilities of the positive outcome.", Buckets: twentieths()}, []string{roleLabel}),
		faults: counters("validation_faults_total", "Faults of applicants, by field; body stands for faults of no field.", "field"),

		drift: prometheus.NewGaugeVec(opts("drift_psi", "Population stability index of a field against the training data, "+
			"of the last full window; by custom, more than 0.25 is much."), []string{"field", roleLabel}),
		windows: counters("drift_windows_total", "Windows of applicants that were full.", roleLabel),

		flips: counters("shadow_flips_total", "Applicants of whom the challenger predicts the other outcome.", string(Champion), string(Challenger)),
		differences: prometheus.NewHistogram(prometheus.HistogramOpts{Namespace: namespace, Name: "shadow_score_difference",
			Help: "What the challenger's score has more than the champion's, of the same applicant.", Buckets: differences}),
	}
	size := gauge("drift_window_applicants", "Applicants in each window that drift is measured on.")
	size.Set(float64(m.window))
	m.registry.MustRegister(m.running, m.requests, m.took, m.sent, m.model, m.reloads, m.predictions, m.unlike, m.scores, m.faults,
		m.drift, m.windows, m.flips, m.differences, size, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

const namespace = "lendleaf"

// Role is what a model does: only these two are labels.
type Role string

// The roles of models.
const (
	Champion   Role = "champion"   // answers
	Challenger Role = "challenger" // scores the same applicants beside it
)

const roleLabel = "role"

// differences bound the histogram of what two models' scores differ by.
var differences = []float64{-.5, -.2, -.1, -.05, -.02, -.01, 0, .01, .02, .05, .1, .2, .5}

// latencies bound the histogram of answers' times, in seconds: one applicant takes
// some 20 µs, a stream takes as long as its client.
var latencies = []float64{.00005, .0001, .00025, .0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60}

// twentieths are the bounds 0.05, 0.1 … 1, as they are written.
func twentieths() []float64 {
	var bounds []float64
	for i := range 20 {
		bounds = append(bounds, float64(i+1)/20)
	}
	return bounds
}

func opts(name, help string) prometheus.GaugeOpts {
	return prometheus.GaugeOpts{Namespace: namespace, Name: name, Help: help}
}

func gauge(name, help string) prometheus.Gauge { return prometheus.NewGauge(opts(name, help)) }

func counters(name, help string, labels ...string) *prometheus.CounterVec {
	return prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: namespace, Name: name, Help: help}, labels)
}

// Handler answers scrapes.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}

// Count exports a count that something else keeps.
func (m *Metrics) Count(name, help string, count func() float64) {
	m.registry.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{Namespace: namespace, Name: name, Help: help}, count))
}

// Began and Ended are told of each request. Method and pattern must be of a few.
func (m *Metrics) Began() { m.running.Inc() }

// Ended counts an answer; status 0 is none.
func (m *Metrics) Ended(method, pattern string, status int, bytes int64, took time.Duration) {
	m.running.Dec()
	m.requests.WithLabelValues(method, pattern, strconv.Itoa(status)).Inc()
	m.took.WithLabelValues(pattern).Observe(took.Seconds())
	m.sent.WithLabelValues(pattern).Add(float64(bytes))
}

// Reloaded counts that the model was read again, or could not be.
func (m *Metrics) Reloaded(err error) {
	result := "good"
	if err != nil {
		result = "bad"
	}
	m.reloads.WithLabelValues(result).Inc()
}
