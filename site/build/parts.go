package main

import (
	"fmt"
	"os"
	"path/filepath"

	"lendleaf/site/pages"
)

// parts makes what all pages have in common, packed by brotli.
func parts() (*pages.Parts, error) {
	p := &pages.Parts{Files: pages.Page{
		".nojekyll": &pages.File{}, // GitHub Pages then takes the files as they are
	}}
	for name, make := range map[string]func() ([]byte, error){
		"lendleaf.wasm": program,
		"style.css":     func() ([]byte, error) { return bundle("site/page/style.css") },
	} {
		content, err := make()
		if err != nil {
			return nil, err
		}
		p.Files[name] = pages.NewFile(name, content)
	}
	icons, err := readAll("site/icons/*")
	if err != nil {
		return nil, err
	}
	for name, content := range icons {
		p.Files["icons/"+name] = pages.NewFile(name, content)
	}
	if p.Templates, err = templates(); err != nil {
		return nil, err
	}
	if err := packAll(p.Files); err != nil {
		return nil, err
	}
	return p, nil
}

// templates makes what pages fill.
func templates() (map[string][]byte, error) {
	all, err := readAll("site/page/*.html")
	if err != nil {
		return nil, err
	}
	if all["lendleaf.js"], err = bundle("site/page/boot.js", withSlots("build:release", "program", "model")); err != nil {
		return nil, err
	}
	if all["sw.js"], err = bundle("site/page/worker.js", withSlots("build:files", "index", "files")); err != nil {
		return nil, err
	}
	if all["manifest.webmanifest"], err = manifest("site/page/manifest.webmanifest", "site/icons"); err != nil {
		return nil, err
	}
	return all, nil
}

// withSlots is a module whose exports only a page knows.
func withSlots(name string, exports ...string) module {
	m := module{name, map[string]any{}}
	for _, export := range exports {
		m.exports[export] = pages.Slot(export)
	}
	return m
}

// packAll packs by brotli what is not packed yet, and what gains by it.
func packAll(p pages.Page) error {
	for name, f := range p {
		if f.Brotli != nil {
			continue
		}
		packed, err := packBrotli(f.Content)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if len(packed) < len(f.Content) {
			f.Brotli = packed
		}
	}
	return nil
}

// readAll reads the files that a pattern finds, of which there must be some, by
// their names without folders.
func readAll(pattern string) (map[string][]byte, error) {
	names, err := filepath.Glob(pattern)
	if err != nil {
		return nil, err
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("%s: no such file", pattern)
	}
	all := map[string][]byte{}
	for _, name := range names {
		if all[filepath.Base(name)], err = os.ReadFile(name); err != nil {
			return nil, err
		}
	}
	return all, nil
}
