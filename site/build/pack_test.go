package main

import (
	"bytes"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/andybalholm/brotli"
	"github.com/rogpeppe/go-internal/cache"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What was packed before is taken, and only as brotli made it.
func TestContentIsPackedOnce(t *testing.T) {
	t.Chdir(t.TempDir())
	content := bytes.Repeat([]byte("the page's program "), 1000)
	first, err := packBrotli(content)
	require.NoError(t, err)
	unpacked, err := io.ReadAll(brotli.NewReader(bytes.NewReader(first)))
	require.NoError(t, err)
	assert.Equal(t, content, unpacked)
	assert.Less(t, len(first), 100)

	kept, err := cache.Open(packedFolder)
	require.NoError(t, err)
	require.NoError(t, kept.PutBytes(packedKey(content), []byte("as kept")))
	second, err := packBrotli(content)
	require.NoError(t, err)
	assert.Equal(t, "as kept", string(second))

	damaged := 0
	require.NoError(t, filepath.WalkDir(packedFolder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		damaged++
		return os.WriteFile(path, []byte("damaged"), 0o644)
	}))
	require.Positive(t, damaged)
	third, err := packBrotli(content)
	require.NoError(t, err)
	assert.Equal(t, first, third)
}

// Content that is changed, and content that another brotli packs, have other
// keys.
func TestPackedKeys(t *testing.T) {
	assert.Equal(t, packedKey([]byte("a")), packedKey([]byte("a")))
	assert.NotEqual(t, packedKey([]byte("a")), packedKey([]byte("b")))
	h := cache.NewHash("brotli")
	_, err := h.Write([]byte("a"))
	require.NoError(t, err)
	assert.NotEqual(t, cache.ActionID(h.Sum()), packedKey([]byte("a")), "the key names no version of brotli")
}
