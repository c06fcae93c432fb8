package pages

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	"lendleaf/core/rows"
	"lendleaf/core/schema"
)

// example is a made-up applicant that the page offers to try.
type example struct {
	Name      string          `json:"name"`
	Applicant json.RawMessage `json:"applicant"` // as the API takes it
	JSON      string          `json:"-"`         // the same in one line
}

// ErrExample says that an example is no applicant of the model.
var ErrExample = errors.New("the API would not take this example")

// examples reads made-up applicants, and proves that the model's fields take
// them.
func examples(text []byte, s *schema.Schema) ([]example, error) {
	if text == nil {
		return nil, nil
	}
	var list []example
	if err := json.Unmarshal(text, &list); err != nil {
		return nil, fmt.Errorf("the examples: %w", err)
	}
	shape := rows.NewShape(s)
	var row rows.Row
	for i := range list {
		e := &list[i]
		var line bytes.Buffer
		if err := json.Compact(&line, e.Applicant); err != nil {
			return nil, fmt.Errorf("the example %q: %w", e.Name, err)
		}
		e.JSON = line.String()
		if shape.Object(&row, line.Bytes(), 1); len(row.Faults) > 0 || e.Name == "" {
			return nil, fmt.Errorf("the example %q: %w", e.Name, ErrExample)
		}
	}
	return list, nil
}
