package pages

import (
	"encoding/json"
	"fmt"

	"lendleaf/core"
)

// Words are how a page speaks of its subject.
type Words struct {
	Name        string `json:"name"`        // of the page, in tabs, links and lists of apps
	Title       string `json:"title"`       // at its head
	Description string `json:"description"` // for those who look for it
	Lead        string `json:"lead"`        // below the title: what is to be done, and what comes of it
}

// words reads the words of a page; what is left out is said with the name of the
// outcome that the model predicts.
func words(text []byte, m *core.Model) (Words, error) {
	outcome := m.Schema().Target.Positive.Name
	w := Words{
		Name:        "lendleaf: " + outcome + ", predicted in your browser",
		Title:       outcome + ", predicted in your browser",
		Description: "Predicts " + outcome + " inside your browser. Nothing that is entered leaves the page.",
		Lead:        "Enter the details to see how likely " + outcome + " is. They are scored on this device and are never sent anywhere.",
	}
	if text == nil {
		return w, nil
	}
	if err := json.Unmarshal(text, &w); err != nil {
		return Words{}, fmt.Errorf("the page's words: %w", err)
	}
	return w, nil
}

// named gives the web app's manifest the page's name.
func named(manifest []byte, of Words) ([]byte, error) {
	var m map[string]any
	if err := json.Unmarshal(manifest, &m); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrParts, err)
	}
	m["name"], m["description"] = of.Name, of.Description
	text, err := json.Marshal(m)
	if err != nil {
		return nil, err
	}
	return text, nil
}
