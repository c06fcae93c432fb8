package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// build writes the test binary of a package with its mutants in it, and says
// which ones the compiler refuses: there is no such fault.
func build(p *pkg, mutants []*mutant, dir string) (binary string, refused map[int]bool, err error) {
	refused = map[int]bool{}
	for {
		texts := map[string]string{filepath.Join(p.dir, "mutant_chosen.go"): fmt.Sprintf(chosen, p.name, len(p.mutants)+1)}
		for _, s := range p.files {
			texts[s.path] = rewrite(s, slices.DeleteFunc(slices.Clone(mutants), func(m *mutant) bool {
				return m.file != s || m.form == alone || refused[m.id]
			}))
		}
		binary, complaint, err := compile(p, texts, dir, "all.test")
		if err == nil {
			return binary, refused, nil
		}
		before := len(refused)
		for _, found := range regexp.MustCompile(`(?m)(?:^|/)mutant:(\d+):`).FindAllStringSubmatch(complaint, -1) {
			id, _ := strconv.Atoi(found[1])
			refused[id] = true
		}
		if len(refused) == before {
			return "", nil, fmt.Errorf("%w\n%s", err, complaint)
		}
	}
}

// buildAlone writes a test binary that has one mutant for good.
func buildAlone(p *pkg, m *mutant, dir string) (binary string, err error) {
	text := string(m.file.text[:m.from]) + m.text + string(m.file.text[m.to:])
	binary, _, err = compile(p, map[string]string{m.file.path: text}, dir, fmt.Sprintf("%d.test", m.id))
	return binary, err
}

// compile builds a package's test binary with other texts in the place of its
// files.
func compile(p *pkg, texts map[string]string, dir, name string) (binary, complaint string, err error) {
	dir, err = os.MkdirTemp(dir, "build")
	if err != nil {
		return "", "", err
	}
	replace := map[string]string{}
	for path, text := range texts {
		replace[path] = filepath.Join(dir, filepath.Base(path)+".txt") // no package, for whoever lists all
		if err := os.WriteFile(replace[path], []byte(text), 0o666); err != nil {
			return "", "", err
		}
	}
	overlay, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return "", "", err
	}
	if err := os.WriteFile(filepath.Join(dir, "overlay.json"), overlay, 0o666); err != nil {
		return "", "", err
	}
	binary = filepath.Join(dir, name)
	c := exec.Command("go", "test", "-c", "-vet=off", "-gcflags="+p.path+"=-e", "-overlay", filepath.Join(dir, "overlay.json"), "-o", binary, p.path)
	var said bytes.Buffer
	c.Stdout, c.Stderr = &said, &said
	err = c.Run()
	return binary, strings.TrimSpace(said.String()), err
}
