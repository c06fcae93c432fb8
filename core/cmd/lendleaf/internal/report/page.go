// Package report shows what was measured of a model, as a page with pictures.
package report

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"strconv"
	"strings"

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
	if err := t.Execute(&html, r); err != nil {
		return nil, err
	}
	return html.Bytes(), nil
}

// Styles is the page's style sheet.
func Styles() []byte { return styles }

// figure is one row of the table of figures.
type figure struct {
	Name             string
	ByPerson, Random cell
}

// cell is a figure of one split.
type cell struct{ Value, Interval string }

// figures leaves out what nobody measured.
func figures(r *Report) []figure {
	var rows []figure
	add := func(name string, of func(*metrics.Figures) *float64) {
		if of(&r.ByPerson.Figures) != nil || of(&r.Random.Figures) != nil {
			rows = append(rows, figure{name, newCell(r.ByPerson, of), newCell(r.Random, of)})
		}
	}
	add("AUC-PR", func(f *metrics.Figures) *float64 { return &f.AUCPR })
	add("ROC AUC", func(f *metrics.Figures) *float64 { return f.ROCAUC })
	add("Gini", func(f *metrics.Figures) *float64 { return f.Gini })
	add("KS", func(f *metrics.Figures) *float64 { return f.KS })
	add("precision", func(f *metrics.Figures) *float64 { return &f.Precision })
	add("recall", func(f *metrics.Figures) *float64 { return &f.Recall })
	add("F1", func(f *metrics.Figures) *float64 { return &f.F1 })
	add("accuracy", func(f *metrics.Figures) *float64 { return &f.Accuracy })
	add("Brier score", func(f *metrics.Figures) *float64 { return &f.Brier })
	add("calibration slope", func(f *metrics.Figures) *float64 { return f.Slope })
	add("calibration intercept", func(f *metrics.Figures) *float64 { return f.Intercept })
	return rows
}

func newCell(s quality.Split, of func(*metrics.Figures) *float64) cell {
	var c cell
	value, low, high := of(&s.Figures), of(&s.Low), of(&s.High)
	if value != nil {
		c.Value = decimals(*value)
	}
	if low != nil && high != nil {
		c.Interval = decimals(*low) + " to " + decimals(*high)
	}
	return c
}

// decimals writes three of them, and minus as it is printed.
func decimals(x float64) string {
	return strings.Replace(strconv.FormatFloat(x, 'f', 3, 64), "-", "−", 1)
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
