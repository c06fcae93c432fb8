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

// list runs `go list` for js/wasm or for here, and returns the lines that it
// writes.
func list(t *testing.T, wasm bool, args ...string) []string {
	t.Helper()
	cmd := exec.Command("go", append([]string{"list"}, args...)...)
	cmd.Dir = ".."
	cmd.Env = os.Environ()
	if wasm {
		cmd.Env = append(cmd.Env, "GOOS=js", "GOARCH=wasm")
	}
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	require.NoError(t, err)
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	require.NotEmpty(t, lines[0])
	return lines
}

// deps lists the packages that some packages need, themselves included.
func deps(t *testing.T, wasm bool, patterns ...string) []string {
	t.Helper()
	return list(t, wasm, append([]string{"-deps"}, patterns...)...)
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

// What the parts of the house never reach, not even through others.
var unreached = []struct {
	name, packages string
	wasm           bool
	never          []string
}{
	{"the page's program", "./wasm/...", true, []string{
		"net/http", "lendleaf/server", "lendleaf/site", "lendleaf/core/cmd", "lendleaf/core/dataset", "lendleaf/core/train",
		"lendleaf/core/metrics", "lendleaf/core/measure", "lendleaf/core/quality", "lendleaf/core/interop", "github.com/evanw/esbuild", "github.com/andybalholm/brotli",
	}},
	{"the facade", "./core", true, []string{"net", "lendleaf/core/dataset", "lendleaf/core/train", "lendleaf/core/metrics", "lendleaf/core/measure", "lendleaf/core/quality"}},
	{"the server", "./server/...", false, []string{
		"lendleaf/wasm", "lendleaf/site/build", "lendleaf/core/cmd", "lendleaf/core/train", "lendleaf/core/dataset", "lendleaf/core/measure", "lendleaf/core/interop",
		"github.com/vugu", "github.com/evanw/esbuild", "github.com/andybalholm/brotli",
	}},
	{"the library that makes pages", "./site/pages", false, []string{
		"lendleaf/wasm", "lendleaf/server", "lendleaf/site/build", "lendleaf/core/cmd", "lendleaf/core/train", "lendleaf/core/measure", "lendleaf/core/dataset",
		"github.com/evanw/esbuild", "github.com/andybalholm/brotli", "net/http", "os/exec",
	}},
	{"the command line", "./core/cmd/...", false, []string{
		"lendleaf/wasm", "lendleaf/site/build", "github.com/vugu", "github.com/evanw/esbuild", "github.com/andybalholm/brotli",
	}},
}

func TestNobodyReachesWhatIsNotTheirs(t *testing.T) {
	all := slices.Concat(list(t, false, "std"), deps(t, false, "./..."), deps(t, true, "./wasm/..."))
	for _, rule := range unreached {
		reached := deps(t, rule.wasm, rule.packages)
		for _, no := range rule.never {
			is := func(path string) bool { return within(path, no) }
			assert.True(t, slices.ContainsFunc(all, is), "%s must not reach %s, which nobody has: the rule is void", rule.name, no)
			if i := slices.IndexFunc(reached, is); i >= 0 {
				t.Errorf("%s reaches %s", rule.name, reached[i])
			}
		}
	}
}

// Whoever takes applicants in takes them by way of one room, which needs only what
// says what an applicant is.
func TestApplicantsComeInByOneRoom(t *testing.T) {
	const rows = "lendleaf/core/rows"
	assert.Contains(t, deps(t, true, "./wasm"), rows)
	for _, packages := range []string{"./server/api", "./core/cmd/lendleaf", "./core/dataset"} {
		assert.Contains(t, deps(t, false, packages), rows, packages)
	}
	assert.Equal(t, []string{"lendleaf/core/schema", rows}, slices.DeleteFunc(deps(t, true, "./core/rows"), isStandard))
	for _, p := range deps(t, true, "./core/rows") {
		assert.NotContains(t, []string{"encoding/json", "encoding/csv"}, p)
	}
}

// Whoever keeps records may seal them, the page too: that must weigh little.
func TestSealsNeedLittle(t *testing.T) {
	const record = "lendleaf/core/record"
	reached := deps(t, true, "./core/record")
	assert.Equal(t, []string{record}, slices.DeleteFunc(slices.Clone(reached), isStandard))
	assert.NotContains(t, reached, "encoding/json")
}

// Which of our packages each may import by itself: the longest path counts. The
// commands are the tops: lendleaf alone may have them all but the page's
// program, which is built for another machine.
var imports = map[string][]string{
	"lendleaf/core":              {"lendleaf/core"},
	"lendleaf/core/cmd/lendleaf": {"lendleaf/core", "lendleaf/server/serve", "lendleaf/site"},
	"lendleaf/wasm":              {"lendleaf/wasm", "lendleaf/core"},
	"lendleaf/site":              {"lendleaf/site", "lendleaf/core"},
	"lendleaf/server":            {"lendleaf/server/serve", "lendleaf/site"}, // the thin main
	"lendleaf/server/serve":      serverRooms,
	"lendleaf/server/api":        serverRooms,
	"lendleaf/server/client":     serverRooms,
	"lendleaf/server/docs":       serverRooms,
	"lendleaf/server/guard":      serverRooms,
	"lendleaf/server/observe":    serverRooms,
	"lendleaf/server/record":     serverRooms,
	"lendleaf/server/shadow":     serverRooms,
	"lendleaf/server/soak":       {},
	"lendleaf/server/bench":      {"lendleaf/core", "lendleaf/site"},
}

var serverRooms = []string{"lendleaf/server", "lendleaf/core"}

func TestArrowsPointDown(t *testing.T) {
	seen := map[string]bool{}
	for _, wasm := range []bool{false, true} {
		pattern := "./..."
		if wasm {
			pattern = "./wasm/..."
		}
		for _, line := range list(t, wasm, "-f", `{{.ImportPath}} {{join .Imports " "}}`, pattern) {
			packages := strings.Fields(line)
			rule := ruleOf(packages[0])
			require.NotEmpty(t, rule, "no rule says what %s may import", packages[0])
			seen[rule] = true
			for _, p := range packages[1:] {
				allowed := slices.ContainsFunc(imports[rule], func(folder string) bool { return within(p, folder) })
				assert.True(t, !isOurs(p) || allowed, "%s imports %s", packages[0], p)
			}
		}
	}
	for rule := range imports {
		assert.True(t, seen[rule], "there is no %s: its rule is void", rule)
	}
}

// ruleOf is the longest path with a rule that a package lies within.
func ruleOf(path string) string {
	longest := ""
	for folder := range imports {
		if within(path, folder) && len(folder) > len(longest) {
			longest = folder
		}
	}
	return longest
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
