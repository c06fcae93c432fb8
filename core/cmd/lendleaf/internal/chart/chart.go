// Package chart draws charts as SVG: lines, dots and horizontal bars between two
// axes, with a legend above. Texts stay texts. Every part has a class: style.css
// gives colours for light and dark, and a page that has a chart within it may
// give others.
package chart

import (
	"fmt"
	"strings"
)

// Width and Height are a chart's, in CSS pixels.
const (
	Width  = 480
	Height = 320
)

// Chart is what is drawn. Bars and lines do not mix.
type Chart struct {
	Title  string // for those who cannot see the picture
	X, Y   Axis
	Series []Series
	Marks  []Mark
}

// Series is what one entry of the legend stands for.
type Series struct {
	Name   string
	Colour Colour
	Shape  Shape
	Points []Point
}

// Point is a place between the axes. Of a bar, X is its length, and Y the place
// of its name on the axis.
type Point struct{ X, Y float64 }

// Mark is a dashed line at X, from the bottom to the top.
type Mark struct {
	Name string
	X    float64
}

// Shape is how a series is drawn.
type Shape string

// A reference is a thin dashed line that others are compared with.
const (
	Line      Shape = "line"
	Reference Shape = "reference"
	Dots      Shape = "dots"
	Bars      Shape = "bars"
)

// Colour names what a series is to the reader. The style says how it looks.
type Colour string

// Accent is what counts most.
const (
	Accent Colour = "accent"
	Second Colour = "second"
	Quiet  Colour = "quiet"
	Ink    Colour = "ink"
)

// Steps makes the points of a histogram's outline. Bin i goes from edges[i] to
// edges[i+1], and is values[i] high; there is one edge more than values.
func Steps(edges, values []float64) []Point {
	points := make([]Point, 0, 2*len(values))
	for i, v := range values {
		points = append(points, Point{edges[i], v}, Point{edges[i+1], v})
	}
	return points
}

// SVG draws the chart. The same chart gives the same bytes.
func (c *Chart) SVG() []byte {
	d := newDrawing(c)
	d.open()
	d.legend()
	d.grid()
	for i, s := range c.Series {
		d.series(s, i)
	}
	for _, m := range c.Marks {
		x := d.x.at(m.X)
		d.line(string(Reference)+" "+string(Ink), x, d.y.from, x, d.y.to)
	}
	d.WriteString("</svg>\n")
	return []byte(d.String())
}

// Description says in words what the chart shows.
func (c *Chart) Description() string {
	parts := []string{"Across: " + c.X.Label + "."}
	if c.Y.Label != "" {
		parts = append(parts, "Upwards: "+c.Y.Label+".")
	}
	for _, s := range c.Series {
		if s.Shape == Bars {
			parts = append(parts, s.Name+": "+c.lengths(s)+".")
		} else if n := len(s.Points); n > 0 {
			first, last := s.Points[0], s.Points[n-1]
			parts = append(parts, fmt.Sprintf("%s: from %.4g at %.4g to %.4g at %.4g.", s.Name, first.Y, first.X, last.Y, last.X))
		}
	}
	for _, m := range c.Marks {
		parts = append(parts, fmt.Sprintf("%s: at %.4g.", m.Name, m.X))
	}
	return strings.Join(parts, " ")
}

func (c *Chart) lengths(s Series) string {
	var parts []string
	for _, p := range s.Points {
		parts = append(parts, fmt.Sprintf("%s %.4g", c.Y.Names[int(p.Y)], p.X))
	}
	return strings.Join(parts, ", ")
}
