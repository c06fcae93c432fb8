package chart

import (
	_ "embed"
	"fmt"
	"html"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

//go:embed style.css
var style string

// drawing writes one chart.
type drawing struct {
	*Chart
	strings.Builder
	x, y scale
	rows [][]entry // of the legend
	bars int       // series of bars, which share the room of a name
}

// Room in CSS pixels. Nobody knows how wide the reader's font is, so a letter
// has what a wide one takes.
const (
	rowHeight = 18
	letter    = 6.6
	sample    = 26  // of a series, before its name in the legend
	between   = 14  // entries of the legend
	thick     = 0.7 // share of a name's room that its bars fill
)

func newDrawing(c *Chart) *drawing {
	d := &drawing{Chart: c, rows: rows(c)}
	var xs, ys []float64
	for _, s := range c.Series {
		if s.Shape == Bars {
			d.bars++
			xs = append(xs, 0)
		}
		for _, p := range s.Points {
			xs, ys = append(xs, p.X), append(ys, p.Y)
		}
	}
	for _, m := range c.Marks {
		xs = append(xs, m.X)
	}
	top := float64(len(d.rows)*rowHeight + 10)
	if c.Y.Label != "" {
		top += rowHeight + 4
	}
	d.y = newScale(c.Y, ys, Height-42, top)
	widest := 0
	for _, t := range d.y.ticks {
		widest = max(widest, utf8.RuneCountInString(t.text))
	}
	d.x = newScale(c.X, xs, math.Round(12+letter*float64(widest)), Width-20)
	return d
}

// open begins the picture with what it is, in words.
func (d *drawing) open() {
	fmt.Fprintf(d, `<svg xmlns="http://www.w3.org/2000/svg" class="chart" role="img" width="%d" height="%d" viewBox="0 0 %[1]d %[2]d">`+"\n", Width, Height)
	fmt.Fprintf(d, "<title>%s</title>\n<desc>%s</desc>\n", html.EscapeString(d.Title), html.EscapeString(d.Description()))
	fmt.Fprintf(d, "<style>\n%s</style>\n", style)
}

// entry is a name in the legend, with a sample of what it stands for.
type entry struct {
	name, class string
	shape       Shape
	width       float64
}

// rows puts the legend's entries into rows.
func rows(c *Chart) (all [][]entry) {
	var entries []entry
	add := func(name string, colour Colour, shape Shape) {
		width := sample + between + float64(letter*float64(utf8.RuneCountInString(name)))
		entries = append(entries, entry{name, string(shape) + " " + string(colour), shape, width})
	}
	for _, s := range c.Series {
		add(s.Name, s.Colour, s.Shape)
	}
	for _, m := range c.Marks {
		add(m.Name, Ink, Reference)
	}
	room := 0.0
	for _, e := range entries {
		if room -= e.width; room < 0 {
			all, room = append(all, nil), Width-e.width
		}
		all[len(all)-1] = append(all[len(all)-1], e)
	}
	return all
}

func (d *drawing) legend() {
	for i, row := range d.rows {
		x, y := 4.0, float64(12+i*rowHeight)
		for _, e := range row {
			switch e.shape {
			case Dots:
				d.dot(e.class, x+9, y)
			case Bars:
				d.bar(e.class, x, y-4, 18, 8)
			default:
				d.line(e.class, x, y, x+18, y)
			}
			d.text("name", "start", x+sample, y+4, e.name)
			x += e.width
		}
	}
}

// grid draws the axes: a line for each number upwards, or for each number across
// where names stand upwards.
func (d *drawing) grid() {
	for _, t := range d.y.ticks {
		y := d.y.at(t.value)
		d.text("tick", "end", d.x.from-6, y+4, t.text)
		if d.Y.Names == nil {
			d.line("grid", d.x.from, y, d.x.to, y)
		}
	}
	bottom, top := d.y.from, d.y.from
	if d.Y.Names != nil {
		top = d.y.to
	}
	for _, t := range d.x.ticks {
		x := d.x.at(t.value)
		d.line("grid", x, bottom+4, x, top)
		d.text("tick", "middle", x, bottom+17, t.text)
	}
	d.line("grid", d.x.from, bottom, d.x.to, bottom)
	d.text("label", "middle", (d.x.from+d.x.to)/2, Height-6, d.X.Label)
	if d.Y.Label != "" {
		d.text("label", "start", 4, float64(len(d.rows)*rowHeight+18), d.Y.Label)
	}
}

// series draws a series. Bars of one name lie below each other.
func (d *drawing) series(s Series, place int) {
	class := string(s.Shape) + " " + string(s.Colour)
	switch s.Shape {
	case Dots:
		for _, p := range s.Points {
			d.dot(class, d.x.at(p.X), d.y.at(p.Y))
		}
	case Bars:
		height := math.Abs(d.y.at(1)-d.y.at(0)) * thick / float64(d.bars)
		for _, p := range s.Points {
			zero, end := d.x.at(0), d.x.at(p.X)
			top := d.y.at(p.Y) + float64(height*(float64(place)-float64(d.bars)/2))
			d.bar(class, min(zero, end), top, math.Abs(end-zero), height)
		}
	default:
		d.path(class, s.Points)
	}
}

func (d *drawing) path(class string, points []Point) {
	var places []string
	for _, p := range points {
		places = append(places, place(d.x.at(p.X))+","+place(d.y.at(p.Y)))
	}
	fmt.Fprintf(d, `<polyline class="%s" fill="none" points="%s"/>`+"\n", class, strings.Join(slices.Compact(places), " "))
}

func (d *drawing) line(class string, x1, y1, x2, y2 float64) {
	fmt.Fprintf(d, `<line class="%s" x1="%s" y1="%s" x2="%s" y2="%s"/>`+"\n", class, place(x1), place(y1), place(x2), place(y2))
}

func (d *drawing) dot(class string, x, y float64) {
	fmt.Fprintf(d, `<circle class="%s" cx="%s" cy="%s" r="4.5"/>`+"\n", class, place(x), place(y))
}

func (d *drawing) bar(class string, x, y, width, height float64) {
	fmt.Fprintf(d, `<rect class="%s" x="%s" y="%s" width="%s" height="%s"/>`+"\n", class, place(x), place(y), place(width), place(height))
}

func (d *drawing) text(class, anchor string, x, y float64, text string) {
	fmt.Fprintf(d, `<text class="%s" text-anchor="%s" x="%s" y="%s">%s</text>`+"\n", class, anchor, place(x), place(y), html.EscapeString(text))
}

// place writes a tenth of a pixel.
func place(x float64) string {
	return strconv.FormatFloat(math.Round(x*10)/10+0, 'f', -1, 64)
}
