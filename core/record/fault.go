package record

import "fmt"

// Kind is what is wrong with a chain.
type Kind int

// The kinds of faults.
const (
	Changed   Kind = iota // a record, or its seal, is not what was sealed
	Lost                  // records are missing
	Doubled               // a record is there once more
	Moved                 // a record is not where it was sealed
	Added                 // a line that nobody sealed
	Rewritten             // the chain is not the one that was anchored
)

// Fault is a place where a chain does not hold.
type Fault struct {
	File        string
	Line        int // 0: behind the last one
	Kind        Kind
	First, Last int64  // the records concerned; First is 0 where nobody knows it
	Other       string // file: where the chain breaks off before this, or where a record is, too
}

func (f Fault) String() string {
	where := f.File
	if f.Line > 0 {
		where = fmt.Sprintf("%s line %d", f.File, f.Line)
	}
	return where + ": " + f.reason()
}

func (f Fault) reason() string {
	records := fmt.Sprintf("record %d", f.Last)
	verb := "is"
	if f.First == 0 && f.Kind == Lost {
		records = fmt.Sprintf("record %d, and perhaps some before it,", f.Last)
	} else if f.First != f.Last {
		records, verb = fmt.Sprintf("records %d to %d", f.First, f.Last), "are"
	}
	switch f.Kind {
	case Changed:
		return fmt.Sprintf("%s was changed", records)
	case Lost:
		text := fmt.Sprintf("%s %s missing before it", records, verb)
		if f.Line == 0 {
			text = fmt.Sprintf("%s %s missing at the end", records, verb)
		}
		if f.Other != "" {
			text += ", behind " + f.Other
		}
		return text
	case Doubled:
		if f.Other != "" {
			return fmt.Sprintf("%s %s in %s, too", records, verb, f.Other)
		}
		return fmt.Sprintf("%s %s there once more", records, verb)
	case Moved:
		return fmt.Sprintf("%s %s not in its place", records, verb)
	case Added:
		return "nobody sealed this line"
	}
	return fmt.Sprintf("%s is not the one that was anchored: the chain was written anew", records)
}
