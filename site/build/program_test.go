package main

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What the page's program must not hold, by the names of functions that are in
// it: each of these is a large part of a program that uses it.
func TestProgramHoldsNothingHeavy(t *testing.T) {
	t.Chdir("../..")
	module, err := program()
	require.NoError(t, err)
	require.True(t, bytes.Contains(module, []byte("\x00lendleaf/core/modelfile.DecodeInSteps\x00")), "names are as they are written here")
	for _, function := range []string{
		"encoding/json.(*decodeState).", "encoding/json.typeFields", "regexp.", "text/template.", "math/big.", "net/", "compress/", "encoding/csv.", "log.",
	} {
		assert.False(t, bytes.Contains(module, []byte("\x00"+function)), function)
	}
}
