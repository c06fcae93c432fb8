package main

import (
	"encoding/base64"
	"encoding/json"
	"os"
	"path/filepath"
)

// manifest writes the web app's manifest with its icons inside: browsers ask for
// them late, when the page is locked and may ask for nothing.
func manifest(file, icons string) ([]byte, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var m map[string]any
	if err := json.Unmarshal(text, &m); err != nil {
		return nil, err
	}
	for _, icon := range m["icons"].([]any) {
		icon := icon.(map[string]any)
		content, err := os.ReadFile(filepath.Join(icons, icon["src"].(string)))
		if err != nil {
			return nil, err
		}
		icon["src"] = "data:" + icon["type"].(string) + ";base64," + base64.StdEncoding.EncodeToString(content)
	}
	return json.Marshal(m)
}
