package canonical

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// empties has what is left out where it is empty, and a struct, which never is.
type empties struct {
	Unsigned uint64  `json:"unsigned,omitempty"`
	Real     float64 `json:"real,omitempty"`
	Inner    inner   `json:"inner,omitempty"`
}

func TestWhatIsEmptyIsLeftOut(t *testing.T) {
	for text, value := range map[string]empties{
		`{"inner":{"name":""}}`:                              {},
		`{"unsigned":12,"real":-0.5,"inner":{"name":"x"}}`:   {Unsigned: 12, Real: -0.5, Inner: inner{Name: "x"}},
		`{"unsigned":1,"inner":{"name":"","words":["a,b"]}}`: {Unsigned: 1, Inner: inner{Words: []string{"a,b"}}},
	} {
		written, err := Marshal(value)
		require.NoError(t, err)
		assert.Equal(t, text, string(written))
		var read empties
		require.NoError(t, Unmarshal([]byte(text), &read))
		assert.Equal(t, value, read)
	}
}

// Part is exported, as json wants it of what is embedded with a name.
type Part struct{ N uint64 }

// An embedded struct that has a name is a member like others.
func TestEmbeddedWithAName(t *testing.T) {
	text, err := Marshal(struct {
		Part `json:"part"`
		X    int64
	}{Part{5}, 12})
	require.NoError(t, err)
	assert.Equal(t, `{"part":{"N":5},"X":12}`, string(text))
}

func TestIntegersAreDecimal(t *testing.T) {
	var signed int64
	var unsigned uint64
	require.NoError(t, Unmarshal([]byte("-1234567890"), &signed))
	require.NoError(t, Unmarshal([]byte("1234567890"), &unsigned))
	assert.Equal(t, int64(-1234567890), signed)
	assert.Equal(t, uint64(1234567890), unsigned)
}

func TestAnyNameIsAKey(t *testing.T) {
	got := map[string]int64{}
	require.NoError(t, Unmarshal([]byte(`{"":1,"\n":2,"a":3}`), &got))
	assert.Equal(t, map[string]int64{"": 1, "\n": 2, "a": 3}, got)
}

// A fault is a fault wherever it is: what is around it may look whole. The text
// "\u0041" is one that is written otherwise; it is read to its end.
func TestFaultsAreSeenWhereverTheyAre(t *testing.T) {
	for _, c := range []struct {
		target any
		texts  []string
	}{
		{new(string), []string{"", `">"`, `"&"`, `"="` + "=", "\"\x1f\"", `"a\u0041"`}},
		{new(bool), []string{"", "t", "truefalse"}},
		{new([]byte), []string{"", `"AAAA`, `"AAAA*AAA"`, `"\u0041AAA"`}},
		{new(complex128), []string{"", "1"}},
		{new(*string), []string{"", `"\u0041"`}},
		{new([]string), []string{"", `["\u0041"]`, `["a"`}},
		{new([][]string), []string{`[["\u0041"]`, `[["a"]`, `[[]`}},
		{new(map[string]string), []string{"", `{"a":"b"`, `{"\u0041":"b"}`, `{"\u0041"}`, `{"a":"\u0041"}`, `{"a":"b","a"}`, `{"a"}`, `{"":"a","":"b"}`}},
		{new(map[string]map[string]string), []string{`{"a":{"b":"\u0041"}`, `{"a":{"b":"c"}`}},
		{new(inner), []string{`{}`, `{"words":["a"]}`, `{"name":"a","words":["\u0041"]}`}},
		{new(struct{ In inner }), []string{`{"In":{"name":"\u0041"}`, `{"In":{"name":"a","words":[]}`, `{"In":{"name":"a"}`}},
		{new(empties), []string{`{"unsigned":0,"inner":{"name":""}}`, `{"real":0,"inner":{"name":""}}`, `{"real":-0,"inner":{"name":""}}`}},
	} {
		for _, text := range c.texts {
			assert.ErrorIs(t, Unmarshal([]byte(text), c.target), ErrForm, "%s into %T", text, c.target)
		}
	}
}

// A map has no order of its own, so many names seldom stand in it by chance.
func TestNamesRise(t *testing.T) {
	letters := map[string]int64{}
	for _, letter := range "abcdefghijkl" {
		letters[string(letter)] = 1
	}
	text, err := Marshal(letters)
	require.NoError(t, err)
	assert.Equal(t, `{"a":1,"b":1,"c":1,"d":1,"e":1,"f":1,"g":1,"h":1,"i":1,"j":1,"k":1,"l":1}`, string(text))
}
