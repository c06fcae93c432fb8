package api

import (
	"slices"
	"strconv"

	"lendleaf/core"
	"lendleaf/core/rows"
)

// appendAnswer writes scores as clients know them: probabilities are rounded,
// predictions go by all digits.
func (a *API) appendAnswer(dst []byte, scores []core.Score) []byte {
	target := a.model.Schema().Target
	dst = append(dst, `{"results":[`...)
	for i, s := range scores {
		if i == 1 { // all are about as long as the first
			dst = slices.Grow(dst, len(dst)*len(scores))
		}
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = rows.Rounded.AppendPrediction(append(dst, '{'), target, a.model.Outcome(s), s.Probability)
		dst = append(dst, '}')
	}
	dst = strconv.AppendInt(append(dst, `],"n_predictions":`...), int64(len(scores)), 10)
	return append(dst, '}')
}
