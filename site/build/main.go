// Command build makes the page: site/dist/ then works on any static host.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "build:", err)
		os.Exit(1)
	}
}

// run runs in the project's root.
func run(args []string) error {
	flags := flag.NewFlagSet("build", flag.ContinueOnError)
	out := flags.String("out", "site/dist", "the `folder` to write the page into; what is there is removed")
	if err := flags.Parse(args); err != nil {
		return err
	}
	page, err := build()
	if err != nil {
		return err
	}
	return page.write(*out)
}

// write writes all files into a folder, and removes all others but the one that
// keeps the folder under version control.
func (p page) write(folder string) error {
	entries, err := os.ReadDir(folder)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	for _, e := range entries {
		if e.Name() == ".gitkeep" {
			continue
		}
		if err := os.RemoveAll(filepath.Join(folder, e.Name())); err != nil {
			return err
		}
	}
	for name, f := range p {
		path := filepath.Join(folder, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, f.plain, 0o644); err != nil {
			return err
		}
		if f.brotli == nil {
			continue
		}
		if err := os.WriteFile(path+".br", f.brotli, 0o644); err != nil {
			return err
		}
	}
	return nil
}
