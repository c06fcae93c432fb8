// Command build makes the page: site/dist/ then works on any static host.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "build:", err)
		os.Exit(1)
	}
}

// run runs in the project's root.
func run(args []string, stdout io.Writer) error {
	flags := flag.NewFlagSet("build", flag.ContinueOnError)
	out := flags.String("out", "site/dist", "the `folder` to write the page into; the page that is there is removed")
	space := flags.Bool("space", false, "write what a static Hugging Face Space wants: its README, and no .br files")
	verify := flags.String("verify", "", "write nothing, and compare with the page in this `folder`, or at this http address")
	address := flags.String("address", "", "the page's http `address`, with a slash at its end: sites that show links to it want their picture's as a whole")
	if err := flags.Parse(args); err != nil {
		return err
	}
	page, err := build(*address)
	if err != nil {
		return err
	}
	if *verify != "" {
		return page.verify(*verify, stdout)
	}
	if *space {
		if err := page.addSpace("site/space.md"); err != nil {
			return err
		}
	}
	return page.write(*out)
}

// addSpace makes the page a Space, whose host takes files as they are.
func (p page) addSpace(readme string) error {
	for _, f := range p {
		f.brotli = nil
	}
	content, err := os.ReadFile(readme)
	p["README.md"] = &file{content: content, plain: content}
	return err
}

// errNotAPage says that a folder holds something else, which is not removed.
var errNotAPage = errors.New("the folder is not empty, and holds no page")

// write writes all files into a folder, and removes all others but the one that
// keeps the folder under version control.
func (p page) write(folder string) error {
	entries, err := os.ReadDir(folder)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	entries = slices.DeleteFunc(entries, func(e fs.DirEntry) bool { return e.Name() == ".gitkeep" })
	if _, err := os.Stat(filepath.Join(folder, "sw.js")); err != nil && len(entries) > 0 {
		return fmt.Errorf("%s: %w", folder, errNotAPage)
	}
	for _, e := range entries {
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
