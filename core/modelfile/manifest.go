package modelfile

import (
	"fmt"

	"lendleaf/core/baseline"
	"lendleaf/core/calibration"
	"lendleaf/core/canonical"
	"lendleaf/core/definition"
	"lendleaf/core/feature"
	"lendleaf/core/novelty"
)

// manifest is a content without its forest, as a file declares it. The order of
// its members is that of the file.
type manifest struct {
	Definition  definition.Spec          `json:"definition"`
	Learned     feature.Learned          `json:"learned"`
	Threshold   float64                  `json:"threshold"`
	Training    Training                 `json:"training"`
	Calibration *calibration.Calibration `json:"calibration,omitempty"`
	Novelty     *novelty.Summary         `json:"novelty,omitempty"`
	Baseline    baseline.Baseline        `json:"baseline,omitempty"`
}

func (c *Content) manifest() manifest {
	return manifest{c.Definition.Spec(), c.Learned, c.Threshold, c.Training, c.Calibration, c.Novelty, c.Baseline}
}

// decodeManifest takes only what Encode would write: nothing can hide in it.
func decodeManifest(text []byte) (Content, error) {
	var m manifest
	if err := canonical.Unmarshal(text, &m); err != nil {
		return Content{}, fmt.Errorf("its manifest: %w", err)
	}
	d, err := definition.Compile(m.Definition)
	if err != nil {
		return Content{}, err
	}
	return Content{
		Definition: d, Learned: m.Learned, Threshold: m.Threshold, Training: m.Training,
		Calibration: m.Calibration, Novelty: m.Novelty, Baseline: m.Baseline,
	}, nil
}
