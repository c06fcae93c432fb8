package rows

import "iter"

// Values are the values of a JSON text as they were written: those of an array, or
// the one that it is, whatever they mean. Its error is a SyntaxError.
func Values(text []byte) (list [][]byte, err error) {
	c := cursor{text: text}
	value := func(c *cursor) bool {
		from := c.at
		ok := c.skip()
		list = append(list, text[from:c.at])
		return ok
	}
	c.blanks()
	ok := false
	if c.next() == '[' {
		ok = c.elements(value)
	} else {
		ok = value(&c)
	}
	if c.blanks(); ok && c.at < len(text) {
		ok = c.fail(c.at, ExtraData)
	}
	if !ok {
		return nil, c.fault
	}
	return list, nil
}

// Members are the members of an object that was read, in its order: the names,
// and the values as they were written.
func Members(object []byte) iter.Seq2[string, []byte] {
	return func(yield func(string, []byte) bool) {
		c := cursor{text: object}
		var unquoted []byte
		c.members(func(c *cursor, name []byte) bool {
			key, from := string(name), c.at
			return c.skip() && yield(key, object[from:c.at])
		}, &unquoted)
	}
}

// Unquoted is what a JSON text means, given with its quotation marks.
func Unquoted(raw []byte) string { return string(appendUnquoted(nil, raw[1:len(raw)-1])) }
