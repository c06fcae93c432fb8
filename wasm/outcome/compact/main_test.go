package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// generated is how vugugen writes an element with a line break, a text, and
// attributes and contents of all kinds.
const generated = `package x

import "log"

func (c *X) Build() {
	vgn = &vugu.VGNode{Type: vugu.VGNodeType(3), Namespace: "svg", Data: "g", Attr: []vugu.VGAttribute{{Namespace: "", Key: "id", Val: "a \"b\""}, vugu.VGAttribute{Namespace: "", Key: "class", Val: "c"}}}
	vgout.Out = append(vgout.Out, vgn)
	vgn = &vugu.VGNode{Type: vugu.VGNodeType(1), Data: "\n  "}
	vgparent.AppendChild(vgn)
	vgn = &vugu.VGNode{Type: vugu.VGNodeType(1), Data: " \n→ "}
	vgparent.AppendChild(vgn)
	vgn = &vugu.VGNode{Type: vugu.VGNodeType(3), Namespace: "", Data: "p", Attr: []vugu.VGAttribute(nil)}
	vgparent.AppendChild(vgn)
	vgn.AddAttrInterface("open", c.open)
	vgn.AddAttrInterface("title", c.title(1, "x"))
	vgn.SetInnerHTML(c.text)
	vgn.SetInnerHTML(vugu.HTML("<b>"))
}

// 'fix' unused imports
var _ log.Logger
`

func TestCompact(t *testing.T) {
	small, err := compact(generated)
	require.NoError(t, err)
	assert.Equal(t, `package x

func (c *X) Build() {
	vgn = element("svg", "g", "id", "a \"b\"", "class", "c")
	vgout.Out = append(vgout.Out, vgn)
	vgn = text(" \n→ ")
	appendChild(vgparent, vgn)
	vgn = element("", "p")
	appendChild(vgparent, vgn)
	vgn.AddAttrInterface("open", c.open)
	addAttribute(vgn, "title", c.title(1, "x"))
	setText(vgn, c.text)
	vgn.SetInnerHTML(vugu.HTML("<b>"))
}

// 'fix' unused imports
`, string(small))
}

// A generator that writes otherwise is noticed, whatever it is.
func TestAnotherGeneratorIsNoticed(t *testing.T) {
	for _, missing := range []string{`import "log"` + "\n\n", `Data: "\n  "`, `vgn.SetInnerHTML(c.text)`, "VGNodeType(3)", "AddAttrInterface", "AppendChild"} {
		code := strings.ReplaceAll(strings.ReplaceAll(generated, missing, ""), "var _ log.Logger\n", "")
		_, err := compact(code)
		assert.ErrorContains(t, err, "there is no ", missing)
	}
}

func TestAFileIsRewrittenOrLeft(t *testing.T) {
	file := filepath.Join(t.TempDir(), "gen.go")
	assert.ErrorIs(t, rewriteFile(file), fs.ErrNotExist)
	require.NoError(t, os.WriteFile(file, []byte("package x\n"), 0o600))
	assert.ErrorContains(t, rewriteFile(file), "gen.go: there is no ")
	left, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.Equal(t, "package x\n", string(left))

	require.NoError(t, os.WriteFile(file, []byte(generated), 0o600))
	require.NoError(t, rewriteFile(file))
	small, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.Contains(t, string(small), `vgn = element("", "p")`)
	assert.NotContains(t, string(small), "vugu.VGNode{")
}
