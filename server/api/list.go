package api

import (
	"bytes"
	"errors"
	"iter"

	"lendleaf/core/rows"
)

// members returns those of a text that is a JSON object. It holds memory for a copy
// of their names.
func (w *work) members(text []byte) (iter.Seq2[string, []byte], error) {
	w.parts += len(text)
	if err := w.held.set(w.bytes()); err != nil {
		return nil, err
	}
	text = bytes.TrimLeft(text, " \t\r\n")
	if len(text) == 0 || text[0] != '{' {
		return nil, malformed("the body is no JSON object")
	}
	if _, err := rows.Values(text); err != nil {
		return nil, malformed(err.Error())
	}
	return rows.Members(text), nil
}

// cut cuts an array of JSON into its values. It holds the memory for that, which is
// many times what short values have.
func (w *work) cut(array []byte) ([][]byte, error) {
	if len(array) == 0 || array[0] != '[' {
		return nil, malformed("an array of values is missing")
	}
	w.parts += (bytes.Count(array, []byte{','}) + 1) * valueSize
	if err := w.held.set(w.bytes()); err != nil {
		return nil, err
	}
	return rows.Values(array)
}

// valueSize is what a value costs in a list that grows, in bytes.
const valueSize = 2 * 24

// column is what a list of applicants has for a member. An unknown member has no
// name, and is passed over.
type column struct {
	name   []byte // as JSON
	values [][]byte
}

// column begins the column of a member.
func (a *API) column(name string, values [][]byte) column {
	if !a.shape.rows.Knows(name) {
		return column{}
	}
	return column{rows.AppendText(nil, name), values}
}

// begins and ends of applicants in a list: the brackets, and the comma between.
const punctuation = len(`{},`)

// listRow appends an applicant to the work's list.
func (w *work) listRow(columns []column, value func(i int) []byte) error {
	need := punctuation
	for i, c := range columns {
		need += len(c.name) + len(value(i)) + len(`:,`)
	}
	if err := w.listRoom(need); err != nil {
		return err
	}
	separator := byte('{')
	if len(w.list) == 0 {
		w.list = append(w.list, '[')
	} else {
		w.list = append(w.list, ',')
	}
	for i, c := range columns {
		if c.name != nil {
			w.list = append(append(append(append(w.list, separator), c.name...), ':'), value(i)...)
			separator = ','
		}
	}
	if separator == '{' {
		w.list = append(w.list, '{')
	}
	w.list = append(w.list, '}')
	return nil
}

// listRoom makes room for more of the list, and for its end.
func (w *work) listRoom(need int) error {
	if len(w.list)+need+2 <= cap(w.list) {
		return nil
	}
	room := max(minRoom, 2*cap(w.list), len(w.list)+need+2)
	if err := w.held.set(w.bytes() + room); err != nil {
		return err
	}
	w.list = append(make([]byte, 0, room), w.list...)
	return w.held.set(w.bytes())
}

// listColumns makes a list of so many applicants from columns.
func (a *API) listColumns(w *work, columns []column, size int) error {
	if a.maxBatch > 0 && size > a.maxBatch {
		return errTooLarge
	}
	for i := range size {
		if err := w.listRow(columns, func(c int) []byte {
			if columns[c].name == nil {
				return nil
			}
			return columns[c].values[i]
		}); err != nil {
			return err
		}
	}
	return w.listEnd()
}

// listEnd ends the list, which is then the work's text.
func (w *work) listEnd() error {
	if err := w.listRoom(0); err != nil {
		return err
	}
	if len(w.list) == 0 {
		w.list = append(w.list, '[')
	}
	w.list = append(w.list, ']')
	w.text = w.list
	return nil
}

// readList reads the applicants of the work's text, which is a list.
func (a *API) readList(w *work) (iter.Seq[fault], error) {
	faulty, err := w.readAll(rows.NewJSONText(w.text, a.shape.rows), a.maxBatch)
	var syntax rows.SyntaxError
	switch {
	case errors.As(err, &syntax):
		return nil, malformed(err.Error())
	case err != nil:
		return nil, err
	case a.maxBatch > 0 && w.size > a.maxBatch:
		return nil, errTooLarge
	case faulty:
		return a.shape.faultsOfList(w.text), nil
	}
	return nil, nil
}
