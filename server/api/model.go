package api

import (
	"encoding/json"
	"fmt"

	"lendleaf/core"
	"lendleaf/core/calibration"
	"lendleaf/core/metrics"
	"lendleaf/core/modelfile"
	"lendleaf/core/schema"
)

// facts is what GET /api/model says.
type facts struct {
	Name      string             `json:"name"`
	Version   string             `json:"version"` // the hash's first digits
	Hash      string             `json:"hash"`
	Threshold float64            `json:"threshold"`
	Positive  string             `json:"positive"` // predicted from the threshold on
	Negative  string             `json:"negative"`
	Fields    []schema.Field     `json:"fields"`
	Training  modelfile.Training `json:"training"`
	Score     meaning            `json:"score"`
	Metrics   *measured          `json:"metrics"` // null where nobody measured this model
}

// meaning says what a score is worth as a rate.
type meaning struct {
	Text  string             `json:"text"`
	Rates []calibration.Step `json:"rates"` // null if none hold
}

// measured is what a report says, by person first.
type measured struct {
	ByPerson part `json:"by_person"`
	Random   part `json:"random"`
}

type part struct {
	Threshold float64         `json:"threshold"`
	Rows      int             `json:"rows"`
	People    int             `json:"people"`
	BaseRate  float64         `json:"base_rate"`
	Figures   metrics.Figures `json:"figures"`
	Low       metrics.Figures `json:"low"` // 95 % of samples of people lie between low and high
	High      metrics.Figures `json:"high"`
}

// describe gives the facts of a model. A report of another model is passed
// over.
func describe(m *core.Model, report []byte) ([]byte, error) {
	target := m.Schema().Target
	f := facts{
		Name: m.Name(), Version: m.Hash()[:versionDigits], Hash: m.Hash(), Threshold: m.Threshold(),
		Positive: target.Positive.Name, Negative: target.Negative.Name,
		Fields: m.Schema().Fields, Training: m.Training(),
		Score: meaning{Text: "A score is a share of votes and no rate: no calibration of it holds on people who are new to the forest."},
	}
	if c := m.Calibration(); c.Holds() {
		f.Score = meaning{"A score is a share of votes. The rates are those of people who scored at least that much and who were new to the forest.", c.Steps}
	}
	if report != nil {
		var r struct {
			Model struct {
				Hash string `json:"hash"`
			} `json:"model"`
			measured
		}
		if err := json.Unmarshal(report, &r); err != nil {
			return nil, fmt.Errorf("the model's report: %w", err)
		}
		if r.Model.Hash == m.Hash() {
			f.Metrics = &r.measured
		}
	}
	return json.Marshal(f)
}

const versionDigits = 12
