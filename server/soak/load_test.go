package soak

import (
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// load runs clients against a server, and counts what came of them.
type load struct {
	host       string
	applicants []applicant
	csvHeader  string
	client     *http.Client

	mu       sync.Mutex
	counts   map[string]int
	failures []string
}

func newLoad(host string, applicants []applicant, csvHeader string) *load {
	return &load{host: host, applicants: applicants, csvHeader: csvHeader, counts: map[string]int{},
		client: &http.Client{Timeout: time.Minute, Transport: &http.Transport{MaxIdleConnsPerHost: 32}}}
}

func (l *load) count(what string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.counts[what]++
}

func (l *load) fail(format string, arguments ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.failures) < 20 {
		l.failures = append(l.failures, fmt.Sprintf(format, arguments...))
	}
}

// table lists the counts.
func (l *load) table() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var text strings.Builder
	for _, name := range slices.Sorted(maps.Keys(l.counts)) {
		fmt.Fprintf(&text, "%10d  %s\n", l.counts[name], name)
	}
	return text.String()
}

// step is one thing that a client does. The number is different each time.
type step func(l *load, i int)

// run repeats steps, each on a goroutine of its own, until ctx ends. They rest in
// between, so that the machine is not busy with clients alone.
func (l *load) run(ctx context.Context, rest time.Duration, steps ...step) {
	var all sync.WaitGroup
	for k, s := range steps {
		all.Go(func() {
			for i := k; ctx.Err() == nil; i += len(steps) {
				s(l, i)
				time.Sleep(rest)
			}
		})
	}
	all.Wait()
	l.client.CloseIdleConnections()
}

// pick returns n applicants, other ones each time.
func (l *load) pick(i, n int) []applicant {
	from := i * 37 % (len(l.applicants) - n)
	return l.applicants[from : from+n]
}

// post sends a request and returns the whole answer. Status 0 is none.
func (l *load) post(body io.Reader, headers ...string) (status int, answer []byte, header http.Header) {
	request, err := http.NewRequest(http.MethodPost, "http://"+l.host+"/api/predict", body)
	if err != nil {
		l.fail("%v", err)
		return 0, nil, nil
	}
	request.Header.Set("Content-Type", "application/json")
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	response, err := l.client.Do(request)
	if err != nil {
		return 0, []byte(err.Error()), nil
	}
	defer response.Body.Close()
	answer, err = io.ReadAll(response.Body)
	if err != nil {
		l.fail("status %d, and its answer broke off: %v", response.StatusCode, err)
	}
	return response.StatusCode, answer, response.Header
}

// good checks the answer to a request that is right: one of the models must have
// given all of it, unless the server had too much to do.
func (l *load) good(what, body string, answers [2]string, headers ...string) {
	status, answer, header := l.post(strings.NewReader(body), headers...)
	switch {
	case status == http.StatusTooManyRequests && header.Get("Retry-After") != "" && hasDetail(answer):
		l.count("refused because of too many (429)")
	case status == http.StatusOK && (string(answer) == answers[0] || string(answer) == answers[1]):
		l.count(what)
	default:
		l.fail("%s: status %d, %s", what, status, difference(string(answer), answers))
	}
}

// difference shows where an answer leaves that of the model that it follows for
// longest.
func difference(answer string, answers [2]string) string {
	at, want := 0, answers[0]
	for _, other := range answers {
		n := 0
		for n < min(len(answer), len(other)) && answer[n] == other[n] {
			n++
		}
		if n >= at {
			at, want = n, other
		}
	}
	return fmt.Sprintf("at byte %d: %.100q, want %.100q", at, answer[at:], want[at:])
}

func goodOne(l *load, i int) {
	list := l.pick(i, 1)
	_, answers := arrayOf(list)
	l.good("one applicant, scored right", list[0].json, answers)
}

func goodMany(l *load, i int) {
	body, answers := arrayOf(l.pick(i, 200))
	l.good("200 applicants, scored right", body, answers)
}

func goodLines(l *load, i int) {
	body, answers := linesOf(l.pick(i, 900))
	l.good("stream of 900 rows, scored right", body, answers, "Content-Type", "application/x-ndjson")
}

func goodPacked(l *load, i int) {
	body, answers := linesOf(l.pick(i, 600))
	l.good("packed stream of 600 rows, scored right", packed(body), answers, "Content-Type", "application/x-ndjson", "Content-Encoding", "gzip")
}

func goodCSV(l *load, i int) {
	body, answers := tableOf(l.csvHeader, l.pick(i, 100))
	l.good("CSV of 100 rows, scored right", body, answers, "Content-Type", "text/csv")
}
