package record

import (
	"io"
	"os"
	"path/filepath"

	"github.com/DeRuina/timberjack"
)

// Rotation says when a file of records is full, and how long full ones stay.
type Rotation struct {
	Megabytes int // size of a file, in MiB: past it, it is renamed and another begun
	Keep      int // number of full files that stay; 0: all
	Days      int // how long they stay; 0: for ever
}

// file is where records go.
type file interface {
	io.WriteCloser
	Sync() error
}

// fileMode lets nobody but its owner read a file of records.
const fileMode = 0o600

// openFile opens a file to append to, and says whether its last line was left
// unfinished.
func openFile(name string, r Rotation) (f file, torn bool, err error) {
	if info, err := os.Stat(name); err == nil && !info.Mode().IsRegular() {
		plain, err := os.OpenFile(name, os.O_WRONLY|os.O_APPEND, 0)
		if err != nil {
			return nil, false, err
		}
		return device{plain}, false, nil
	}
	// A rotating file says only later what is wrong, and makes folders.
	plain, err := os.OpenFile(name, os.O_RDWR|os.O_APPEND|os.O_CREATE, fileMode)
	if err != nil {
		return nil, false, err
	}
	defer plain.Close()
	if torn, err = isTorn(plain); err != nil {
		return nil, false, err
	}
	// What is renamed once it is full is the file, not a link to it: least of
	// all /dev/stdout.
	if name, err = filepath.EvalSymlinks(name); err != nil {
		return nil, false, err
	}
	return &timberjack.Logger{
		Filename: name, FileMode: fileMode, MaxSize: r.Megabytes, MaxBackups: r.Keep, MaxAge: r.Days,
	}, torn, nil
}

// readableByOthers says whether a file from before has a mode that this package
// would not give it.
func readableByOthers(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.Mode().IsRegular() && info.Mode().Perm()&^fileMode != 0
}

// isTorn says whether a file's last byte ends no line.
func isTorn(f *os.File) (bool, error) {
	info, err := f.Stat()
	if err != nil || info.Size() == 0 {
		return false, err
	}
	last := make([]byte, 1)
	if _, err := f.ReadAt(last, info.Size()-1); err != nil {
		return false, err
	}
	return last[0] != '\n', nil
}

// device is no regular file, but a pipe or a terminal: it cannot be renamed,
// and has no disk that could be waited for.
type device struct{ *os.File }

func (device) Sync() error { return nil }
