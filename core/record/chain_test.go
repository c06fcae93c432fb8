package record

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// seal makes sealed lines, each file's first of which names what is before it.
func seal(c *Chain, lines int) (file []string) {
	c.Resume(c.Head())
	for range lines {
		file = append(file, string(c.Seal([]byte(fmt.Sprintf(`{"prediction_id":"%d","inputs":{}}`, c.Head().Count+1)), 0)))
	}
	return file
}

func check(anchor Head, files ...[]string) Report {
	var found []File
	for i, lines := range files {
		c := NewChecker(string(rune('A'+i)), anchor)
		for _, line := range lines {
			c.Line([]byte(line))
		}
		found = append(found, c.End())
	}
	return Join(found, anchor)
}

func said(r Report) string {
	var lines []string
	for _, f := range r.Faults {
		lines = append(lines, f.String())
	}
	return strings.Join(lines, "\n")
}

// The seal is what the package's comment says, computed here from the text alone.
func TestSeal(t *testing.T) {
	const earlier = "another line\n"
	c := NewChain(Head{})
	before := make([]byte, 32)
	for i, object := range []string{`{"a":1}`, `{"b":"x"}`, `{"c":null}`} {
		line := c.Seal([]byte(earlier+object), len(earlier))[len(earlier):]
		var got struct {
			Sequence              int
			Salt, Chain, Previous string
		}
		require.NoError(t, json.Unmarshal(line, &got))
		assert.Equal(t, i+1, got.Sequence)
		salt, err := hex.DecodeString(got.Salt)
		require.NoError(t, err)
		require.Len(t, salt, 16)
		canonical := strings.TrimSuffix(object, "}") + `,"sequence":` + strconv.Itoa(i+1) + "}"
		inner := sha256.Sum256(append(salt, canonical...))
		chain := sha256.Sum256(append(before, inner[:]...))
		assert.Equal(t, hex.EncodeToString(chain[:]), got.Chain)
		assert.Equal(t, got.Chain, c.Head().Hash.String())
		assert.EqualValues(t, i+1, c.Head().Count)
		if i == 0 {
			assert.Equal(t, strings.Repeat("0", 64), got.Previous)
		} else {
			assert.Empty(t, got.Previous)
		}
		before = chain[:]
	}
}

func TestSealingAllocatesNothing(t *testing.T) {
	c, line := NewChain(Head{}), make([]byte, 0, 1<<10)
	assert.Zero(t, testing.AllocsPerRun(1000, func() { line = c.Seal(append(line[:0], `{"prediction_id":"x"}`...), 0) }))
}

func TestTwoRecordsHaveTwoSalts(t *testing.T) {
	seen := map[string]bool{}
	c := NewChain(Head{})
	for range 1000 {
		_, line, _ := bytes.Cut(c.Seal([]byte(`{"a":1}`), 0), []byte(saltMember))
		seen[string(line[:32])] = true
	}
	assert.Len(t, seen, 1000)
}

func TestWholeFilesInAnyOrder(t *testing.T) {
	c := NewChain(Head{})
	first, second, third := seal(c, 5), seal(c, 4), seal(c, 1)
	for _, files := range [][][]string{{first, second, third}, {third, first, second}, {second, third, first}} {
		r := check(c.Head(), files...)
		assert.Empty(t, said(r))
		assert.Equal(t, Report{Sealed: 10, Chains: 1, Heads: []Head{c.Head()}}, r)
	}
	r := check(Head{}, third, second)
	assert.Empty(t, said(r), "older files are not here")
	assert.EqualValues(t, 5, r.Missing)
	other := NewChain(Head{})
	r = check(c.Head(), seal(other, 3), first, second, third)
	assert.Empty(t, said(r))
	assert.Equal(t, 2, r.Chains)
}

// A server that was killed leaves half a line, and goes on in the next one.
func TestHalfLines(t *testing.T) {
	c := NewChain(Head{})
	file := seal(c, 3)
	head := c.Head()
	lost := seal(c, 1)
	c.Resume(head)
	file = append(append(file, lost[0][:20]), seal(c, 2)...)
	r := check(c.Head(), append(file, `{"predic`))
	assert.Empty(t, said(r))
	assert.EqualValues(t, 5, r.Sealed)
	assert.EqualValues(t, 2, r.Torn)
}

