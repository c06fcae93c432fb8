package modelfile

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"sync"

	"lendleaf/core/forest"
)

// The forest's section: counts, lengths of streams, streams, padding. Counts
// bound what a decoder allocates: perByte entries (cuts, values, nodes) for
// each byte of the section, which an encoder pads where it packs better.
const (
	perByte   = 16
	maxGroups = 8       // of trees, each with a stream of its own, so that cores share the work
	groupSize = 1 << 16 // nodes that make a group worth its learning
)

// The faults of the section.
var (
	errShort     = errors.New("the forest's section is too short for what it declares")
	errPadding   = errors.New("the forest's section is not padded as it should be")
	errStream    = errors.New("a stream does not end where its data do")
	errTooLarge  = errors.New("the forest has more cuts, values, nodes or bytes than 32 bits can count")
	errNoTree    = errors.New("the forest has no tree or no value")
	errEmptyTree = errors.New("a tree has no node")
)

// encodeForest writes the section of a forest that was proved.
func encodeForest(f *forest.Forest) ([]byte, error) {
	var section []byte
	units := uint64(len(f.Values)) + uint64(f.Nodes())
	section = binary.LittleEndian.AppendUint32(section, uint32(len(f.Trees)))
	section = binary.LittleEndian.AppendUint32(section, uint32(len(f.Values)))
	for _, cuts := range f.Cuts {
		section = binary.LittleEndian.AppendUint32(section, uint32(len(cuts)))
		units += uint64(len(cuts))
	}
	for _, t := range f.Trees {
		section = binary.LittleEndian.AppendUint32(section, uint32(len(t)))
	}
	streams := make([][]byte, 1+groups(f))
	err := eachStream(f, nil, func(i int, code func(*coder) error) error {
		c := newEncoder()
		err := code(c)
		streams[i] = c.finish()
		return err
	})
	if err != nil {
		return nil, err
	}
	for _, s := range streams {
		section = binary.LittleEndian.AppendUint32(section, uint32(len(s)))
	}
	for _, s := range streams {
		section = append(section, s...)
	}
	if err := checkSize(units, len(section)); err != nil {
		return nil, err
	}
	return append(section, make([]byte, padding(units, len(section)))...), nil
}

func checkSize(units uint64, length int) error {
	if units > math.MaxUint32 || uint64(length) > math.MaxUint32 {
		return errTooLarge
	}
	return nil
}

// padding is how many zeros a section of that length needs for its units.
func padding(units uint64, length int) int {
	return max(0, int((units+perByte-1)/perByte)-length)
}

// groups is the number of groups that the trees are coded in: the i-th begins
// at tree i·trees/groups, rounded down.
func groups(f *forest.Forest) int {
	return max(1, min(maxGroups, len(f.Trees), f.Nodes()/groupSize))
}

// eachStream runs do for the streams at once: the tables, then each group of
// trees. What do is given codes the stream's part of f; tables and trees in
// it have their right length already. It returns the first stream's error. With
// a pause, which is called after each tree, streams go one after another.
func eachStream(f *forest.Forest, pause func(), do func(stream int, code func(*coder) error) error) error {
	n := groups(f)
	faults := make([]error, 1+n)
	var streams sync.WaitGroup
	// Trees need the lengths of the tables only, so all can go side by side.
	start := streams.Go
	if pause != nil {
		start = func(stream func()) { stream() }
	}
	start(func() {
		faults[0] = do(0, func(c *coder) error { return codeTables(c, f) })
	})
	for g := range n {
		start(func() {
			trees := f.Trees[g*len(f.Trees)/n : (g+1)*len(f.Trees)/n]
			faults[1+g] = do(1+g, func(c *coder) error { return codeTrees(c, f, trees, pause) })
		})
	}
	streams.Wait()
	for _, err := range faults {
		if err != nil {
			return err
		}
	}
	return nil
}

func codeTrees(c *coder, f *forest.Forest, trees []forest.Tree, pause func()) error {
	t := newTreeCoder(c, f)
	for _, tree := range trees {
		if err := t.code(tree); err != nil {
			return err
		}
		rest(pause)
	}
	return nil
}

// decodeForest reads a section with that many features and proves that an
// encoder would write it so. See eachStream for pause.
func decodeForest(section []byte, features int, pause func()) (*forest.Forest, error) {
	f, rest, err := decodeCounts(section, features)
	if err != nil {
		return nil, err
	}
	streams := decodeStreams(rest, 1+groups(f))
	err = eachStream(f, pause, func(i int, code func(*coder) error) error {
		c := newDecoder(streams[i])
		if err := code(c); err != nil {
			return err
		}
		if !c.complete() {
			return errStream
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return f, nil
}

// decodeCounts allocates what the section declares, once that is proved to be
// in proportion to its length. It returns the streams' lengths and all behind.
func decodeCounts(section []byte, features int) (*forest.Forest, []byte, error) {
	if features < 1 || features > forest.MaxFeatures {
		return nil, nil, fmt.Errorf("%d features, want 1 to %d", features, forest.MaxFeatures)
	}
	counts := counter{section}
	trees, values := counts.next(), counts.next()
	if trees == 0 || values == 0 {
		return nil, nil, errNoTree
	}
	if uint64(len(section)) < 4*(2+uint64(features)+uint64(trees)) {
		return nil, nil, errShort
	}
	sizes := make([]uint32, features+int(trees))
	units := uint64(values)
	for i := range sizes {
		sizes[i] = counts.next()
		units += uint64(sizes[i])
		if i >= features && sizes[i] == 0 {
			return nil, nil, errEmptyTree
		}
	}
	if units > perByte*uint64(len(section)) {
		return nil, nil, errShort
	}
	f := &forest.Forest{Values: make([]float64, values)}
	for _, n := range sizes[:features] {
		f.Cuts = append(f.Cuts, make([]int64, n))
	}
	for _, n := range sizes[features:] {
		f.Trees = append(f.Trees, make(forest.Tree, n))
	}
	unpadded, err := unpad(section, units, counts.rest, 1+groups(f))
	if err != nil {
		return nil, nil, err
	}
	return f, unpadded, nil
}

// unpad proves the padding of a section and cuts it off the rest behind the
// counts.
func unpad(section []byte, units uint64, rest []byte, streams int) ([]byte, error) {
	lengths := counter{rest}
	length := uint64(len(section)-len(rest)) + uint64(4*streams)
	for range streams {
		length += uint64(lengths.next())
	}
	if length > uint64(len(section)) {
		return nil, errShort
	}
	zeros := section[length:]
	if len(zeros) != padding(units, int(length)) {
		return nil, errPadding
	}
	for _, z := range zeros {
		if z != 0 {
			return nil, errPadding
		}
	}
	return rest[:len(rest)-len(zeros)], nil
}

// decodeStreams divides what unpad has proved.
func decodeStreams(rest []byte, n int) [][]byte {
	lengths, streams := counter{rest}, make([][]byte, n)
	rest = rest[4*n:]
	for i := range streams {
		length := int(lengths.next())
		streams[i], rest = rest[:length:length], rest[length:]
	}
	return streams
}

// counter reads 32-bit counts, and zeros behind the end.
type counter struct{ rest []byte }

func (c *counter) next() uint32 {
	if len(c.rest) < 4 {
		return 0
	}
	n := binary.LittleEndian.Uint32(c.rest)
	c.rest = c.rest[4:]
	return n
}
