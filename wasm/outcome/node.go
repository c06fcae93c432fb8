package outcome

import "github.com/vugu/vugu"

// Generated code calls these; see compact. Written out, or inlined, they would
// make the page's program 8 kB larger, packed.

//go:noinline
func element(namespace, tag string, attributes ...string) *vugu.VGNode {
	n := &vugu.VGNode{Type: vugu.ElementNode, Namespace: namespace, Data: tag}
	for i := 0; i < len(attributes); i += 2 {
		addAttribute(n, attributes[i], attributes[i+1])
	}
	return n
}

//go:noinline
func text(words string) *vugu.VGNode { return &vugu.VGNode{Type: vugu.TextNode, Data: words} }

//go:noinline
func addAttribute(n *vugu.VGNode, key, value string) {
	n.Attr = append(n.Attr, vugu.VGAttribute{Key: key, Val: value})
}

//go:noinline
func setText(n *vugu.VGNode, words string) { n.SetInnerHTML(words) }

//go:noinline
func appendChild(parent, n *vugu.VGNode) { parent.AppendChild(n) }