// A line may be cut off at each byte.
func TestLinesThatAreCutOff(t *testing.T) {
	c := NewChain(Head{})
	object := `{"a":{"b":{}},"c":"}\"}","d":"\\\\","hash":"` + strings.Repeat("0", 64) + `","e":{}}`
	line := string(c.Seal([]byte(object), 0))
	head := c.Head()
	lost := string(c.Seal([]byte(object), 0))
	c.Resume(head)
	for at := 1; at < len(lost); at++ {
		r := check(Head{}, append([]string{line, lost[:at]}, seal(NewChain(head), 1)...))
		require.Empty(t, said(r), lost[:at])
		require.EqualValues(t, 1, r.Torn)
	}
	for text, want := range map[string]bool{"{": true, "{}": false, "}{": false, "{}}": false, "{}x": false, `{"}`: true, `{"\"}":1}`: false, `{"\\"}`: false, `{"\\":"}`: true, "x": false, "x{": false, `"{`: false} {
		assert.Equal(t, want, isCutOff([]byte(text)), text)
	}
}

func TestRecordsFromBeforeTheChain(t *testing.T) {
	old := []string{`{"prediction_id":"1"}`, "", `{"prediction_id":"2"}`, `{"pre`}
	r := check(Head{}, old)
	assert.Equal(t, Report{Unsealed: 3}, r)
	r = check(Head{}, append(old, seal(NewChain(Head{}), 2)...))
	assert.Empty(t, said(r))
	assert.EqualValues(t, 3, r.Unsealed)
	c := NewChain(Head{})
	seal(c, 2)
	r = check(Head{}, append(old[:1:1], seal(c, 2)...))
	assert.Equal(t, "A line 1: nobody sealed this line", said(r), "a chain that is under way has none")
}

func TestFaultsOfOneFile(t *testing.T) {
	for name, test := range map[string]struct {
		do   func(file []string) []string
		want string
	}{
		"changed":           {func(f []string) []string { f[4] = strings.Replace(f[4], "{}", "{ }", 1); return f }, "A line 5: record 5 was changed"},
		"changed first":     {func(f []string) []string { f[0] = strings.Replace(f[0], "{}", "{ }", 1); return f }, "A line 1: record 1 was changed"},
		"changed last":      {func(f []string) []string { f[8] = strings.Replace(f[8], "{}", "{ }", 1); return f }, "A line 9: record 9 was changed"},
		"changed salt":      {func(f []string) []string { f[4] = flip(f[4], saltMember); return f }, "A line 5: record 5 was changed"},
		"changed chain":     {func(f []string) []string { f[4] = flip(f[4], chainMember); return f }, "A line 5: record 5 was changed"},
		"changed number":    {func(f []string) []string { f[4] = strings.Replace(f[4], `e":5`, `e":17`, 1); return f }, "A line 5: record 5 was changed"},
		"number of another": {func(f []string) []string { f[4] = strings.Replace(f[4], `e":5`, `e":2`, 1); return f }, "A line 5: record 5 was changed"},
		"seal gone":         {func(f []string) []string { f[4], _, _ = strings.Cut(f[4], saltMember); f[4] += "}"; return f }, "A line 5: record 5 was changed"},
		"cut off":           {func(f []string) []string { f[4] = f[4][:30]; return f }, "A line 5: record 5 was changed"},
		"lost":              {func(f []string) []string { return append(f[:4], f[5:]...) }, "A line 5: record 5 is missing before it"},
		"some lost":         {func(f []string) []string { return append(f[:2], f[7:]...) }, "A line 3: records 3 to 7 are missing before it"},
		"first lost":        {func(f []string) []string { return f[2:] }, "A line 1: record 2, and perhaps some before it, is missing before it"},
		"doubled":           {func(f []string) []string { return append(f[:5:5], f[4:]...) }, "A line 6: record 5 is there once more"},
		"doubled far away":  {func(f []string) []string { return append(f, f[1]) }, "A line 10: record 2 is there once more"},
		"two exchanged":     {func(f []string) []string { f[4], f[5] = f[5], f[4]; return f }, "A line 6: record 5 is not in its place"},
		"moved to the end": {func(f []string) []string { return append(append(f[:2:2], f[3:]...), f[2]) },
			"A line 9: record 3 is not in its place"},
		"two changed": {func(f []string) []string { f[4], f[5] = flip(f[4], saltMember), flip(f[5], saltMember); return f }, "A line 5: record 5 was changed\nA line 6: record 6 was changed"},
		"added": {func(f []string) []string {
			f[4] += "\n" + `{"prediction_id":"x"}`
			return strings.Split(strings.Join(f, "\n"), "\n")
		}, "A line 6: nobody sealed this line"},
		"added at the end": {func(f []string) []string { return append(f, `{"prediction_id":"x"}`) }, "A line 10: nobody sealed this line"},
	} {
		assert.Equal(t, test.want, said(check(Head{}, test.do(seal(NewChain(Head{}), 9)))), name)
	}
}

