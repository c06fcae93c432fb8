package slim

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"
)

// The function table (runtime.pcHeader, runtime._func) as Go 1.20 to 1.26 lay it
// out for a 64-bit machine whose instructions count by one.
var tableStart = []byte("\xf1\xff\xff\xff\x00\x00\x01\x08")

// Where numbers stand in the table's header, in words of 8 bytes.
const (
	countWord     = 1 // how many functions
	unitsWord     = 5 // where the units' files begin
	deltasWord    = 7 // where the tables by instruction begin
	functionsWord = 8 // where the functions begin
	headerWords   = 9
)

// Where numbers stand in a function's entry, in bytes. All have 4 bytes.
const (
	stackDeltas = 16
	fileDeltas  = 20
	lineDeltas  = 24
	moreCount   = 28 // how many further tables by instruction there are
	unitFiles   = 32
	firstLine   = 36
	moreDeltas  = 44 // the first of them
)

// table is a program's function table in its memory.
type table struct {
	bytes     []byte // from its header on, to the end of the memory
	functions int    // where they begin
	count     int
	deltas    int // where the tables by instruction begin
	units     int // where the units' files begin; names of files follow
}

// dropLines clears what says which line of which file an instruction came from:
// for the runtime, a function without such tables is one whose lines are
// unknown. Its error wraps ErrTable; the image is then as it was.
func dropLines(image []byte) error {
	t, err := find(image)
	if err != nil {
		return err
	}
	needed, all, err := t.references()
	if err != nil {
		return err
	}
	for i := range t.count {
		f := t.entry(i)
		for _, at := range []int{fileDeltas, lineDeltas, unitFiles, firstLine} {
			binary.LittleEndian.PutUint32(f[at:], 0)
		}
	}
	for i, at := range all {
		if !needed[at] && i+1 < len(all) {
			clear(t.bytes[t.deltas+at : t.deltas+all[i+1]])
		}
	}
	clear(t.bytes[t.units:t.deltas])
	return nil
}

// find looks for the function table.
func find(image []byte) (*table, error) {
	at := bytes.Index(image, tableStart)
	if at < 0 || len(image)-at < 8*headerWords {
		return nil, fmt.Errorf("%w: there is none", ErrTable)
	}
	t := &table{bytes: image[at:]}
	word := func(i int) int { return int(binary.LittleEndian.Uint64(t.bytes[8*i:])) }
	t.count, t.functions, t.deltas, t.units = word(countWord), word(functionsWord), word(deltasWord), word(unitsWord)
	order := []int{8 * headerWords, t.units, t.deltas, t.functions, len(t.bytes)}
	if !slices.IsSorted(order) || t.count < 0 || t.count > (len(t.bytes)-t.functions)/8 {
		return nil, fmt.Errorf("%w: its parts are in another order", ErrTable)
	}
	return t, nil
}

// entry returns the i-th function's entry, or nil where none can be.
func (t *table) entry(i int) []byte {
	functions := t.bytes[t.functions:]
	at := int(binary.LittleEndian.Uint32(functions[8*i+4:]))
	if at+moreDeltas > len(functions) {
		return nil
	}
	f := functions[at:]
	if end := moreDeltas + 4*int(binary.LittleEndian.Uint32(f[moreCount:])); end <= len(f) {
		return f[:end]
	}
	return nil
}

// references lists the tables by instruction that functions have, rising, with
// the end of the last, and says which the runtime cannot do without.
func (t *table) references() (needed map[int]bool, all []int, err error) {
	length := t.functions - t.deltas
	needed, all = map[int]bool{0: true}, []int{0, length}
	for i := range t.count {
		f := t.entry(i)
		if f == nil {
			return nil, nil, fmt.Errorf("%w: function %d", ErrTable, i)
		}
		for at := stackDeltas; at < len(f); at += 4 {
			if at > lineDeltas && at < moreDeltas {
				continue
			}
			x := int(binary.LittleEndian.Uint32(f[at:]))
			if x >= length {
				return nil, nil, fmt.Errorf("%w: function %d", ErrTable, i)
			}
			if at != fileDeltas && at != lineDeltas {
				needed[x] = true
			}
			all = append(all, x)
		}
	}
	slices.Sort(all)
	return needed, slices.Compact(all), nil
}
