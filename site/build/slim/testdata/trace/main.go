// Command trace does what needs its function table: it grows stacks, collects
// garbage, and tells who called whom when it panics.
package main

import (
	"fmt"
	"runtime"
)

func main() {
	fmt.Println(deep(10_000))
	defer func() {
		fmt.Println(recover())
		var callers [16]uintptr
		frames := runtime.CallersFrames(callers[:runtime.Callers(0, callers[:])])
		for more := true; more; {
			var f runtime.Frame
			f, more = frames.Next()
			fmt.Println(f.Function)
		}
	}()
	fail(nil)
}

// deep calls itself, and leaves garbage on every tenth level.
func deep(n int) int {
	if n == 0 {
		return 0
	}
	b := make([]byte, n)
	if n%1000 == 0 {
		runtime.GC()
	}
	return deep(n-1) + len(b)
}

//go:noinline
func fail(m map[string]int) { m["x"] = 1 }
