// Package site holds the built page and the model file that ships with it, so
// that one binary can serve both.
package site

import (
	"embed"
	"errors"
	"io/fs"
)

// ErrNotBuilt says that the page was not built before the program was.
var ErrNotBuilt = errors.New("the page is not built: run make site")

//go:embed all:dist
var dist embed.FS

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
func Page() (fs.FS, error) {
	if _, err := fs.Stat(dist, "dist/index.html"); err != nil {
		return nil, ErrNotBuilt
	}
	return fs.Sub(dist, "dist")
}
