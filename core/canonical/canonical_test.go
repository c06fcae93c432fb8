package canonical

import (
	"encoding/json"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

type inner struct {
	Name  string   `json:"name"`
	Words []string `json:"words,omitempty"`
}

type kind string

// sample has all that is supported.
type sample struct {
	Title string `json:"title"`
	inner
	Outer  inner              `json:"outer"`
	Kind   kind               `json:"kind,omitempty"`
	Real   float64            `json:"real"`
	Least  *float64           `json:"least,omitempty"`
	Next   *inner             `json:"next,omitempty"`
	Must   *inner             `json:"must"`
	Count  int                `json:"count,omitempty"`
	Long   int64              `json:"long"`
	Seed   uint64             `json:"seed"`
	Yes    bool               `json:"yes,omitempty"`
	No     bool               `json:"no"`
	Bytes  []byte             `json:"bytes"`
	Lists  [][]int64          `json:"lists"`
	Inners []inner            `json:"inners,omitempty"`
	Rates  map[kind][]float64 `json:"rates,omitempty"`
	Typed  map[string]int64   `json:"typed"`
	Plain  int
	Not    func() `json:"-"`
	hidden int
}

func samples() []sample {
	least := -0.5
	return []sample{
		{},
		{
			Title: "plain", inner: inner{"embedded", []string{"a", "b"}}, Outer: inner{Words: []string{}}, Kind: "k", Real: 0.1, Least: &least,
			Next: &inner{Name: "next"}, Must: &inner{}, Count: -7, Long: math.MinInt64, Seed: math.MaxUint64, Yes: true, No: true,
			Bytes: []byte{0, 1, 254, 255}, Lists: [][]int64{{}, {1, -2}, nil}, Inners: []inner{{}, {Name: "x"}},
			Rates: map[kind][]float64{"b": {1}, "a": nil, "é": {}}, Typed: map[string]int64{}, Plain: 1, hidden: 1,
		},
		{Title: "\"\\/\b\f\n\r\t\x00\x1f\x7f<>&é\u2028\u2029\ufffd😀", Bytes: []byte{}},
		{Title: "bad \xff\xc3 utf-8"},
	}
}

func TestMarshalWritesWhatTheStandardLibraryWrites(t *testing.T) {
	for _, s := range samples() {
		want, err := json.Marshal(s)
		require.NoError(t, err)
		text, err := Marshal(s)
		require.NoError(t, err)
		assert.Equal(t, string(want), string(text))
		text, err = Marshal(&s)
		require.NoError(t, err)
		assert.Equal(t, string(want), string(text))
	}
}

func TestNumbers(t *testing.T) {
	for _, x := range []float64{0, math.Copysign(0, -1), 1, -1, 0.1, 1. / 3, 1e-5, 1e-6, 9.9e-7, 1e-7, 1.5e-10, -2e-300, 1e20, 9.5e20, 1e21, 1.25e22, math.MaxFloat64, 5e-324} {
		want, err := json.Marshal(x)
		require.NoError(t, err)
		text, err := Marshal(x)
		require.NoError(t, err)
		assert.Equal(t, string(want), string(text))
		var y float64
		require.NoError(t, Unmarshal(text, &y))
		assert.Equal(t, math.Float64bits(x), math.Float64bits(y))
	}
}

func TestWhatCannotBeWritten(t *testing.T) {
	for _, v := range []any{math.NaN(), math.Inf(-1), []float64{math.Inf(1)}, map[string]float64{"x": math.NaN()}, inner2{math.NaN()}, func() {}, complex(1, 2), []any{1}} {
		_, err := Marshal(v)
		assert.ErrorIs(t, err, ErrValue)
	}
}

type inner2 struct{ X float64 }

func TestUnmarshalRefuses(t *testing.T) {
	for text, target := range map[string]any{
		"": new(sample), "[": new(sample), "{": new(sample), "null": new(sample), `{"name":"x"`: new(inner), `{"name":"x"} `: new(inner), ` {"name":"x"}`: new(inner),
		`{"name":"x","name":"y"}`: new(inner), `{"Name":"x"}`: new(inner), `{"words":["a"],"name":"x"}`: new(inner), `{"name":"x","more":1}`: new(inner),
		`{"name":"x","words":[]}`: new(inner), `{"name":"x","words":null}`: new(inner), `{"name":null}`: new(inner), `{"name":"x",}`: new(inner),
		`"\u0041"`: new(string), `"\/"`: new(string), `"\u003C"`: new(string), `"<"`: new(string), `"\ud83d\ude00"`: new(string), `"\ud83d"`: new(string),
		"\"\n\"": new(string), "\"\xff\"": new(string), `"\x"`: new(string), `"\u12"`: new(string), `"\`: new(string), `"x`: new(string), "x": new(string),
		"01": new(int), "-0": new(int), "+1": new(int), "9223372036854775808": new(int64), "-1": new(uint64),
		"1.0": new(float64), ".5": new(float64), "1e2": new(float64), "1e-07": new(float64), "1E-7": new(float64), "1e999": new(float64), "-": new(float64), "NaN": new(float64),
		"True": new(bool), "1": new(bool), "[1,]": new([]int), "[1 ]": new([]int), "[,]": new([]int), "[1": new([]int),
		`"AA="`: new([]byte), `"AB=="`: new([]byte), `"A\nA=="`: new([]byte), `{"b":1,"a":2}`: new(map[string]int), `{"a":1,"a":2}`: new(map[string]int), `{"a" :1}`: new(map[string]int), `{1:1}`: new(map[string]int),
		"2": new(complex128),
	} {
		assert.ErrorIs(t, Unmarshal([]byte(text), target), ErrForm, "%s into %T", text, target)
	}
}

// requireSame holds Unmarshal to what the standard library reads, if that
// writes the same text again, and to an error for all else.
func requireSame(t *testing.T, text []byte) {
	var got, want sample
	err := Unmarshal(text, &got)
	if json.Unmarshal(text, &want) == nil {
		if again, e := json.Marshal(want); e == nil && string(again) == string(text) {
			require.NoError(t, err)
			require.Equal(t, want, got)
			return
		}
	}
	require.ErrorIs(t, err, ErrForm)
}

func TestUnmarshal(t *testing.T) {
	for _, s := range samples()[:3] {
		text, err := Marshal(s)
		require.NoError(t, err)
		var got sample
		require.NoError(t, Unmarshal(text, &got))
		requireSame(t, text)
	}
}

func FuzzUnmarshal(f *testing.F) {
	for _, s := range samples() {
		text, err := Marshal(s)
		require.NoError(f, err)
		f.Add(text)
	}
	f.Fuzz(requireSame)
}
