package record

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"lendleaf/core/record"
)

// verify checks the files of a folder, packed ones too.
func verify(t *testing.T, folder string, anchor record.Head) record.Report {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(folder, "records*"))
	require.NoError(t, err)
	var files []record.File
	for _, name := range names {
		text, err := os.ReadFile(name)
		require.NoError(t, err)
		if strings.HasSuffix(name, ".gz") {
			plain, err := gzip.NewReader(bytes.NewReader(text))
			require.NoError(t, err)
			text, err = io.ReadAll(plain)
			require.NoError(t, err)
		}
		c := record.NewChecker(filepath.Base(name), anchor)
		for line := range bytes.Lines(text) {
			c.Line(bytes.TrimSuffix(line, []byte("\n")))
		}
		files = append(files, c.End())
	}
	return record.Join(files, anchor)
}

// keep writes batches as one run of a server does.
func keep(t *testing.T, o Options, batches, size int) {
	t.Helper()
	o.Required = true
	w, err := Open(o)
	require.NoError(t, err)
	m := loadModel(t)
	for range batches {
		require.NoError(t, w.Keep(t.Context(), oneOf(m, "A", size)))
	}
	require.NoError(t, w.Close())
}

// pack packs a file in the place where it is.
func pack(t *testing.T, name string) {
	t.Helper()
	text, err := os.ReadFile(name)
	require.NoError(t, err)
	var packed bytes.Buffer
	zip := gzip.NewWriter(&packed)
	_, err = zip.Write(text)
	require.NoError(t, err)
	require.NoError(t, zip.Close())
	require.NoError(t, os.WriteFile(name+".gz", packed.Bytes(), 0o600))
	require.NoError(t, os.Remove(name))
}

// One chain goes through rotated and packed files, restarts and crashes.
func TestTheChainGoesOn(t *testing.T) {
	o, _ := options(t)
	o.Rotation.Keep = 0
	folder := filepath.Dir(o.File)
	keep(t, o, 1, 3)
	keep(t, o, 4, 700)
	full, err := fullFiles(o.File)
	require.NoError(t, err)
	require.NotEmpty(t, full)
	for _, name := range full {
		pack(t, name)
	}
	file, err := os.OpenFile(o.File, os.O_WRONLY|os.O_APPEND, 0)
	require.NoError(t, err)
	_, err = file.WriteString(`{"batch_id":"half a line`)
	require.NoError(t, err)
	require.NoError(t, file.Close())
	keep(t, o, 1, 5)
	r := verify(t, folder, record.Head{})
	assert.Empty(t, r.Faults)
	assert.EqualValues(t, 3+2800+5, r.Sealed)
	assert.Equal(t, 1, r.Chains)
	assert.EqualValues(t, 1, r.Torn)

	// What is left of a file is the newest one, packed.
	require.NoError(t, os.Rename(o.File, full[0][:len(full[0])-len("-size.jsonl")]+"9-size.jsonl"))
	full, err = fullFiles(o.File)
	require.NoError(t, err)
	pack(t, full[0])
	keep(t, o, 1, 2)
	r = verify(t, folder, record.Head{})
	assert.Empty(t, r.Faults)
	assert.EqualValues(t, 3+2800+5+2, r.Sealed)
	assert.Equal(t, 1, r.Chains)
}

// Records from before there was a chain stay as they are, and it begins.
func TestTheChainBeginsBehindOldRecords(t *testing.T) {
	o, _ := options(t)
	require.NoError(t, os.WriteFile(o.File, []byte(`{"prediction_id":"OLD-0"}`+"\n"), 0o600))
	keep(t, o, 2, 2)
	r := verify(t, filepath.Dir(o.File), record.Head{})
	assert.Empty(t, r.Faults)
	assert.EqualValues(t, 4, r.Sealed)
	assert.EqualValues(t, 1, r.Unsealed)
}

// A line that lacks only its end was written: no second one takes its place.
func TestAWholeLineWithoutAnEnd(t *testing.T) {
	o, _ := options(t)
	keep(t, o, 1, 2)
	info, err := os.Stat(o.File)
	require.NoError(t, err)
	require.NoError(t, os.Truncate(o.File, info.Size()-1))
	keep(t, o, 1, 1)
	r := verify(t, filepath.Dir(o.File), record.Head{})
	assert.Empty(t, r.Faults)
	assert.EqualValues(t, 3, r.Sealed)
	assert.Zero(t, r.Torn)
}

