package form

import "strconv"

// Scale is where things lie on a line from 0 to 100 %, as SVG takes it.
type Scale struct {
	At        string // "38.9%"
	Threshold string
	First     string // of an exploration: where the first answer lies, or ""
	Labels    []Label
}

// Label is a text on a scale, placed so that it does not leave it.
type Label struct {
	X, Y   string
	Anchor string // "start", "middle" or "end"
	Text   string
	Class  string
}

// crowded is how near to an end a label in the middle would touch the end's.
const crowded = 0.25

// The lines that labels stand on, above and below the scale.
const above, below = "13", "59"

func scale(p, threshold float64) Scale {
	s := Scale{At: place(p), Threshold: place(threshold), Labels: []Label{
		{place(p), above, anchor(p), Percent(p, 1), "scale-value"},
		{place(threshold), below, anchor(threshold), "threshold " + Percent(threshold, -1), "scale-label"},
	}}
	if threshold > crowded {
		s.Labels = append(s.Labels, Label{place(0), below, "start", "0%", "scale-label"})
	}
	if threshold < 1-crowded {
		s.Labels = append(s.Labels, Label{place(1), below, "end", "100%", "scale-label"})
	}
	return s
}

func place(share float64) string { return strconv.FormatFloat(share*100, 'f', 3, 64) + "%" }

func anchor(share float64) string {
	switch {
	case share < crowded/2:
		return "start"
	case share > 1-crowded/2:
		return "end"
	}
	return "middle"
}
