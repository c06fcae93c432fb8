package serve

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"io"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"slices"
	"strings"

	"lendleaf/server/api"
)

// page serves the built page from memory, each file in the best encoding that
// the client takes.
type page struct {
	files map[string]file // by path, "/" among them
}

// file is one file of the page: best encoding first, and the file itself last.
type file []*api.Content

const brotliSuffix = ".br"

var gzipMagic = []byte{0x1f, 0x8b}

// newPage reads all files. See package site for how they are packed.
func newPage(files fs.FS) (*page, error) {
	p := &page{files: map[string]file{}}
	err := fs.WalkDir(files, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || path.Ext(name) == brotliSuffix || strings.HasPrefix(path.Base(name), ".") {
			return err
		}
		f, err := readFile(files, name)
		if err != nil {
			return err
		}
		p.files["/"+name] = f
		if folder, ok := strings.CutSuffix("/"+name, "index.html"); ok {
			p.files[folder] = f
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return p, nil
}

func readFile(files fs.FS, name string) (file, error) {
	body, err := fs.ReadFile(files, name)
	if err != nil {
		return nil, err
	}
	f := file{}
	if packed, err := fs.ReadFile(files, name+brotliSuffix); err == nil {
		f = append(f, &api.Content{Encoding: "br", Body: packed})
	}
	if bytes.HasPrefix(body, gzipMagic) {
		f = append(f, &api.Content{Encoding: "gzip", Body: body})
		if body, err = unpack(body); err != nil {
			return nil, err
		}
	}
	f = append(f, &api.Content{Body: body})
	tag := api.Tag(body)
	for _, c := range f {
		c.Type, c.Tag = contentType(name), tag+c.Encoding
	}
	return f, nil
}

func unpack(packed []byte) ([]byte, error) {
	r, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	return body, nil
}

func contentType(name string) string {
	switch path.Ext(name) {
	case ".wasm":
		return "application/wasm"
	case ".lendleaf":
		return "application/octet-stream"
	case ".webmanifest":
		return "application/manifest+json"
	}
	return mime.TypeByExtension(path.Ext(name))
}

func (p *page) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f := p.files[cmp.Or(r.URL.Path, "/")]
	if f == nil {
		if p.files[r.URL.Path+"/"] != nil {
			api.Redirect(w, r)
			return
		}
		api.NotFound(w, r)
		return
	}
	api.Read(f.serve).ServeHTTP(w, r)
}

func (f file) serve(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Vary", "Accept-Encoding")
	f.best(strings.Join(r.Header.Values("Accept-Encoding"), ",")).ServeHTTP(w, r)
}

// best picks the first encoding that the client takes: the file itself, if no
// other.
func (f file) best(accepted string) *api.Content {
	return f[slices.IndexFunc(f, func(c *api.Content) bool { return c.Encoding == "" || accepts(accepted, c.Encoding) })]
}

// accepts says whether an Accept-Encoding header names an encoding, other than
// to refuse it.
func accepts(header, name string) bool {
	for part := range strings.SplitSeq(header, ",") {
		coding, quality, _ := strings.Cut(strings.TrimSpace(part), ";")
		if strings.EqualFold(strings.TrimSpace(coding), name) {
			quality = strings.ReplaceAll(strings.ToLower(quality), " ", "")
			return strings.Trim(strings.TrimPrefix(quality, "q="), "0.") != "" || quality == ""
		}
	}
	return false
}
