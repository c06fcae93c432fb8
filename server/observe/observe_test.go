package observe_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"lendleaf/core"
	"lendleaf/core/modelfile"
	"lendleaf/core/schema"
	"lendleaf/server/observe"
	"lendleaf/site"
)

// machines is a model of something else than loans.
func machines(t *testing.T) *core.Model {
	t.Helper()
	file, err := os.ReadFile("../../core/testdata/machines.lendleaf")
	require.NoError(t, err)
	m, err := core.Load(file)
	require.NoError(t, err)
	require.NotNil(t, m.Baseline())
	return m
}

func scrape(m *observe.Metrics) string {
	w := httptest.NewRecorder()
	m.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	return w.Body.String()
}

// value is that of a line of a scrape.
func value(t *testing.T, text, series string) float64 {
	t.Helper()
	for line := range strings.Lines(text) {
		if rest, ok := strings.CutPrefix(line, series+" "); ok {
			v, err := strconv.ParseFloat(strings.TrimSpace(rest), 64)
			require.NoError(t, err)
			return v
		}
	}
	require.Fail(t, "there is no "+series, text)
	return 0
}

func TestRequestsAreCounted(t *testing.T) {
	m := observe.New(100)
	m.Began()
	m.Began()
	m.Ended(http.MethodPost, "/api/predict", http.StatusOK, 120, 3*time.Millisecond)
	text := scrape(m)
	assert.Equal(t, 1.0, value(t, text, "lendleaf_requests_running"))
	assert.Equal(t, 1.0, value(t, text, `lendleaf_requests_total{code="200",method="POST",pattern="/api/predict"}`))
	assert.Equal(t, 120.0, value(t, text, `lendleaf_response_bytes_total{pattern="/api/predict"}`))
	assert.Equal(t, 0.0, value(t, text, `lendleaf_request_seconds_bucket{pattern="/api/predict",le="0.0025"}`))
	assert.Equal(t, 1.0, value(t, text, `lendleaf_request_seconds_bucket{pattern="/api/predict",le="0.005"}`))
	assert.Contains(t, text, "go_goroutines")
	assert.Contains(t, text, "process_resident_memory_bytes")
}

func TestPredictionsAndFaultsAreCounted(t *testing.T) {
	m, model := observe.New(100), machines(t)
	o := m.Model(model, observe.Champion, "note")
	o.Use()
	positive, field := model.Schema().Target.Positive.Name, model.Schema().Fields[0].Name
	assert.Equal(t, 0.0, value(t, scrape(m), `lendleaf_validation_faults_total{field="`+field+`"}`), "what did not happen is there to be seen")
	records := []schema.Record{make(schema.Record, len(model.Schema().Fields)), make(schema.Record, len(model.Schema().Fields))}
	o.Scored(records, []core.Score{{Probability: 0.52, Positive: true}, {Probability: 0.1, Unlike: true}})
	o.Faulty(field)
	o.Faulty("note")
	o.Faulty("")
	o.Faulty("canary")
	text := scrape(m)
	assert.Equal(t, 1.0, value(t, text, `lendleaf_predictions_total{outcome="`+positive+`",role="champion"}`))
	assert.Equal(t, 1.0, value(t, text, `lendleaf_predictions_total{outcome="`+model.Schema().Target.Negative.Name+`",role="champion"}`))
	o.Scored(records[:1], []core.Score{{Probability: 0.2}})
	assert.Equal(t, 2.0, value(t, scrape(m), `lendleaf_predictions_total{outcome="`+model.Schema().Target.Negative.Name+`",role="champion"}`))
	assert.Equal(t, 1.0, value(t, text, `lendleaf_predictions_unlike_total{role="champion"}`))
	assert.Equal(t, 1.0, value(t, text, `lendleaf_score_bucket{role="champion",le="0.5"}`))
	assert.Equal(t, 2.0, value(t, text, `lendleaf_score_bucket{role="champion",le="0.55"}`))
	assert.Equal(t, 1.0, value(t, text, `lendleaf_validation_faults_total{field="`+field+`"}`))
	assert.Equal(t, 1.0, value(t, text, `lendleaf_validation_faults_total{field="note"}`))
	assert.Equal(t, 2.0, value(t, text, `lendleaf_validation_faults_total{field="body"}`))
	assert.Equal(t, 1.0, value(t, text, `lendleaf_model_info{hash="`+model.Hash()+`",name="`+model.Name()+`",role="champion"}`))
	assert.NotContains(t, text, "canary", "no name that a client made up")
}

