package pages

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"lendleaf/site"
)

// small are parts of few bytes, each of which says what it is given.
func small() *Parts {
	return &Parts{
		Files: Page{
			"lendleaf.wasm": {Content: []byte("program"), Plain: packed("program"), Brotli: []byte("br")},
			"style.css":     {Content: []byte("style"), Plain: []byte("style")},
			"icons/a.svg":   {Content: []byte("<svg/>"), Plain: []byte("<svg/>")},
		},
		Templates: map[string][]byte{
			"lendleaf.js":          []byte(`a={slot:"program"};b={slot:"model"}`),
			"sw.js":                []byte(`i={slot:"index"};f={slot:"files"}`),
			"manifest.webmanifest": []byte(`{"start_url": "./", "name": "none"}`),
			"index.html":           []byte("<p>\n  {{.Address}}\n\n  {{template \"more.html\" .}}</p>{{.Card}}"),
			"more.html":            []byte(`{{range .Controls}}{{.Name}}:{{.Input}} {{end}}{{range .Examples}}{{.Name}}={{.JSON}}{{end}} {{.Script.Integrity}}`),
		},
	}
}

func packed(text string) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = io.WriteString(w, text) // into memory
	_ = w.Close()
	return b.Bytes()
}

func unpacked(t *testing.T, file []byte) string {
	t.Helper()
	r, err := gzip.NewReader(bytes.NewReader(file))
	require.NoError(t, err)
	content, err := io.ReadAll(r)
	require.NoError(t, err)
	return string(content)
}

func read(t *testing.T, name string) []byte {
	t.Helper()
	content, err := os.ReadFile(name)
	require.NoError(t, err)
	return content
}

const machines = "../../core/testdata/machines.lendleaf"

// sum is what `sha256sum` says of a file.
func sum(content []byte) string { return fmt.Sprintf("%x", sha256.Sum256(content)) }

func TestFilesAreTiedByHashes(t *testing.T) {
	file := read(t, machines)
	page, err := small().Page(Subject{Model: file, Address: "https://here.example/", Report: map[string][]byte{"a.svg": []byte("<svg></svg>")}})
	require.NoError(t, err)
	require.Len(t, page, 9)

	modelSum, programSum, styleSum := sum(file), sum([]byte("program")), sum([]byte("style"))
	asset := func(name, kind, sum string, size, packed int) string {
		return fmt.Sprintf(`{name:"%s",url:"%s?v=%s",type:"%s",hash:"%s",size:%d,packed:%d}`, name, name, sum[:16], kind, sum, size, packed)
	}
	program := asset("lendleaf.wasm", "application/wasm", programSum, 7, len(packed("program")))
	model := asset("model.lendleaf", "application/octet-stream", modelSum, len(file), len(page["model.lendleaf"].Plain))
	js := string(page["lendleaf.js"].Plain)
	assert.Equal(t, "a="+program+";b="+model, js)

	digest := sha256.Sum256([]byte(js))
	html := string(page["index.html"].Plain)
	assert.Equal(t, "<p>\nhttps://here.example/\nmaker:search hall:select hours:number load:slider vibration:number oil:select  sha256-"+
		template.HTMLEscapeString(base64.StdEncoding.EncodeToString(digest[:]))+"</p>\n", html)

	style := asset("style.css", "text/css; charset=utf-8", styleSum, 5, 5)
	script := asset("lendleaf.js", "text/javascript; charset=utf-8", sum([]byte(js)), len(js), len(js))
	assert.Equal(t, fmt.Sprintf(`i={names:["style.css?v=%s","lendleaf.js?v=%s"],url:"./?v=%s"};f=[%s,%s,%s,%s]`,
		styleSum[:16], sum([]byte(js))[:16], sum([]byte(html))[:16], style, script, program, model), string(page["sw.js"].Plain))

	assert.Equal(t, string(file), unpacked(t, page["model.lendleaf"].Plain), "the page unpacks it itself")
	assert.Less(t, len(page["model.lendleaf"].Plain), len(file))
	assert.Nil(t, page["model.lendleaf"].Brotli)
	assert.Equal(t, "br", string(page["lendleaf.wasm"].Brotli))
	assert.Equal(t, `{"description":"Predicts Failure Within A Month inside your browser. Nothing that is entered leaves the page.",`+
		`"name":"lendleaf: Failure Within A Month, predicted in your browser","start_url":"./"}`, string(page["manifest.webmanifest"].Plain))
	assert.Equal(t, "<svg></svg>", string(page["report/a.svg"].Plain))
	assert.Equal(t, "<svg/>", string(page["icons/a.svg"].Plain))
}

