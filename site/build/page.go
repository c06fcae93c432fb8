package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"lendleaf/core"
	"lendleaf/site/build/slim"
)

const modelFile = "site/model/loan-default.lendleaf"

// page holds all files by their names, with slashes.
type page map[string]*file

func (p page) add(name string, content []byte, err error) (asset, error) {
	if err != nil {
		return asset{}, err
	}
	f, err := newFile(name, content)
	if err != nil {
		return asset{}, fmt.Errorf("%s: %w", name, err)
	}
	p[name] = f
	return f.asset(name), nil
}

// build makes the page. Its files are tied by hashes: the page names script and
// style by theirs, the script program and model, and the service worker all of
// them. So files of two builds never work together. The address may be empty.
func build(address string) (page, error) {
	p := page{}
	content, err := os.ReadFile(modelFile)
	if err != nil {
		return nil, err
	}
	model, err := core.Load(content)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", modelFile, err)
	}
	parts := parts{Address: address, Schema: model.Schema(), ModelHash: model.Hash()}
	if parts.Examples, err = examples("site/model/examples.json", model.Schema()); err != nil {
		return nil, err
	}
	if parts.Card, err = card("site/model/card.html", "site/model/report.json", model); err != nil {
		return nil, err
	}
	if parts.Model, err = p.add("model.lendleaf", content, nil); err != nil {
		return nil, err
	}
	content, err = program()
	if parts.Program, err = p.add("lendleaf.wasm", content, err); err != nil {
		return nil, err
	}
	if err := p.addShell(parts); err != nil {
		return nil, err
	}
	p[".nojekyll"] = &file{} // GitHub Pages then takes the files as they are
	return p, p.copyFolders()
}

// addShell adds what knows the hashes of program and model.
func (p page) addShell(of parts) error {
	content, err := bundle("site/page/style.css")
	if of.Style, err = p.add("style.css", content, err); err != nil {
		return err
	}
	content, err = bundle("site/page/boot.js", module{"build:release", map[string]any{"program": of.Program, "model": of.Model}})
	if of.Script, err = p.add("lendleaf.js", content, err); err != nil {
		return err
	}
	content, err = index("site/page", of)
	home, err := p.add("index.html", content, err)
	if err != nil {
		return err
	}
	home.URL = "./?v=" + home.Hash[:16] // what it is kept under
	content, err = bundle("site/page/worker.js", module{"build:files", map[string]any{
		"index": map[string]any{"url": home.URL, "names": []string{of.Style.URL, of.Script.URL}},
		"files": []asset{of.Style, of.Script, of.Program, of.Model},
	}})
	if _, err = p.add("sw.js", content, err); err != nil {
		return err
	}
	content, err = manifest("site/page/manifest.webmanifest", "site/icons")
	_, err = p.add("manifest.webmanifest", content, err)
	return err
}

// copyFolders takes what is as it is: icons, and the report as it was written
// when the model was measured.
func (p page) copyFolders() error {
	for _, from := range []struct{ pattern, to string }{
		{"site/icons/*", "icons/"}, {"site/report/*", "report/"}, {"site/model/report.json", "report/"},
	} {
		names, err := filepath.Glob(from.pattern)
		if err != nil {
			return err
		}
		if len(names) == 0 {
			return fmt.Errorf("%s: no such file", from.pattern)
		}
		for _, name := range names {
			content, err := os.ReadFile(name)
			if _, err := p.add(from.to+filepath.Base(name), content, err); err != nil {
				return err
			}
		}
	}
	return nil
}

// tags has Vugu read events with its own small reader of JSON, the one it takes
// where there is no encoding/json, which is a tenth of the program.
const tags = "tinygo"

// program compiles the page's program, to the same bytes everywhere.
func program() ([]byte, error) {
	dir, err := os.MkdirTemp("", "lendleaf")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	out := filepath.Join(dir, "lendleaf.wasm")
	cmd := exec.Command("go", "build", "-tags", tags, "-trimpath", "-buildvcs=false", "-ldflags", "-s -w", "-o", out, "./wasm")
	cmd.Env = append(os.Environ(), "GOOS=js", "GOARCH=wasm")
	cmd.Stderr = os.Stderr
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("the page's program: %w", err)
	}
	module, err := os.ReadFile(out)
	if err != nil {
		return nil, err
	}
	small, err := slim.Program(module)
	if errors.Is(err, slim.ErrTable) { // another Go: the page weighs more, and works
		fmt.Fprintln(os.Stderr, "build: the page's program keeps its lines:", err)
		err = nil
	}
	return small, err
}

// output runs a command and returns what it writes.
func output(name string, args ...string) (string, error) {
	cmd := exec.Command(name, args...)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("%s: %w", strings.Join(cmd.Args, " "), err)
	}
	return strings.TrimSpace(string(out)), nil
}
