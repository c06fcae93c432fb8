package schema

// scanNumeral looks at the number, as JSON writes it, that text begins with: the
// bytes that it takes (none if there is no number), and its value if that can
// be told without rounding twice. It nearly always can.
func scanNumeral[T string | []byte](text T) (length int, x float64, exact bool) {
	start := 0
	if len(text) > 0 && text[0] == '-' {
		start = 1
	}
	end, digits := scanDigits(text, start, 0)
	if end == start || end > start+1 && text[start] == '0' {
		return 0, 0, false
	}
	point := end
	if end < len(text) && text[end] == '.' {
		if end, digits = scanDigits(text, end+1, digits); end == point+1 {
			return 0, 0, false
		}
	}
	decimals := max(0, end-point-1)
	length = scanExponent(text, end)
	if length != end || end-start > maxExactDigits {
		return length, 0, false
	}
	x = float64(digits) / powers[decimals] // both are exact
	if start > 0 {
		x = -x
	}
	return length, x, true
}

// maxExactDigits is how many digits, with a point among them, always make an
// integer and a power of ten that a float64 holds exactly.
const maxExactDigits = 15

// powers are those of ten for the decimals behind a digit and a point.
var powers = [maxExactDigits - 1]float64{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13}

// scanDigits appends the decimal digits that stand at a place to an integer,
// and returns where they end.
func scanDigits[T string | []byte](text T, at int, integer uint64) (end int, all uint64) {
	for at < len(text) && '0' <= text[at] && text[at] <= '9' {
		integer = 10*integer + uint64(text[at]-'0')
		at++
	}
	return at, integer
}

// scanExponent returns where the exponent ends that may stand at a place: 0, so
// that there is no number at all, if it is broken.
func scanExponent[T string | []byte](text T, at int) (end int) {
	if at == len(text) || text[at] != 'e' && text[at] != 'E' {
		return at
	}
	at++
	if at < len(text) && (text[at] == '+' || text[at] == '-') {
		at++
	}
	end, _ = scanDigits(text, at, 0)
	if end == at {
		return 0
	}
	return end
}

// NumeralLength is the length of the number, as JSON writes it, that text begins
// with; 0 if there is none.
func NumeralLength(text []byte) int {
	length, _, _ := scanNumeral(text)
	return length
}

// Numeral takes the number, as JSON writes it, that text begins with: how long it
// is (0: there is none), and what Parse makes of it.
func (f *Field) Numeral(text []byte) (length int, steps int64, fault Fault) {
	length, x, exact := scanNumeral(text)
	switch {
	case length == 0 || f.Kind != Number:
		return length, Missing, FaultKind
	case exact:
		steps, fault = f.fit(x)
	default:
		steps, fault = f.number(string(text[:length]))
	}
	return length, steps, fault
}
