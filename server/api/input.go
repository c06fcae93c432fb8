package api

import (
	"bytes"
	"math"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"
)

// appendInput writes what a client sent, as part of an answer. Numbers that are
// past a float64 become texts: many readers of JSON refuse them.
func appendInput(dst []byte, input jsontext.Value) []byte {
	if !mayOverflow(input) {
		return append(dst, input...)
	}
	var text bytes.Buffer
	from := jsontext.NewDecoder(bytes.NewReader(input), lenient...)
	to := jsontext.NewEncoder(&text, lenient...)
	for {
		token, err := from.ReadToken()
		if err != nil { // the end: the input has been proved
			return append(dst, bytes.TrimSpace(text.Bytes())...)
		}
		if token.Kind() == '0' && overflows(token.String()) {
			token = jsontext.String(token.String())
		}
		if err := to.WriteToken(token); err != nil {
			panic(err)
		}
	}
}

// mayOverflow looks for an exponent, or for more digits than a float64 has.
func mayOverflow(input []byte) bool {
	digits := 0
	for _, b := range input {
		switch {
		case '0' <= b && b <= '9':
			if digits++; digits > fewDigits {
				return true
			}
		case digits > 0 && (b == 'e' || b == 'E'):
			return true
		default:
			digits = 0
		}
	}
	return false
}

// fewDigits is how many digits always fit into a float64's range.
const fewDigits = 308

// overflows says whether a number is a float past all float64; integers may be
// of any size.
func overflows(numeral string) bool {
	return !isInteger(numeral) && math.IsInf(float(numeral), 0)
}

// float is the float64 nearest to a number, or infinite.
func float(numeral string) float64 {
	f, _ := strconv.ParseFloat(numeral, 64) // the error says the same
	return f
}
