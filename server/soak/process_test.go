package soak

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"lendleaf/site"
)

// buildServer makes the binary that operators run, which go build does once for
// all tests.
func buildServer(t *testing.T) string {
	t.Helper()
	if _, err := site.Page(); err != nil {
		t.Skip("the page is not built")
	}
	name := filepath.Join("..", "..", "bin", "soak", "server")
	cmd := exec.Command("go", "build", "-o", name, "lendleaf/server")
	cmd.Stderr = os.Stderr
	require.NoError(t, cmd.Run())
	return name
}

// process is a running server.
type process struct {
	cmd           *exec.Cmd
	logFile       string
	host, metrics string
	ended         chan error
}

var listening = regexp.MustCompile(`address=(\S+) .*metrics=(\S+)`)

func start(t *testing.T, binary string, flags ...string) *process {
	t.Helper()
	p := &process{logFile: filepath.Join(t.TempDir(), "log"), ended: make(chan error, 1)}
	log, err := os.Create(p.logFile)
	require.NoError(t, err)
	defer log.Close()
	p.cmd = exec.Command(binary, append([]string{"-addr", "127.0.0.1:0", "-metrics-addr", "127.0.0.1:0"}, flags...)...)
	p.cmd.Stderr = log
	require.NoError(t, p.cmd.Start())
	go func() { p.ended <- p.cmd.Wait() }()
	t.Cleanup(func() { _ = p.cmd.Process.Kill() }) // it may have ended
	require.Eventually(t, func() bool { return listening.MatchString(p.log(t)) }, time.Minute, 10*time.Millisecond, "the server does not listen")
	found := listening.FindStringSubmatch(p.log(t))
	p.host, p.metrics = found[1], found[2]
	return p
}

func (p *process) log(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(p.logFile)
	require.NoError(t, err)
	return string(text)
}

func (p *process) signal(t *testing.T, s syscall.Signal) {
	t.Helper()
	require.NoError(t, p.cmd.Process.Signal(s))
}

// figures are what a scrape says of the process.
type figures struct{ goroutines, bytes, files, running float64 }

func (p *process) scrape(t *testing.T) (figures, string) {
	t.Helper()
	response, err := http.Get("http://" + p.metrics + "/metrics")
	require.NoError(t, err)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	text := string(body)
	return figures{
		goroutines: series(t, text, "go_goroutines"), bytes: series(t, text, "process_resident_memory_bytes"),
		files: series(t, text, "process_open_fds"), running: series(t, text, "lendleaf_requests_running"),
	}, text
}

func series(t *testing.T, text, name string) float64 {
	t.Helper()
	for line := range strings.Lines(text) {
		if rest, ok := strings.CutPrefix(line, name+" "); ok {
			v, err := strconv.ParseFloat(strings.TrimSpace(rest), 64)
			require.NoError(t, err)
			return v
		}
	}
	require.Fail(t, "there is no "+name)
	return 0
}

// quiet waits until no request and no client's connection is left.
func (p *process) quiet(t *testing.T, before figures) figures {
	t.Helper()
	var now figures
	require.Eventually(t, func() bool {
		now, _ = p.scrape(t)
		return now.running == 0 && (before.files == 0 || now.files <= before.files+2 && now.goroutines <= before.goroutines+5)
	}, 2*time.Minute, 200*time.Millisecond, "requests, connections or goroutines stay: they were %v", before)
	return now
}

func (f figures) String() string {
	return fmt.Sprintf("%.0f goroutines, %.0f files, %.0f MB", f.goroutines, f.files, f.bytes/1e6)
}
