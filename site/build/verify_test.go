package main

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"lendleaf/site/pages"
)

// Two builds are equal, byte for byte, and a page that is not what its source
// makes is told apart, wherever it lies.
func TestBuildsAreEqualAndOthersAreTold(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the page twice")
	}
	t.Chdir("../..")
	parts, first, err := build("")
	require.NoError(t, err)
	again, second, err := build("")
	require.NoError(t, err)
	assert.Equal(t, parts, again)
	folder := filepath.Join(t.TempDir(), "page")
	require.NoError(t, second.Write(folder))
	host := httptest.NewServer(http.FileServer(http.Dir(folder)))
	t.Cleanup(host.Close)
	var told bytes.Buffer
	require.NoError(t, compare(first, folder, &told), "%s", &told)
	require.NoError(t, compare(first, host.URL, &told), "%s", &told)

	for name, change := range map[string]func(file string){
		"style.css":        func(file string) { require.NoError(t, os.WriteFile(file, []byte("body{}"), 0o644)) },
		"lendleaf.wasm.br": func(file string) { require.NoError(t, os.WriteFile(file, []byte("other"), 0o644)) },
		"more.js":          func(file string) { require.NoError(t, os.WriteFile(file, []byte("fetch('/')"), 0o644)) },
		"sw.js":            func(file string) { require.NoError(t, os.Remove(file)) },
	} {
		require.NoError(t, second.Write(folder))
		change(filepath.Join(folder, name))
		told.Reset()
		require.ErrorIs(t, compare(first, folder, &told), errDiffers)
		assert.Contains(t, told.String(), name)
		require.NoError(t, os.RemoveAll(folder))
	}
	require.NoError(t, second.Write(folder))
	require.NoError(t, os.WriteFile(filepath.Join(folder, "style.css"), []byte("body{}"), 0o644))
	require.ErrorIs(t, compare(first, host.URL, &told), errDiffers)
}

func TestASpaceHasItsFrontMatter(t *testing.T) {
	p := pages.Page{"index.html": &pages.File{Plain: []byte("x"), Brotli: []byte("y")}}
	require.NoError(t, addSpace(p, "../space.md"))
	folder := filepath.Join(t.TempDir(), "space")
	require.NoError(t, p.Write(folder))
	readme, err := os.ReadFile(filepath.Join(folder, "README.md"))
	require.NoError(t, err)
	assert.Regexp(t, `(?s)^---\n.*\nsdk: static\napp_file: index.html\n.*\n---\n`, string(readme))
	assert.NoFileExists(t, filepath.Join(folder, "index.html.br"))
}
