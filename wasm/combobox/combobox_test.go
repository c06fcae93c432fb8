package combobox_test

import (
	"strconv"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"

	"lendleaf/wasm/combobox"
)

var rivers = []string{"Ems", "Elbe", "Weiße Elster", "Saale", "Fränkische Saale", "Aller", "Salzach", "Örtze"}

func typed(text string) *combobox.Box {
	b := combobox.New(rivers)
	b.Type(text)
	return b
}

func TestMatchesAreRanked(t *testing.T) {
	for query, want := range map[string][]string{
		"sa":       {"Saale", "Salzach", "Fränkische Saale"}, // the text's begin, then a word's
		"EL":       {"Elbe", "Weiße Elster"},
		"le":       {"Aller", "Fränkische Saale", "Saale"}, // inside
		"frankis":  {"Fränkische Saale"},
		"FRÄNK":    {"Fränkische Saale"},
		"weisse-e": {"Weiße Elster"},
		"oertze":   {},
		"ortze":    {"Örtze"},
		"rhine":    {},
	} {
		assert.Equal(t, want, typed(query).Offered(), query)
	}
}

func TestKeys(t *testing.T) {
	b := typed("sa")
	assert.True(t, b.Open())
	assert.Equal(t, 0, b.Active(), "Enter takes the best match")
	assert.True(t, b.Press("ArrowDown"))
	assert.True(t, b.Press("ArrowDown"))
	assert.Equal(t, 2, b.Active())
	assert.True(t, b.Press("ArrowDown"))
	assert.Equal(t, 0, b.Active(), "round")
	assert.True(t, b.Press("ArrowUp"))
	assert.Equal(t, 2, b.Active())
	assert.True(t, b.Press("PageUp"))
	assert.Equal(t, 0, b.Active())
	assert.True(t, b.Press("PageDown"))
	assert.True(t, b.Press("Enter"))
	assert.Equal(t, "Fränkische Saale", b.Text())
	assert.False(t, b.Open())
	assert.False(t, b.Press("Enter"), "now it sends the form")
	assert.False(t, b.Press("a"))
}

func TestEscapeGivesBackWhatWas(t *testing.T) {
	b := combobox.New(rivers)
	b.Set("Ems")
	b.Type("sa")
	assert.True(t, b.Press("Escape"))
	assert.Equal(t, "Ems", b.Text())
	assert.False(t, b.Open())
	assert.False(t, b.Press("Escape"), "there is nothing left to give back")
}

func TestTabChoosesAndGoesOn(t *testing.T) {
	b := typed("elb")
	assert.False(t, b.Press("Tab"))
	assert.Equal(t, "Elbe", b.Text())
}

func TestLeavingKnowsAText(t *testing.T) {
	b := typed(" fraenk")
	b.Leave()
	assert.Equal(t, " fraenk", b.Text(), "what is no text stays, to be seen as wrong")
	b.Type("FRANKISCHE  saale ")
	b.Leave()
	assert.Equal(t, "Fränkische Saale", b.Text())
}

func TestNothingMatches(t *testing.T) {
	b := typed("rhine")
	assert.True(t, b.Open(), "it says that there is nothing")
	assert.Empty(t, b.Offered())
	assert.True(t, b.Press("ArrowDown"))
	assert.False(t, b.Press("PageDown"))
	assert.False(t, b.Press("Enter"))
	assert.Equal(t, "rhine", b.Text())
}

func TestArrowsOpenTheWholeListWhereItIs(t *testing.T) {
	b := combobox.New(rivers)
	assert.True(t, b.Press("ArrowUp"))
	assert.Len(t, b.Offered(), len(rivers))
	assert.Equal(t, len(rivers)-1, b.Active())
	b.Set("Saale")
	assert.True(t, b.Press("ArrowDown"))
	assert.Equal(t, "Saale", b.Offered()[b.Active()])
	b.Toggle()
	assert.False(t, b.Open())
	b.Toggle()
	assert.True(t, b.Open())
}

func TestLongListsAreCutAndCounted(t *testing.T) {
	var list []string
	for i := range 317 {
		list = append(list, "Lock "+strconv.Itoa(1000+i))
	}
	b := combobox.New(list)
	b.Type("lock")
	assert.Len(t, b.Offered(), combobox.Shown)
	assert.Equal(t, 317-combobox.Shown, b.More())
	b.Choose(combobox.Shown)
	assert.Equal(t, "lock", b.Text(), "only what is shown can be chosen")
	b.Choose(3)
	assert.Equal(t, "Lock 1003", b.Text())
}

func TestFold(t *testing.T) {
	for text, want := range map[string]string{
		"": "", "  ": "", "Ümläut": "umlaut", "São João": "sao joao", "Łódź": "lodz", "Œuvre": "oeuvre", "Thiruvananthapuram": "thiruvananthapuram",
		"A. B.-C": "a b c", "e\u0301te\u0301": "ete", "O'Neil’s": "oneils", "Mīra–Bhāyandar": "mira bhayandar", "東京": "東京",
	} {
		assert.Equal(t, want, combobox.Fold(text), text)
	}
}

func FuzzBox(f *testing.F) {
	f.Add("sa", "ArrowDown")
	f.Add("\xff", "Enter")
	f.Fuzz(func(t *testing.T, text, key string) {
		b := typed(text)
		b.Press(key)
		assert.Less(t, b.Active(), len(b.Offered())+1)
		assert.Equal(t, combobox.Fold(text), combobox.Fold(combobox.Fold(text)))
		assert.True(t, utf8.ValidString(combobox.Fold(text)))
	})
}

func BenchmarkType(b *testing.B) {
	var list []string
	for i := range 317 {
		list = append(list, "Lock "+strconv.Itoa(1000+i))
	}
	box := combobox.New(list)
	b.ReportAllocs()
	for b.Loop() {
		box.Type("12")
	}
}
