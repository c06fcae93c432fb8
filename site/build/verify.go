package main

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"lendleaf/site/pages"
)

// errDiffers says that a page is not what its source makes.
var errDiffers = errors.New("this is not the page that the source here makes")

// compare compares all files of a page with those in a folder or, by http, those that a host
// serves, and writes a line for each. Its error is errDiffers if any differs.
func compare(p pages.Page, where string, w io.Writer) error {
	read, differs := readFile, 0
	if strings.HasPrefix(where, "http://") || strings.HasPrefix(where, "https://") {
		read = fetch
	} else if err := strangers(p, where, w, &differs); err != nil {
		return err
	}
	names := make([]string, 0, len(p))
	for name := range p {
		if !strings.HasPrefix(name, ".") { // it is for the host, which may keep it to itself
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		verdict := "same"
		if found, err := read(where, name); err != nil {
			verdict, differs = err.Error(), differs+1
		} else if !bytes.Equal(found, p[name].Plain) && !bytes.Equal(found, p[name].Content) {
			verdict, differs = "DIFFERS", differs+1
		}
		fmt.Fprintf(w, "%x  %-22s %s\n", sha256.Sum256(p[name].Content), name, verdict)
	}
	if differs > 0 {
		return fmt.Errorf("%s: %w: %d files differ", where, errDiffers, differs)
	}
	return nil
}

// strangers counts the files in a folder that no source makes.
func strangers(p pages.Page, folder string, w io.Writer, count *int) error {
	return filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || entry.Name() == ".gitkeep" {
			return err
		}
		name, err := filepath.Rel(folder, path)
		if err != nil {
			return err
		}
		name = filepath.ToSlash(name)
		plain, packed := strings.CutSuffix(name, ".br")
		if f := p[plain]; f == nil {
			*count++
			fmt.Fprintf(w, "%-64s  %-22s NOT OF THIS PAGE\n", "", name)
		} else if packed {
			found, err := os.ReadFile(path)
			if err != nil || !bytes.Equal(found, f.Brotli) {
				*count++
				fmt.Fprintf(w, "%-64s  %-22s DIFFERS\n", "", name)
			}
		}
		return nil
	})
}

func readFile(folder, name string) ([]byte, error) {
	return os.ReadFile(filepath.Join(folder, filepath.FromSlash(name)))
}

// fetch takes a file as a host has it, with no encoding of the way there.
func fetch(host, name string) ([]byte, error) {
	client := http.Client{Transport: &http.Transport{DisableCompression: true, DisableKeepAlives: true}}
	response, err := client.Get(strings.TrimSuffix(host, "/") + "/" + strings.TrimSuffix(name, "index.html"))
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, errors.New(response.Status)
	}
	content, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, err
	}
	return content, nil
}
