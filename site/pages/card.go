package pages

import (
	"bytes"
	"errors"
	"fmt"
	"html/template"
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

// Why nothing can be said of a model in words.
var (
	ErrReport = errors.New("the report is about another model: run make report")
	ErrField  = errors.New("the model has no such field")
)

// card writes the model card: what is said of the model in words, with the
// figures that were measured.
func card(words, figures []byte, m *core.Model) (template.HTML, error) {
	if words == nil {
		return "", nil
	}
	measured, err := quality.Parse(figures)
	if err != nil {
		return "", fmt.Errorf("%s: %w", figuresFile, err)
	}
	if measured.Model.Hash != m.Hash() {
		return "", fmt.Errorf("%s: %w", figuresFile, ErrReport)
	}
	page, err := template.New("card").Funcs(template.FuncMap{
		"count": count, "share": share, "percent": percent, "figures": cardFigures,
		"field": func(name string) (string, error) {
			if f := m.Schema().Field(name); f != nil {
				return f.Text, nil
			}
			return "", fmt.Errorf("%w: %q", ErrField, name)
		},
	}).Parse(string(words))
	if err != nil {
		return "", fmt.Errorf("the card: %w", err)
	}
	var html bytes.Buffer
	if err := page.Execute(&html, report{measured, m.Calibration().Holds()}); err != nil {
		return "", fmt.Errorf("the card: %w", err)
	}
	return template.HTML(html.String()), nil // escaped by the template just run
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
