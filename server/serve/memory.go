package serve

import (
	"flag"
	"fmt"
	"math"
	"runtime/debug"

	"github.com/KimMachineGun/automemlimit/memlimit"

	"lendleaf/core/rows"
)

const (
	memoryFlag    = "memory"
	maxBodyFlag   = "max-body"
	goMemoryLimit = "GOMEMLIMIT" // the Go runtime's own
)

const (
	// atRest is what the server takes before anybody asks, in bytes, rounded up.
	atRest = 32 << 20
	// leastMemory is what it needs to do anything beside that.
	leastMemory = 2 * atRest
)

func declareMemory(flags *flag.FlagSet, o *options) {
	flags.Int64Var(&o.memory, memoryFlag, 0, "`BYTES` of memory that the server may take, from which other limits follow (default: what its container may, or half of the machine's; no more than GOMEMLIMIT)")
	flags.Int64Var(&o.maxBody, maxBodyFlag, 0, "largest body of a request, in `BYTES` once unpacked (default: by -memory, at most 33554432)")
	flags.IntVar(&o.maxRow, "max-row", rows.DefaultLimit, "longest row of CSV or NDJSON, in `BYTES`")
	flags.IntVar(&o.maxColumns, "max-columns", 0, "largest `NUMBER` of columns of a CSV (default: four times the model's fields)")
}

// followMemory sets what depends on the memory and was not given.
func (o *options) followMemory(flags *flag.FlagSet, getenv func(string) string) error {
	given := map[string]bool{}
	flags.Visit(func(f *flag.Flag) { given[f.Name] = true })
	if !given[memoryFlag] {
		o.memory = availableMemory(getenv)
	}
	if o.memory < leastMemory {
		return fmt.Errorf("-%s %d is too little: it takes %d to serve", memoryFlag, o.memory, leastMemory)
	}
	if !given[maxBodyFlag] {
		o.maxBody = min(o.budget()/8, 32<<20)
	}
	return o.checkRows()
}

// checkRows wants some rows to fit at once.
func (o *options) checkRows() error {
	most := o.budget() / 64
	if o.maxRow < 1 || int64(o.maxRow) > most {
		return fmt.Errorf("-max-row %d is not from 1 to %d, as -%s %d allows", o.maxRow, most, memoryFlag, o.memory)
	}
	if o.maxColumns < 0 || int64(o.maxColumns) > most/8 {
		return fmt.Errorf("-max-columns %d is not from 1 to %d, as -%s %d allows", o.maxColumns, most/8, memoryFlag, o.memory)
	}
	return nil
}

// budget is how many bytes requests under way may hold. As much again is for
// connections, for what is not collected yet, and for what nobody counts.
func (o *options) budget() int64 { return (o.memory - atRest) / 2 }

// limitGo tells the Go runtime to collect in time, unless the operator did.
func (o *options) limitGo(getenv func(string) string) {
	if getenv(goMemoryLimit) == "" {
		debug.SetMemoryLimit(o.memory / 8 * 7)
	}
}

// availableMemory is how many bytes this process may take: what its cgroup allows,
// or half of what the machine has, and no more than the Go runtime was told.
func availableMemory(getenv func(string) string) int64 {
	bytes := int64(math.MaxInt64)
	machine, err := memlimit.FromSystem()
	if err == nil {
		bytes = int64(machine / 2)
	}
	if container, err := memlimit.FromCgroup(); err == nil && (machine == 0 || container < machine) {
		bytes = int64(container)
	}
	if getenv(goMemoryLimit) != "" {
		bytes = min(bytes, debug.SetMemoryLimit(-1))
	}
	return bytes
}
