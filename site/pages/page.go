package pages

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// Page holds a page's files by their names, with slashes.
type Page map[string]*File

// add adds a file, and returns how others know it.
func (p Page) add(name string, content []byte) asset {
	p[name] = NewFile(name, content)
	return p[name].asset(name)
}

// Write writes all files into a folder, and removes all others but the one that
// keeps the folder under version control. Its error wraps ErrForeign if something
// else than a page is there.
func (p Page) Write(folder string) error { return writeFolder(folder, worker, p.lying("")) }

// brotliSuffix ends the names of files that are packed by brotli.
const brotliSuffix = ".br"

// lying gives what lies on a disk: bytes by names that begin with a prefix.
func (p Page) lying(prefix string) map[string][]byte {
	files := map[string][]byte{}
	for name, f := range p {
		files[prefix+name] = f.Plain
		if f.Brotli != nil {
			files[prefix+name+brotliSuffix] = f.Brotli
		}
	}
	return files
}

// ErrForeign says that a folder holds something else, which is not removed.
var ErrForeign = errors.New("the folder is not empty, and holds other things")

// writeFolder makes a folder hold these files and no others. What holds a file
// by the name of mark was written before.
func writeFolder(folder, mark string, files map[string][]byte) error {
	entries, err := os.ReadDir(folder)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	entries = slices.DeleteFunc(entries, func(e fs.DirEntry) bool { return e.Name() == ".gitkeep" })
	if _, err := os.Stat(filepath.Join(folder, filepath.FromSlash(mark))); err != nil && len(entries) > 0 {
		return fmt.Errorf("%s: %w", folder, ErrForeign)
	}
	for _, e := range entries {
		if err := os.RemoveAll(filepath.Join(folder, e.Name())); err != nil {
			return err
		}
	}
	for name, content := range files {
		path := filepath.Join(folder, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, content, 0o644); err != nil {
			return err
		}
	}
	return nil
}