// What a full disk loses is in no chain: of each length that fits, the next record
// follows the last whole one.
func TestTheChainOfAFullDisk(t *testing.T) {
	m := loadModel(t)
	o, _ := options(t)
	o.Required = true
	probe := &disk{room: -1}
	w := startOn(t, probe, o)
	require.NoError(t, w.Keep(t.Context(), oneOf(m, "A", 2)))
	require.NoError(t, w.Close())
	for room := range probe.text.Len() + 2 {
		d := &disk{room: room}
		w := startOn(t, d, o)
		_ = w.Keep(t.Context(), oneOf(m, "A", 3))
		d.set(-1)
		require.NoError(t, w.Keep(t.Context(), oneOf(m, "B", 3)))
		require.NoError(t, w.Close())
		c := record.NewChecker("d", record.Head{})
		for text := range strings.Lines(d.text.String()) {
			c.Line([]byte(strings.TrimSuffix(text, "\n")))
		}
		r := record.Join([]record.File{c.End()}, w.chain.Head())
		assert.Empty(t, r.Faults, "room for %d bytes", room)
		assert.Equal(t, w.Written(), r.Sealed, "room for %d bytes", room)
		assert.Equal(t, []record.Head{w.chain.Head()}, r.Heads, "room for %d bytes", room)
		assert.EqualValues(t, 6, w.Written()+w.Lost())
	}
}

// A disk that is full twice in a row cuts off the line that ends a cut off one.
func TestADiskThatIsFullTwice(t *testing.T) {
	m := loadModel(t)
	o, _ := options(t)
	o.Required = true
	probe := &disk{room: -1}
	w := startOn(t, probe, o)
	require.NoError(t, w.Keep(t.Context(), oneOf(m, "A", 1)))
	require.NoError(t, w.Close())
	line := probe.text.Len()
	for second := range line + 80 {
		d := &disk{room: line / 3}
		w := startOn(t, d, o)
		require.Error(t, w.Keep(t.Context(), oneOf(m, "A", 1)))
		d.set(second)
		_ = w.Keep(t.Context(), oneOf(m, "B", 1))
		d.set(-1)
		require.NoError(t, w.Keep(t.Context(), oneOf(m, "C", 2)))
		require.NoError(t, w.Close())
		c := record.NewChecker("d", record.Head{})
		for text := range strings.Lines(d.text.String()) {
			c.Line([]byte(strings.TrimSuffix(text, "\n")))
		}
		r := record.Join([]record.File{c.End()}, w.chain.Head())
		assert.Empty(t, r.Faults, "room for %d bytes", second)
		assert.Equal(t, w.Written(), r.Sealed, "room for %d bytes", second)
	}
}

// Where nobody can tell how the chain ends, none is begun beside it, and the file is
// left to others.
func TestFullFilesThatCannotBeRead(t *testing.T) {
	o, _ := options(t)
	full := strings.TrimSuffix(o.File, ".jsonl") + "-2026-01-02T03-04-05.678-size.jsonl.gz"
	for text, want := range map[string]string{"this is not gzip": "gzip: invalid header", "": "EOF"} {
		require.NoError(t, os.WriteFile(full, []byte(text), 0o600))
		for range 2 {
			w, err := Open(o)
			require.ErrorContains(t, err, want)
			require.ErrorContains(t, err, full)
			assert.Nil(t, w)
		}
	}
	require.NoError(t, os.Remove(full))
	for _, other := range []string{full + ".part", strings.Replace(full, "records-", "record-", 1), filepath.Join(filepath.Dir(full), "records-2.txt")} {
		require.NoError(t, os.WriteFile(other, []byte("no record"), 0o600))
	}
	require.NoError(t, os.Mkdir(full, 0o700))
	keep(t, o, 1, 1)
}

