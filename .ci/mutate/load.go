package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// pkg is a package whose tests are tried.
type pkg struct {
	path, name, dir string
	tested          bool // it has tests
	files           []*source
	mutants         []*mutant // mutant i has the number i+1
}

// source is one of its files.
type source struct {
	path string // absolute
	name string // from the module's root
	text []byte
	tree *ast.File
}

// listed is what `go list` says about a package.
type listed struct {
	ImportPath, Name, Dir, Export string
	GoFiles                       []string
	TestGoFiles, XTestGoFiles     []string
	DepOnly                       bool
	Module                        *struct{ Dir string }
}

// load reads the packages that patterns name, with types, and finds their
// mutants.
func load(patterns []string) ([]*pkg, error) {
	args := append([]string{"list", "-export", "-deps", "-json=ImportPath,Name,Dir,Export,GoFiles,TestGoFiles,XTestGoFiles,DepOnly,Module", "--"}, patterns...)
	out, err := output(exec.Command("go", args...))
	if err != nil {
		return nil, err
	}
	exports := map[string]string{}
	var wanted []listed
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var l listed
		if err := d.Decode(&l); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, err
		}
		exports[l.ImportPath] = l.Export
		if !l.DepOnly {
			wanted = append(wanted, l)
		}
	}
	var packages []*pkg
	for _, l := range wanted {
		p, err := l.load(exports)
		if err != nil {
			return nil, err
		}
		packages = append(packages, p)
	}
	return packages, nil
}

func (l listed) load(exports map[string]string) (*pkg, error) {
	p := &pkg{path: l.ImportPath, name: l.Name, dir: l.Dir, tested: len(l.TestGoFiles)+len(l.XTestGoFiles) > 0}
	set := token.NewFileSet()
	var trees []*ast.File
	for _, name := range l.GoFiles {
		s := &source{path: filepath.Join(l.Dir, name)}
		var err error
		if s.text, err = os.ReadFile(s.path); err != nil {
			return nil, err
		}
		if s.name, err = filepath.Rel(l.Module.Dir, s.path); err != nil {
			return nil, err
		}
		if s.tree, err = parser.ParseFile(set, s.path, s.text, parser.ParseComments|parser.SkipObjectResolution); err != nil {
			return nil, err
		}
		trees = append(trees, s.tree)
		p.files = append(p.files, s)
	}
	info := &types.Info{Types: map[ast.Expr]types.TypeAndValue{}, Uses: map[*ast.Ident]types.Object{}, Defs: map[*ast.Ident]types.Object{}}
	config := types.Config{Importer: importer.ForCompiler(set, "gc", func(path string) (io.ReadCloser, error) {
		return os.Open(exports[path])
	})}
	self, err := config.Check(l.ImportPath, set, trees, info)
	if err != nil {
		return nil, err
	}
	for _, s := range p.files {
		if !ast.IsGenerated(s.tree) && !strings.HasSuffix(s.name, "_gen.go") {
			f := finder{source: s, set: set, info: info, self: self}
			p.mutants = append(p.mutants, f.find()...)
		}
	}
	number(p.mutants)
	return p, nil
}

// output runs a command. Its error has what the command says is wrong.
func output(c *exec.Cmd) ([]byte, error) {
	var stderr bytes.Buffer
	c.Stderr = &stderr
	out, err := c.Output()
	if err != nil {
		return nil, fmt.Errorf("%s: %w\n%s", strings.Join(c.Args[:2], " "), err, stderr.Bytes())
	}
	return out, nil
}
