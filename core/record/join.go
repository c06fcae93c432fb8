package record

import (
	"cmp"
	"slices"
)

// Report is what some files say of their chains.
type Report struct {
	Sealed, Erased, Unsealed, Torn int64
	Chains                         int
	Heads                          []Head // where the chains end
	Missing                        int64  // records before the first one in the files: nobody can say more of them
	Faults                         []Fault
}

// Join puts files together as their chains have them, in whatever order they come.
// A chain has to reach the anchor, unless that is the zero Head.
func Join(files []File, anchor Head) Report {
	var r Report
	var parts []part
	anchored := anchor == Head{}
	for _, f := range files {
		r.Sealed, r.Erased, r.Unsealed, r.Torn = r.Sealed+f.Sealed, r.Erased+f.Erased, r.Unsealed+f.Unsealed, r.Torn+f.Torn
		r.Faults = append(r.Faults, f.Faults...)
		parts = append(parts, f.parts...)
		anchored = anchored || f.Anchored
	}
	slices.SortStableFunc(parts, func(a, b part) int { return cmp.Compare(a.from.Count, b.from.Count) })
	ends := r.chain(parts)
	for _, p := range ends {
		r.Heads = append(r.Heads, p.to)
	}
	if !anchored {
		r.Faults = append(r.Faults, unanchored(ends, anchor))
	}
	return r
}

// chain follows parts, from the first one, and returns those that end a chain.
func (r *Report) chain(parts []part) (ends []part) {
	for _, p := range parts {
		i := slices.IndexFunc(ends, func(before part) bool { return before.goesOn(p) })
		twin := slices.IndexFunc(parts, func(other part) bool { return other.first == p.first })
		switch {
		case parts[twin].file != p.file || parts[twin].line != p.line:
			r.Faults = append(r.Faults, Fault{File: p.file, Line: p.line, Kind: Doubled, First: p.from.Count + 1, Last: p.to.Count, Other: parts[twin].file})
			continue
		case i >= 0:
			ends[i] = p
			continue
		case p.from.Count == 0:
			r.Chains++
		default:
			if before := r.breaks(ends, p); before >= 0 {
				ends[before] = p
				continue
			}
			r.Chains++
			if r.Missing = max(r.Missing, p.from.Count); !p.known {
				r.Faults = append(r.Faults, Fault{File: p.file, Line: p.line, Kind: Lost, Last: p.from.Count})
			}
		}
		ends = append(ends, p)
	}
	return ends
}

// goesOn says whether a part is followed by another.
func (p part) goesOn(next part) bool {
	return next.known && p.to.Count == next.from.Count && (p.to.Hash == next.from.Hash || p.or == next.from.Hash)
}

// breaks finds the part that another would follow if nothing was missing between, or
// -1, and says what is.
func (r *Report) breaks(ends []part, p part) int {
	best := -1
	for i, e := range ends {
		if e.to.Count <= p.from.Count && (best < 0 || e.to.Count > ends[best].to.Count) {
			best = i
		}
	}
	if best < 0 {
		return best
	}
	e := ends[best]
	f := Fault{File: p.file, Line: p.line, Kind: Lost, First: e.to.Count + 1, Last: p.from.Count, Other: e.file}
	switch {
	case f.First <= f.Last:
	case p.known: // it follows another record of that number
		f = Fault{File: e.file, Kind: Changed, First: e.to.Count, Last: e.to.Count}
	default: // it does not say which record it follows
		f = Fault{File: p.file, Line: p.line, Kind: Changed, First: f.First, Last: f.First}
	}
	r.Faults = append(r.Faults, f)
	return best
}

// unanchored says why no chain reaches the anchor.
func unanchored(ends []part, anchor Head) Fault {
	f := Fault{Kind: Lost, Last: anchor.Count, First: 1}
	for _, e := range ends {
		if e.to.Count >= f.First-1 {
			f.File, f.First = e.file, e.to.Count+1
		}
	}
	if f.First > f.Last {
		f.Kind, f.First = Rewritten, f.Last
	}
	return f
}
