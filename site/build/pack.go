package main

import (
	"bytes"
	"fmt"
	"os"
	"runtime/debug"

	"github.com/andybalholm/brotli"
	"github.com/rogpeppe/go-internal/cache"
)

// packedFolder keeps what brotli made, for later builds: the page's program
// alone takes brotli 20 seconds. What no build asks for in days goes.
const packedFolder = "bin/packed"

// packBrotli packs content as tightly as brotli can, or takes what the same
// brotli made of the same content before.
func packBrotli(content []byte) ([]byte, error) {
	if err := os.MkdirAll(packedFolder, 0o755); err != nil {
		return nil, err
	}
	kept, err := cache.Open(packedFolder)
	if err != nil {
		return nil, err
	}
	key := packedKey(content)
	if found, _, err := kept.GetBytes(key); err == nil { // else it is not there, or damaged
		return found, nil
	}
	made, err := packed(content)
	if err != nil {
		return nil, err
	}
	if err := kept.PutBytes(key, made); err != nil {
		return nil, err
	}
	if err := kept.Trim(); err != nil {
		return nil, err
	}
	return made, nil
}

// packedKey is a hash of the content and of which brotli packs it.
func packedKey(content []byte) cache.ActionID {
	h := cache.NewHash("brotli")
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, m := range info.Deps {
			if m.Path == "github.com/andybalholm/brotli" {
				fmt.Fprintln(h, m.Version, m.Sum)
			}
		}
	}
	h.Write(content)
	return h.Sum()
}

func packed(content []byte) ([]byte, error) {
	var out bytes.Buffer
	w := brotli.NewWriterLevel(&out, brotli.BestCompression)
	if _, err := w.Write(content); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}
