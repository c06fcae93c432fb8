// Package docs serves a page that explains the API and sends requests to try
// it, with nothing from elsewhere.
package docs

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"html/template"
	"mime"
	"path"
	"slices"
	"strings"

	"lendleaf/core"
	"lendleaf/core/schema"
	"lendleaf/server/api"
)

//go:embed page.html docs.css docs.js
var files embed.FS

// Server is what the page says of a server, beside its model.
type Server struct {
	Example  []byte   // a body that it takes
	Recorded string   // what it records, in words
	Guarded  bool     // whether requests must bear a token
	Speaks   []string // names of further protocols
}

// New gives /docs and what that needs, by path.
func New(m *core.Model, of Server) (map[string]*api.Content, error) {
	page, err := render(m, of)
	if err != nil {
		return nil, err
	}
	pages := map[string]*api.Content{"/docs": api.NewContent("text/html; charset=utf-8", page)}
	for _, name := range []string{"docs.css", "docs.js"} {
		file, err := files.ReadFile(name)
		if err != nil {
			return nil, err
		}
		pages["/docs/"+name] = api.NewContent(mime.TypeByExtension(path.Ext(name)), file)
	}
	return pages, nil
}

func render(m *core.Model, of Server) ([]byte, error) {
	t, err := template.New("page.html").Funcs(template.FuncMap{"takes": takes, "answers": answers, "speaks": slices.Contains[[]string]}).ParseFS(files, "page.html")
	if err != nil {
		return nil, err
	}
	var indented, page bytes.Buffer
	if err := json.Indent(&indented, of.Example, "", "  "); err != nil {
		return nil, err
	}
	if err := t.Execute(&page, struct {
		*core.Model
		Server
		Body string
	}{m, of, indented.String()}); err != nil {
		return nil, err
	}
	return page.Bytes(), nil
}

// takes says in words what a field takes.
func takes(f schema.Field) string {
	var words []string
	switch {
	case f.Kind == schema.Choice:
		words = append(words, fmt.Sprintf("one of %d labels", len(f.Labels)))
	case f.Min != nil && f.Max != nil:
		words = append(words, fmt.Sprintf("number from %v to %v", *f.Min, *f.Max))
	case f.Min != nil:
		words = append(words, fmt.Sprintf("number from %v", *f.Min))
	case f.Max != nil:
		words = append(words, fmt.Sprintf("number up to %v", *f.Max))
	default:
		words = append(words, "number")
	}
	if f.Optional {
		words = append(words, "or null, or left out")
	}
	return strings.Join(words, ", ")
}

// status is an answer other than 200.
type status struct {
	Code    int
	Meaning string
}

func answers() []status {
	return []status{
		{400, "The body could not be read, or is no UTF-8."},
		{401, "The request bears no token, where the operator asks for one."},
		{413, "The body is larger than the operator allows."},
		{415, "The body is packed in a way that is not known; gzip and zstd are."},
		{422, "What is wrong with the applicants, every fault by itself."},
		{429, "The server is busy: come again after Retry-After seconds."},
		{503, "The server cannot answer now: come again after Retry-After seconds."},
		{500, "The server failed: its log has the request's X-Request-Id."},
	}
}
