package record

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestTornFiles(t *testing.T) {
	for text, want := range map[string]bool{
		"": false, "\n": false, "{}\n": false, "{": true, "{}\n{": true, "\nx": true, "{}\t": true, "{}\v": true,
	} {
		name := filepath.Join(t.TempDir(), "records.jsonl")
		require.NoError(t, os.WriteFile(name, []byte(text), 0o600))
		f, err := os.Open(name)
		require.NoError(t, err)
		torn, err := isTorn(f)
		require.NoError(t, err)
		assert.Equal(t, want, torn, "%q", text)
		require.NoError(t, f.Close())
		torn, err = isTorn(f)
		require.ErrorIs(t, err, os.ErrClosed)
		assert.False(t, torn)
	}
	unread, err := os.OpenFile(filepath.Join(t.TempDir(), "records.jsonl"), os.O_WRONLY|os.O_CREATE, 0o600)
	require.NoError(t, err)
	defer unread.Close()
	_, err = unread.WriteString("{")
	require.NoError(t, err)
	_, err = isTorn(unread)
	require.Error(t, err, "what cannot be read is not known")
}

// What is no file cannot be renamed, and has no disk to wait for.
func TestDevices(t *testing.T) {
	f, torn, err := openFile(os.DevNull, Rotation{Megabytes: 1})
	require.NoError(t, err)
	assert.False(t, torn)
	assert.IsType(t, device{}, f)
	require.NoError(t, f.Sync())
	require.NoError(t, f.Close())
	assert.False(t, readableByOthers(os.DevNull), "others may read what holds nothing")
	assert.False(t, readableByOthers(filepath.Join(t.TempDir(), "none")))
}

func TestFilesThatCannotBeOpened(t *testing.T) {
	folder := t.TempDir()
	for name, want := range map[string]string{folder: "is a directory", filepath.Join(folder, "none", "records.jsonl"): "no such file"} {
		f, torn, err := openFile(name, Rotation{Megabytes: 1})
		require.ErrorContains(t, err, want)
		assert.Nil(t, f)
		assert.False(t, torn)
		o, _ := options(t)
		o.File = name
		w, err := Open(o)
		require.ErrorContains(t, err, want)
		assert.Nil(t, w)
	}
	o, _ := options(t)
	o.Omit = []string{"nothing"}
	w, err := Open(o)
	require.ErrorIs(t, err, ErrMember)
	assert.Nil(t, w)
	assert.NoFileExists(t, o.File)
}

// fill writes some three megabytes, slowly enough that no two files have a name
// of the same millisecond.
func fill(t *testing.T, o Options) {
	t.Helper()
	o.Required = true // so that each batch is written before the next
	w, err := Open(o)
	require.NoError(t, err)
	m := loadModel(t)
	for range 12 {
		require.NoError(t, w.Keep(t.Context(), oneOf(m, "A", 700)))
		time.Sleep(2 * time.Millisecond)
	}
	require.NoError(t, w.Close())
}

func TestOldFilesAreDeleted(t *testing.T) {
	o, _ := options(t)
	o.Rotation.Keep = 2
	fill(t, o)
	names, err := filepath.Glob(filepath.Join(filepath.Dir(o.File), "*"))
	require.NoError(t, err)
	assert.Len(t, names, 3)
}

func TestFilesAreDeletedByAge(t *testing.T) {
	for days, want := range map[int][]bool{0: {true, true, true}, 2: {true, false, false}, 9: {true, true, false}} {
		o, _ := options(t)
		o.Rotation.Keep, o.Rotation.Days = 0, days
		var full []string
		for _, age := range []int{1, 3, 4000} { // days
			name := "records-" + time.Now().UTC().AddDate(0, 0, -age).Format("2006-01-02T15-04-05.000") + "-size.jsonl"
			full = append(full, filepath.Join(filepath.Dir(o.File), name))
			require.NoError(t, os.WriteFile(full[len(full)-1], []byte("{}\n"), 0o600))
		}
		fill(t, o)
		for i, name := range full {
			_, err := os.Stat(name)
			assert.Equal(t, want[i], err == nil, "%d days, and kept for %d", []int{1, 3, 4000}[i], days)
		}
	}
}
