package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"lendleaf/core/schema"
)

// example is a made-up applicant that the page offers to try.
type example struct {
	Name      string          `json:"name"`
	Applicant json.RawMessage `json:"applicant"` // as the API takes it
	JSON      string          `json:"-"`         // the same in one line
}

var errExample = errors.New("the API would not take this example")

// examples reads made-up applicants, and proves that the model's fields take
// them.
func examples(file string, s *schema.Schema) ([]example, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var list []example
	if err := json.Unmarshal(text, &list); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	scanner := schema.NewScanner(s)
	record := make(schema.Record, len(s.Fields))
	for i := range list {
		e := &list[i]
		var line bytes.Buffer
		if err := json.Compact(&line, e.Applicant); err != nil {
			return nil, fmt.Errorf("%s: %q: %w", file, e.Name, err)
		}
		e.JSON = line.String()
		if rest, ok := scanner.Object(record, line.Bytes()); !ok || len(rest) > 0 || e.Name == "" {
			return nil, fmt.Errorf("%s: %q: %w", file, e.Name, errExample)
		}
	}
	return list, nil
}
