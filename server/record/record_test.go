package record

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"lendleaf/core"
	"lendleaf/core/schema"
)

func loadModel(t testing.TB) *core.Model {
	t.Helper()
	file, err := os.ReadFile("../../core/testdata/machines.lendleaf")
	require.NoError(t, err)
	m, err := core.Load(file)
	require.NoError(t, err)
	return m
}

// lineBuffer takes log lines from several goroutines.
type lineBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *lineBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *lineBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

func options(t testing.TB) (o Options, log *lineBuffer) {
	t.Helper()
	log = &lineBuffer{}
	return Options{
		File: filepath.Join(t.TempDir(), "records.jsonl"), Rotation: Rotation{Megabytes: 1, Keep: 4},
		Log: slog.New(slog.NewTextHandler(log, nil)),
	}, log
}

// oneOf makes a batch of records that are all the same.
func oneOf(m *core.Model, id string, records int) *Batch {
	fields := m.Schema().Fields
	r := make(schema.Record, len(fields))
	for i := range fields {
		r[i] = m.Typical(i)
		if r[i] == schema.Missing {
			r[i] = 0
		}
	}
	b := &Batch{ID: id, Start: time.Now(), Latency: 3 * time.Millisecond, Size: records, Model: m}
	for i := range records {
		b.Predictions = append(b.Predictions, Prediction{Place: i, Record: r, Score: m.Score(r)})
	}
	return b
}

func readLines(t *testing.T, names ...string) (all []map[string]any) {
	t.Helper()
	for _, name := range names {
		text, err := os.ReadFile(name)
		require.NoError(t, err)
		for line := range strings.Lines(string(text)) {
			var object map[string]any
			require.NoError(t, json.Unmarshal([]byte(line), &object), line)
			all = append(all, object)
		}
	}
	return all
}

func TestRecords(t *testing.T) {
	m := loadModel(t)
	o, _ := options(t)
	o.Country = func(a netip.Addr) string {
		if a == netip.MustParseAddr("192.0.2.1") {
			return "IN"
		}
		return ""
	}
	w, err := Open(o)
	require.NoError(t, err)
	b := oneOf(m, "REQUEST", 3)
	b.Start = time.Date(2026, 1, 2, 3, 4, 5, 678_900_000, time.FixedZone("", 3600))
	b.Client = Client{netip.MustParseAddr("192.0.2.1"), "a \"program\"\xff"}
	b.Predictions[1].Record = append(schema.Record{schema.Missing}, b.Predictions[1].Record[1:]...)
	b.Predictions[1].Fault = "load: Enter a number."
	b.Predictions[2] = Prediction{Place: 9, Fault: "it is no JSON object", Client: &Client{}}
	require.NoError(t, w.Keep(t.Context(), b))
	require.NoError(t, w.Close())
	assert.EqualValues(t, 3, w.Written())
	assert.Zero(t, w.Lost())

	info, err := os.Stat(o.File)
	require.NoError(t, err)
	assert.EqualValues(t, 0o600, info.Mode().Perm())
	lines := readLines(t, o.File)
	require.Len(t, lines, 3)
	p := b.Predictions[0].Score.Probability
	want := map[string]any{
		"batch_id": "REQUEST", "batch_size": 3.0, "batch_timestamp": "2026-01-02T02:04:05.678900Z",
		"batch_latency_ms": 3.0, "avg_prediction_latency_ms": 1.0, "pipeline_version": m.Hash()[:12], "model_hash": m.Hash(),
		"client_country": "IN", "user_agent": "a \"program\"\ufffd", "prediction_id": "REQUEST-0",
		"inputs": lines[0]["inputs"], "prediction": m.Outcome(b.Predictions[0].Score),
		"probabilities": map[string]any{m.Schema().Target.Positive.Name: p, m.Schema().Target.Negative.Name: 1 - p},
		"error_message": nil,
	}
	assert.Equal(t, want, lines[0])
	fields := m.Schema().Fields
	inputs := lines[0]["inputs"].(map[string]any)
	require.Len(t, inputs, len(fields))

	for name, value := range map[string]any{"prediction": nil, "probabilities": nil, "prediction_id": "REQUEST-1", "error_message": "load: Enter a number."} {
		want[name] = value
	}
	inputs[fields[0].Name] = nil
	assert.Equal(t, want, lines[1])
	assert.Nil(t, lines[2]["inputs"])
	assert.Equal(t, "REQUEST-9", lines[2]["prediction_id"])
	assert.Nil(t, lines[2]["client_country"])
	assert.Nil(t, lines[2]["user_agent"])
}

