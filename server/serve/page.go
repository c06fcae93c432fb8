package serve

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
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
	files map[string]*file // by path, "/" among them
}

// file is one file of the page.
type file struct {
	contentType string
	etag        string
	encodings   []encoding // best first; the last is the file itself
}

type encoding struct {
	name string // of Content-Encoding; "" for none
	body []byte
}

const brotliSuffix = ".br"

var gzipMagic = []byte{0x1f, 0x8b}

// newPage reads all files. See package site for how they are packed.
func newPage(files fs.FS) (*page, error) {
	p := &page{files: map[string]*file{}}
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

func readFile(files fs.FS, name string) (*file, error) {
	body, err := fs.ReadFile(files, name)
	if err != nil {
		return nil, err
	}
	f := &file{contentType: contentType(name)}
	if packed, err := fs.ReadFile(files, name+brotliSuffix); err == nil {
		f.encodings = append(f.encodings, encoding{"br", packed})
	}
	if bytes.HasPrefix(body, gzipMagic) {
		f.encodings = append(f.encodings, encoding{"gzip", body})
		if body, err = unpack(body); err != nil {
			return nil, err
		}
	}
	f.encodings = append(f.encodings, encoding{"", body})
	sum := sha256.Sum256(body)
	f.etag = hex.EncodeToString(sum[:16])
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
	f := p.files[r.URL.Path]
	if f == nil {
		if p.files[r.URL.Path+"/"] != nil {
			api.Redirect(w, r, r.URL.Path+"/")
			return
		}
		api.NotFound(w, r)
		return
	}
	api.Read(f.serve).ServeHTTP(w, r)
}

func (f *file) serve(w http.ResponseWriter, r *http.Request) {
	e := f.best(r.Header.Get("Accept-Encoding"))
	h := w.Header()
	h.Set("Content-Type", f.contentType)
	h.Set("Vary", "Accept-Encoding")
	h.Set("Cache-Control", "no-cache") // kept, but asked about by its ETag
	tag := `"` + f.etag + e.name + `"`
	h.Set("ETag", tag)
	if r.Header.Get("If-None-Match") == tag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	if e.name != "" {
		h.Set("Content-Encoding", e.name)
	}
	// What comes of a client that has gone is not the server's business.
	_, _ = io.Copy(w, bytes.NewReader(e.body))
}

// best picks the first encoding that the client takes: the file itself, if no
// other.
func (f *file) best(accepted string) encoding {
	return f.encodings[slices.IndexFunc(f.encodings, func(e encoding) bool { return e.name == "" || accepts(accepted, e.name) })]
}

// accepts says whether an Accept-Encoding header names an encoding, other than
// to refuse it.
func accepts(header, name string) bool {
	for part := range strings.SplitSeq(header, ",") {
		coding, quality, _ := strings.Cut(strings.TrimSpace(part), ";")
		if strings.EqualFold(strings.TrimSpace(coding), name) {
			quality = strings.ReplaceAll(quality, " ", "")
			return strings.Trim(strings.TrimPrefix(quality, "q="), "0.") != "" || quality == ""
		}
	}
	return false
}