func TestPartsThatAreNone(t *testing.T) {
	file := read(t, machines)
	for name, spoil := range map[string]func(p *Parts){
		"no program":            func(p *Parts) { delete(p.Files, "lendleaf.wasm") },
		"no style":              func(p *Parts) { delete(p.Files, "style.css") },
		"no page":               func(p *Parts) { delete(p.Templates, "index.html") },
		"no script":             func(p *Parts) { delete(p.Templates, "lendleaf.js") },
		"no manifest":           func(p *Parts) { delete(p.Templates, "manifest.webmanifest") },
		"a manifest of no JSON": func(p *Parts) { p.Templates["manifest.webmanifest"] = []byte("{") },
		"no worker":             func(p *Parts) { delete(p.Templates, "sw.js") },
		"a script without slot": func(p *Parts) { p.Templates["lendleaf.js"] = []byte(`a={slot:"program"}`) },
		"a slot twice":          func(p *Parts) { p.Templates["sw.js"] = append(p.Templates["sw.js"], p.Templates["sw.js"]...) },
		"no template":           func(p *Parts) { p.Templates["more.html"] = []byte("{{") },
		"a template that asks for what is not there": func(p *Parts) { p.Templates["more.html"] = []byte("{{.Nothing}}") },
	} {
		p := small()
		spoil(p)
		page, err := p.Page(Subject{Model: file})
		require.ErrorIs(t, err, ErrParts, name)
		assert.Nil(t, page, name)
	}
	_, err := small().Page(Subject{Model: file[:1000]})
	require.ErrorContains(t, err, "the model file")
}

// Whatever is wrong with a subject is said, and no page is made.
func TestSubjectsThatAreAtFault(t *testing.T) {
	file := read(t, machines)
	for want, of := range map[string]Subject{
		"the page's words": {Model: file, Words: []byte("[]")},
		"the examples":     {Model: file, Examples: []byte("{}")},
		"report.json":      {Model: file, Card: []byte("A card without figures.")},
		"the model file":   {Model: file[:len(file)-1]},
		"Nobody":           {Model: file, Examples: []byte(`[{"name": "Nobody"}]`)},
	} {
		page, err := small().Page(of)
		require.ErrorContains(t, err, want)
		assert.Nil(t, page)
	}
}

func TestPartsAreReadAsTheyWereWritten(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "parts")
	want := small()
	require.NoError(t, want.Write(folder))
	require.NoError(t, want.Write(folder), "parts are written over parts")
	got, err := ReadParts(os.DirFS(folder))
	require.NoError(t, err)
	assert.Equal(t, want, got)

	require.NoError(t, os.WriteFile(filepath.Join(folder, "README"), []byte("no part"), 0o644))
	got, err = ReadParts(os.DirFS(folder))
	require.NoError(t, err)
	assert.Equal(t, want, got)
	_, err = ReadParts(os.DirFS(filepath.Join(folder, "none")))
	require.ErrorIs(t, err, fs.ErrNotExist)
	cut := packed("program")
	require.NoError(t, os.WriteFile(filepath.Join(folder, "files", "lendleaf.wasm"), cut[:len(cut)-4], 0o644))
	_, err = ReadParts(os.DirFS(folder))
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	require.NoError(t, os.WriteFile(filepath.Join(folder, "files", "lendleaf.wasm"), []byte("not packed"), 0o644))
	_, err = ReadParts(os.DirFS(folder))
	require.ErrorIs(t, err, gzip.ErrHeader)
	require.NoError(t, os.Remove(filepath.Join(folder, "files", "lendleaf.wasm")))
	got, err = ReadParts(os.DirFS(folder))
	require.ErrorIs(t, err, ErrParts)
	assert.Nil(t, got)
}

// A folder has the page's files and no others; what is no page stays.
func TestWrite(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "a", "page")
	page := Page{
		"sw.js":     {Plain: []byte("worker")},
		"more/a.js": {Content: []byte("a"), Plain: []byte("packed"), Brotli: []byte("br")},
	}
	require.NoError(t, page.Write(folder))
	require.NoError(t, os.WriteFile(filepath.Join(folder, ".gitkeep"), nil, 0o644))
	require.NoError(t, os.WriteFile(filepath.Join(folder, "old.js"), nil, 0o644))
	require.NoError(t, page.Write(folder))
	found := map[string]string{}
	require.NoError(t, filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			found[strings.TrimPrefix(path, folder)] = string(read(t, path))
		}
		return err
	}))
	assert.Equal(t, map[string]string{"/.gitkeep": "", "/sw.js": "worker", "/more/a.js": "packed", "/more/a.js.br": "br"}, found)

	folder = t.TempDir()
	mine := filepath.Join(folder, "mine.txt")
	require.NoError(t, os.WriteFile(mine, nil, 0o644))
	require.ErrorIs(t, page.Write(folder), ErrForeign)
	assert.FileExists(t, mine)
	assert.NoFileExists(t, filepath.Join(folder, "sw.js"))
}