func TestRecordsWithoutSomeMembers(t *testing.T) {
	o, _ := options(t)
	o.Omit = []string{"inputs", " user_agent"}
	w, err := Open(o)
	require.NoError(t, err)
	require.NoError(t, w.Keep(t.Context(), oneOf(loadModel(t), "X", 1)))
	require.NoError(t, w.Close())
	line := readLines(t, o.File)[0]
	assert.Len(t, line, len(batchMembers)+len(predictionMembers)-2)
	assert.NotContains(t, line, "inputs")
	assert.NotContains(t, line, "user_agent")
	for _, name := range []string{"input", "", Always} {
		require.ErrorIs(t, CheckOmitted([]string{"inputs", name}), ErrMember, name)
	}
}

// All that was handed over before Close is in the files, once, whoever handed
// it over and however often the file was renamed meanwhile.
func TestNothingIsLostAtTheEnd(t *testing.T) {
	for _, required := range []bool{false, true} {
		m := loadModel(t)
		o, _ := options(t)
		o.Required, o.Rotation.Keep = required, 0
		w, err := Open(o)
		require.NoError(t, err)
		const writers, batches, size = 8, 40, 25
		var all sync.WaitGroup
		for i := range writers {
			all.Go(func() {
				for j := range batches {
					assert.NoError(t, w.Keep(t.Context(), oneOf(m, strconv.Itoa(i)+"/"+strconv.Itoa(j), size)))
				}
			})
		}
		all.Wait()
		require.NoError(t, w.Close())
		assert.EqualValues(t, writers*batches*size, w.Written())
		assert.Zero(t, w.Lost())
		names, err := filepath.Glob(filepath.Join(filepath.Dir(o.File), "*"))
		require.NoError(t, err)
		assert.Greater(t, len(names), 3, "files were renamed")
		seen := map[any]bool{}
		for _, line := range readLines(t, names...) {
			assert.False(t, seen[line["prediction_id"]])
			seen[line["prediction_id"]] = true
		}
		assert.Len(t, seen, writers*batches*size)
		for _, name := range names {
			info, err := os.Stat(name)
			require.NoError(t, err)
			assert.EqualValues(t, 0o600, info.Mode().Perm())
			assert.LessOrEqual(t, info.Size(), int64(1<<20))
		}
		require.NoError(t, w.Keep(t.Context(), &Batch{}), "an empty batch is no loss")
		err = w.Keep(t.Context(), oneOf(m, "late", 1))
		assert.EqualValues(t, 1, w.Lost())
		if required {
			require.ErrorIs(t, err, ErrClosed)
		} else {
			require.NoError(t, err)
		}
	}
}

func TestOldFilesAreDeleted(t *testing.T) {
	m := loadModel(t)
	o, _ := options(t)
	o.Rotation.Keep = 2
	w, err := Open(o)
	require.NoError(t, err)
	for i := range 12 {
		require.NoError(t, w.Keep(t.Context(), oneOf(m, strconv.Itoa(i), 1000)))
	}
	require.NoError(t, w.Close())
	names, err := filepath.Glob(filepath.Join(filepath.Dir(o.File), "*"))
	require.NoError(t, err)
	assert.Len(t, names, 3)
}

// disk is a file that may be full, or slow.
type disk struct {
	mu     sync.Mutex
	text   bytes.Buffer
	room   int // bytes until it is full; negative: no limit
	synced int // bytes
	failed error
	gate   chan struct{} // if not nil, each write takes one thing out of it
}

var errDisk = errors.New("no space left")

func (d *disk) Write(p []byte) (int, error) {
	if d.gate != nil {
		<-d.gate
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.room >= 0 && len(p) > d.room {
		n, _ := d.text.Write(p[:d.room])
		d.room = 0
		return n, errDisk
	}
	if d.room >= 0 {
		d.room -= len(p)
	}
	return d.text.Write(p)
}

func (d *disk) Sync() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.synced = d.text.Len()
	return d.failed
}

func (d *disk) Close() error { return nil }

