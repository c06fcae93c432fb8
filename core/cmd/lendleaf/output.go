package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
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
		return &output{f, name, true}, err
	}
	mode := fs.FileMode(0o644)
	if err == nil {
		mode = info.Mode().Perm()
	}
	f, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+".*")
	if err != nil {
		return nil, err
	}
	o := &output{f, name, false}
	if err := f.Chmod(mode); err != nil {
		o.discard()
		return nil, err
	}
	return o, nil
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
