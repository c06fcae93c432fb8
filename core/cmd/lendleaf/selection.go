package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"strings"

	"lendleaf/core/rows"
)

// selection chooses records: by prediction, or by members that all have a value.
type selection struct {
	ids    []string
	values []value
	beside map[string]bool // predictions whose records of a challenger are chosen, too
}

// value is what a member of a record must be: as it is written, without quotation
// marks; of null, nothing.
type value struct{ member, text string }

func (s *selection) declare(flags *flag.FlagSet) {
	flags.Func("id", "`PREDICTION_ID` of a record; may be given again for others", func(id string) error {
		if id == "" {
			return errors.New("it is empty")
		}
		s.ids = append(s.ids, id)
		return nil
	})
	flags.Func("where", "`MEMBER=VALUE` that a record must have, such as inputs.FIELD=34; may be given again: all must hold", func(text string) error {
		v, err := parseValue(text)
		s.values = append(s.values, v)
		return err
	})
}

func parseValue(text string) (value, error) {
	member, is, ok := strings.Cut(text, "=")
	if !ok || member == "" {
		return value{}, fmt.Errorf("%q is no MEMBER=VALUE", text)
	}
	return value{member, is}, nil
}

func (s *selection) check() error {
	if len(s.ids) == 0 && len(s.values) == 0 {
		return usage("say which records: -id or -where")
	}
	return nil
}

// torn is what is known of a line that was cut off: whether it names a prediction.
func (s *selection) torn(text []byte) bool {
	for _, id := range s.ids {
		if len(s.values) == 0 && bytes.Contains(text, rows.AppendText([]byte(`"prediction_id":`), id)) {
			return true
		}
	}
	return false
}

// has says whether a record is among the chosen ones.
func (s *selection) has(r object) bool {
	id := r.id()
	if s.beside[id] && r.ofChallenger() {
		return true
	}
	named := len(s.ids) == 0
	for _, want := range s.ids {
		named = named || id == want
	}
	for _, v := range s.values {
		named = named && v.holds(r)
	}
	return named
}

// object is a record as JSON, with numbers as they are written.
type object map[string]any

func (o object) id() string {
	id, _ := o["prediction_id"].(string)
	return id
}

// ofChallenger says whether a record holds what a second model made of somebody
// whose inputs are in another record.
func (o object) ofChallenger() bool { return o["model_role"] == challenger }

// challenger is the role of a second model.
const challenger = "challenger"

func parseObject(text []byte) (object, error) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	var o object
	if err := decoder.Decode(&o); err != nil {
		return nil, err
	}
	return o, nil
}

// holds looks for the member, in objects within one by names with dots between.
func (v value) holds(o object) bool {
	within := map[string]any(o)
	path := v.member
	for {
		if member, ok := within[path]; ok {
			return v.is(member)
		}
		name, rest, ok := strings.Cut(path, ".")
		inner, is := within[name].(map[string]any)
		if !ok || !is {
			return false
		}
		within, path = inner, rest
	}
}

func (v value) is(member any) bool {
	switch m := member.(type) {
	case nil:
		return v.text == ""
	case map[string]any, []any:
		return false
	default:
		return fmt.Sprint(m) == v.text
	}
}
