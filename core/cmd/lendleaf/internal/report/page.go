// Package report shows what was measured of a model, as a page with pictures.
package report

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"strconv"

	"lendleaf/core/metrics"
	"lendleaf/core/quality"
	"lendleaf/core/schema"
)

// Report is one that can be shown.
type Report struct{ *quality.Report }

//go:embed page.html
var page string

//go:embed page.css
var styles []byte

// Page writes the report as a page. It shows the files of Pictures, and looks
// as Styles says.
func (r *Report) Page() ([]byte, error) {
	t, err := template.New("page").Funcs(template.FuncMap{
		"percent": func(x float64) string { return fmt.Sprintf("%.1f %%", 100*x) },
		"count":   count,
		"kB":      func(bytes int) string { return count((bytes + 500) / 1000) },
		"figures": figures,
		"cost":    func(s quality.Split) CostAdvice { return cheapest(s) },
	}).Parse(page)
	if err != nil {
		return nil, err
	}
	var html bytes.Buffer
	err = t.Execute(&html, r)
	return html.Bytes(), err
}

// Styles is the page's style sheet.
func Styles() []byte { return styles }

// figure is one row of the table of figures.
type figure struct{ Name, Value, Interval string }

func figures(s quality.Split) []figure {
	row := func(name string, of func(metrics.Figures) float64) figure {
		return figure{name, fmt.Sprintf("%.3f", of(s.Figures)), fmt.Sprintf("%.3f to %.3f", of(s.Low), of(s.High))}
	}
	return []figure{
		row("AUC-PR", func(f metrics.Figures) float64 { return f.AUCPR }),
		row("ROC AUC", func(f metrics.Figures) float64 { return f.ROCAUC }),
		row("precision", func(f metrics.Figures) float64 { return f.Precision }),
		row("recall", func(f metrics.Figures) float64 { return f.Recall }),
		row("F1", func(f metrics.Figures) float64 { return f.F1 }),
		row("accuracy", func(f metrics.Figures) float64 { return f.Accuracy }),
		row("Brier score", func(f metrics.Figures) float64 { return f.Brier }),
	}
}

// CostAdvice compares the cheapest threshold with predicting nothing.
type CostAdvice struct {
	Threshold, Cost float64
}

func cheapest(s quality.Split) CostAdvice {
	best := CostAdvice{Cost: 1e9}
	for _, t := range s.Thresholds {
		if t.Cost < best.Cost {
			best = CostAdvice{t.Threshold, t.Cost}
		}
	}
	return best
}

// count writes a number with commas between thousands.
func count(n int) string { return schema.Grouped(strconv.Itoa(n)) }
