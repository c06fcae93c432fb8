package slim

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"
)

// section is one of a module's.
type section struct {
	id   byte
	body []byte
}

// The ids of sections that matter here.
const (
	customSection = 0 // says nothing to the program
	dataSection   = 11
)

var preamble = []byte("\x00asm\x01\x00\x00\x00")

// split takes a module apart.
func split(module []byte) ([]section, error) {
	rest, ok := bytes.CutPrefix(module, preamble)
	if !ok {
		return nil, fmt.Errorf("%w: it begins otherwise", ErrModule)
	}
	var sections []section
	for r := (reader{rest: rest}); len(r.rest) > 0; {
		s := section{id: r.byte()}
		s.body = r.bytes(r.number())
		if r.short {
			return nil, fmt.Errorf("%w: it ends early", ErrModule)
		}
		sections = append(sections, s)
	}
	return sections, nil
}

// assemble puts sections together, but for the custom ones.
func assemble(sections []section) []byte {
	module := slices.Clone(preamble)
	for _, s := range sections {
		if s.id != customSection {
			module = append(binary.AppendUvarint(append(module, s.id), uint64(len(s.body))), s.body...)
		}
	}
	return module
}

// piece is where data stands in memory.
type piece struct{ start, end int }

// The bytes around a piece's place: it is in memory 0, at a constant.
const (
	memoryZero = 0x00
	constant   = 0x41
	end        = 0x0b
)

// maxImage bounds the memory that data may fill, in bytes.
const maxImage = 1 << 26

// load lays out the memory that a data section describes.
func load(body []byte) (image []byte, pieces []piece, err error) {
	r := reader{rest: body}
	for range r.number() {
		memory, instruction := r.byte(), r.byte()
		start := r.signed()
		stop := r.byte()
		data := r.bytes(r.number())
		p := piece{start, start + len(data)}
		if r.short || memory != memoryZero || instruction != constant || stop != end || p.start < 0 || p.end > maxImage {
			return nil, nil, fmt.Errorf("%w: its data", ErrModule)
		}
		image = append(image, make([]byte, max(0, p.end-len(image)))...)
		copy(image[p.start:], data)
		pieces = append(pieces, p)
	}
	return image, pieces, nil
}

// near is how many zeros between two pieces are cheaper than a header.
const near = 64

// join makes one piece of those that are near each other.
func join(pieces []piece) []piece {
	slices.SortFunc(pieces, func(a, b piece) int { return a.start - b.start })
	var joined []piece
	for _, p := range pieces {
		if n := len(joined); n > 0 && p.start-joined[n-1].end <= near {
			joined[n-1].end = max(joined[n-1].end, p.end)
			continue
		}
		joined = append(joined, p)
	}
	return joined
}

// store writes the data section that load reads.
func store(image []byte, pieces []piece) []byte {
	body := binary.AppendUvarint(nil, uint64(len(pieces)))
	for _, p := range pieces {
		body = append(appendSigned(append(body, memoryZero, constant), p.start), end)
		body = binary.AppendUvarint(body, uint64(p.end-p.start))
		body = append(body, image[p.start:p.end]...)
	}
	return body
}

// reader reads a module; short tells that something is missing or makes no
// sense, and from then on there is nothing more to read.
type reader struct {
	rest  []byte
	short bool
}

func (r *reader) bytes(n int) []byte {
	if n < 0 || n > len(r.rest) {
		r.rest, r.short = nil, true
		return nil
	}
	taken := r.rest[:n]
	r.rest = r.rest[n:]
	return taken
}

func (r *reader) byte() byte {
	b := r.bytes(1)
	if b == nil {
		return 0
	}
	return b[0]
}

// number reads an unsigned 32-bit number (LEB128).
func (r *reader) number() int {
	x, n := binary.Uvarint(r.rest)
	if n <= 0 || x > 1<<32-1 {
		n = -1
	}
	r.bytes(n)
	return int(x)
}

// signed reads a signed 32-bit number (LEB128).
func (r *reader) signed() int {
	const digit, sign, more = 0x7f, 0x40, 0x80
	x := 0
	for shift := 0; shift < 35; shift += 7 {
		b := r.byte()
		x |= int(b&digit) << shift
		if b&more == 0 {
			if b&sign != 0 {
				x -= 1 << (shift + 7)
			}
			return x
		}
	}
	r.rest, r.short = nil, true
	return 0
}

// appendSigned writes a number that is not negative as signed reads it.
func appendSigned(dst []byte, x int) []byte {
	for ; x >= 0x40; x >>= 7 {
		dst = append(dst, byte(x)|0x80)
	}
	return append(dst, byte(x))
}