func (d *disk) set(room int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.room = room
}

func startOn(t *testing.T, d *disk, o Options) *Writer {
	t.Helper()
	e, err := newEncoder(nil, nil)
	require.NoError(t, err)
	return start(d, e, false, o)
}

// A full disk is reported once, and once when it has room again. What did not
// fit is counted, and a line that was cut off spoils no other.
func TestFullDisk(t *testing.T) {
	m := loadModel(t)
	o, log := options(t)
	o.Required = true // so that each write is over before the next
	d := &disk{room: -1}
	w := startOn(t, d, o)
	w.trouble.calm = 0
	require.NoError(t, w.Keep(t.Context(), oneOf(m, "A", 2)))
	length := d.text.Len() / 2
	d.set(length*2 + 10)
	require.ErrorIs(t, w.Keep(t.Context(), oneOf(m, "B", 5)), errDisk)
	for range 3 {
		require.ErrorIs(t, w.Keep(t.Context(), oneOf(m, "C", 1)), errDisk)
	}
	assert.EqualValues(t, 4, w.Written())
	assert.EqualValues(t, 6, w.Lost())
	assert.Equal(t, 1, strings.Count(log.String(), "predictions cannot be recorded"))
	assert.Contains(t, log.String(), errDisk.Error())
	d.set(-1)
	for range 2 {
		require.NoError(t, w.Keep(t.Context(), oneOf(m, "D", 1)))
	}
	assert.Equal(t, 1, strings.Count(log.String(), "predictions are recorded again"))
	assert.Contains(t, log.String(), "lost=6")
	require.NoError(t, w.Close())
	assert.EqualValues(t, 6, w.Written())

	lines := strings.Split(strings.TrimSuffix(d.text.String(), "\n"), "\n")
	require.Len(t, lines, 7)
	for i, line := range lines {
		assert.Equal(t, i != 4, json.Valid([]byte(line)), "line %d: %s", i, line)
	}
}

func TestADiskThatFlickersDoesNotFillTheLog(t *testing.T) {
	m := loadModel(t)
	o, log := options(t)
	o.Required = true
	d := &disk{}
	w := startOn(t, d, o)
	for range 20 {
		d.set(0)
		require.Error(t, w.Keep(t.Context(), oneOf(m, "A", 1)))
		d.set(-1)
		require.NoError(t, w.Keep(t.Context(), oneOf(m, "A", 1)))
	}
	require.NoError(t, w.Close())
	assert.Equal(t, 2, strings.Count(log.String(), "\n"), "one fault, and the end: %s", log)
}

func TestDeviceThatIsFull(t *testing.T) {
	if _, err := os.Stat("/dev/full"); err != nil {
		t.Skip("there is no /dev/full")
	}
	o, log := options(t)
	o.File = "/dev/full"
	w, err := Open(o)
	require.NoError(t, err)
	require.NoError(t, w.Keep(t.Context(), oneOf(loadModel(t), "A", 7)))
	require.NoError(t, w.Close())
	assert.EqualValues(t, 7, w.Lost())
	assert.Contains(t, log.String(), syscall.ENOSPC.Error())
}

// Whoever must be recorded is told only once the disk has it.
func TestRequiredRecordsAreOnTheDisk(t *testing.T) {
	m := loadModel(t)
	o, _ := options(t)
	o.Required = true
	d := &disk{room: -1, gate: make(chan struct{})}
	w := startOn(t, d, o)
	answered := make(chan error)
	go func() { answered <- w.Keep(t.Context(), oneOf(m, "A", 1)) }()
	select {
	case <-answered:
		t.Error("answered before it is written")
	case d.gate <- struct{}{}:
	}
	require.NoError(t, <-answered)
	assert.Positive(t, d.text.Len())
	assert.Equal(t, d.text.Len(), d.synced)

	ctx, cancel := context.WithCancel(t.Context())
	go func() { answered <- w.Keep(ctx, oneOf(m, "B", 1)) }()
	cancel()
	require.ErrorIs(t, <-answered, context.Canceled)

	d.mu.Lock()
	d.failed = errDisk
	d.mu.Unlock()
	close(d.gate)
	require.ErrorIs(t, w.Keep(t.Context(), oneOf(m, "C", 1)), errDisk)
	require.NoError(t, w.Close())
}

