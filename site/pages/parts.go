package pages

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"
)

// Parts are what all pages have in common, whatever their model. The developers'
// build makes them; they are not changed by the pages that are made of them.
type Parts struct {
	Files     Page              // which every page has as they are: program, style, icons
	Templates map[string][]byte // which a page fills: scripts, HTML, and the web app's manifest
}

// The names of files, in parts and pages alike.
const (
	program  = "lendleaf.wasm"
	style    = "style.css"
	script   = "lendleaf.js"
	worker   = "sw.js"
	manifest = "manifest.webmanifest"
	home     = "index.html"
	model    = "model.lendleaf"
)

// The folders of parts.
const (
	filesFolder     = "files/"
	templatesFolder = "templates/"
)

// ErrParts says that parts of a page are missing, or are not those that this
// package fills.
var ErrParts = errors.New("these are not the parts of a page")

// ReadParts reads parts as Write writes them. Its error wraps ErrParts, or is that
// of a file.
func ReadParts(files fs.FS) (*Parts, error) {
	p := &Parts{Files: Page{}, Templates: map[string][]byte{}}
	lying := map[string][]byte{}
	if err := fs.WalkDir(files, ".", func(name string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			lying[name], err = fs.ReadFile(files, name)
		}
		return err
	}); err != nil {
		return nil, err
	}
	for name, content := range lying {
		if err := p.take(name, content, lying[name+brotliSuffix]); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	if err := p.check(); err != nil {
		return nil, err
	}
	return p, nil
}

// take adds a file by its name among the parts.
func (p *Parts) take(name string, content, brotli []byte) error {
	if template, ok := strings.CutPrefix(name, templatesFolder); ok {
		p.Templates[template] = content
		return nil
	}
	file, ok := strings.CutPrefix(name, filesFolder)
	if !ok || path.Ext(name) == brotliSuffix {
		return nil
	}
	f, err := readFile(file, content)
	if err != nil {
		return err
	}
	f.Brotli = brotli
	p.Files[file] = f
	return nil
}

func (p *Parts) check() error {
	for _, name := range []string{program, style} {
		if p.Files[name] == nil {
			return fmt.Errorf("%w: there is no %s", ErrParts, name)
		}
	}
	for _, name := range []string{home, script, worker, manifest} {
		if p.Templates[name] == nil {
			return fmt.Errorf("%w: there is no template of %s", ErrParts, name)
		}
	}
	return nil
}

// Write writes the parts into a folder, as Page.Write does.
func (p *Parts) Write(folder string) error {
	lying := p.Files.lying(filesFolder)
	for name, content := range p.Templates {
		lying[templatesFolder+name] = content
	}
	return writeFolder(folder, templatesFolder+worker, lying)
}