// Drift is told of full windows alone: no scrape can tell of one applicant.
func TestDrift(t *testing.T) {
	m, model := observe.New(5), machines(t) // of which 100 are made
	o := m.Model(model, observe.Champion)
	o.Use()
	fields := model.Schema().Fields
	record := make(schema.Record, len(fields)) // always the same value: much drift
	o.Scored(many(record, 99), nil)
	assert.NotContains(t, scrape(m), "lendleaf_drift_psi{")
	o.Scored(many(record, 1), nil)
	text := scrape(m)
	for _, f := range fields {
		assert.Greater(t, value(t, text, `lendleaf_drift_psi{field="`+f.Name+`",role="champion"}`), 0.25)
	}
	assert.Equal(t, 1.0, value(t, text, `lendleaf_drift_windows_total{role="champion"}`))
	o.Scored(many(record, 250), nil)
	assert.Equal(t, 3.0, value(t, scrape(m), `lendleaf_drift_windows_total{role="champion"}`))

	m.Model(model, observe.Champion).Use()
	assert.NotContains(t, scrape(m), "lendleaf_drift_psi{", "another model knows nothing yet")
}

// What one model did is not another's.
func TestOneModelScoresAtATime(t *testing.T) {
	m := observe.New(100)
	first := machines(t)
	second, err := core.Load(site.Model())
	require.NoError(t, err)
	m.Model(first, observe.Champion).Use()
	m.Model(second, observe.Champion).Use()
	text := scrape(m)
	assert.Equal(t, 1.0, value(t, text, `lendleaf_model_info{hash="`+second.Hash()+`",name="`+second.Name()+`",role="champion"}`))
	assert.NotContains(t, text, first.Hash())
}

// What a challenger scores is told apart from what the champion does, and so is how
// far the same applicants are from those that each was trained on.
func TestTwoModels(t *testing.T) {
	m, model := observe.New(100), machines(t)
	champion, challenger := m.Model(model, observe.Champion), m.Model(model, observe.Challenger)
	champion.Use()
	challenger.Use()
	record := make(schema.Record, len(model.Schema().Fields))
	champion.Scored(many(record, 100), []core.Score{{Probability: 0.9, Positive: true}})
	challenger.Scored(many(record, 200), []core.Score{{Probability: 0.1}, {Probability: 0.2}})
	challenger.Compared(core.Score{Probability: 0.9, Positive: true}, core.Score{Probability: 0.1})
	challenger.Compared(core.Score{Probability: 0.1}, core.Score{Probability: 0.5, Positive: true})
	challenger.Compared(core.Score{Probability: 0.1}, core.Score{Probability: 0.105})
	text := scrape(m)
	positive, negative, field := model.Schema().Target.Positive.Name, model.Schema().Target.Negative.Name, model.Schema().Fields[0].Name
	for series, want := range map[string]float64{
		`predictions_total{outcome="` + positive + `",role="champion"}`:                 1,
		`predictions_total{outcome="` + negative + `",role="challenger"}`:               2,
		`score_count{role="champion"}`:                                                  1,
		`score_count{role="challenger"}`:                                                2,
		`drift_windows_total{role="champion"}`:                                          1,
		`drift_windows_total{role="challenger"}`:                                        2,
		`shadow_flips_total{challenger="` + negative + `",champion="` + positive + `"}`: 1,
		`shadow_flips_total{challenger="` + positive + `",champion="` + negative + `"}`: 1,
		`shadow_score_difference_bucket{le="-0.5"}`:                                     1,
		`shadow_score_difference_bucket{le="0"}`:                                        1,
		`shadow_score_difference_bucket{le="0.01"}`:                                     2,
		`shadow_score_difference_bucket{le="0.5"}`:                                      3,
		`model_info{hash="` + model.Hash() + `",name="machines",role="challenger"}`:     1,
	} {
		assert.Equal(t, want, value(t, text, "lendleaf_"+series), series)
	}
	assert.Contains(t, text, `lendleaf_drift_psi{field="`+field+`",role="challenger"}`)
	champion.Use()
	text = scrape(m)
	assert.NotContains(t, text, `lendleaf_drift_psi{field="`+field+`",role="champion"}`)
	assert.Contains(t, text, `lendleaf_drift_psi{field="`+field+`",role="challenger"}`, "another champion is not another challenger")
}

// Where nobody counted the training part, no window is full.
func TestModelsWithoutABaseline(t *testing.T) {
	file, err := os.ReadFile("../../core/testdata/machines.lendleaf")
	require.NoError(t, err)
	content, err := modelfile.Decode(file)
	require.NoError(t, err)
	content.Baseline = nil
	model := core.New(content)
	m := observe.New(100)
	m.Model(model, observe.Champion).Scored(many(make(schema.Record, len(model.Schema().Fields)), 300), nil)
	assert.Equal(t, 0.0, value(t, scrape(m), `lendleaf_drift_windows_total{role="champion"}`))
}