func TestOneWriterForAFile(t *testing.T) {
	o, _ := options(t)
	w, err := Open(o)
	require.NoError(t, err)
	_, err = Open(o)
	require.ErrorIs(t, err, record.ErrLocked)
	require.ErrorContains(t, err, o.File)
	require.NoError(t, w.Keep(t.Context(), oneOf(loadModel(t), "A", 4000))) // past a rotation
	require.Eventually(t, func() bool { return w.Written() == 4000 }, time.Minute, time.Millisecond)
	_, err = Open(o)
	require.ErrorIs(t, err, record.ErrLocked)
	require.NoError(t, w.Close())
	w, err = Open(o)
	require.NoError(t, err)
	require.NoError(t, w.Close())
}

// A file that is moved away or deleted under the server is noticed, and the chain
// goes on in a new one.
func TestFilesThatAreMovedOrDeleted(t *testing.T) {
	for name, do := range map[string]func(t *testing.T, file string){
		"moved":   func(t *testing.T, file string) { require.NoError(t, os.Rename(file, file+".1")) },
		"deleted": func(t *testing.T, file string) { require.NoError(t, os.Remove(file)) },
		"replaced": func(t *testing.T, file string) {
			require.NoError(t, os.Rename(file, file+".1"))
			require.NoError(t, os.WriteFile(file, nil, 0o600))
		},
	} {
		o, log := options(t)
		w, err := Open(o)
		require.NoError(t, err)
		w.required = name != "moved later"
		m := loadModel(t)
		require.NoError(t, w.Keep(t.Context(), oneOf(m, "A", 2)))
		require.Eventually(t, func() bool { return w.Written() == 2 }, time.Minute, time.Millisecond)
		do(t, o.File)
		for range 2 {
			require.NoError(t, w.Keep(t.Context(), oneOf(m, "B", 1)))
		}
		require.NoError(t, w.Close())
		assert.Equal(t, 1, strings.Count(log.String(), "moved or deleted"), name)
		assert.Len(t, readLines(t, o.File), 2, name)
		r := verify(t, filepath.Dir(o.File), w.chain.Head())
		assert.Empty(t, r.Faults, name)
		if name == "deleted" {
			assert.EqualValues(t, 2, r.Missing)
		} else {
			assert.EqualValues(t, 4, r.Sealed)
		}
	}
}

// Where there is no place for another file, nothing is recorded, until there is one.
func TestAFolderThatGoes(t *testing.T) {
	o, _ := options(t)
	o.Required = true
	folder := filepath.Join(filepath.Dir(o.File), "folder")
	require.NoError(t, os.Mkdir(folder, 0o700))
	o.File = filepath.Join(folder, "records.jsonl")
	w, err := Open(o)
	require.NoError(t, err)
	m := loadModel(t)
	require.NoError(t, w.Keep(t.Context(), oneOf(m, "A", 2)))
	require.NoError(t, os.Rename(folder, folder+"-away"))
	for range 2 {
		require.ErrorIs(t, w.Keep(t.Context(), oneOf(m, "B", 1)), os.ErrNotExist)
	}
	require.NoError(t, os.Mkdir(folder, 0o700))
	require.NoError(t, w.Keep(t.Context(), oneOf(m, "C", 3)))
	require.NoError(t, os.Rename(o.File, o.File+"-away"))
	other, err := Open(o)
	require.NoError(t, err)
	require.ErrorIs(t, w.Keep(t.Context(), oneOf(m, "D", 1)), record.ErrLocked, "another server took the name")
	require.NoError(t, other.Close())
	require.NoError(t, w.Keep(t.Context(), oneOf(m, "E", 1)))
	require.NoError(t, w.Close())
	assert.EqualValues(t, 6, w.Written())
	assert.EqualValues(t, 3, w.Lost())
	assert.Len(t, readLines(t, o.File), 1)
}

