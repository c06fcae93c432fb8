//go:build browser && peers

package browsertest

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// report is what Lighthouse says of a page.
type report struct {
	Categories map[string]struct{ Score float64 }
	Audits     map[string]struct {
		Score        *float64 // from 0 to 1; nil where it says nothing
		Title        string
		Explanation  string
		NumericValue float64
	}
}

// settings are Lighthouse's own.
type settings struct {
	Categories []string `json:"onlyCategories,omitempty"`
	Audits     []string `json:"onlyAudits,omitempty"`
	Skip       []string `json:"skipAudits,omitempty"`
	Blocked    []string `json:"blockedUrlPatterns,omitempty"`
}

func lighthouse(t testing.TB, url string, s settings) report {
	t.Helper()
	text, err := json.Marshal(s)
	require.NoError(t, err)
	out := judge(t, "lighthouse.js", url, string(text))
	var r report
	require.NoError(t, json.Unmarshal(out, &r))
	return r
}

// TestLighthouse has Lighthouse judge all pages that our server has. What it
// thinks of the host's robots.txt is another test's.
func TestLighthouse(t *testing.T) {
	server := ourServer(t)
	for _, page := range []string{"", "report/", "docs"} {
		t.Run("/"+page, func(t *testing.T) {
			r := lighthouse(t, server+page, settings{
				Categories: []string{"accessibility", "best-practices", "seo"}, Skip: []string{"robots-txt"}})
			require.Len(t, r.Categories, 3)
			for name, category := range r.Categories {
				assert.Equal(t, 1.0, category.Score, name)
			}
			r.passed(t)
		})
	}
}

// The locked page refuses even Lighthouse's request for robots.txt, so here it
// never locks, for want of its program.
func TestLighthouseOnRobots(t *testing.T) {
	r := lighthouse(t, ourServer(t), settings{Audits: []string{"robots-txt"}, Blocked: []string{"*.wasm*"}})
	require.Contains(t, r.Audits, "robots-txt")
	r.passed(t)
}

// passed says what Lighthouse found.
func (r report) passed(t *testing.T) {
	t.Helper()
	for name, audit := range r.Audits {
		if audit.Score != nil {
			assert.GreaterOrEqual(t, *audit.Score, 0.9, "%s: %s %s", name, audit.Title, audit.Explanation)
		}
	}
}

// BenchmarkLighthouse gives the median of what Lighthouse measures on its
// preset for mobiles; -benchtime 5x is the median of five.
func BenchmarkLighthouse(b *testing.B) {
	server := ourServer(b)
	var runs []report
	for range b.N {
		runs = append(runs, lighthouse(b, server, settings{Categories: []string{"performance"}}))
	}
	b.ReportMetric(median(runs, func(r report) float64 { return r.Categories["performance"].Score * 100 }), "score")
	for unit, audit := range map[string]string{
		"ms/first-paint": "first-contentful-paint", "ms/largest-paint": "largest-contentful-paint", "ms/blocked": "total-blocking-time",
		"ms/speed-index": "speed-index", "shift": "cumulative-layout-shift",
	} {
		b.ReportMetric(median(runs, func(r report) float64 { return r.Audits[audit].NumericValue }), unit)
	}
	b.ReportMetric(0, "ns/op") // which would count the browser's start
}

func median[T any](of []T, value func(T) float64) float64 {
	var values []float64
	for _, x := range of {
		values = append(values, value(x))
	}
	slices.Sort(values)
	return values[len(values)/2]
}
