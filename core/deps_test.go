package core_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"lendleaf/core/definition"
)

// deps lists the packages that some packages need, themselves included, as
// `go list` says for js/wasm or for here.
func deps(t *testing.T, wasm bool, patterns ...string) []string {
	t.Helper()
	cmd := exec.Command("go", append([]string{"list", "-deps"}, patterns...)...)
	cmd.Dir = ".."
	cmd.Env = os.Environ()
	if wasm {
		cmd.Env = append(cmd.Env, "GOOS=js", "GOARCH=wasm")
	}
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	require.NoError(t, err)
	list := strings.Fields(string(out))
	require.NotEmpty(t, list)
	return list
}

func isOurs(path string) bool { return path == "lendleaf" || strings.HasPrefix(path, "lendleaf/") }

// isStandard: outside the standard library, a path begins with a host.
func isStandard(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	return !strings.Contains(first, ".") && !isOurs(path)
}

func within(path, folder string) bool {
	return path == folder || strings.HasPrefix(path, folder+"/")
}

func TestCoreNeedsOnlyTheStandardLibrary(t *testing.T) {
	var packages []string
	for _, p := range deps(t, false, "./core/...") {
		if within(p, "lendleaf/core") && !within(p, "lendleaf/core/cmd") {
			packages = append(packages, p)
		}
	}
	require.Contains(t, packages, "lendleaf/core/train")
	for _, p := range deps(t, false, packages...) {
		assert.True(t, isStandard(p) || slices.Contains(packages, p), "core needs %s", p)
	}
}

func TestThePageNeedsNoTraining(t *testing.T) {
	for _, p := range deps(t, true, "./wasm/...") {
		for _, no := range []string{
			"net/http", "lendleaf/server", "lendleaf/core/cmd", "lendleaf/core/dataset", "lendleaf/core/train",
			"lendleaf/core/metrics", "lendleaf/core/report", "lendleaf/core/interop", "github.com/evanw/esbuild",
		} {
			assert.False(t, within(p, no), "wasm reaches %s", p)
		}
	}
}

func TestTheFacadeNeedsNoTraining(t *testing.T) {
	for _, p := range deps(t, true, "./core") {
		for _, no := range []string{"net", "lendleaf/core/dataset", "lendleaf/core/train", "lendleaf/core/metrics"} {
			assert.False(t, within(p, no), "core reaches %s", p)
		}
	}
}

func TestTheServerNeedsNoPage(t *testing.T) {
	for _, p := range deps(t, false, "./server/...") {
		for _, no := range []string{"lendleaf/wasm", "github.com/vugu", "github.com/hack-pad", "github.com/evanw/esbuild", "lendleaf/core/train", "lendleaf/core/cmd"} {
			assert.False(t, within(p, no), "server reaches %s", p)
		}
	}
}

// everyday words name things in any program: they are no sign that code knows
// what a model is about.
var everyday = []string{"yes", "no", "state", "single", "official", "age"}

// Go code says nothing about the shipped model's fields and labels. Identifiers
// and strings are taken apart into words and searched for each name.
func TestGoCodeKnowsNoField(t *testing.T) {
	d, err := definition.Parse(readFile(t, "../site/model/definition.json"))
	require.NoError(t, err)
	names := vocabulary(d)
	require.Greater(t, len(names), 400)
	files := 0
	require.NoError(t, filepath.WalkDir("..", func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && (entry.Name() == "testdata" || path != ".." && strings.HasPrefix(entry.Name(), ".")) {
			return filepath.SkipDir
		}
		if strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go") {
			files++
			checkFile(t, path, names)
		}
		return nil
	}))
	assert.Greater(t, files, 30)
}

// vocabulary holds the names and texts of fields and labels, as words with
// underscores between and around.
func vocabulary(d *definition.Definition) []string {
	var names []string
	add := func(list ...string) {
		for _, name := range list {
			name = words(name)
			if !slices.Contains(everyday, strings.Trim(name, "_")) {
				names = append(names, name)
			}
		}
	}
	for _, f := range d.Fields {
		add(f.Name, f.Text)
		for _, l := range f.Labels {
			add(l.Name, l.Text)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func checkFile(t *testing.T, path string, names []string) {
	t.Helper()
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, path, nil, parser.SkipObjectResolution)
	require.NoError(t, err)
	ast.Inspect(file, func(n ast.Node) bool {
		text := ""
		switch n := n.(type) {
		case *ast.Ident:
			text = n.Name
		case *ast.BasicLit:
			if n.Kind == token.STRING {
				text, err = strconv.Unquote(n.Value)
				require.NoError(t, err)
			}
		}
		if text = words(text); text != "__" {
			for _, name := range names {
				if strings.Contains(text, name) {
					t.Errorf("%s names %s", set.Position(n.Pos()), strings.Trim(name, "_"))
				}
			}
		}
		return true
	})
}

var notWord = regexp.MustCompile(`[^\pL\pN]+`)

// words takes text apart: "currentJobYrs", "Current Job Yrs" and
// "current_job_yrs" are all "_current_job_yrs_".
func words(text string) string {
	var b strings.Builder
	lower := false
	for _, r := range text {
		if unicode.IsUpper(r) && lower {
			b.WriteByte('_')
		}
		lower = unicode.IsLower(r)
		b.WriteRune(unicode.ToLower(r))
	}
	return "_" + strings.Trim(notWord.ReplaceAllString(b.String(), "_"), "_") + "_"
}

func TestWords(t *testing.T) {
	for text, want := range map[string]string{
		"currentJobYrs": "_current_job_yrs_", "Current Job Yrs!": "_current_job_yrs_", "tirupati[21]": "_tirupati_21_", "HTTP": "_http_", "": "__",
	} {
		assert.Equal(t, want, words(text))
	}
}
