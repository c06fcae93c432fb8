package main

import (
	"bytes"
	"errors"
	"fmt"
	"html/template"
	"os"
	"path/filepath"
	"strconv"

	"lendleaf/core"
	"lendleaf/core/metrics"
	"lendleaf/core/quality"
	"lendleaf/core/schema"
)

// report is what the model card is made of.
type report struct {
	*quality.Report
	Calibrated bool // whether the model says what its scores mean
}

var (
	errReport = errors.New("the report is about another model: run make report")
	errField  = errors.New("the model has no such field")
)

// card writes the model card: what is said of the model in words, with the
// figures that were measured.
func card(file, figures string, m *core.Model) (template.HTML, error) {
	text, err := os.ReadFile(figures)
	if err != nil {
		return "", err
	}
	measured, err := quality.Parse(text)
	if err != nil {
		return "", fmt.Errorf("%s: %w", figures, err)
	}
	if measured.Model.Hash != m.Hash() {
		return "", fmt.Errorf("%s: %w", figures, errReport)
	}
	page, err := template.New(filepath.Base(file)).Funcs(template.FuncMap{
		"count": count, "share": share, "percent": percent, "figures": cardFigures,
		"field": func(name string) (string, error) {
			if f := m.Schema().Field(name); f != nil {
				return f.Text, nil
			}
			return "", fmt.Errorf("%w: %q", errField, name)
		},
	}).ParseFiles(file)
	if err != nil {
		return "", err
	}
	var html bytes.Buffer
	err = page.Execute(&html, report{measured, m.Calibration().Holds()})
	return template.HTML(html.String()), err // escaped by the template just run
}

// cardFigure is a row of the card's table.
type cardFigure struct{ Name, Value, Interval string }

func cardFigures(s quality.Split) []cardFigure {
	row := func(name string, of func(*metrics.Figures) *float64) cardFigure {
		return cardFigure{name, figure(of(&s.Figures)), figure(of(&s.Low)) + " to " + figure(of(&s.High))}
	}
	return []cardFigure{
		row("AUC-PR", func(f *metrics.Figures) *float64 { return &f.AUCPR }),
		row("ROC AUC (0.5 is chance)", func(f *metrics.Figures) *float64 { return f.ROCAUC }),
		row("precision", func(f *metrics.Figures) *float64 { return &f.Precision }),
		row("recall", func(f *metrics.Figures) *float64 { return &f.Recall }),
		row("F1", func(f *metrics.Figures) *float64 { return &f.F1 }),
		row("accuracy", func(f *metrics.Figures) *float64 { return &f.Accuracy }),
	}
}

// figure is nothing where the report has none.
func figure(x *float64) string {
	if x == nil {
		return "–"
	}
	return share(*x)
}

func share(x float64) string { return strconv.FormatFloat(x, 'f', 3, 64) }

func percent(x float64) string { return strconv.FormatFloat(x*100, 'f', -1, 64) + " %" }

// count writes a number with commas between thousands.
func count(n int) string { return schema.Grouped(strconv.Itoa(n)) }
