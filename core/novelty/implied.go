package novelty

import (
	"fmt"

	"lendleaf/core/schema"
)

// Implied is a rule between two choice fields that no applicant broke: whoever
// had a label of Field had one and the same label of Other.
type Implied struct {
	Field  int   `json:"field"`
	Other  int   `json:"other"`
	Labels []int `json:"labels"` // for each label of Field that of Other, or None where nobody had it
}

// None stands in Implied.Labels for a label that nobody had.
const None = -1

// Implies returns the label of another field that all applicants had who had a
// label of a field. It is not ok if they had several, or if there were none.
func (n *Summary) Implies(field, label, other int) (implied int, ok bool) {
	for _, x := range n.Implied {
		if x.Field == field && x.Other == other && label >= 0 && label < len(x.Labels) {
			return x.Labels[label], x.Labels[label] != None
		}
	}
	return None, false
}

// broken says whether a record breaks the rule.
func (x Implied) broken(r schema.Record) bool {
	a, b := r[x.Field], r[x.Other]
	return a != schema.Missing && b != schema.Missing && x.Labels[a] != None && int64(x.Labels[a]) != b
}

// addImplied looks whether a label of one field tells that of another. A rule
// needs labels that enough applicants had, leading to more than one label: else
// it may be chance, or says nothing.
func (n *Summary) addImplied(field, other int, counts [][]int, records []schema.Record) (found bool) {
	x := Implied{Field: field, Other: other, Labels: make([]int, len(counts[field]))}
	for i := range x.Labels {
		x.Labels[i] = None
	}
	for _, r := range records {
		if r[field] == schema.Missing || r[other] == schema.Missing {
			continue
		}
		label := &x.Labels[r[field]]
		if *label != None && int64(*label) != r[other] {
			return false
		}
		*label = int(r[other])
	}
	if !x.tells(counts[field]) {
		return false
	}
	n.Implied = append(n.Implied, x)
	return true
}

// tells says whether labels that are not rare lead to different ones.
func (x Implied) tells(counts []int) bool {
	first := None
	for label, implied := range x.Labels {
		if counts[label] < rare || implied == None {
			continue
		}
		if first != None && implied != first {
			return true
		}
		first = implied
	}
	return false
}

func (x Implied) check(labels func(field int) int) error {
	wrong := x.Field == x.Other || len(x.Labels) == 0 || len(x.Labels) != labels(x.Field)
	for _, label := range x.Labels {
		wrong = wrong || label < None || label >= labels(x.Other)
	}
	if wrong {
		return fmt.Errorf("%w: what field %d implies of %d", ErrNovelty, x.Field, x.Other)
	}
	return nil
}
