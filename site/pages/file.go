package pages

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"io"
	"path"
)

// File is a file of a page, in the forms in which hosts send it.
type File struct {
	Content []byte
	Plain   []byte // what lies under the file's name: packed by gzip where the page unpacks it itself
	Brotli  []byte // what lies under the name with .br behind it, or nil
}

// NewFile makes a file that brotli has not packed.
func NewFile(name string, content []byte) *File {
	f := &File{Content: content, Plain: content}
	if unpacksItself(name) {
		f.Plain = pack(content)
	}
	return f
}

// unpacksItself says whether the page unpacks a file where its host does not.
func unpacksItself(name string) bool {
	switch path.Ext(name) {
	case ".wasm", ".lendleaf":
		return true
	}
	return false
}

// readFile makes a file of what lies under its name.
func readFile(name string, plain []byte) (*File, error) {
	if !unpacksItself(name) {
		return &File{Content: plain, Plain: plain}, nil
	}
	content, err := unpack(plain)
	if err != nil {
		return nil, err
	}
	return &File{Content: content, Plain: plain}, nil
}

func pack(content []byte) []byte {
	var out bytes.Buffer
	w, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err == nil {
		_, err = w.Write(content)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		panic(err) // the level exists, and memory takes all
	}
	return out.Bytes()
}

func unpack(packed []byte) ([]byte, error) {
	r, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, err
	}
	content, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	return content, nil
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

func (f *File) asset(name string) asset {
	sum := sha256.Sum256(f.Content)
	hash := hex.EncodeToString(sum[:])
	return asset{
		Name: name, URL: name + "?v=" + hash[:16], Type: types[path.Ext(name)],
		Hash: hash, Size: len(f.Content), Packed: len(f.Plain),
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
