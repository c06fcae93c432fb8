package checks

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/licensecheck"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// allowed are the licences, by their SPDX names, whose terms a binary of ours
// keeps.
var allowed = []string{"MIT", "BSD-2-Clause", "BSD-3-Clause", "Apache-2.0", "ISC", "MPL-2.0", "0BSD", "Unlicense", "CC0-1.0"}

// module is one that something of ours is built of.
type module struct {
	Path, Dir string
	Main      bool
}

// builds are what we ship, which is the page's program, the server and the
// command line, and the checks here with their tools.
var builds = []struct {
	folder   string
	packages []string
	env      []string
}{
	{"../..", []string{"./wasm"}, []string{"GOOS=js", "GOARCH=wasm"}},
	{"../..", []string{"./server", "./core/cmd/lendleaf", "./site/build"}, nil},
	{".", []string{"-test", "./...", "tool"}, nil},
}

// used lists the modules of all builds by their paths.
func used(t *testing.T) map[string]module {
	t.Helper()
	all := map[string]module{}
	for _, b := range builds {
		cmd := exec.Command("go", append([]string{"list", "-deps", "-json=Module"}, b.packages...)...)
		cmd.Dir = b.folder
		cmd.Env = append(os.Environ(), b.env...)
		cmd.Stderr = os.Stderr
		out, err := cmd.Output()
		require.NoError(t, err)
		for d := json.NewDecoder(bytes.NewReader(out)); ; {
			var p struct{ Module *module }
			err := d.Decode(&p)
			if errors.Is(err, io.EOF) {
				break
			}
			require.NoError(t, err)
			if p.Module != nil && !p.Module.Main {
				all[p.Module.Path] = *p.Module
			}
		}
	}
	return all
}

// licences lists the licences that a text has, and how much of it they cover, in
// percent.
func licences(text []byte) (names []string, percent float64) {
	c := licensecheck.Scan(text)
	for _, m := range c.Match {
		names = append(names, m.ID)
	}
	return names, c.Percent
}

// Everything that we ship may be shipped. It needs the modules, but no network.
func TestLicences(t *testing.T) {
	modules := used(t)
	for _, path := range []string{"github.com/vugu/vugu", "github.com/rs/cors", "github.com/pb33f/libopenapi", "honnef.co/go/tools"} {
		require.Contains(t, modules, path)
	}
	for path, m := range modules {
		files := licenceFiles(t, m.Dir)
		assert.NotEmpty(t, files, "%s has no licence", path)
		for _, name := range files {
			text, err := os.ReadFile(name)
			require.NoError(t, err)
			names, percent := licences(text)
			assert.Greater(t, percent, 70.0, "%s is no known licence", name)
			for _, id := range names {
				assert.True(t, slices.Contains(allowed, id), "%s: %s is not among those that we may ship: %v", path, id, allowed)
			}
		}
	}
}

func licenceFiles(t *testing.T, folder string) []string {
	t.Helper()
	var files []string
	for _, pattern := range []string{"LICEN[CS]E*", "COPYING*", "licen[cs]e*"} {
		found, err := filepath.Glob(filepath.Join(folder, pattern))
		require.NoError(t, err)
		for _, name := range found {
			if info, err := os.Stat(name); err == nil && info.Mode().IsRegular() && filepath.Ext(name) != ".go" {
				files = append(files, name)
			}
		}
	}
	return files
}

// The check can fail: it knows a licence that is not allowed.
func TestOtherLicencesAreSeen(t *testing.T) {
	names, _ := licences([]byte(`This program is free software: you can redistribute it and/or modify
it under the terms of the GNU General Public License as published by
the Free Software Foundation, either version 3 of the License, or
(at your option) any later version.`))
	require.NotEmpty(t, names)
	for _, id := range names {
		assert.NotContains(t, allowed, id)
	}
	own, err := os.ReadFile("../../LICENSE")
	require.NoError(t, err)
	names, percent := licences(own)
	assert.Equal(t, []string{"MIT"}, names)
	assert.Greater(t, percent, 90.0)
}
