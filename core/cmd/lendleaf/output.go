package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// output is a file that bears its name only once it is complete: until then it
// has another, in the same directory. What is no regular file, such as a pipe,
// is written in place.
type output struct {
	*os.File
	name    string
	inPlace bool
}

// createOutput fails if the file cannot be written, before any work is done.
func createOutput(name string) (*output, error) {
	info, err := os.Lstat(name)
	if err == nil && info.IsDir() {
		return nil, &fs.PathError{Op: "write", Path: name, Err: errors.New("it is a directory")}
	}
	if err == nil && !info.Mode().IsRegular() {
		f, err := os.OpenFile(name, os.O_WRONLY|os.O_TRUNC, 0)
		if err != nil {
			return nil, err
		}
		return &output{f, name, true}, nil
	}
	mode := fs.FileMode(0o644)
	if err == nil {
		mode = info.Mode().Perm()
	}
	f, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+".*")
	if err != nil {
		var fault *fs.PathError
		if errors.As(err, &fault) {
			fault.Path = name // not the other name
		}
		return nil, err
	}
	o := &output{f, name, false}
	if err := f.Chmod(mode); err != nil {
		o.discard()
		return nil, err
	}
	return o, nil
}

// separate refuses outputs that would replace an input or one another. Both
// are pairs: what a file is called on the command line, and its name.
func separate(outputs, inputs []string) error {
	for i := 0; i < len(outputs); i += 2 {
		others := slices.Concat(outputs[i+2:], inputs)
		for j := 0; j < len(others); j += 2 {
			standard := outputs[i+1] == "-" && j >= len(outputs)-i-2 // to write and to read are two things
			if !standard && sameFile(outputs[i+1], others[j+1]) {
				return usage("%s and %s are the same file", outputs[i], others[j])
			}
		}
	}
	return nil
}

// sameFile says whether two names are of one file, which need not be there yet.
func sameFile(a, b string) bool {
	if a == "" || b == "" {
		return false
	}
	infoA, errA := os.Stat(a)
	infoB, errB := os.Stat(b)
	if errA == nil && errB == nil {
		return infoA.Mode().IsRegular() && os.SameFile(infoA, infoB)
	}
	pathA, _ := filepath.Abs(a)
	pathB, _ := filepath.Abs(b)
	return errA != nil && errB != nil && pathA == pathB
}

// commit closes the file and gives it its name.
func (o *output) commit() error {
	if err := o.Close(); err != nil || o.inPlace {
		return err
	}
	return os.Rename(o.Name(), o.name)
}

// discard throws the file away, unless it was committed.
func (o *output) discard() {
	if o.Close() == nil && !o.inPlace {
		os.Remove(o.Name())
	}
}
