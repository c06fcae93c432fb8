package main

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"path"
)

// file is a file of the page, in the forms in which hosts send it.
type file struct {
	content []byte
	plain   []byte // what lies under the file's name: packed by gzip where the page unpacks it itself
	brotli  []byte // nil where packing gains nothing
}

// asset is how others of the page's files know a file.
type asset struct {
	Name   string `json:"name"`
	URL    string `json:"url"` // with the hash's beginning, so that no cache mixes builds
	Type   string `json:"type"`
	Hash   string `json:"hash"`   // SHA-256 of the content, in hexadecimal
	Size   int    `json:"size"`   // of the content, in bytes
	Packed int    `json:"packed"` // what a host without compression sends, in bytes
}

// types are those that a service worker gives to kept files.
var types = map[string]string{
	".wasm": "application/wasm", ".lendleaf": "application/octet-stream",
	".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8",
}

func newFile(name string, content []byte) (*file, error) {
	f := &file{content: content, plain: content}
	var err error
	if f.brotli, err = packBrotli(content); err != nil {
		return nil, err
	}
	if len(f.brotli) >= len(content) {
		f.brotli = nil
	}
	switch path.Ext(name) {
	case ".wasm", ".lendleaf":
		f.plain, err = packGzip(content)
	}
	return f, err
}

func (f *file) asset(name string) asset {
	sum := sha256.Sum256(f.content)
	hash := hex.EncodeToString(sum[:])
	return asset{
		Name: name, URL: name + "?v=" + hash[:16], Type: types[path.Ext(name)],
		Hash: hash, Size: len(f.content), Packed: len(f.plain),
	}
}

// Integrity is the hash as HTML wants it.
func (a asset) Integrity() string {
	sum, err := hex.DecodeString(a.Hash)
	if err != nil {
		panic(err) // it was encoded here
	}
	return "sha256-" + base64.StdEncoding.EncodeToString(sum)
}
