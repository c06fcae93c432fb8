package rows

import (
	"strconv"

	"lendleaf/core/schema"
)

// Precision is how many decimals a probability has.
type Precision int

// The two precisions. People and the contract of the API's JSON have three
// decimals. Rows for programs (NDJSON, CSV, records) have as many digits as bring
// back the same float64: scoring again can be held against them.
const (
	Rounded Precision = 3
	Exact   Precision = -1
)

// AppendProbability appends a number from 0 to 1.
func (p Precision) AppendProbability(dst []byte, probability float64) []byte {
	if p == Exact {
		return strconv.AppendFloat(dst, probability, 'g', -1, 64)
	}
	return strconv.AppendFloat(dst, probability, 'f', int(p), 64)
}

// AppendProbabilities appends an object of JSON with the probability of each
// outcome.
func (p Precision) AppendProbabilities(dst []byte, t schema.Target, positive float64) []byte {
	dst = append(AppendText(append(dst, '{'), t.Positive.Name), ':')
	dst = p.AppendProbability(dst, positive)
	dst = append(AppendText(append(dst, ','), t.Negative.Name), ':')
	return append(p.AppendProbability(dst, 1-positive), '}')
}

// AppendPrediction appends the members of JSON that say what is predicted of an
// applicant.
func (p Precision) AppendPrediction(dst []byte, t schema.Target, outcome string, positive float64) []byte {
	dst = AppendText(append(dst, `"prediction":`...), outcome)
	return p.AppendProbabilities(append(dst, `,"probabilities":`...), t, positive)
}

// AppendApplicant appends a record as the API takes it: an object with all fields,
// and null where one was left open. Members stand in one line, or each in its own
// behind an indent.
func AppendApplicant(dst []byte, s *schema.Schema, r schema.Record, indent string) []byte {
	between, colon := "", ":"
	if indent != "" {
		between, colon = "\n"+indent, ": "
	}
	for i, n := range r {
		separator := byte(',')
		if i == 0 {
			separator = '{'
		}
		f := &s.Fields[i]
		dst = append(append(dst, separator), between...)
		dst = append(AppendText(dst, f.Name), colon...)
		switch v := f.Value(n); v.Kind {
		case schema.Text:
			dst = AppendText(dst, v.Text)
		case schema.Numeral:
			dst = append(dst, v.Text...)
		default:
			dst = append(dst, "null"...)
		}
	}
	if indent != "" {
		dst = append(dst, '\n')
	}
	return append(dst, '}')
}

// LineColumn, PredictionColumn and ProbabilityColumn name what answers of CSV say
// of a row: where it was, what is predicted, and the probability of the positive
// outcome, Exact.
const (
	LineColumn       = "line"
	PredictionColumn = "prediction"
)

// ProbabilityColumn is named after the positive outcome.
func ProbabilityColumn(t schema.Target) string { return "probability_" + schema.Fold(t.Positive.Name) }

// Answers writes what becomes of rows, one after another.
type Answers interface {
	Begin(dst []byte) []byte
	Score(dst []byte, line int, outcome string, positive float64) []byte
	Faults(dst []byte, line int, faults []RowError) []byte
	End(dst []byte, scored, faulty int, err error) []byte // err: why it ended too soon
}

// NDJSONAnswers answers with an object in each line: the prediction and
// probabilities of a row, Exact, or its faults; the last one counts both.
func NDJSONAnswers(t schema.Target) Answers { return ndjsonAnswers{t} }

type ndjsonAnswers struct{ target schema.Target }

func (ndjsonAnswers) Begin(dst []byte) []byte { return dst }

func (a ndjsonAnswers) Score(dst []byte, line int, outcome string, positive float64) []byte {
	dst = strconv.AppendInt(append(dst, `{"line":`...), int64(line), 10)
	return append(Exact.AppendPrediction(append(dst, ','), a.target, outcome, positive), "}\n"...)
}

func (ndjsonAnswers) Faults(dst []byte, line int, faults []RowError) []byte {
	dst = strconv.AppendInt(append(dst, `{"line":`...), int64(line), 10)
	dst = append(dst, `,"detail":[`...)
	for i, e := range faults {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = AppendText(append(dst, `{"field":`...), e.Field())
		dst = append(AppendText(append(dst, `,"msg":`...), e.Reason()), '}')
	}
	return append(dst, "]}\n"...)
}

func (ndjsonAnswers) End(dst []byte, scored, faulty int, err error) []byte {
	dst = strconv.AppendInt(append(dst, `{"n_predictions":`...), int64(scored), 10)
	dst = strconv.AppendInt(append(dst, `,"n_errors":`...), int64(faulty), 10)
	if err != nil {
		dst = AppendText(append(dst, `,"detail":`...), err.Error())
	}
	return append(dst, "}\n"...)
}

// CSVAnswers answers with a line for each row, below a header: the row's line,
// prediction and probability, or why it cannot be used; the last one counts both.
func CSVAnswers(t schema.Target) Answers { return csvAnswers{t} }

type csvAnswers struct{ target schema.Target }

func (a csvAnswers) Begin(dst []byte) []byte {
	return AppendCells(dst, LineColumn, PredictionColumn, ProbabilityColumn(a.target), "error")
}

func (csvAnswers) Score(dst []byte, line int, outcome string, positive float64) []byte {
	return append(AppendScore(dst, line, outcome, positive), ",\n"...)
}

// AppendScore appends a row's cells for its line, prediction and probability.
func AppendScore(dst []byte, line int, outcome string, positive float64) []byte {
	dst = append(strconv.AppendInt(dst, int64(line), 10), ',')
	return Exact.AppendProbability(append(AppendCell(dst, outcome), ','), positive)
}

func (csvAnswers) Faults(dst []byte, line int, faults []RowError) []byte {
	return AppendCells(dst, strconv.Itoa(line), "", "", Reasons(faults))
}

func (csvAnswers) End(dst []byte, scored, faulty int, err error) []byte {
	text := "n_predictions=" + strconv.Itoa(scored) + " n_errors=" + strconv.Itoa(faulty)
	if err != nil {
		text = err.Error() + "; " + text
	}
	return AppendCells(dst, "", "", "", text)
}