// flip changes the first digit of a member's bytes.
func flip(line, member string) string {
	at := strings.Index(line, member) + len(member)
	digit := "0"
	if line[at] == '0' {
		digit = "1"
	}
	return line[:at] + digit + line[at+1:]
}

// No byte of a line can be another.
func TestEveryByteCounts(t *testing.T) {
	file := seal(NewChain(Head{}), 4)
	for i, line := range file {
		for at := range line {
			for _, bit := range []byte{1, 2, 32} {
				changed := []byte(line)
				if changed[at] ^= bit; changed[at] == '\n' {
					continue
				}
				files := append(append(append([]string{}, file[:i]...), string(changed)), file[i+1:]...)
				require.NotEmpty(t, check(Head{}, files).Faults, "line %d: %s", i, changed)
			}
		}
	}
}

func TestFaultsBetweenFiles(t *testing.T) {
	c := NewChain(Head{})
	first, second, third := seal(c, 3), seal(c, 3), seal(c, 3)
	head := c.Head()
	changed := append(first[:2:2], flip(first[2], chainMember))
	for name, test := range map[string]struct {
		files  [][]string
		anchor Head
		want   string
	}{
		"a file is missing":    {[][]string{third, first}, head, "A line 1: records 4 to 6 are missing before it, behind B"},
		"a tail is missing":    {[][]string{second[:2], third, first}, head, "B line 1: record 6 is missing before it, behind A"},
		"a file twice":         {[][]string{first, second, third, second}, head, "D line 1: records 4 to 6 are in B, too"},
		"a line in two files":  {[][]string{first, append(second, first[1])}, Head{}, "B line 4: record 2 is there once more"},
		"the last is changed":  {[][]string{changed, second, third}, head, "A line 3: record 3 was changed"},
		"the end is missing":   {[][]string{first, second}, head, "B: records 7 to 9 are missing at the end"},
		"one is missing there": {[][]string{first, second, third[:2]}, head, "C: record 9 is missing at the end"},
		"all is another chain": {[][]string{seal(NewChain(Head{}), 9)}, head, "A: record 9 is not the one that was anchored: the chain was written anew"},
		"only the end is here": {[][]string{third}, head, ""},
		"more than anchored":   {[][]string{first, second, third}, Head{4, mustParse(t, second[0]).chain}, ""},
		"behind the anchor":    {[][]string{second, third}, Head{3, mustParse(t, first[2]).chain}, ""},
	} {
		assert.Equal(t, test.want, said(check(test.anchor, test.files...)), name)
	}
}

func mustParse(t *testing.T, line string) Line {
	t.Helper()
	l, err := Parse([]byte(line))
	require.NoError(t, err)
	return l
}

// quote escapes nothing: texts here need no more than Escape does.
func quote(dst []byte, text string) []byte { return append(append(append(dst, '"'), text...), '"') }

// Of an erased record its place alone is left, and the chain holds.
func TestErasedRecords(t *testing.T) {
	c := NewChain(Head{})
	file := seal(c, 4)
	at := time.Date(2031, 1, 2, 3, 4, 5, 6, time.UTC)
	for i, line := range file {
		_, salt, _ := strings.Cut(line, saltMember)
		file[i] = string(AppendErased(nil, []byte(line), Erasure{Time: at, Reason: "asked \u202e for", Despite: "a court"}, quote))
		assert.NotContains(t, file[i], salt[:32])
		assert.NotContains(t, file[i], "prediction_id")
		assert.NotContains(t, file[i], "\u202e")
		assert.True(t, strings.HasPrefix(file[i], `{"erased":"2031-01-02T03:04:05Z","reason":"asked \u202e for","despite":"a court","sequence":`+strconv.Itoa(i+1)+`,"inner":"`), file[i])
		assert.True(t, json.Valid([]byte(file[i])))
		assert.True(t, IsErased([]byte(file[i])))
		assert.Equal(t, file[i], string(AppendErased(nil, []byte(file[i]), Erasure{Time: at, Reason: "asked \u202e for", Despite: "a court"}, quote)), "once more")
		r := check(c.Head(), file)
		assert.Empty(t, said(r))
		assert.EqualValues(t, i+1, r.Erased)
	}
	assert.Equal(t, "A line 3: record 3 was changed", said(check(Head{}, append(append(file[:2:2], flip(file[2], innerMember)), file[3]))))
	assert.Equal(t, "A line 3: record 3 was changed", said(check(Head{}, append(append(file[:2:2], strings.Replace(file[2], `e":3`, `e":7`, 1)), file[3]))))
	assert.Equal(t, `{"erased":"2031-01-02T03:04:05Z","reason":"x"}`,
		string(AppendErased(nil, []byte(`{"prediction_id":"old"}`), Erasure{Time: at, Reason: "x"}, quote)))
}

