package core

import (
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"lendleaf/core/schema"
)

// AppendScoresOnAllCores is AppendScores for when nothing else keeps the cores
// busy: from some hundreds of records on it shares them out.
func (m *Model) AppendScoresOnAllCores(dst []Score, records []schema.Record) []Score {
	shareSize, workers := shares(len(records), runtime.GOMAXPROCS(0))
	if workers < 2 {
		return m.AppendScores(dst, records)
	}
	start := len(dst)
	dst = slices.Grow(dst, len(records))[:start+len(records)]
	var next atomic.Int64 // the first share that nobody has taken
	work := func() {
		for {
			from := (int(next.Add(1)) - 1) * shareSize
			if from >= len(records) {
				return
			}
			to := min(from+shareSize, len(records))
			m.AppendScores(dst[start+from:start+from:start+to], records[from:to])
		}
	}
	var others sync.WaitGroup
	for range workers - 1 {
		others.Go(work)
	}
	work()
	others.Wait()
	return dst
}

// shares says how many records a share has, and how many cores take some. Large
// shares are scored faster, record for record; every core gets as many of them.
func shares(records, cores int) (size, workers int) {
	rounds := max(1, divideUp(records, cores*batchSize))
	size = max(minShare, divideUp(records, cores*rounds))
	return size, min(cores, divideUp(records, size))
}

func divideUp(a, b int) int { return (a + b - 1) / b }

// minShare is how many records a core takes at least: about a millisecond's
// work, beside which taking them costs nothing.
const minShare = 1 << 9
