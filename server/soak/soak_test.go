// Package soak keeps the server, as operators run it, under load and faults: run
// it longer with
//
//	go test ./server/soak -v -count=1 -soak 10m
package soak

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var duration = flag.Duration("soak", time.Second, "how long the load lasts")

// What the server is told to take, in bytes, and how long an answer may last.
const (
	maxBody      = 1 << 20
	writeTimeout = 3 * time.Second
)

// What is right is answered right, what is wrong is refused, and nothing is left
// of either.
func TestSoak(t *testing.T) {
	m := newModels(t)
	modelFile := filepath.Join(t.TempDir(), "model")
	require.NoError(t, os.WriteFile(modelFile, m.files[0], 0o600))
	server := start(t, buildServer(t), "-model", modelFile, "-max-body", fmt.Sprint(maxBody), "-max-concurrent", "6",
		"-read-timeout", "2s", "-write-timeout", writeTimeout.String(), "-record", filepath.Join(t.TempDir(), "records"), "-record-size", "1")
	l := newLoad(server.host, m.applicants(t, 2000), header(m.loaded[0].Schema()))
	loadFor := func(d time.Duration) {
		ctx, cancel := context.WithTimeout(t.Context(), d)
		defer cancel()
		go reload(ctx, t, server, modelFile, m)
		l.run(ctx, 2*time.Millisecond, goodOne, goodOne, goodOne, goodMany, goodLines, goodPacked, goodCSV,
			malformed, oversized, resets, slowWriter, slowReader, noise)
	}
	loadFor(min(*duration, 5*time.Second)) // until its pools are full
	before := server.quiet(t, figures{})
	loadFor(*duration)
	after := server.quiet(t, before)
	_, scraped := server.scrape(t)

	t.Logf("%v of load after a warm-up; before: %v; after: %v; %.0f predictions recorded\n%s",
		*duration, before, after, series(t, scraped, "lendleaf_records_written_total"), l.table())
	assert.Positive(t, series(t, scraped, "lendleaf_records_written_total"))
	assert.Zero(t, series(t, scraped, "lendleaf_records_lost_total"))
	for _, failure := range l.failures {
		t.Error(failure)
	}
	assert.Less(t, after.bytes, before.bytes+64e6, "memory grows")
	for _, what := range []string{"scored right", "refused (4", "reset", "slow to send, ended", "slow to read, ended", "noise"} {
		assert.Contains(t, l.table(), what, "it happened at all")
	}
	assert.Greater(t, series(t, scraped, `lendleaf_model_reloads_total{result="good"}`), 0.0)
	assert.Greater(t, series(t, scraped, `lendleaf_model_reloads_total{result="bad"}`), 0.0)
	server.signal(t, syscall.SIGTERM)
	require.NoError(t, <-server.ended)
	log := server.log(t)
	assert.NotContains(t, log, canary)
	assert.NotContains(t, log, "a request failed", "no panic")
	assert.Contains(t, log, "stopped")
}

// reload lets the server read one model, the other, and a damaged file, in turn.
func reload(ctx context.Context, t *testing.T, server *process, name string, m *models) {
	for i := 0; ctx.Err() == nil; i++ {
		file := [][]byte{m.files[1], m.files[0][:1000], m.files[0]}[i%3]
		// A file that is replaced at once, as it should be, is never read in part.
		assert.NoError(t, os.WriteFile(name+".new", file, 0o600))
		assert.NoError(t, os.Rename(name+".new", name))
		server.signal(t, syscall.SIGHUP)
		time.Sleep(150 * time.Millisecond)
	}
}

// A full disk costs records, which are counted, and no answer; it is reported and
// not repeated.
func TestFullDisk(t *testing.T) {
	const full = "/dev/full"
	if _, err := os.Stat(full); err != nil {
		t.Skip("there is no " + full)
	}
	m := newModels(t)
	server := start(t, buildServer(t), "-record", full)
	l := newLoad(server.host, m.applicants(t, 2000), header(m.loaded[0].Schema()))
	ctx, cancel := context.WithTimeout(t.Context(), min(*duration, 5*time.Second))
	defer cancel()
	l.run(ctx, time.Millisecond, goodOne, goodOne, goodMany, goodLines)
	for _, failure := range l.failures {
		t.Error(failure)
	}
	_, scraped := server.scrape(t)
	lost := series(t, scraped, "lendleaf_records_lost_total")
	assert.Positive(t, lost)
	assert.Zero(t, series(t, scraped, "lendleaf_records_written_total"))
	server.signal(t, syscall.SIGTERM)
	<-server.ended // whose status may tell of the records
	assert.Equal(t, 1, strings.Count(server.log(t), "no space left on device"))
	t.Logf("%.0f records lost, no answer\n%s", lost, l.table())
}

// A server that is told to stop answers every request that it has read, and all
// of it: the log has each of them, and a client each answer. What a client sends
// later it may refuse.
func TestStoppingUnderLoad(t *testing.T) {
	m := newModels(t)
	applicants := m.applicants(t, 2000)
	binary := buildServer(t)
	for range 2 {
		server := start(t, binary, "-log-requests", "-max-concurrent", "1000")
		l := newLoad(server.host, applicants, header(m.loaded[0].Schema()))
		stop := newStop()
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			l.run(ctx, 0, stop.one, stop.one, stop.one, stop.one, stop.many, stop.many, stop.trickle, stop.trickle)
		}()
		time.Sleep(700 * time.Millisecond)
		stop.told.Store(true)
		server.signal(t, syscall.SIGTERM)
		require.NoError(t, <-server.ended, "%s", server.log(t))
		cancel()
		<-ended
		for _, failure := range l.failures {
			t.Error(failure)
		}
		log := server.log(t)
		_, late, found := strings.Cut(log, "msg=stopping")
		require.True(t, found)
		answered := 0
		for _, id := range loggedRequest.FindAllStringSubmatch(log, -1) {
			_, got := stop.answered.Load(id[1])
			assert.True(t, got, "request %s was read, and no client has its answer", id[1])
			answered++
		}
		assert.Positive(t, answered)
		t.Logf("%d requests read and answered, %d of them after SIGTERM; %s", answered,
			len(loggedRequest.FindAllString(late, -1)), strings.Join(strings.Fields(l.table()), " "))
	}
}
