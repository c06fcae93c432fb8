package pages

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
)

// Slot is what the build gives a script in place of a value that only a page
// knows. Packed, it is a literal that filled finds again.
func Slot(name string) any { return map[string]string{"slot": name} }

func packedSlot(name string) []byte { return fmt.Appendf(nil, `{slot:%q}`, name) }

// filled puts values into a packed script's slots, of which it has each once. Its
// error wraps ErrParts.
func filled(script []byte, values map[string]any) ([]byte, error) {
	for name, value := range values {
		if bytes.Count(script, packedSlot(name)) != 1 {
			return nil, fmt.Errorf("%w: it has no slot for %s, or several", ErrParts, name)
		}
		text, err := literal(value)
		if err != nil {
			return nil, err
		}
		script = bytes.Replace(script, packedSlot(name), text, 1)
	}
	return script, nil
}

var quotedName = regexp.MustCompile(`"(\w+)":`)

// literal writes a value as a packed script has it: as JSON, with plain names of
// members. Inside a JSON string no quote stands without a backslash before it, so
// what looks like a name is one.
func literal(value any) ([]byte, error) {
	text, err := json.Marshal(value)
	if err != nil {
		return nil, err
	}
	return quotedName.ReplaceAll(text, []byte("$1:")), nil
}
