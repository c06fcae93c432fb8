// Package pages makes pages around model files. It only puts together: script,
// style and program are parts that the developers' build has packed, and what a
// page says of its model is filled in.
package pages

import (
	"fmt"

	"lendleaf/core"
)

// Subject is what a page is about.
type Subject struct {
	Model    []byte            // the model file
	Words    []byte            // Words as JSON, or nil
	Examples []byte            // made-up applicants, a JSON array, or nil
	Card     []byte            // what is said of the model in words, a template of HTML, or nil
	Report   map[string][]byte // files of the model's report by name; the card takes its figures from report.json
	Address  string            // the page's own, with a slash at its end, or empty
}

// Page makes a page about a model. Its files are tied by hashes: the page names
// script and style by theirs, the script program and model, and the service
// worker all of them. So files of two builds never work together. Its errors are
// those of the model file, and wrap ErrParts, ErrReport, ErrField or ErrExample.
func (p *Parts) Page(of Subject) (Page, error) {
	if err := p.check(); err != nil {
		return nil, err
	}
	m, err := core.Load(of.Model)
	if err != nil {
		return nil, fmt.Errorf("the model file: %w", err)
	}
	told, err := tell(of, m)
	if err != nil {
		return nil, err
	}
	page := Page{}
	for name, f := range p.Files {
		page[name] = f
	}
	for name, content := range of.Report {
		page.add(reportFolder+name, content)
	}
	told.Program, told.Style = page[program].asset(program), page[style].asset(style)
	told.Model = page.add(model, of.Model)
	if err := p.fill(page, told); err != nil {
		return nil, err
	}
	return page, nil
}

// tell gives what a page says of its subject.
func tell(of Subject, m *core.Model) (contents, error) {
	c := contents{Address: of.Address, Schema: m.Schema(), ModelHash: m.Hash(), Report: of.Report[reportPage] != nil}
	var err error
	if c.Words, err = words(of.Words, m); err != nil {
		return contents{}, err
	}
	if c.Examples, err = examples(of.Examples, m.Schema()); err != nil {
		return contents{}, err
	}
	if c.Card, err = card(of.Card, of.Report[figuresFile], m); err != nil {
		return contents{}, err
	}
	return c, nil
}

// fill adds the files that know the hashes of others, each before those that
// know its own.
func (p *Parts) fill(page Page, of contents) error {
	content, err := filled(p.Templates[script], map[string]any{"program": of.Program, "model": of.Model})
	if err != nil {
		return fmt.Errorf("%s: %w", script, err)
	}
	of.Script = page.add(script, content)
	if content, err = p.index(of); err != nil {
		return fmt.Errorf("%s: %w", home, err)
	}
	index := page.add(home, content)
	content, err = filled(p.Templates[worker], map[string]any{
		"index": map[string]any{
			"url":   "./?v=" + index.Hash[:16], // what it is kept under
			"names": []string{of.Style.URL, of.Script.URL},
		},
		"files": []asset{of.Style, of.Script, of.Program, of.Model},
	})
	if err != nil {
		return fmt.Errorf("%s: %w", worker, err)
	}
	page.add(worker, content)
	if content, err = named(p.Templates[manifest], of.Words); err != nil {
		return fmt.Errorf("%s: %w", manifest, err)
	}
	page.add(manifest, content)
	return nil
}

const (
	reportFolder = "report/"
	reportPage   = "index.html"
	figuresFile  = "report.json"
)
