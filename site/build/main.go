// Command build makes the page: site/dist/ then works on any static host.
package main

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/andybalholm/brotli"

	"lendleaf/core"
)

const (
	dist  = "site/dist"
	model = "site/model/loan-default.lendleaf"
)

func main() {
	if err := build(); err != nil {
		fmt.Fprintln(os.Stderr, "build:", err)
		os.Exit(1)
	}
}

// build runs from the project's root.
func build() error {
	modelFile, err := os.ReadFile(model)
	if err != nil {
		return err
	}
	files, err := pageFiles(modelFile)
	if err != nil {
		return err
	}
	if err := clean(); err != nil {
		return err
	}
	for name, content := range files {
		if err := write(name, content); err != nil {
			return err
		}
	}
	return nil
}

// pageFiles makes all files, as they are before they are packed.
func pageFiles(modelFile []byte) (map[string][]byte, error) {
	loaded, err := core.Load(modelFile)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", model, err)
	}
	files := map[string][]byte{"model.lendleaf": modelFile}
	if files["index.html"], err = index("site/page/index.html", loaded.Schema()); err != nil {
		return nil, err
	}
	for name, entry := range map[string]string{"lendleaf.js": "boot.js", "style.css": "style.css"} {
		if files[name], err = bundle("site/page/" + entry); err != nil {
			return nil, err
		}
	}
	if err := addReport(files); err != nil {
		return nil, err
	}
	files["lendleaf.wasm"], err = program()
	return files, err
}

// addReport takes the report as it was written when the model was measured.
func addReport(files map[string][]byte) error {
	names, err := filepath.Glob("site/report/*")
	if err != nil {
		return err
	}
	for _, name := range append(names, "site/model/report.json") {
		content, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		files["report/"+filepath.Base(name)] = content
	}
	return nil
}

// program compiles the page's program.
func program() ([]byte, error) {
	dir, err := os.MkdirTemp("", "lendleaf")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	out := filepath.Join(dir, "lendleaf.wasm")
	cmd := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-ldflags", "-s -w", "-o", out, "./wasm")
	cmd.Env = append(os.Environ(), "GOOS=js", "GOARCH=wasm")
	cmd.Stderr = os.Stderr
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("the page's program: %w", err)
	}
	return os.ReadFile(out)
}

func run(name string, args ...string) (string, error) {
	cmd := exec.Command(name, args...)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("%s: %w", strings.Join(cmd.Args, " "), err)
	}
	return strings.TrimSpace(string(out)), nil
}

// clean empties dist but for what is committed.
func clean() error {
	entries, err := os.ReadDir(dist)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if e.Name() == ".gitkeep" {
			continue
		}
		if err := os.RemoveAll(filepath.Join(dist, e.Name())); err != nil {
			return err
		}
	}
	return nil
}

// write writes a file and its brotli twin. What the page unpacks itself is
// packed under its plain name, for hosts that pack nothing.
func write(name string, content []byte) error {
	if err := os.MkdirAll(filepath.Join(dist, filepath.Dir(name)), 0o755); err != nil {
		return err
	}
	if err := writePacked(name+".br", content); err != nil {
		return err
	}
	switch filepath.Ext(name) {
	case ".wasm", ".lendleaf":
		packed, err := pack(content)
		if err != nil {
			return err
		}
		content = packed
	}
	return os.WriteFile(filepath.Join(dist, name), content, 0o644)
}

func pack(content []byte) ([]byte, error) {
	var packed bytes.Buffer
	w, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(content); err != nil {
		return nil, err
	}
	err = w.Close()
	return packed.Bytes(), err
}

func writePacked(name string, content []byte) error {
	var packed bytes.Buffer
	w := brotli.NewWriterLevel(&packed, brotli.BestCompression)
	if _, err := w.Write(content); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dist, name), packed.Bytes(), 0o644)
}