func TestAnchors(t *testing.T) {
	h := Head{12, Hash{1, 2, 255}}
	at := time.Date(2031, 1, 2, 3, 4, 5, 6, time.UTC)
	line := AppendAnchor(nil, h, at)
	assert.Equal(t, `{"time":"2031-01-02T03:04:05Z","count":12,"chain":"0102ff`+strings.Repeat("0", 58)+`"}`+"\n", string(line))
	got, err := ParseAnchors(append(AppendAnchor(nil, Head{3, Hash{}}, at), append(line, "\r\n"...)...))
	require.NoError(t, err)
	assert.Equal(t, h, got)
	for _, bad := range []string{"", "\n", "{}", `{"count":12}`, `{"count":-1,"chain":"` + h.Hash.String() + `"}`, `{"count":x,"chain":"` + h.Hash.String() + `"}`, string(line) + "x"} {
		_, err := ParseAnchors([]byte(bad))
		require.ErrorIs(t, err, ErrAnchor, bad)
	}
}

func TestEscape(t *testing.T) {
	for text, want := range map[string]string{
		`{"a":"plain é 日本"}`:        `{"a":"plain é 日本"}`,
		"{\"a\":\"\u202egpj.exe\"}": `{"a":"\u202egpj.exe"}`,
		"\u2066\u2069\u200f\u061c":  `\u2066\u2069\u200f\u061c`,
		"\x7f\u0080\u009b\u2028":    `\u007f\u0080\u009b\u2028`,
		"\ufeff\U000e0041":          `\ufeff\udb40\udc41`,
		"é\x7f":                     `é\u007f`,
		"{\"a\":\"12345678\x7f\"}":  `{"a":"12345678\u007f"}`,
		"é\x1b[2J\t\n":              `é\u001b[2J` + "\t\n",
		"":                          "",
	} {
		assert.Equal(t, "head"+want, string(Escape([]byte("head"+text), 4)), text)
		if json.Valid([]byte(text)) {
			assert.JSONEq(t, text, want)
		}
	}
	sealed := NewChain(Head{}).Seal([]byte("{\"agent\":\"\u202e\"}"), 0)
	assert.Contains(t, string(sealed), `"agent":"\u202e"`)
	assert.Empty(t, said(check(Head{}, []string{string(sealed)})))
}

// A character is found wherever it stands.
func TestEscapeAtEachPlace(t *testing.T) {
	for length := range 40 {
		for at := range length + 1 {
			text := strings.Repeat("x", at) + "\x7f" + strings.Repeat("x", length-at)
			assert.Equal(t, strings.Replace(text, "\x7f", `\u007f`, 1), string(Escape([]byte(text), 0)))
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(seal(NewChain(Head{}), 1)[0]))
	f.Add([]byte(`{"erased":"x","reason":"y","sequence":1,"inner":"` + strings.Repeat("0", 64) + `","chain":"` + strings.Repeat("0", 64) + `"}`))
	f.Add([]byte(`"}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		if l, err := Parse(text); err == nil {
			assert.Positive(t, l.Sequence)
		}
		c := NewChecker("x", Head{})
		for line := range bytes.Lines(text) {
			c.Line(bytes.TrimSuffix(line, []byte("\n")))
		}
		Join([]File{c.End()}, Head{1, Hash{}})
	})
}

func BenchmarkSeal(b *testing.B) {
	c, object, line := NewChain(Head{}), []byte(`{"prediction_id":"`+strings.Repeat("x", 700)+`"}`), make([]byte, 0, 1<<10)
	b.SetBytes(int64(len(object)))
	b.ReportAllocs()
	for b.Loop() {
		line = c.Seal(append(line[:0], object...), 0)
	}
}
