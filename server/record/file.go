package record

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/DeRuina/timberjack"

	"lendleaf/core/record"
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

	// ready is called before lines are made, of which chunk is the size. It says
	// where they will be.
	ready() (place, error)
}

// place is where lines will be.
type place int

const (
	behind   place = iota // those before
	nextFile              // as the one of those before is full
	newFile               // as the one of those before was moved or deleted
)

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
	rotating := &rotating{name: name, rotation: r}
	if err := rotating.hold(); err != nil {
		return nil, false, err
	}
	// What is renamed once it is full is the file, not a link to it: least of
	// all /dev/stdout.
	if rotating.name, err = filepath.EvalSymlinks(name); err != nil {
		return nil, false, errors.Join(err, rotating.held.Close())
	}
	rotating.open()
	if torn, err = isTorn(rotating.held); err != nil {
		return nil, false, errors.Join(err, rotating.Close())
	}
	return rotating, torn, nil
}

// rotating is a file that is renamed once it is full, and has one writer.
type rotating struct {
	*timberjack.Logger
	name     string
	rotation Rotation
	held     *os.File // what is written to, locked
	size     int64    // of that
	looked   time.Time
}

// look is how often a file that nobody waits for is looked for.
const look = 100 * time.Millisecond

// open begins to write to the file that is held.
func (r *rotating) open() {
	// It is told when to rotate: how large its files may be is not left to it.
	r.Logger = &timberjack.Logger{
		Filename: r.name, FileMode: fileMode, MaxSize: r.rotation.Megabytes + 1, MaxBackups: r.rotation.Keep, MaxAge: r.rotation.Days,
	}
}

// hold locks the file that bears the name.
func (r *rotating) hold() error {
	f, err := os.OpenFile(r.name, os.O_RDWR|os.O_APPEND|os.O_CREATE, fileMode)
	if err != nil {
		return err
	}
	if err := record.Lock(f); err != nil {
		return errors.Join(fmt.Errorf("%s: %w", r.name, err), f.Close())
	}
	info, err := f.Stat()
	if err != nil {
		return errors.Join(err, f.Close())
	}
	if r.held != nil {
		_ = r.held.Close() // nothing was written by it
	}
	r.held, r.size, r.looked = f, info.Size(), time.Now()
	return nil
}

// ready rotates a file that is full, and begins another one where the file was
// moved away or deleted.
func (r *rotating) ready() (place, error) {
	if time.Since(r.looked) >= look && r.isMoved() {
		_ = r.Logger.Close() // what it wrote is where nobody can name it
		if err := r.hold(); err != nil {
			return 0, err
		}
		r.open()
		return newFile, nil
	}
	if r.size+chunk+chunk/4 <= int64(r.rotation.Megabytes)<<20 {
		return behind, nil
	}
	if err := r.Rotate(); err != nil {
		return 0, err
	}
	if err := r.hold(); err != nil {
		return 0, err
	}
	return nextFile, nil
}

// isMoved says whether the file does not bear its name any more.
func (r *rotating) isMoved() bool {
	held, err := r.held.Stat()
	if err != nil {
		return true
	}
	r.looked = time.Now()
	named, err := os.Stat(r.name)
	return errors.Is(err, fs.ErrNotExist) || err == nil && !os.SameFile(held, named)
}

func (r *rotating) Write(lines []byte) (n int, err error) {
	n, err = r.Logger.Write(lines)
	r.size += int64(n)
	return n, err
}

// Sync waits for the disk. Whoever does so wants to know where the file is.
func (r *rotating) Sync() error {
	r.looked = time.Time{}
	return r.Logger.Sync()
}

func (r *rotating) Close() error {
	return errors.Join(r.Logger.Close(), r.held.Close())
}

// lastHead finds where the chain of a file ends: in its last sealed line, or in
// that of the newest full one. Where there is none, a chain begins.
func lastHead(name string) (record.Head, error) {
	if info, err := os.Stat(name); err != nil || !info.Mode().IsRegular() {
		return record.Head{}, err
	}
	name, err := filepath.EvalSymlinks(name)
	if err != nil {
		return record.Head{}, err
	}
	full, err := fullFiles(name)
	if err != nil {
		return record.Head{}, err
	}
	for _, file := range append([]string{name}, full...) {
		tail, err := readTail(file)
		if err != nil {
			return record.Head{}, err
		}
		for _, line := range slices.Backward(bytes.Split(tail, []byte{'\n'})) {
			if l, err := record.Parse(line); err == nil {
				return l.Head(), nil
			}
		}
	}
	return record.Head{}, nil
}

// fullFiles lists what a file was renamed to, packed or not, the newest first.
func fullFiles(name string) ([]string, error) {
	entries, err := os.ReadDir(filepath.Dir(name))
	if err != nil {
		return nil, err
	}
	ext := filepath.Ext(name)
	start := strings.TrimSuffix(filepath.Base(name), ext) + "-2" // and the rest of a year
	var full []string
	for _, e := range slices.Backward(entries) {
		plain := strings.TrimSuffix(e.Name(), packed)
		if strings.HasPrefix(plain, start) && strings.HasSuffix(plain, ext) && e.Type().IsRegular() {
			full = append(full, filepath.Join(filepath.Dir(name), e.Name()))
		}
	}
	return full, nil
}

const packed = ".gz"

// readTail reads the end of a file, which holds its last lines.
func readTail(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if strings.HasSuffix(name, packed) {
		plain, err := gzip.NewReader(f)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		return io.ReadAll(plain)
	}
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	return io.ReadAll(io.NewSectionReader(f, max(0, info.Size()-tailSize), tailSize))
}

// tailSize is more than the longest line.
const tailSize = 1 << 20

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

func (device) ready() (place, error) { return behind, nil }
