package site

import (
	"io/fs"
	"path"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What the page may weigh, in bytes, and how many files it may need. All that
// lies beside index.html is needed; the browser's tests hold the page to it.
const (
	mostPacked = 1_350_000 // as our server sends it, packed by brotli
	mostPlain  = 1_600_000 // as a host sends it that knows no compression
	mostFiles  = 8
)

func TestWeight(t *testing.T) {
	page, err := Page()
	if err != nil {
		t.Skip(err)
	}
	entries, err := fs.ReadDir(page, ".")
	require.NoError(t, err)
	files, packed, plain := 0, int64(0), int64(0)
	for _, e := range entries {
		if e.IsDir() || strings.HasPrefix(e.Name(), ".") || path.Ext(e.Name()) == ".br" {
			continue
		}
		size := sizeOf(t, page, e.Name())
		files, plain = files+1, plain+size
		if _, err := fs.Stat(page, e.Name()+".br"); err == nil {
			size = sizeOf(t, page, e.Name()+".br")
		}
		packed += size
		t.Logf("%9d bytes packed: %s", size, e.Name())
	}
	t.Logf("%d files, %d bytes packed, %d as they are", files, packed, plain)
	assert.Greater(t, files, 4)
	assert.LessOrEqual(t, files, mostFiles)
	assert.LessOrEqual(t, packed, int64(mostPacked))
	assert.LessOrEqual(t, plain, int64(mostPlain))
}

func sizeOf(t *testing.T, page fs.FS, name string) int64 {
	t.Helper()
	info, err := fs.Stat(page, name)
	require.NoError(t, err)
	return info.Size()
}