func TestFoldersThatCannotBeWritten(t *testing.T) {
	folder := t.TempDir()
	file := filepath.Join(folder, "file")
	require.NoError(t, os.WriteFile(file, nil, 0o644))
	page := Page{"sw.js": {Plain: []byte("worker")}}
	require.Error(t, page.Write(file), "it is no folder")
	require.Error(t, page.Write(filepath.Join(file, "below")), "nor has it folders")
	require.Error(t, Page{"sw.js": {}, "": {}}.Write(filepath.Join(folder, "nameless")))
	require.Error(t, Page{"sw.js": {}, "sw.js/below": {}}.Write(filepath.Join(folder, "both")))

	page[".hidden/a"] = &File{}
	require.NoError(t, page.Write(filepath.Join(folder, "page")))
	info, err := os.Stat(filepath.Join(folder, "page", "sw.js"))
	require.NoError(t, err)
	assert.EqualValues(t, 0o644, info.Mode().Perm(), "whoever serves it can read it")
	info, err = os.Stat(filepath.Join(folder, "page", ".hidden"))
	require.NoError(t, err)
	assert.EqualValues(t, 0o755, info.Mode().Perm())
}

// builtParts are those that the build made.
func builtParts(t *testing.T) *Parts {
	t.Helper()
	files, err := site.Parts()
	if err != nil {
		t.Skip(err)
	}
	p, err := ReadParts(files)
	require.NoError(t, err)
	return p
}

// The page that was built is what this package makes of the parts that were, but
// for what brotli packed.
func TestTheBuiltPageIsMadeOfTheParts(t *testing.T) {
	p := builtParts(t)
	built, err := site.Page()
	require.NoError(t, err)
	report := map[string][]byte{}
	names, err := fs.Glob(built, "report/*[^r]") // all but .br
	require.NoError(t, err)
	require.Greater(t, len(names), 5)
	for _, name := range names {
		report[filepath.Base(name)] = readBuilt(t, built, name)
	}
	page, err := p.Page(Subject{
		Model: []byte(unpacked(t, readBuilt(t, built, "model.lendleaf"))), Report: report,
		Words: read(t, "../model/words.json"), Examples: read(t, "../model/examples.json"), Card: read(t, "../model/card.html"),
	})
	require.NoError(t, err)
	require.Greater(t, len(page), 15)
	for name, f := range page {
		assert.True(t, bytes.Equal(readBuilt(t, built, name), f.Plain), "%s: run make site", name)
	}
}

func readBuilt(t *testing.T, built fs.FS, name string) []byte {
	t.Helper()
	content, err := fs.ReadFile(built, name)
	require.NoError(t, err)
	return content
}

// A page about something else than loans, of the parts alone.
func TestAPageAboutAnotherModel(t *testing.T) {
	file := read(t, machines)
	page, err := builtParts(t).Page(Subject{Model: file})
	require.NoError(t, err)
	html := string(page["index.html"].Plain)
	assert.Contains(t, string(page["lendleaf.js"].Plain), `hash:"`+sum(file)+`"`)
	assert.Contains(t, string(page["sw.js"].Plain), `hash:"`+sum(file)+`"`)
	assert.Contains(t, html, sum(file))
	for _, f := range loadModel(t, machines).Schema().Fields {
		assert.Contains(t, html, `<label for="`+f.Name+`">`+template.HTMLEscapeString(f.Text)+`</label>`)
	}
	for _, f := range loadModel(t, shipped).Schema().Fields {
		assert.NotContains(t, html, `id="`+f.Name+`"`)
	}
	for _, needless := range []string{`class="card"`, `data-act="example"`, `href="report/"`, `og:image`, "oan"} {
		assert.NotContains(t, html, needless)
	}
	assert.Equal(t, string(file), unpacked(t, page["model.lendleaf"].Plain))
	assert.NotEmpty(t, page["lendleaf.wasm"].Brotli, "what is the same in all pages is packed")
	assert.Nil(t, page["lendleaf.js"].Brotli)
}

func TestWords(t *testing.T) {
	m := loadModel(t, machines)
	w, err := words([]byte(`{"title": "Broken tomorrow?"}`), m)
	require.NoError(t, err)
	assert.Equal(t, "Broken tomorrow?", w.Title)
	assert.Equal(t, "Enter the details to see how likely Failure Within A Month is. They are scored on this device and are never sent anywhere.", w.Lead)
	_, err = words([]byte(`{"title": 7}`), m)
	require.ErrorContains(t, err, "words")
}

// A name of a member loses its quotes; what only looks like one keeps them.
func TestLiteral(t *testing.T) {
	text, err := literal([]any{map[string]any{"size": 7, "name": `"x":"`}, "a:b", nil})
	require.NoError(t, err)
	assert.Equal(t, `[{name:"\"x\":\"",size:7},"a:b",null]`, string(text))
}

func BenchmarkPage(b *testing.B) {
	files, err := site.Parts()
	if err != nil {
		b.Skip(err)
	}
	p, err := ReadParts(files)
	require.NoError(b, err)
	b.ReportAllocs()
	for b.Loop() {
		_, err := p.Page(Subject{Model: site.Model()})
		require.NoError(b, err)
	}
}
