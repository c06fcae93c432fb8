//go:build tinygo

package browser

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/vugu/vjson"
)

// Vugu reads events with a reader of its own where the page's program is built
// (tag tinygo). Of an event as browsers write it, it must read what the
// standard library reads.
func TestVuguReadsEvents(t *testing.T) {
	for _, event := range []string{
		`{}`,
		`{"position_id":"0_2_1","event_type":"click","capture":false,"passive":true,"event_summary":{}}`,
		`{"event_summary":{"type":"change","timeStamp":1234.5699999928474,"detail":0,"deltaY":-1e-7,"isTrusted":true,"view":null,
		  "target":{"value":"a \"b\" \\ c\n\t\/ \u00e9 é \ud83d\ude00 😀","innerHTML":"<p class=\"x\">&amp;</p>","list":[1,"two",[],{},null,false]}}}`,
	} {
		var want, got map[string]any
		require.NoError(t, json.Unmarshal([]byte(event), &want))
		require.NoError(t, vjson.Unmarshal([]byte(event), &got))
		assert.Equal(t, want, got)
	}
	var got map[string]any
	assert.ErrorContains(t, vjson.Unmarshal([]byte(`{"x":1}`), new(struct{ X int })), "vjson", "it is not the standard library's")
	assert.Error(t, vjson.Unmarshal([]byte(`{"x":`), &got))
}
