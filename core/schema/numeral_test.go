package schema

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// requireNumeral holds the scanner against the standard library: what it takes
// is JSON's longest number, and what it calls exact has the same bits.
func requireNumeral(t *testing.T, text string) {
	t.Helper()
	length, x, exact := scanNumeral(text)
	inBytes, y, alsoExact := scanNumeral([]byte(text))
	assert.Equal(t, []any{length, x, exact}, []any{inBytes, y, alsoExact})
	number := json.Valid([]byte(text)) && strings.IndexAny(text, "-0123456789") == 0 && strings.TrimSpace(text) == text
	assert.Equal(t, number, length == len(text) && length > 0, "%q", text)
	assert.False(t, length == 0 && exact, "%q", text)
	assert.True(t, exact || x == 0, "%q", text)
	if exact {
		want, err := strconv.ParseFloat(text[:length], 64)
		assert.NoError(t, err, "%q", text)
		assert.Equal(t, math.Float64bits(want), math.Float64bits(x), "%q", text)
	}
}

var numerals = []string{
	"", "-", "0", "-0", "00", "01", "-01", "1", "12", "1.", ".5", "0.5", "-0.25", "1.0", "1e5", "1E+5", "1e", "1e-", "1.5e-3", "1e999",
	"123456789012345", "1234567890123456", "12345678901234.5", "0.12345678901234", "99999999999999999999", "4.35", "0.1", "--1", "+1", "1x", "1 ",
}

func TestNumerals(t *testing.T) {
	for _, text := range numerals {
		requireNumeral(t, text)
	}
	// Any 15 digits, and no 16, are told apart by a float64 (C's DBL_DIG). A point counts as one.
	for text, want := range map[string]bool{
		"123456789012345": true, "1234567890123456": false, "1234567890123.5": true, "12345678901234.5": false,
		"-123456789012345": true, "1e2": false, "0": true,
	} {
		_, _, exact := scanNumeral(text)
		assert.Equal(t, want, exact, text)
	}
}

// What JSON's grammar takes of a text, from RFC 8259: the longest number that it
// begins with, and none where that breaks off behind a point or an e.
func TestNumeralsEnd(t *testing.T) {
	for text, want := range map[string]int{
		"1/2": 1, "1:2": 1, "-0.5]": 4, "1e5 ": 3, "1E+05,": 5, "12 3": 2, "0x": 1,
		"01": 0, "-01": 0, "-": 0, "-x": 0, "1.": 0, "1.x": 0, "1e": 0, "1e+": 0, "1.5ex": 0, "": 0, "x": 0,
	} {
		assert.Equal(t, want, NumeralLength([]byte(text)), "%q", text)
	}
}

// Numbers with any number of decimals that a float64 can be told from exactly:
// Go's parser of floats, which rounds correctly, is the judge.
func TestDecimalsAreExact(t *testing.T) {
	const digits = "1.2345678901234"
	for end := 3; end <= len(digits); end++ {
		_, _, exact := scanNumeral(digits[:end])
		assert.True(t, exact)
		requireNumeral(t, digits[:end])
		requireNumeral(t, "-"+digits[:end])
	}
}

func FuzzNumeral(f *testing.F) {
	for _, text := range numerals {
		f.Add(text)
	}
	f.Fuzz(requireNumeral)
}
