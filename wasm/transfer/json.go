package transfer

import (
	"bytes"

	"lendleaf/core/rows"
	"lendleaf/core/schema"
)

// fromJSON takes the first applicant of one JSON text, or of lines of it. Members
// may have any of their column's names, and values are read as cells are.
func fromJSON(s *schema.Schema, text []byte) *Applicant {
	values, err := rows.Values(text)
	if err != nil {
		line, _, _ := bytes.Cut(text, []byte{'\n'})
		values, err = rows.Values(line)
	}
	a := newApplicant(s, len(values))
	if err != nil || len(values) == 0 || values[0][0] != '{' {
		return &Applicant{a.Values, []string{"This begins as JSON does, but holds no applicant that can be read."}}
	}
	a.take(s, values[0])
	return a
}

// take takes an object's members. Of a repeated name the last value counts.
func (a *Applicant) take(s *schema.Schema, object []byte) {
	var names []string
	values := map[string][]byte{}
	for name, value := range rows.Members(object) {
		if _, ok := values[name]; !ok {
			names = append(names, name)
		}
		values[name] = value
	}
	var strange []string
	for _, name := range names {
		i, value := s.Column(name), values[name]
		switch {
		case i < 0 && !s.IsTarget(name):
			strange = append(strange, name)
		case i < 0 || value[0] == 'n':
		case value[0] == '{' || value[0] == '[':
			a.refuse(&s.Fields[i], "what was given")
		case value[0] == '"':
			a.put(s, i, rows.Unquoted(value))
		default:
			a.put(s, i, string(value))
		}
	}
	a.passOver(strange)
}
