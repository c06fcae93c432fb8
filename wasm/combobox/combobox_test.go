package combobox_test

import (
	"strconv"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"golang.org/x/text/unicode/norm"

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
		"e":        {"Elbe", "Ems", "Weiße Elster", "Aller", "Fränkische Saale", "Saale", "Örtze"},
		"al":       {"Aller", "Fränkische Saale", "Saale", "Salzach"},
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

	b.Toggle()
	assert.True(t, b.Press("Escape"), "it closes the list")
	assert.False(t, b.Open())
	b.Type("sa")
	b.Toggle()
	assert.False(t, b.Open())
	assert.True(t, b.Press("Escape"), "it gives back what was, though the list is closed")
	assert.Equal(t, "Ems", b.Text())
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

func TestTheWholeListIsInOrder(t *testing.T) {
	b := combobox.New(rivers)
	assert.False(t, b.Open())
	assert.Equal(t, -1, b.Active())
	b.Toggle()
	assert.Equal(t, []string{"Aller", "Elbe", "Ems", "Fränkische Saale", "Saale", "Salzach", "Weiße Elster", "Örtze"}, b.Offered())
	assert.Equal(t, -1, b.Active(), "nothing is chosen yet")
	b.Toggle()
	b.Set("Saale")
	b.Toggle()
	assert.Equal(t, []string{"Saale", "Salzach", "Weiße Elster", "Örtze", "Aller", "Elbe", "Ems", "Fränkische Saale"}, b.Offered(), "from where one is")
	assert.Equal(t, 0, b.Active())
	assert.Equal(t, 0, b.More())
	b.Set("Aller")
	b.Toggle()
	assert.Equal(t, 0, b.Active(), "the first of the list, too")
}

func TestBlanksOfferTheWholeListAndChooseNothing(t *testing.T) {
	b := typed("  ")
	assert.True(t, b.Open())
	assert.Len(t, b.Offered(), len(rivers))
	assert.Equal(t, -1, b.Active())
	assert.False(t, b.Press("Enter"))
	assert.Equal(t, "  ", b.Text())
	assert.False(t, b.Open())

	b = typed("")
	assert.True(t, b.Press("ArrowDown"))
	assert.Equal(t, 0, b.Active(), "down from nowhere is the first")
	b = typed("")
	assert.True(t, b.Press("PageUp"))
	assert.Equal(t, 0, b.Active())
}

func TestChoosingTakesOnlyWhatIsOffered(t *testing.T) {
	b := typed("sa")
	b.Choose(-1)
	b.Choose(3)
	assert.Equal(t, "sa", b.Text())
	assert.True(t, b.Open())
	b.Choose(0)
	assert.Equal(t, "Saale", b.Text())
	assert.False(t, b.Open())
	assert.Equal(t, -1, b.Active())
	b = typed("sa")
	b.Choose(2)
	assert.Equal(t, "Fränkische Saale", b.Text())
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
	assert.Len(t, b.Offered(), 60)
	assert.Equal(t, 317-60, b.More())
	assert.Equal(t, "Lock 1059", b.Offered()[59])
	for _, c := range []struct {
		key  string
		want int
	}{{"PageDown", 8}, {"PageDown", 16}, {"ArrowUp", 15}, {"PageUp", 7}, {"PageUp", 0}, {"ArrowUp", 59}, {"PageDown", 59}, {"PageUp", 51}, {"ArrowDown", 52}} {
		assert.True(t, b.Press(c.key))
		assert.Equal(t, c.want, b.Active(), c.key)
	}
	b.Choose(60)
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

// What parts words, what is passed over within them, and what stands beside both.
func TestFoldPartsWords(t *testing.T) {
	for between, want := range map[rune]string{
		'\'': "ab", '’': "ab", 0x2ff: "a\u02ffb", 0x300: "ab", 0x36f: "ab", 0x371: "a\u0371b",
		' ': "a b", '`': "a b", '{': "a b", '/': "a b", ':': "a b", 0x7f: "a b", 0x80: "a\u0080b", 0xa0: "a b", 0xa1: "a¡b",
		0x1fff: "a\u1fffb", 0x2000: "a b", 0x206f: "a b", 0x2070: "a⁰b",
		'a': "aab", 'z': "azb", '0': "a0b", '9': "a9b", 'A': "aab", 'Z': "azb",
	} {
		assert.Equal(t, want, combobox.Fold("a"+string(between)+"b"), "U+%04X", between)
	}
	assert.Equal(t, "a b", combobox.Fold(" -a - \u0301- b- "))
}

// Latin letters are what Unicode makes of them without their marks, but for those
// that Unicode takes for letters of their own.
func TestFoldedLettersAreUnicodes(t *testing.T) {
	own := map[rune]string{'æ': "ae", 'ð': "d", 'ø': "o", 'þ': "th", 'ß': "ss", 'đ': "d", 'ħ': "h", 'ı': "i", 'ĳ': "ĳ", 'ĸ': "ĸ", 'ŋ': "ŋ", 'ŀ': "l", 'ł': "l", 'ŉ': "n", 'œ': "oe", 'ŧ': "t"}
	for r := rune('à'); r <= 'ž'; r++ {
		if !unicode.IsLower(r) {
			continue
		}
		want, ok := own[r]
		if !ok {
			want = norm.NFD.String(string(r))[:1]
		}
		assert.Equal(t, want, combobox.Fold(string(r)), "%c", r)
	}
	// Pinyin's, and those that write down other scripts; Vietnamese is tested as a whole.
	further := "ǎǐǒǔǧǩǹơư" + "ḃḍḏḡḥḫḳḵḷḻṁṃṅṇṉṛṟṡṣṭṯṿẁẃẅẓẕ"
	for r := rune('ạ'); r <= 'ỹ'; r++ {
		if unicode.IsLower(r) {
			further += string(r)
		}
	}
	for _, r := range further {
		assert.Equal(t, norm.NFD.String(string(r))[:1], combobox.Fold(string(r)), "%c", r)
	}
	for r := rune('ƀ'); r <= 'ỹ'; r++ {
		if got := combobox.Fold(string(r)); unicode.IsLower(r) && got != string(r) {
			assert.Equal(t, norm.NFD.String(string(r))[:1], got, "%c", r)
		}
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