func TestWindowsHaveASize(t *testing.T) {
	assert.Equal(t, 100.0, value(t, scrape(observe.New(99)), "lendleaf_drift_window_applicants"), "fewer could tell of one")
	assert.Equal(t, 101.0, value(t, scrape(observe.New(101)), "lendleaf_drift_window_applicants"))
}

// Dashboards and alarms name buckets by their bounds.
func TestBuckets(t *testing.T) {
	m := observe.New(100)
	m.Began()
	m.Ended(http.MethodPost, "/", http.StatusOK, 0, 0)
	m.Model(machines(t), observe.Champion)
	text := scrape(m)
	for histogram, want := range map[string]string{
		"request_seconds": "5e-05 0.0001 0.00025 0.0005 0.001 0.0025 0.005 0.01 0.025 0.05 0.1 0.25 0.5 1 2.5 5 10 30 60 +Inf",
		"score":           "0.05 0.1 0.15 0.2 0.25 0.3 0.35 0.4 0.45 0.5 0.55 0.6 0.65 0.7 0.75 0.8 0.85 0.9 0.95 1 +Inf",
	} {
		var bounds []string
		for _, found := range regexp.MustCompile(`lendleaf_`+histogram+`_bucket\{[^}]*le="([^"]+)"`).FindAllStringSubmatch(text, -1) {
			bounds = append(bounds, found[1])
		}
		assert.Equal(t, want, strings.Join(bounds, " "))
	}
}

// Applicants like those of the training part do not drift, whoever came before
// them.
func TestNoDrift(t *testing.T) {
	m, model := observe.New(1000), machines(t)
	o := m.Model(model, observe.Champion)
	b := model.Baseline()
	o.Scored(many(make(schema.Record, len(b)), 1000), nil)
	var records []schema.Record
	for i := range 1000 {
		r := make(schema.Record, len(b))
		for j := range b {
			r[j] = like(b[j].Cuts, b[j].AppendCounts(nil), (float64(i)+0.5)/1000)
		}
		records = append(records, r)
	}
	o.Scored(records, nil)
	for _, f := range model.Schema().Fields {
		assert.Less(t, value(t, scrape(m), `lendleaf_drift_psi{field="`+f.Name+`",role="champion"}`), 0.01)
	}
}

// like is a value at a place, 0 to 1, among those that were counted.
func like(cuts []int64, counts []int, place float64) int64 {
	all := 0
	for _, n := range counts {
		all += n
	}
	seen := 0
	for i, n := range counts {
		seen += n
		switch {
		case float64(seen) < place*float64(all):
		case i < len(cuts):
			return cuts[i]
		case i == len(cuts) && i > 0:
			return cuts[i-1] + 1
		case i == len(cuts):
			return 0
		}
	}
	return schema.Missing
}

func many(r schema.Record, n int) []schema.Record {
	records := make([]schema.Record, n)
	for i := range records {
		records[i] = r
	}
	return records
}

func TestReloadsAndOtherCounts(t *testing.T) {
	m := observe.New(100)
	m.Reloaded(nil)
	m.Reloaded(errors.New("bad"))
	m.Reloaded(errors.New("worse"))
	m.Count("pigeons_total", "Pigeons.", func() float64 { return 7 })
	text := scrape(m)
	assert.Equal(t, 1.0, value(t, text, `lendleaf_model_reloads_total{result="good"}`))
	assert.Equal(t, 2.0, value(t, text, `lendleaf_model_reloads_total{result="bad"}`))
	assert.Equal(t, 7.0, value(t, text, "lendleaf_pigeons_total"))
}

func TestManyCountAtOnce(t *testing.T) {
	m, model := observe.New(100), machines(t)
	o := m.Model(model, observe.Champion)
	record := make(schema.Record, len(model.Schema().Fields))
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 50 {
				o.Scored(many(record, 25), make([]core.Score, 25))
				scrape(m)
			}
		})
	}
	all.Wait()
	assert.Equal(t, 100.0, value(t, scrape(m), `lendleaf_drift_windows_total{role="champion"}`))
}

func BenchmarkScored(b *testing.B) {
	file, err := os.ReadFile("../../core/testdata/machines.lendleaf")
	require.NoError(b, err)
	model, err := core.Load(file)
	require.NoError(b, err)
	o := observe.New(1000).Model(model, observe.Champion)
	records := many(make(schema.Record, len(model.Schema().Fields)), 1000)
	scores := make([]core.Score, len(records))
	b.ReportAllocs()
	for b.Loop() {
		o.Scored(records, scores)
	}
	b.ReportMetric(float64(len(records)*b.N)/b.Elapsed().Seconds(), "rows/s")
}
