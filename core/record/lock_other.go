//go:build !(linux || darwin || freebsd || netbsd || openbsd || dragonfly)

package record

import "os"

// Lock does nothing: this system has no such lock.
func Lock(*os.File) error { return nil }
