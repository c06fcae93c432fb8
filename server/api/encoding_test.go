package api

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// Without a mark, the zero bytes tell: JSON begins with two characters of
// ASCII (RFC 4627, section 3), or is one.
func TestEncodingsAreDetected(t *testing.T) {
	for body, want := range map[string]encoding{
		"": plainUTF8, "5": plainUTF8, "{}": plainUTF8, "{}  ": plainUTF8, "{x\x00\x00": plainUTF8,
		"\x00{}": plainUTF8, "{\x00}": plainUTF8, "{\x00\x00": plainUTF8, "\x00\x00{": plainUTF8, "\x00": plainUTF8,
		"\x00\x00\x00{": big32, "\x00\x00\x00{\x00\x00\x00}": big32, "{\x00\x00\x00": little32, "{\x00\x00\x00}\x00\x00\x00": little32,
		"\x005": big16, "\x00{\x00}": big16, "5\x00": little16, "{\x00}\x00": little16,
	} {
		got, rest := detect([]byte(body))
		assert.Equal(t, want, got, "%q", body)
		assert.Equal(t, body, string(rest), "%q", body)
	}
	for body, want := range map[string]encoding{
		"\x00\x00\xfe\xff{": big32, "\xff\xfe\x00\x00{": little32, "\xfe\xff{": big16, "\xff\xfe{": little16, "\xef\xbb\xbf{": plainUTF8,
	} {
		got, rest := detect([]byte(body))
		assert.Equal(t, want, got, "%q", body)
		assert.Equal(t, "{", string(rest), "%q", body)
	}
}

// A surrogate, U+D800 to U+DFFF, would be ED A0 80 to ED BF BF.
func TestSurrogatesAreMended(t *testing.T) {
	for body, want := range map[string]string{
		"": "", "a\u00e9\ufffd": "a\u00e9\ufffd", "a\xed\xa0\x80b": "a\ufffdb", "\xed\xbf\xbf": "\ufffd", "\xed\xa0\xbf": "\ufffd",
		"\xed\x9f\xbf\xee\x80\x80": "\ud7ff\ue000",
	} {
		w := &work{body: []byte(body), held: budgets{}.hold(t.Context())}
		assert.NoError(t, w.decode(), "%q", body)
		assert.Equal(t, want, string(w.text), "%q", body)
	}
	for _, body := range []string{"\xff", "\xed", "\xed\xa0", "\xec\xa0", "\xed\xa0\x7f", "\xed\xa0\xc0", "\xed\xc0\x80", "a\xee\xa0"} {
		w := &work{body: []byte(body), held: budgets{}.hold(t.Context())}
		assert.ErrorIs(t, w.decode(), errEncoding, "%q", body)
	}
}
