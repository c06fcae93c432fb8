package main

import (
	"bytes"
	"fmt"
	"html/template"
	"slices"
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

// index writes the page's form from the model's fields.
func index(file string, s *schema.Schema) ([]byte, error) {
	page, err := template.ParseFiles(file)
	if err != nil {
		return nil, err
	}
	var data struct{ Controls []control }
	for _, c := range s.Form {
		data.Controls = append(data.Controls, newControl(s.Field(c.Field), c.Input))
	}
	var html bytes.Buffer
	err = page.Execute(&html, data)
	return html.Bytes(), err
}

func newControl(f *schema.Field, input schema.Input) control {
	c := control{Field: *f, Input: input, Min: bound(f.Min), Max: bound(f.Max), Step: fmt.Sprint(f.Step)}
	switch {
	case input == schema.SearchInput:
		c.Labels = slices.SortedFunc(slices.Values(f.Labels), func(a, b schema.Label) int { return strings.Compare(a.Text, b.Text) })
		c.Hint = fmt.Sprintf("Type to search %d entries", len(f.Labels))
	case f.Kind == schema.Choice && f.Optional:
		c.Hint = "May be left open"
	case f.Kind == schema.Choice:
		c.Hint = "Select one"
	case f.Min != nil && f.Max != nil:
		c.Hint = c.Min + " to " + c.Max
	case f.Min != nil:
		c.Hint = c.Min + " or more"
	case f.Max != nil:
		c.Hint = c.Max + " or less"
	}
	return c
}

func bound(x *float64) string {
	if x == nil {
		return ""
	}
	return fmt.Sprint(*x)
}
