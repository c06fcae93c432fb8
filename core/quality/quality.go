// Package quality is what is known of how good a model is: the shapes of what was
// measured. It measures nothing itself, so that a server or a page can show the
// figures without reaching what makes them.
package quality

import (
	"encoding/json"
	"fmt"

	"lendleaf/core/calibration"
	"lendleaf/core/metrics"
	"lendleaf/core/modelfile"
)

// Report is all that was measured of a model, in the shape of report.json. The
// same model and data give the same one.
type Report struct {
	Model    Model   `json:"model"`
	ByPerson Split   `json:"by_person"` // a model trained alike, on other people than it is measured on
	Random   Split   `json:"random"`    // the model itself, on rows of its own data that it was not trained on
	Cost     float64 `json:"cost"`      // what a missed positive costs, in wrongly predicted ones
	Sizes    []Size  `json:"sizes"`     // on the random split
}

// Model says what was measured.
type Model struct {
	Hash      string             `json:"hash"`
	Bytes     int                `json:"bytes"`
	Training  modelfile.Training `json:"training"`
	Positive  string             `json:"positive"` // the outcome that is predicted
	Threshold float64            `json:"threshold"`
}

// Summary is what a model comes to on a test part, in short.
type Summary struct {
	Threshold float64         `json:"threshold"` // chosen on the validation part
	Rows      int             `json:"rows"`
	People    int             `json:"people"`
	BaseRate  float64         `json:"base_rate"` // of positives
	Figures   metrics.Figures `json:"figures"`
	Low       metrics.Figures `json:"low"` // 95 % of samples of people lie between low and high
	High      metrics.Figures `json:"high"`
}

// Split is all that was measured of a model on a test part.
type Split struct {
	Summary
	Curve       []CurvePoint             `json:"curve"`
	Thresholds  []ThresholdPoint         `json:"thresholds"`
	Scores      []Bin                    `json:"scores"`
	Rates       []Rate                   `json:"rates"`
	Calibration *calibration.Calibration `json:"calibration"`
	Importance  []Importance             `json:"importance"`
}

// CurvePoint is a point of the precision-recall and the ROC curve.
type CurvePoint struct {
	Precision         float64 `json:"precision"`
	Recall            float64 `json:"recall"`
	FalsePositiveRate float64 `json:"false_positive_rate"`
}

// ThresholdPoint is what comes of a threshold.
type ThresholdPoint struct {
	Threshold float64 `json:"threshold"`
	Precision float64 `json:"precision"`
	Recall    float64 `json:"recall"`
	Cost      float64 `json:"cost"` // for each row
}

// Bin counts rows whose probability is at least From and below the next bin's.
type Bin struct {
	From      float64 `json:"from"`
	Positives int     `json:"positives"`
	Negatives int     `json:"negatives"`
}

// Rate is how many of a tenth of the rows, taken by rising probability, had the
// positive outcome.
type Rate struct {
	Probability float64 `json:"probability"` // their mean
	Rate        float64 `json:"rate"`
	Rows        int     `json:"rows"`
}

// Importance is how much AUC-PR drops when a field's values are dealt out anew.
type Importance struct {
	Field string  `json:"field"`
	Text  string  `json:"text"`
	Drop  float64 `json:"drop"`
}

// Size sets a forest's bytes beside what it is worth.
type Size struct {
	Trees      int     `json:"trees"`
	MaxLeaves  int     `json:"max_leaves"` // 0: no limit
	Features   int     `json:"features"`
	Nodes      int     `json:"nodes"`
	Bytes      int     `json:"bytes"`
	Validation float64 `json:"validation_auc_pr"`
	Test       float64 `json:"test_auc_pr"`
	Shipped    bool    `json:"shipped"`
}

// Evaluation is what a model comes to on parts of some data, by the names below.
type Evaluation struct {
	Model struct {
		Hash      string  `json:"hash"`
		Threshold float64 `json:"threshold"`
	} `json:"model"`
	Splits map[string]*metrics.Report `json:"splits"`
}

// The parts of an Evaluation.
const (
	Train      = "train"
	Validation = "validation"
	Test       = "test"
)

// Parse reads a report.
func Parse(text []byte) (*Report, error) {
	r := &Report{}
	if err := json.Unmarshal(text, r); err != nil {
		return nil, fmt.Errorf("the model's report: %w", err)
	}
	return r, nil
}
