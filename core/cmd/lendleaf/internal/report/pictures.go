package report

import (
	"bytes"
	"fmt"
	"image/color"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"

	"lendleaf/core/quality"
)

// What is by person is in the one strong colour, what is by chance in grey.
var (
	accent = color.RGBA{0x14, 0x69, 0x4a, 0xff}
	second = color.RGBA{0xb0, 0x5a, 0x14, 0xff}
	grey   = color.RGBA{0x6b, 0x72, 0x70, 0xff}
	pale   = color.RGBA{0xdd, 0xe3, 0xe0, 0xff}
	ink    = color.RGBA{0x1b, 0x23, 0x20, 0xff}
)

const width, height = 13 * vg.Centimeter, 8.6 * vg.Centimeter

const (
	labelSize    = 9.5                 // of the axes' labels: they fit even in a wide font
	legendOffset = 3.2 * vg.Centimeter // of a legend on the right
	shortOffset  = 6.8 * vg.Centimeter // of one with short names
)

// Pictures draws the report, as SVG by file name.
func (r *Report) Pictures() (map[string][]byte, error) {
	files := map[string][]byte{}
	for name, draw := range map[string]func() (*plot.Plot, error){
		"precision-recall.svg":    r.precisionRecall,
		"roc.svg":                 r.roc,
		"calibration.svg":         r.calibration,
		"scores-by-person.svg":    func() (*plot.Plot, error) { return r.scores(r.ByPerson) },
		"scores-random.svg":       func() (*plot.Plot, error) { return r.scores(r.Random) },
		"threshold-by-person.svg": func() (*plot.Plot, error) { return r.thresholds(r.ByPerson) },
		"threshold-random.svg":    func() (*plot.Plot, error) { return r.thresholds(r.Random) },
		"importance.svg":          r.importance,
		"sizes.svg":               r.sizes,
	} {
		p, err := draw()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		if files[name], err = svg(p); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	return files, nil
}

// svg names further fonts, for those who lack the library's.
func svg(p *plot.Plot) ([]byte, error) {
	canvas := vgsvg.New(width, height)
	p.Draw(draw.Crop(draw.New(canvas), 3, -10, 3, -8)) // the last ticks' labels stand half outside the axes
	var file bytes.Buffer
	_, err := canvas.WriteTo(&file)
	return bytes.ReplaceAll(file.Bytes(), []byte("font-family:Liberation Sans"), []byte("font-family:Liberation Sans,Arial,Helvetica,sans-serif")), err
}

// newPlot begins a picture in the report's style. Both axes of shares go from 0
// to 1.
func newPlot(x, y string) *plot.Plot {
	p := plot.New()
	p.BackgroundColor = color.White
	sans := font.Font{Typeface: "Liberation", Variant: "Sans"}
	for _, axis := range []*plot.Axis{&p.X, &p.Y} {
		axis.LineStyle.Color = pale
		axis.Tick.LineStyle.Color = pale
		axis.Tick.Label.Font = font.From(sans, 10)
		axis.Tick.Label.Color = grey
		axis.Label.TextStyle.Font = font.From(sans, labelSize)
		axis.Label.TextStyle.Color = ink
		axis.Label.Padding = 6
	}
	p.X.Label.Text, p.Y.Label.Text = x, y
	p.Legend.TextStyle.Font = font.From(sans, 11)
	p.Legend.TextStyle.Color = ink
	p.Legend.Top = true
	p.Legend.Padding = 3
	p.Legend.ThumbnailWidth = 24
	p.Legend.Left, p.Legend.XOffs = true, legendOffset // lines before texts: another font's may be wider than was measured
	grid := plotter.NewGrid()
	grid.Vertical.Width = 0
	grid.Horizontal.Color = pale
	p.Add(grid)
	return p
}

func unit(axis *plot.Axis) { axis.Min, axis.Max = 0, 1 }

func addLine(p *plot.Plot, name string, points plotter.XYs, c color.Color, dashed bool) error {
	line, err := plotter.NewLine(points)
	if err != nil {
		return err
	}
	line.Color, line.Width = c, 1.8
	if dashed {
		line.Width, line.Dashes = 1.1, []vg.Length{4, 3}
	}
	p.Add(line)
	if name != "" {
		p.Legend.Add(name, line)
	}
	return nil
}

const (
	byPerson = "people it has never seen"
	random   = "random split: people it has seen"
)

func (r *Report) precisionRecall() (*plot.Plot, error) {
	p := newPlot("recall: share of "+r.Model.Positive+" that is found", "precision: share of alarms that are right")
	unit(&p.X)
	unit(&p.Y)
	of := func(s quality.Split) plotter.XYs {
		var points plotter.XYs
		for _, c := range s.Curve {
			points = append(points, plotter.XY{X: c.Recall, Y: c.Precision})
		}
		return points
	}
	base := plotter.XYs{{X: 0, Y: r.ByPerson.BaseRate}, {X: 1, Y: r.ByPerson.BaseRate}}
	return r.bothSplits(p, of, "no skill", base)
}

func (r *Report) roc() (*plot.Plot, error) {
	p := newPlot("share of others that are taken for "+r.Model.Positive, "share of "+r.Model.Positive+" that is found")
	unit(&p.X)
	unit(&p.Y)
	p.Legend.Top = false
	of := func(s quality.Split) plotter.XYs {
		points := plotter.XYs{{}}
		for _, c := range s.Curve {
			points = append(points, plotter.XY{X: c.FalsePositiveRate, Y: c.Recall})
		}
		return points
	}
	return r.bothSplits(p, of, "no skill", plotter.XYs{{}, {X: 1, Y: 1}})
}

func (r *Report) calibration() (*plot.Plot, error) {
	p := newPlot("score: mean of a tenth of the rows", "share of "+r.Model.Positive+" among them")
	unit(&p.X)
	unit(&p.Y)
	p.Legend.XOffs = 0
	of := func(s quality.Split) plotter.XYs {
		var points plotter.XYs
		for _, x := range s.Rates {
			points = append(points, plotter.XY{X: x.Probability, Y: x.Rate})
		}
		return points
	}
	return r.bothSplits(p, of, "if scores were rates", plotter.XYs{{}, {X: 1, Y: 1}})
}

func (r *Report) bothSplits(p *plot.Plot, of func(quality.Split) plotter.XYs, reference string, line plotter.XYs) (*plot.Plot, error) {
	if err := addLine(p, byPerson, of(r.ByPerson), accent, false); err != nil {
		return nil, err
	}
	if err := addLine(p, random, of(r.Random), grey, false); err != nil {
		return nil, err
	}
	return p, addLine(p, reference, line, grey, true)
}

// scores shows the shares of each outcome's rows, which add up to one.
func (r *Report) scores(s quality.Split) (*plot.Plot, error) {
	p := newPlot("score", "share of the rows with that outcome")
	p.Legend.XOffs = shortOffset
	unit(&p.X)
	var positives, negatives float64
	for _, b := range s.Scores {
		positives += float64(b.Positives)
		negatives += float64(b.Negatives)
	}
	steps := func(share func(quality.Bin) float64) plotter.XYs {
		var points plotter.XYs
		for i, b := range s.Scores {
			to := 1.0
			if i+1 < len(s.Scores) {
				to = s.Scores[i+1].From
			}
			points = append(points, plotter.XY{X: b.From, Y: share(b)}, plotter.XY{X: to, Y: share(b)})
		}
		return points
	}
	if err := addLine(p, r.Model.Positive, steps(func(b quality.Bin) float64 { return float64(b.Positives) / positives }), second, false); err != nil {
		return nil, err
	}
	if err := addLine(p, "others", steps(func(b quality.Bin) float64 { return float64(b.Negatives) / negatives }), accent, false); err != nil {
		return nil, err
	}
	return p, r.addThreshold(p, s)
}

// addThreshold marks the threshold from bottom to top.
func (r *Report) addThreshold(p *plot.Plot, s quality.Split) error {
	p.Y.Min = 0
	return addLine(p, fmt.Sprintf("threshold, %.2f", s.Threshold), plotter.XYs{{X: s.Threshold}, {X: s.Threshold, Y: p.Y.Max}}, ink, true)
}

func (r *Report) thresholds(s quality.Split) (*plot.Plot, error) {
	p := newPlot("threshold", "share, and cost for each applicant")
	p.Legend.XOffs = shortOffset
	unit(&p.X)
	unit(&p.Y)
	for _, line := range []struct {
		name string
		of   func(quality.ThresholdPoint) float64
		c    color.Color
	}{
		{"recall", func(t quality.ThresholdPoint) float64 { return t.Recall }, accent},
		{"precision", func(t quality.ThresholdPoint) float64 { return t.Precision }, grey},
		{"cost", func(t quality.ThresholdPoint) float64 { return t.Cost }, second},
	} {
		var points plotter.XYs
		for _, t := range s.Thresholds {
			points = append(points, plotter.XY{X: t.Threshold, Y: line.of(t)})
		}
		if err := addLine(p, line.name, points, line.c, false); err != nil {
			return nil, err
		}
	}
	return p, r.addThreshold(p, s)
}

// importance has the field that counts most at the top.
func (r *Report) importance() (*plot.Plot, error) {
	p := newPlot("loss of AUC-PR when the field's values are shuffled", "")
	fields := slices.Clone(r.Random.Importance)
	slices.Reverse(fields)
	drops := map[string]float64{}
	for _, x := range r.ByPerson.Importance {
		drops[x.Field] = x.Drop
	}
	var names []string
	var seen, unseen plotter.Values
	for _, x := range fields {
		names = append(names, x.Text)
		seen = append(seen, x.Drop)
		unseen = append(unseen, drops[x.Field])
	}
	p.NominalY(names...)
	p.Legend.Top, p.Legend.XOffs = false, legendOffset/2
	return p, addBars(p, bars{byPerson, unseen, accent, 4}, bars{random, seen, grey, -4})
}

type bars struct {
	name   string
	values plotter.Values
	color  color.Color
	offset vg.Length
}

func addBars(p *plot.Plot, all ...bars) error {
	for _, b := range all {
		chart, err := plotter.NewBarChart(b.values, 7)
		if err != nil {
			return err
		}
		chart.Horizontal, chart.Offset = true, b.offset
		chart.Color, chart.LineStyle.Width = b.color, 0
		p.Add(chart)
		p.Legend.Add(b.name, chart)
	}
	return nil
}

// sizes marks the shipped model.
func (r *Report) sizes() (*plot.Plot, error) {
	p := newPlot("model file, kB", "AUC-PR, random split, validation part")
	p.X.Scale = plot.LogScale{}
	p.X.Tick.Marker = plot.ConstantTicks([]plot.Tick{
		{Value: 50, Label: "50"}, {Value: 100, Label: "100"}, {Value: 200, Label: "200"}, {Value: 500, Label: "500"},
		{Value: 1000, Label: "1,000"}, {Value: 2000, Label: "2,000"}, {Value: 4000, Label: "4,000"},
	})
	var shipped, others plotter.XYs
	for _, s := range r.Sizes {
		point := plotter.XY{X: float64(s.Bytes) / 1000, Y: s.Validation}
		if s.Shipped {
			shipped = append(shipped, point)
		} else {
			others = append(others, point)
		}
	}
	p.Legend.Top = false
	if err := addDots(p, "other settings", others, grey); err != nil {
		return nil, err
	}
	if err := addDots(p, "the model of this report", shipped, accent); err != nil {
		return nil, err
	}
	p.X.Min, p.X.Max = p.X.Min*0.8, p.X.Max*1.25
	return p, nil
}

func addDots(p *plot.Plot, name string, points plotter.XYs, c color.Color) error {
	if len(points) == 0 {
		return nil
	}
	dots, err := plotter.NewScatter(points)
	if err != nil {
		return err
	}
	dots.GlyphStyle = draw.GlyphStyle{Color: c, Radius: 4, Shape: draw.CircleGlyph{}}
	p.Add(dots)
	p.Legend.Add(name, dots)
	return nil
}