// Whoever keeps the anchors sees that a tail is missing.
func TestAnchors(t *testing.T) {
	var posted bytes.Buffer
	address := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		assert.Equal(t, http.MethodPost, r.Method)
		assert.Equal(t, "application/json", r.Header.Get("Content-Type"))
		w.WriteHeader(http.StatusNoContent)
		_, _ = io.Copy(&posted, r.Body)
	}))
	defer address.Close()
	file := filepath.Join(t.TempDir(), "anchor")
	for _, to := range []string{file, address.URL + "/anchors"} {
		require.NoError(t, checkAnchor(to))
		o, log := options(t)
		o.Anchor, o.Rotation.Keep = to, 0
		fill(t, o)
		assert.NotContains(t, log.String(), "anchored")
		text := posted.Bytes()
		if to == file {
			var err error
			text, err = os.ReadFile(to)
			require.NoError(t, err)
			info, err := os.Stat(to)
			require.NoError(t, err)
			assert.EqualValues(t, 0o600, info.Mode().Perm())
		}
		assert.Greater(t, bytes.Count(text, []byte("\n")), 2, "one for each rotation, and one for the stop")
		head, err := record.ParseAnchors(text)
		require.NoError(t, err)
		assert.EqualValues(t, 12*700, head.Count)
		folder := filepath.Dir(o.File)
		assert.Empty(t, verify(t, folder, head).Faults)
		all, err := os.ReadFile(o.File)
		require.NoError(t, err)
		last := bytes.LastIndexByte(all[:len(all)-1], '\n')
		require.NoError(t, os.WriteFile(o.File, all[:last+1], 0o600))
		assert.Empty(t, verify(t, folder, record.Head{}).Faults, "without an anchor nobody can know")
		require.Len(t, verify(t, folder, head).Faults, 1)
		assert.Contains(t, verify(t, folder, head).Faults[0].String(), "record 8400 is missing at the end")
	}
}

func TestAnchorsThatCannotBeTold(t *testing.T) {
	down := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) }))
	defer down.Close()
	o, log := options(t)
	o.Anchor = strings.Replace(down.URL, "http://", "http://name:secret@", 1)
	keep(t, o, 1, 1)
	assert.Contains(t, log.String(), "the records' end could not be anchored")
	assert.Contains(t, log.String(), "418")
	assert.NotContains(t, log.String(), "secret")
	o, log = options(t)
	o.Anchor = filepath.Join(t.TempDir(), "anchor")
	w, err := Open(o)
	require.NoError(t, err)
	require.NoError(t, os.Remove(o.Anchor))
	require.NoError(t, os.Mkdir(o.Anchor, 0o700))
	require.NoError(t, w.Close())
	assert.NotContains(t, log.String(), "anchored", "of no record there is no anchor")
	require.NoError(t, os.Remove(o.Anchor))
	w, err = Open(o)
	require.NoError(t, err)
	require.NoError(t, w.Keep(t.Context(), oneOf(loadModel(t), "A", 1)))
	require.NoError(t, os.Remove(o.Anchor))
	require.NoError(t, os.Mkdir(o.Anchor, 0o700))
	require.NoError(t, w.Close())
	assert.Contains(t, log.String(), "is a directory")
	o.Anchor = filepath.Join(filepath.Dir(o.File), ".", "link")
	require.NoError(t, os.Symlink(o.File, o.Anchor))
	_, err = Open(o)
	require.ErrorIs(t, err, errOwnAnchor)
	down.Close()
	o.Anchor = down.URL
	keep(t, o, 1, 1)
	assert.Contains(t, log.String(), "connection refused")
	for _, bad := range []string{t.TempDir(), filepath.Join(t.TempDir(), "none", "anchor"), "https://", "http:///path"} {
		o.Anchor = bad
		_, err := Open(o)
		require.Error(t, err, bad)
	}
}

func TestSettings(t *testing.T) {
	var r Retain
	require.NoError(t, r.Set("credit = 3650,complaints=1095"))
	assert.Equal(t, Retain{{"credit", 3650}, {"complaints", 1095}}, r)
	assert.Equal(t, "credit=3650,complaints=1095", r.String())
	assert.Equal(t, 3650, r.Longest())
	assert.Zero(t, Retain{}.Longest())
	for _, bad := range []string{"", "credit", "credit=", "=3", "credit=0", "credit=-1", "credit=1.5", "credit=99999999", "credit=1,credit=2", "credit=1,"} {
		require.Error(t, r.Set(bad), bad)
	}
	var d DecidedBy
	assert.Equal(t, "nobody", d.String())
	for _, word := range []string{"person", "rule", "model", "nobody"} {
		require.NoError(t, d.Set(word))
		assert.Equal(t, word, d.String())
	}
	require.Error(t, d.Set("committee"))
	require.NoError(t, r.Set("audit=1,credit=36525"))
	assert.Equal(t, Retain{{"audit", 1}, {"credit", 36_525}}, r, "the last flag counts")
	require.Error(t, r.Set("credit=36526"))
}
