package api

import (
	"encoding/json"

	"lendleaf/core"
	"lendleaf/core/calibration"
	"lendleaf/core/modelfile"
	"lendleaf/core/quality"
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

// measured is what a report says in short, by person first.
type measured struct {
	ByPerson quality.Summary `json:"by_person"`
	Random   quality.Summary `json:"random"`
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
		r, err := quality.Parse(report)
		if err != nil {
			return nil, err
		}
		if r.Model.Hash == m.Hash() {
			f.Metrics = &measured{r.ByPerson.Summary, r.Random.Summary}
		}
	}
	return json.Marshal(f)
}

const versionDigits = 12