// A disk that stands still holds up nobody: what is too much is lost.
func TestSlowDiskBlocksNobody(t *testing.T) {
	m := loadModel(t)
	o, log := options(t)
	d := &disk{room: -1, gate: make(chan struct{})}
	w := startOn(t, d, o)
	large := oneOf(m, "A", maxRecords+1)
	require.NoError(t, w.Keep(t.Context(), large), "a large batch may pass alone")
	require.NoError(t, w.Keep(t.Context(), oneOf(m, "B", 1)))
	assert.EqualValues(t, 1, w.Lost())
	close(d.gate)
	require.NoError(t, w.Close())
	assert.EqualValues(t, maxRecords+1, w.Written())
	assert.EqualValues(t, 1, w.Lost())
	assert.Contains(t, log.String(), ErrFull.Error())
}

func TestTornLineOfAnEarlierRunIsEnded(t *testing.T) {
	o, _ := options(t)
	require.NoError(t, os.WriteFile(o.File, []byte(`{"batch_id":"OL`), 0o600))
	w, err := Open(o)
	require.NoError(t, err)
	require.NoError(t, w.Keep(t.Context(), oneOf(loadModel(t), "NEW", 1)))
	require.NoError(t, w.Close())
	text, err := os.ReadFile(o.File)
	require.NoError(t, err)
	lines := strings.Split(string(text), "\n")
	require.Len(t, lines, 3)
	assert.Equal(t, `{"batch_id":"OL`, lines[0])
	assert.True(t, json.Valid([]byte(lines[1])))
	assert.EqualValues(t, 1, w.Written())
}

func TestALinkStaysWhereItIs(t *testing.T) {
	o, _ := options(t)
	file := o.File
	o.File = filepath.Join(t.TempDir(), "link")
	require.NoError(t, os.Symlink(file, o.File))
	w, err := Open(o)
	require.NoError(t, err)
	require.NoError(t, w.Keep(t.Context(), oneOf(loadModel(t), "A", 4000)))
	require.NoError(t, w.Close())
	target, err := os.Readlink(o.File)
	require.NoError(t, err)
	assert.Equal(t, file, target)
	names, err := filepath.Glob(filepath.Join(filepath.Dir(file), "*"))
	require.NoError(t, err)
	assert.Greater(t, len(names), 1, "the file itself was renamed")
}

func TestFilesThatCannotBeWritten(t *testing.T) {
	o, _ := options(t)
	folder := filepath.Dir(o.File)
	for _, name := range []string{folder, filepath.Join(folder, "none", "records.jsonl")} {
		o.File = name
		_, err := Open(o)
		require.Error(t, err, name)
	}
	_, err := os.Stat(filepath.Join(folder, "none"))
	require.ErrorIs(t, err, os.ErrNotExist, "no folder is made")
}

func TestFilesThatOthersCanReadAreReported(t *testing.T) {
	for mode, want := range map[os.FileMode]int{0o600: 0, 0o640: 1} {
		o, log := options(t)
		require.NoError(t, os.WriteFile(o.File, nil, 0o600))
		require.NoError(t, os.Chmod(o.File, mode))
		w, err := Open(o)
		require.NoError(t, err)
		require.NoError(t, w.Close())
		assert.Equal(t, want, strings.Count(log.String(), "others than its owner"))
	}
}

func TestCut(t *testing.T) {
	assert.Equal(t, "short", Cut("short"))
	assert.Equal(t, strings.Repeat("x", maxAgent), Cut(strings.Repeat("x", 1<<20)))
	assert.Equal(t, "x"+strings.Repeat("é", (maxAgent-1)/2), Cut("x"+strings.Repeat("é", maxAgent)))
}

func BenchmarkWriter(b *testing.B) {
	o, _ := options(b)
	o.File = os.DevNull
	o.Log = slog.New(slog.NewTextHandler(io.Discard, nil))
	w, err := Open(o)
	require.NoError(b, err)
	m := loadModel(b)
	batch := oneOf(m, "ABCDEFGHIJKLMNOPQRSTUVWXYZ", 1000)
	b.ReportAllocs()
	for b.Loop() {
		w.write(&waiting{Batch: batch})
		w.flush()
	}
	b.ReportMetric(float64(1000*b.N)/b.Elapsed().Seconds(), "records/s")
}
