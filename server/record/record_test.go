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
	"lendleaf/core/record"
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
	score := m.Score(r)
	for i := range records {
		b.Predictions = append(b.Predictions, Prediction{Place: i, Record: r, Score: score})
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

func TestRecordsReachTheFile(t *testing.T) {
	o, _ := options(t)
	o.Country = func(netip.Addr) string { return "IN" }
	o.Setting.DecidedBy = Rule
	w, err := Open(o)
	require.NoError(t, err)
	require.NoError(t, w.Keep(t.Context(), machines(t)))
	require.NoError(t, w.Close())
	assert.EqualValues(t, 4, w.Written())
	assert.Zero(t, w.Lost())
	info, err := os.Stat(o.File)
	require.NoError(t, err)
	assert.EqualValues(t, 0o600, info.Mode().Perm())
	lines := readLines(t, o.File)
	require.Len(t, lines, 4)
	for i, id := range []string{"REQUEST-0", "REQUEST-12", "REQUEST-2", "REQUEST-3"} {
		assert.Equal(t, id, lines[i]["prediction_id"])
		assert.Equal(t, "IN", lines[i]["client_country"])
		assert.Equal(t, "rule", lines[i]["decided_by"])
	}
}

func TestRecordsWithoutSomeMembers(t *testing.T) {
	o, _ := options(t)
	o.Omit = []string{"inputs", " user_agent"}
	w, err := Open(o)
	require.NoError(t, err)
	require.NoError(t, w.Keep(t.Context(), oneOf(loadModel(t), "X", 1)))
	require.NoError(t, w.Close())
	line := readLines(t, o.File)[0]
	assert.Len(t, line, 20, "of twenty-two, the first line's seal among them")
	assert.NotContains(t, line, "inputs")
	assert.NotContains(t, line, "user_agent")
	for _, name := range []string{"input", "", Always, RetainUntil, "sequence", "chain"} {
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

// disk is a file that may be full, or slow.
type disk struct {
	mu     sync.Mutex
	text   bytes.Buffer
	room   int // bytes until it is full; negative: no limit
	synced int // bytes
	writes int
	closed error
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
	d.writes++
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

func (d *disk) Close() error { return d.closed }

func (d *disk) ready() (place, error) { return behind, nil }

func (d *disk) set(room int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.room = room
}

func startOn(t *testing.T, d *disk, o Options) *Writer {
	t.Helper()
	e, err := newEncoder(nil, nil)
	require.NoError(t, err)
	return start(d, e, record.Head{}, false, o)
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
	assert.EqualValues(t, 2, w.Lost(), "what is not known to be on the disk is lost")
	assert.EqualValues(t, 1, w.Written())
	require.NoError(t, w.Close())
}

// A batch that is written in pieces is told of the fault of any.
func TestLargeBatchesAreToldOfFaults(t *testing.T) {
	o, _ := options(t)
	o.Required = true
	d := &disk{room: 1 << 19} // for the first piece, of 256 KiB, alone
	w := startOn(t, d, o)
	b := oneOf(loadModel(t), "A", 2000)
	require.ErrorIs(t, w.Keep(t.Context(), b), errDisk)
	require.NoError(t, w.Close())
	whole := strings.Count(d.text.String(), "\n")
	assert.Greater(t, whole, 500)
	assert.EqualValues(t, whole, w.Written())
	assert.EqualValues(t, 2000-whole, w.Lost())
	assert.Equal(t, 1<<19, d.text.Len())
}

// Records are written together, and the disk is not asked for nothing.
func TestRecordsAreWrittenTogether(t *testing.T) {
	o, _ := options(t)
	d := &disk{room: -1, gate: make(chan struct{}), closed: errDisk}
	w := startOn(t, d, o)
	m := loadModel(t)
	require.NoError(t, w.Keep(t.Context(), oneOf(m, "A", 100)))
	d.gate <- struct{}{}
	require.Eventually(t, func() bool { return w.Written() == 100 }, time.Minute, time.Millisecond)
	line := d.text.Len() / 100
	large := 2*(1<<18)/line + 2
	require.NoError(t, w.Keep(t.Context(), oneOf(m, "B", large)))
	close(d.gate)
	require.ErrorIs(t, w.Close(), errDisk)
	assert.EqualValues(t, 100+large, w.Written())
	assert.Equal(t, 1+3, d.writes, "two pieces of 256 KiB, and the rest")
	assert.Zero(t, w.Lost())
	assert.Zero(t, d.synced, "nobody waits for the disk")
}

// A disk that took one byte of a line has a line to be ended.
func TestOneByteIsALineToo(t *testing.T) {
	o, _ := options(t)
	o.Required = true
	d := &disk{room: 1}
	w := startOn(t, d, o)
	m := loadModel(t)
	require.ErrorIs(t, w.Keep(t.Context(), oneOf(m, "A", 1)), errDisk)
	d.set(-1)
	require.NoError(t, w.Keep(t.Context(), oneOf(m, "B", 1)))
	require.NoError(t, w.Close())
	first, rest, _ := strings.Cut(d.text.String(), "\n")
	assert.Equal(t, "{", first)
	assert.True(t, json.Valid([]byte(rest)))
	assert.EqualValues(t, 1, w.Written())
	assert.EqualValues(t, 1, w.Lost())
}

// 131,072 records may wait, and as many again once they are written.
func TestHowManyRecordsWait(t *testing.T) {
	const most = 131_072
	m := loadModel(t)
	o, _ := options(t)
	o.Required = true
	d := &disk{room: -1, gate: make(chan struct{})}
	w := startOn(t, d, o)
	waiting := func() int {
		w.mu.Lock()
		defer w.mu.Unlock()
		return w.records
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var kept sync.WaitGroup
	large := oneOf(m, "B", most)
	for i, n := range []int{1, most - 1} {
		kept.Go(func() { assert.NoError(t, w.Keep(ctx, oneOf(m, "A", n))) })
		require.Eventually(t, func() bool { return waiting() == []int{1, most}[i] }, time.Minute, time.Millisecond)
		require.ErrorIs(t, w.Keep(ctx, large), ErrFull, "only alone a batch may be so large")
	}
	require.ErrorIs(t, w.Keep(ctx, oneOf(m, "C", 1)), ErrFull)
	assert.EqualValues(t, 2*most+1, w.Lost())
	close(d.gate)
	kept.Wait()
	require.Eventually(t, func() bool { return waiting() == 0 }, time.Minute, time.Millisecond, "places are given back")
	require.NoError(t, w.Keep(ctx, large))
	require.NoError(t, w.Close())
	assert.EqualValues(t, 2*most, w.Written())
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

// BenchmarkWriter writes requests of one applicant to a file, and large ones to
// nowhere: what the disk takes apart.
func BenchmarkWriter(b *testing.B) {
	m := loadModel(b)
	for _, records := range []int{1, 1000} {
		b.Run(strconv.Itoa(records), func(b *testing.B) {
			o, _ := options(b)
			if records > 1 {
				o.File = os.DevNull
			}
			o.Rotation.Megabytes = 10
			o.Log = slog.New(slog.NewTextHandler(io.Discard, nil))
			w, err := Open(o)
			require.NoError(b, err)
			batch := oneOf(m, "ABCDEFGHIJKLMNOPQRSTUVWXYZ", records)
			b.ReportAllocs()
			for b.Loop() {
				w.write(&waiting{Batch: batch})
				w.flush()
			}
			b.ReportMetric(float64(records*b.N)/b.Elapsed().Seconds(), "records/s")
			require.NoError(b, w.Close())
		})
	}
}
