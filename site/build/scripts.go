package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"

	"github.com/evanw/esbuild/pkg/api"
)

// module is what a script can import by a name that is no file's.
type module struct {
	name    string
	exports map[string]any
}

// bundle packs a script or a style sheet, with all that it imports, into one
// small file. Beside files and the given modules, a script can import
// "go:runtime" and "vugu:renderer", which belong to the versions at hand.
func bundle(entry string, modules ...module) ([]byte, error) {
	plugins := []api.Plugin{foreign("go:runtime", api.LoaderJS, goRuntime), foreign("vugu:renderer", api.LoaderJS, renderer)}
	for _, m := range modules {
		plugins = append(plugins, foreign(m.name, api.LoaderJSON, func() ([]byte, error) { return json.Marshal(m.exports) }))
	}
	result := api.Build(api.BuildOptions{
		EntryPoints:       []string{entry},
		Bundle:            true,
		Format:            api.FormatIIFE,
		Target:            api.ES2022,
		Charset:           api.CharsetUTF8,
		LegalComments:     api.LegalCommentsNone,
		MinifyWhitespace:  true,
		MinifyIdentifiers: true,
		MinifySyntax:      true,
		Plugins:           plugins,
		LogLevel:          api.LogLevelSilent, // all is in the result
	})
	problems := append(result.Errors, result.Warnings...)
	if len(problems) > 0 {
		text := api.FormatMessages(problems, api.FormatMessagesOptions{})
		return nil, errors.New(strings.TrimSpace(strings.Join(text, "")))
	}
	return result.OutputFiles[0].Contents, nil
}

// foreign lets scripts import what is not the page's own by a name.
func foreign(name string, loader api.Loader, load func() ([]byte, error)) api.Plugin {
	return api.Plugin{Name: name, Setup: func(build api.PluginBuild) {
		build.OnResolve(api.OnResolveOptions{Filter: "^" + name + "$"}, func(args api.OnResolveArgs) (api.OnResolveResult, error) {
			return api.OnResolveResult{Path: args.Path, Namespace: "foreign"}, nil
		})
		build.OnLoad(api.OnLoadOptions{Filter: "^" + name + "$", Namespace: "foreign"}, func(api.OnLoadArgs) (api.OnLoadResult, error) {
			script, err := load()
			if err != nil {
				return api.OnLoadResult{}, err
			}
			contents := string(script)
			return api.OnLoadResult{Contents: &contents, Loader: loader}, nil
		})
	}}
}

// goRuntime takes the script that belongs to the Go version at hand.
func goRuntime() ([]byte, error) {
	root, err := output("go", "env", "GOROOT")
	if err != nil {
		return nil, err
	}
	return os.ReadFile(filepath.Join(root, "lib", "wasm", "wasm_exec.js"))
}

// renderer takes the script that belongs to the Vugu version at hand. Vugu
// would have it evaluated, without its debugging lines, which a strict
// Content-Security-Policy forbids.
func renderer() ([]byte, error) {
	folder, err := output("go", "list", "-f", "{{.Dir}}", "github.com/vugu/vugu/domrender")
	if err != nil {
		return nil, err
	}
	script, err := os.ReadFile(filepath.Join(folder, "renderer-js-script.js"))
	if err != nil {
		return nil, err
	}
	var kept bytes.Buffer
	for line := range bytes.Lines(script) {
		if !bytes.Contains(line, []byte("/*DEBUG*/")) {
			kept.Write(line)
		}
	}
	return kept.Bytes(), nil
}
