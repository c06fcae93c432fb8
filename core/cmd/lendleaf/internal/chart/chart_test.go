package chart

import (
	"encoding/xml"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// element is one of a picture, with its attributes by name.
type element struct {
	Name, Class, Text string
	attributes        map[string]string
}

// draw takes a picture apart.
func draw(t *testing.T, c *Chart) (all []element) {
	t.Helper()
	svg := c.SVG()
	assert.Equal(t, svg, c.SVG(), "the same chart, other bytes")
	for d := xml.NewDecoder(strings.NewReader(string(svg))); ; {
		token, err := d.Token()
		if token == nil {
			return all
		}
		require.NoError(t, err)
		switch token := token.(type) {
		case xml.StartElement:
			e := element{Name: token.Name.Local, attributes: map[string]string{}}
			for _, a := range token.Attr {
				e.attributes[a.Name.Local] = a.Value
			}
			e.Class = e.attributes["class"]
			all = append(all, e)
		case xml.CharData:
			if len(all) > 0 && all[len(all)-1].Text == "" {
				all[len(all)-1].Text = string(token)
			}
		}
	}
}

// of picks the elements of a class, and gives some attributes of each.
func of(all []element, class string, names ...string) (rows [][]string) {
	for _, e := range all {
		if e.Class == class {
			var row []string
			for _, name := range names {
				row = append(row, e.attributes[name])
			}
			rows = append(rows, row)
		}
	}
	return rows
}

func texts(all []element, class string) (list []string) {
	for _, e := range all {
		if e.Class == class {
			list = append(list, e.Text)
		}
	}
	return list
}

// Numbers upwards have one letter, so the axis across begins at 12 + 6.6 and ends
// at 480 - 20. One row of the legend takes 18 and 10, the texts below 42 of 320.
func TestLine(t *testing.T) {
	all := draw(t, &Chart{
		X:      Axis{Label: "x"},
		Series: []Series{{Name: "s", Colour: Second, Shape: Line, Points: []Point{{0, 0}, {5, 1}, {5, 1}, {10, 5}}}},
	})
	assert.Equal(t, []string{"0", "1", "2", "3", "4", "5", "0", "2", "4", "6", "8", "10"}, texts(all, "tick"))
	assert.Equal(t, [][]string{{"19,278 239.5,228 460,28"}}, of(all[len(all)-1:], "line second", "points"))
	assert.Equal(t, [][]string{{"4", "12", "22", "12"}}, of(all[:6], "line second", "x1", "y1", "x2", "y2"), "its sample")
	grid := of(all, "grid", "x1", "y1", "x2", "y2")
	assert.Equal(t, []string{"19", "278", "460", "278"}, grid[0], "across at 0")
	assert.Equal(t, []string{"19", "28", "460", "28"}, grid[5], "across at 5")
	assert.Equal(t, []string{"107.2", "282", "107.2", "278"}, grid[7], "a tick at 2: 19 + 441/5")
	assert.Equal(t, []string{"19", "278", "460", "278"}, grid[12], "the axis")
	assert.Len(t, grid, 13)
	assert.Equal(t, [][]string{{"239.5", "314"}}, of(all, "label", "x", "y"))
}

// The label upwards takes 22 more.
func TestMarkGoesFromBottomToTop(t *testing.T) {
	all := draw(t, &Chart{
		X:     Axis{Holds: []float64{0, 1}},
		Y:     Axis{Label: "y", Holds: []float64{0, 5}},
		Marks: []Mark{{"here", 0.5}},
	})
	assert.Equal(t, [][]string{{"4", "12", "22", "12"}, {"239.5", "278", "239.5", "50"}}, of(all, "reference ink", "x1", "y1", "x2", "y2"))
	assert.Equal(t, []string{"here"}, texts(all, "name"))
	assert.Equal(t, [][]string{{"239.5", "314"}, {"4", "36"}}, of(all, "label", "x", "y"))
}

func TestDots(t *testing.T) {
	all := draw(t, &Chart{Series: []Series{{Name: "s", Colour: Accent, Shape: Dots, Points: []Point{{0, 5}, {10, 0}}}}})
	assert.Equal(t, [][]string{{"13", "12"}, {"19", "28"}, {"460", "278"}}, of(all, "dots accent", "cx", "cy"))
}

// Two names share 250: 125 each. Two bars fill 0.7 of that, 43.75 each, and meet
// in the middle of it, at 28 + 62.5 and 28 + 187.5. A unit across is
// (460 - 25) / 4 = 108.75 long, and 0 lies at 133.75.
func TestBars(t *testing.T) {
	c := &Chart{
		X: Axis{Label: "length"},
		Y: Axis{Names: []string{"a", "bb"}},
		Series: []Series{
			{Name: "first", Colour: Accent, Shape: Bars, Points: []Point{{1, 0}, {3, 1}}},
			{Name: "second", Colour: Quiet, Shape: Bars, Points: []Point{{-1, 0}, {2, 1}}},
		},
	}
	all := draw(t, c)
	place := []string{"x", "y", "width", "height"}
	assert.Equal(t, [][]string{{"4", "8", "18", "8"}, {"133.8", "46.8", "108.8", "43.8"}, {"133.8", "171.8", "326.3", "43.8"}}, of(all, "bars accent", place...))
	assert.Equal(t, [][]string{{"77", "8", "18", "8"}, {"25", "90.5", "108.8", "43.8"}, {"133.8", "215.5", "217.5", "43.8"}}, of(all, "bars quiet", place...))
	assert.Equal(t, []string{"a", "bb", "-1", "0", "1", "2", "3"}, texts(all, "tick"))
	grid := of(all, "grid", "x1", "y1", "x2", "y2")
	assert.Equal(t, []string{"25", "282", "25", "28"}, grid[0], "numbers across have a line to the top")
	assert.Len(t, grid, 6)
	assert.Equal(t, "Across: length. first: a 1, bb 3. second: a -1, bb 2.", c.Description())
}

// An axis of bars has 0, wherever they end.
func TestBarsBeginAtZero(t *testing.T) {
	all := draw(t, &Chart{Y: Axis{Names: []string{"a"}}, Series: []Series{{Shape: Bars, Points: []Point{{5, 0}}}}})
	assert.Equal(t, []string{"a", "0", "1", "2", "3", "4", "5"}, texts(all, "tick"))
}

func TestWords(t *testing.T) {
	c := &Chart{
		Title: `A & <B>`,
		X:     Axis{Label: "x < 1"},
		Y:     Axis{Label: "y"},
		Series: []Series{
			{Name: "s", Shape: Line, Points: []Point{{1, 0.123456}, {2, 7}}},
			{Name: "nothing", Shape: Line},
		},
		Marks: []Mark{{"here", 1.5}},
	}
	all := draw(t, c)
	assert.Equal(t, "svg", all[0].Name)
	assert.Equal(t, map[string]string{"xmlns": "http://www.w3.org/2000/svg", "class": "chart", "role": "img", "width": "480", "height": "320", "viewBox": "0 0 480 320"}, all[0].attributes)
	assert.Equal(t, element{Name: "title", Text: "A & <B>", attributes: map[string]string{}}, all[1])
	assert.Equal(t, "desc", all[2].Name)
	assert.Equal(t, "Across: x < 1. Upwards: y. s: from 0.1235 at 1 to 7 at 2. here: at 1.5.", all[2].Text)
	assert.Equal(t, "style", all[3].Name)
	assert.Contains(t, all[3].Text, "prefers-color-scheme: dark")
	for _, class := range []string{"line", "reference", "dots", "bars", "accent", "second", "quiet", "ink", "tick", "grid"} {
		assert.Contains(t, all[3].Text, ".chart ."+class, "no style")
	}
}

// An entry takes 26 + 14, and 6.6 for each letter: 106, three of them 318.
func TestLegendBreaksIntoRows(t *testing.T) {
	entry := Series{Name: "ten letter", Shape: Line}
	c := &Chart{Series: []Series{entry, entry, entry, entry}, Marks: []Mark{{"ten letter", 0}}}
	all := draw(t, c)
	assert.Equal(t, [][]string{{"30", "16"}, {"136", "16"}, {"242", "16"}, {"348", "16"}, {"30", "34"}}, of(all, "name", "x", "y"))
	long := Series{Name: strings.Repeat("ä", 100), Shape: Line}
	assert.Equal(t, [][]string{{"30", "16"}, {"30", "34"}}, of(draw(t, &Chart{Series: []Series{long, long}}), "name", "x", "y"))
	exact := Series{Name: strings.Repeat("x", 30), Shape: Line} // 238 of 480
	assert.Len(t, rows(&Chart{Series: []Series{exact, exact}}), 1)
}

func TestSteps(t *testing.T) {
	assert.Equal(t, []Point{{0, 5}, {1, 5}, {1, 6}, {3, 6}}, Steps([]float64{0, 1, 3}, []float64{5, 6}))
	assert.Empty(t, Steps([]float64{0}, nil))
}

func TestTicks(t *testing.T) {
	for _, c := range []struct {
		low, high float64
		want      string
	}{
		{0, 1, "0.0 0.2 0.4 0.6 0.8 1.0"},
		{0, 6, "0 1 2 3 4 5 6"},
		{0, 7, "0 2 4 6 8"},
		{0, 0.17, "0.00 0.05 0.10 0.15 0.20"},
		{0.5933, 0.6371, "0.59 0.60 0.61 0.62 0.63 0.64"},
		{-0.007, 0.27, "-0.05 0.00 0.05 0.10 0.15 0.20 0.25 0.30"},
		{-1500, 1200, "-1,500 -1,000 -500 0 500 1,000 1,500"},
		{0, 4.5e6, "0 1,000,000 2,000,000 3,000,000 4,000,000 5,000,000"},
		{100, 112, "100 102 104 106 108 110 112"},
	} {
		from, to, ticks := niceTicks(c.low, c.high)
		var list []string
		for _, tick := range ticks {
			list = append(list, tick.text)
		}
		assert.Equal(t, c.want, strings.Join(list, " "))
		assert.Equal(t, ticks[0].value, from)
		assert.InDelta(t, ticks[len(ticks)-1].value, to, 1e-12)
	}
}

func TestLogarithmicAxis(t *testing.T) {
	s := newScale(Axis{Log: true}, []float64{0.5, 50}, 0, 100)
	var list []string
	for _, tick := range s.ticks {
		list = append(list, tick.text)
	}
	assert.Equal(t, "0.5 1 2 5 10 20 50", strings.Join(list, " "))
	assert.InDelta(t, s.at(5)-s.at(0.5), s.at(50)-s.at(5), 1e-9)
	assert.InDelta(t, 0, s.at(0.5*0.8), 1e-9)
	assert.InDelta(t, 100, s.at(50*1.25), 1e-9)
	ends := logTicks(10, 2000)
	assert.Equal(t, []tick{{10, "10"}, {20, "20"}, {50, "50"}, {100, "100"}, {200, "200"}, {500, "500"}, {1000, "1,000"}, {2000, "2,000"}}, ends)
}

func TestSpan(t *testing.T) {
	for _, c := range []struct {
		numbers   []float64
		low, high float64
	}{
		{nil, 0, 1},
		{[]float64{3}, 3, 4},
		{[]float64{3, -2, 7}, -2, 7},
	} {
		low, high := span(c.numbers)
		assert.Equal(t, []float64{c.low, c.high}, []float64{low, high})
	}
}

func TestPlace(t *testing.T) {
	for x, want := range map[float64]string{1: "1", 1.04: "1", 1.05: "1.1", -0.01: "0", 12.34: "12.3", math.Copysign(0, -1): "0"} {
		assert.Equal(t, want, place(x))
	}
}
