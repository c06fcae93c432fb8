// Package site holds the built page, the model file that ships with it, and the
// parts that pages about other models are made of, so that one binary can serve
// and make them all.
package site

import (
	"embed"
	"errors"
	"io/fs"
)

// ErrNotBuilt says that the page was not built before the program was.
var ErrNotBuilt = errors.New("the page is not built: run make site")

// What lies in both folders lies in a binary once.
var (
	//go:embed all:dist
	dist embed.FS

	//go:embed all:parts
	parts embed.FS
)

//go:embed model/loan-default.lendleaf
var model []byte

//go:embed model/report.json
var report []byte

// Report returns the figures of the model that ships with the page, as JSON. It
// must not be changed.
func Report() []byte { return report }

// Model returns the model file that ships with the page. It must not be changed.
func Model() []byte { return model }

// Page returns the files of the page, as they go to a static host. Those that
// begin as gzip does are packed under their plain name, since the page unpacks
// what a host does not; beside a file there may be one with .br behind its name,
// the same packed with brotli. Its error is ErrNotBuilt.
func Page() (fs.FS, error) { return built(dist, "dist", "index.html") }

// Parts returns what all pages have in common, for package pages to read. Its
// error is ErrNotBuilt.
func Parts() (fs.FS, error) { return built(parts, "parts", "templates/index.html") }

// built gives a folder, which has a file of this name if it was built.
func built(files embed.FS, folder, name string) (fs.FS, error) {
	if _, err := fs.Stat(files, folder+"/"+name); err != nil {
		return nil, ErrNotBuilt
	}
	return fs.Sub(files, folder)
}
