// Package report measures a model on the people it was not trained on, and on
// the random split beside them, and draws what came out.
package report

import (
	"context"
	"fmt"
	"math"

	"lendleaf/core/calibration"
	"lendleaf/core/dataset"
	"lendleaf/core/metrics"
	"lendleaf/core/modelfile"
	"lendleaf/core/schema"
	"lendleaf/core/train"
)

// Report is all that was measured. The same model and data give the same one.
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

// Split is what a model does on a test part. The intervals hold 95 % of what
// other people of the same kind would give.
type Split struct {
	Threshold   float64                  `json:"threshold"` // chosen on the validation part
	Rows        int                      `json:"rows"`
	People      int                      `json:"people"`
	BaseRate    float64                  `json:"base_rate"` // of positives
	Figures     metrics.Figures          `json:"figures"`
	Low         metrics.Figures          `json:"low"`
	High        metrics.Figures          `json:"high"`
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

// Options say how thoroughly to measure.
type Options struct {
	Threshold train.Threshold // how that by person is chosen
	Draws     int             // samples behind an interval
	Seed      uint64          // of samples and of values dealt out anew
	Cost      float64         // Report.Cost
	Sizes     []train.Options // settings to compare with the model's own
}

// Make measures a model on the data that it was trained on, at the reference
// split.
func Make(ctx context.Context, m *modelfile.Model, fileSize int, data *dataset.Data, o Options) (*Report, error) {
	r := &Report{
		Model: Model{
			Hash: m.Hash, Bytes: fileSize, Training: m.Training, Threshold: m.Threshold,
			Positive: m.Definition.Target.Positive.Name,
		},
		Cost: o.Cost,
	}
	plan := planOf(m, o)
	plan.Group = fieldNames(&m.Definition.Schema)
	stranger, err := train.Model(ctx, &m.Definition, data, plan)
	if err != nil {
		return nil, err
	}
	if r.ByPerson, err = measure(ctx, stranger, data, o); err != nil {
		return nil, fmt.Errorf("by person: %w", err)
	}
	if r.Random, err = measure(ctx, m, data, o); err != nil {
		return nil, fmt.Errorf("random split: %w", err)
	}
	if r.Sizes, err = sizes(ctx, m, data, o); err != nil {
		return nil, err
	}
	return r, nil
}

// planOf is how the model was trained.
func planOf(m *modelfile.Model, o Options) train.Plan {
	p := m.Training.Parameters
	return train.Plan{
		Options: train.Options{
			Trees: p.Trees, Depth: p.Depth, Features: p.Features, MaxLeaves: p.MaxLeaves, MinLeaf: p.MinLeaf, Seed: p.Seed,
		},
		Split: modelfile.SplitReference, Threshold: o.Threshold,
	}
}

func fieldNames(s *schema.Schema) []string {
	names := make([]string, len(s.Fields))
	for i, f := range s.Fields {
		names[i] = f.Name
	}
	return names
}

// round keeps six decimals, so that the last bits of a sum never show.
func round(x float64) float64 { return math.Round(x*1e6) / 1e6 }

func roundFigures(f metrics.Figures) metrics.Figures {
	return metrics.Figures{
		AUCPR: round(f.AUCPR), ROCAUC: round(f.ROCAUC), Precision: round(f.Precision), Recall: round(f.Recall),
		F1: round(f.F1), Accuracy: round(f.Accuracy), Brier: round(f.Brier),
	}
}
