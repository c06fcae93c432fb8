package pages

import (
	"bytes"
	"fmt"
	"html/template"
	"path"
	"slices"
	"strconv"
	"strings"

	"lendleaf/core/schema"
)

// control is what the template needs of one field.
type control struct {
	schema.Field
	Input    schema.Input
	Hint     string
	Min, Max string
	Step     string
}

// contents is what the template of the page is filled with.
type contents struct {
	Address                       string // the page's own, or empty
	Words                         Words
	Schema                        *schema.Schema
	ModelHash                     string
	Program, Model, Style, Script asset
	Examples                      []example
	Card                          template.HTML
	Report                        bool // whether there is one
}

// Hashes lists the files that the page shows the hashes of.
func (c contents) Hashes() []asset { return []asset{c.Program, c.Model} }

// Controls lists what the form has.
func (c contents) Controls() []control {
	var list []control
	for _, asked := range c.Schema.Form {
		list = append(list, newControl(c.Schema.Field(asked.Field), asked.Input))
	}
	return list
}

// index writes the page, with its form made from the model's fields.
func (p *Parts) index(of contents) ([]byte, error) {
	page := template.New("")
	for name, text := range p.Templates {
		if path.Ext(name) == ".html" {
			if _, err := page.New(name).Parse(string(text)); err != nil {
				return nil, fmt.Errorf("%w: %w", ErrParts, err)
			}
		}
	}
	var html, lean bytes.Buffer
	if err := page.ExecuteTemplate(&html, home, of); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrParts, err)
	}
	for line := range bytes.Lines(html.Bytes()) { // a plain host sends every indentation
		if line = bytes.TrimSpace(line); len(line) > 0 {
			lean.Write(append(line, '\n'))
		}
	}
	return lean.Bytes(), nil
}

func newControl(f *schema.Field, input schema.Input) control {
	c := control{Field: *f, Input: input, Min: bound(f.Min), Max: bound(f.Max), Step: fmt.Sprint(f.Step)}
	switch {
	case input == schema.SearchInput:
		c.Labels = slices.SortedFunc(slices.Values(f.Labels), func(a, b schema.Label) int { return strings.Compare(a.Text, b.Text) })
		c.Hint = "Type to search " + count(len(f.Labels)) + " entries"
	case f.Kind == schema.Choice && f.Optional:
		c.Hint = "May be left open"
	case f.Kind == schema.Choice:
		c.Hint = "Select one"
	case f.Min != nil && f.Max != nil:
		c.Hint = schema.Grouped(c.Min) + " to " + schema.Grouped(c.Max)
	case f.Min != nil:
		c.Hint = schema.Grouped(c.Min) + " or more"
	case f.Max != nil:
		c.Hint = schema.Grouped(c.Max) + " or less"
	}
	return c
}

func bound(x *float64) string {
	if x == nil {
		return ""
	}
	return strconv.FormatFloat(*x, 'f', -1, 64)
}
