// Command compact rewrites what vugugen has written into less that does the same:
// calls in place of literals, and no node for a line break of the source.
package main

import (
	"fmt"
	"go/format"
	"log"
	"os"
	"regexp"
	"strings"
)

// rewrite says what takes the place of something in generated code.
type rewrite struct {
	found *regexp.Regexp
	by    func(part []string) string // of the match and its groups
}

var (
	attribute = regexp.MustCompile(`Key: ("(?:[^"\\]|\\.)*"), Val: ("(?:[^"\\]|\\.)*")`)

	rewrites = []rewrite{
		// The generator imports log for nothing, and the program with it.
		{regexp.MustCompile(`(?m)^(?:import "log"|var _ log\b.*)\n`), nothing},
		{regexp.MustCompile(node(`1`, `Data: "(?:\\n *)+"`) + `\n\t*vgparent\.AppendChild\(vgn\)\n`), nothing},
		{regexp.MustCompile(node(`1`, `Data: (".*")`)), func(part []string) string { return "vgn = text(" + part[1] + ")" }},
		{regexp.MustCompile(node(`3`, `Namespace: (".*"), Data: (".*"), Attr: (.*)`)), element},
		{regexp.MustCompile(`vgparent\.AppendChild\(vgn\)`), func([]string) string { return "appendChild(vgparent, vgn)" }},
		{regexp.MustCompile(`vgn\.AddAttrInterface\((".*?"), (.*)\)\n`), addAttribute},
		{regexp.MustCompile(`vgn\.SetInnerHTML\(([^v].*)\)\n`), func(part []string) string { return "setText(vgn, " + part[1] + ")\n" }},
	}
)

// node finds how a node of a type is made.
func node(kind, fields string) string {
	return `vgn = &vugu\.VGNode\{Type: vugu\.VGNodeType\(` + kind + `\), ` + fields + `\}`
}

func nothing([]string) string { return "" }

func element(part []string) string {
	arguments := part[1:3:3]
	for _, a := range attribute.FindAllStringSubmatch(part[3], -1) {
		arguments = append(arguments, a[1], a[2])
	}
	return "vgn = element(" + strings.Join(arguments, ", ") + ")"
}

func addAttribute(part []string) string {
	if part[1] == `"open"` { // is there or not, and no text
		return part[0]
	}
	return "addAttribute(vgn, " + part[1] + ", " + part[2] + ")\n"
}

func main() {
	log.SetFlags(0)
	log.SetPrefix("compact: ")
	if err := rewriteFile(os.Args[1]); err != nil {
		log.Fatal(err)
	}
}

func rewriteFile(file string) error {
	code, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	small, err := compact(string(code))
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	return os.WriteFile(file, small, 0o644)
}

// compact rewrites generated code. Whatever it does not find there at all is an
// error: then vugugen writes otherwise.
func compact(code string) ([]byte, error) {
	for _, r := range rewrites {
		if !r.found.MatchString(code) {
			return nil, fmt.Errorf("there is no %s", r.found)
		}
		code = r.found.ReplaceAllStringFunc(code, func(match string) string { return r.by(r.found.FindStringSubmatch(match)) })
	}
	return format.Source([]byte(code))
}
