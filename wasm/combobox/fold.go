package combobox

import "strings"

// Fold makes texts comparable as people type them: lower case, without marks on
// letters, and words of letters and digits with one blank between them.
func Fold(text string) string {
	folded := make([]byte, 0, len(text))
	gap := false
	for _, r := range strings.ToLower(text) {
		letters, ok := fold(r)
		if !ok {
			gap = len(folded) > 0
			continue
		}
		if gap && letters != "" {
			folded, gap = append(folded, ' '), false
		}
		folded = append(folded, letters...)
	}
	return string(folded)
}

// fold returns what a letter is without its mark: nothing for a mark that stands
// alone. It is not ok for what parts words.
func fold(r rune) (letters string, ok bool) {
	switch {
	case 'a' <= r && r <= 'z', '0' <= r && r <= '9':
		return string(r), true
	case r == '\'' || r == '’' || 0x300 <= r && r <= 0x36f:
		return "", true
	case r < 0x80 || 0x2000 <= r && r <= 0x206f || r == 0xa0:
		return "", false
	}
	for _, c := range plain {
		if strings.ContainsRune(c.marked, r) {
			return c.letters, true
		}
	}
	return string(r), true
}

// plain are the letters of Latin scripts with marks, in lower case.
var plain = [...]struct{ letters, marked string }{
	{"a", "àáâãäåāăąǎạảấầẩẫậắằẳẵặ"}, {"ae", "æ"}, {"b", "ḃ"}, {"c", "çćĉċč"}, {"d", "ďđðḍḏ"},
	{"e", "èéêëēĕėęěẹẻẽếềểễệ"}, {"g", "ĝğġģǧḡ"}, {"h", "ĥħḥḫ"}, {"i", "ìíîïĩīĭįıǐịỉ"}, {"j", "ĵ"},
	{"k", "ķǩḳḵ"}, {"l", "ĺļľŀłḷḻ"}, {"m", "ṁṃ"}, {"n", "ñńņňŉǹṅṇṉ"}, {"o", "òóôõöøōŏőơǒọỏốồổỗộớờởỡợ"}, {"oe", "œ"},
	{"r", "ŕŗřṛṟ"}, {"s", "śŝşšșṡṣ"}, {"ss", "ß"}, {"t", "ţťŧțṭṯ"}, {"th", "þ"}, {"u", "ùúûüũūŭůűųưǔụủứừửữự"},
	{"v", "ṿ"}, {"w", "ŵẁẃẅ"}, {"y", "ýÿŷỳỵỷỹ"}, {"z", "źżžẓẕ"},
}
