package core_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// beside names the functions that may: those of the standard library's
// interfaces, and two that say how much they have read before an error.
var beside = []string{"Read", "Write", "read", "appendAll"}

// Whoever forgets to look at an error should find nothing to go on with.
func TestNothingReturnsAValueBesideAnError(t *testing.T) {
	functions := 0
	require.NoError(t, filepath.WalkDir("..", func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && (slices.Contains([]string{"testdata", "node_modules", "bin"}, entry.Name()) || path != ".." && strings.HasPrefix(entry.Name(), ".")) {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, path, nil, parser.SkipObjectResolution)
		require.NoError(t, err)
		for _, at := range besideErrors(file, &functions) {
			t.Errorf("%s: a value is returned beside an error", set.Position(at))
		}
		return nil
	}))
	assert.Greater(t, functions, 100)
}

func TestAValueBesideAnErrorIsSeen(t *testing.T) {
	for body, want := range map[string]int{
		"return x, err": 1, "return x, check(x)": 1, "return T{1}, err": 1, "return 0, x, err": 1,
		"return x, nil": 0, "return nil, err": 0, "return T{}, err": 0, "return make()": 0, `return 0, "", err`: 0, "return false, err": 0,
		"_ = func() (int, error) { return 1, err }; return nil, err": 1,
		"_ = func() (int, int) { return 1, x }; return nil, err":     0,
	} {
		functions := 0
		file, err := parser.ParseFile(token.NewFileSet(), "", "package p\nfunc f() (T, error) { "+body+" }", parser.SkipObjectResolution)
		require.NoError(t, err)
		assert.Len(t, besideErrors(file, &functions), want, body)
		assert.Positive(t, functions)
	}
}

// besideErrors lists the returns of something beside what may be an error, and
// counts the functions that return both.
func besideErrors(file *ast.File, functions *int) (places []token.Pos) {
	ast.Inspect(file, func(n ast.Node) bool {
		var kind *ast.FuncType
		var body *ast.BlockStmt
		switch f := n.(type) {
		case *ast.FuncDecl:
			if slices.Contains(beside, f.Name.Name) {
				return true
			}
			kind, body = f.Type, f.Body
		case *ast.FuncLit:
			kind, body = f.Type, f.Body
		}
		if body == nil || kind.Results == nil {
			return true
		}
		results := kind.Results.List
		if last, ok := results[len(results)-1].Type.(*ast.Ident); !ok || last.Name != "error" || len(results) < 2 {
			return true
		}
		*functions++
		ast.Inspect(body, func(n ast.Node) bool {
			if r, ok := n.(*ast.ReturnStmt); ok && len(r.Results) > 1 {
				values, last := r.Results[:len(r.Results)-1], r.Results[len(r.Results)-1]
				if !isZero(last) && slices.ContainsFunc(values, isValue) {
					places = append(places, r.Pos())
				}
			}
			_, inner := n.(*ast.FuncLit)
			return !inner
		})
		return true
	})
	return places
}

func isValue(x ast.Expr) bool { return !isZero(x) }

// isZero says whether an expression is plainly what a type has for nothing.
func isZero(x ast.Expr) bool {
	switch x := x.(type) {
	case *ast.Ident:
		return x.Name == "nil" || x.Name == "false"
	case *ast.BasicLit:
		return x.Value == "0" || x.Value == `""`
	case *ast.CompositeLit:
		return len(x.Elts) == 0
	}
	return false
}
