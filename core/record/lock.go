package record

import "errors"

// ErrLocked says that a file of records has a writer.
var ErrLocked = errors.New("another process writes to this file of records")
