package api

import (
	"strconv"

	"github.com/go-json-experiment/json/jsontext"

	"lendleaf/core"
	"lendleaf/core/schema"
)

// appendAnswer writes scores as clients know them: probabilities have three
// decimals, predictions go by all of them.
func (a *API) appendAnswer(dst []byte, scores []core.Score) []byte {
	target := a.model.Schema().Target
	dst = append(dst, `{"results":[`...)
	for i, s := range scores {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendResult(append(dst, '{'), target, a.model.Outcome(s), s.Probability)
		dst = append(dst, '}')
	}
	dst = strconv.AppendInt(append(dst, `],"n_predictions":`...), int64(len(scores)), 10)
	return append(dst, '}')
}

// appendResult writes the members of one result.
func appendResult(dst []byte, outcomes schema.Target, outcome string, probability float64) []byte {
	dst = appendString(append(dst, `"prediction":`...), outcome)
	dst = appendString(append(dst, `,"probabilities":{`...), outcomes.Positive.Name)
	dst = strconv.AppendFloat(append(dst, ':'), probability, 'f', decimals, 64)
	dst = appendString(append(dst, ','), outcomes.Negative.Name)
	dst = strconv.AppendFloat(append(dst, ':'), 1-probability, 'f', decimals, 64)
	return append(dst, '}')
}

const decimals = 3

// appendString writes text as JSON; what is no UTF-8 becomes U+FFFD.
func appendString(dst []byte, text string) []byte {
	quoted, _ := jsontext.AppendQuote(dst, text) // the error says that it was no UTF-8
	return quoted
}
