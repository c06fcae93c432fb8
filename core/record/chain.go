// Package record seals records so that a change of them can be seen: each is
// tied to the one before it. A sealed record is an object of JSON in one line:
//
//	{…,"sequence":N,"salt":"…","chain":"…"}
//
// Its canonical bytes are those of the object without what follows the sequence,
// as they stand: {…,"sequence":N}. With inner = SHA-256(salt ‖ canonical bytes),
// chain is SHA-256(chain of the record before ‖ inner), in lower-case hexadecimal;
// before the first record it is 32 bytes of 0. The salt is 16 random bytes, so that
// nobody can guess an erased record from its inner hash. The first line of a file
// also names the chain before it, as "previous".
package record

import (
	"bufio"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"io"
	"strconv"
)

// Hash is that of a record and of all before it.
type Hash [sha256.Size]byte

func (h Hash) String() string { return hex.EncodeToString(h[:]) }

// Head is where a chain ends: how many records it has, and the hash of the last
// one. The zero Head is that of a chain without records.
type Head struct {
	Count int64
	Hash  Hash
}

const saltSize = 16

// The members of a seal, in their order.
const (
	sequenceMember = `,"sequence":`
	saltMember     = `,"salt":"`
	innerMember    = `,"inner":"`
	previousMember = `,"previous":"`
	chainMember    = `,"chain":"`
)

// Chain seals records, one after another. It is for one goroutine.
type Chain struct {
	head   Head
	linked bool // the next line stands behind the one of head
	random *bufio.Reader
	salt   [saltSize]byte
	hasher hasher
}

// NewChain makes a chain that goes on from a head.
func NewChain(from Head) *Chain {
	return &Chain{head: from, random: bufio.NewReader(rand.Reader), hasher: newHasher()}
}

// Head is that of what was sealed.
func (c *Chain) Head() Head { return c.head }

// Resume goes on from a head in another place: in a new file, or where what was
// sealed behind that head could not be written.
func (c *Chain) Resume(from Head) { c.head, c.linked = from, false }

// Seal seals the record in dst[start:], an object of JSON in one line that has
// members, and escapes what Escape does.
func (c *Chain) Seal(dst []byte, start int) []byte {
	dst = Escape(dst, start)
	dst = append(dst[:len(dst)-1], sequenceMember...) // in place of the brace
	dst = strconv.AppendInt(dst, c.head.Count+1, 10)
	// The system's random numbers have no error: without them the program ends.
	_, _ = io.ReadFull(c.random, c.salt[:])
	previous := c.head.Hash
	c.head = c.hasher.next(c.head, c.hasher.inner(c.salt[:], dst[start:]))
	dst = hex.AppendEncode(append(dst, saltMember...), c.salt[:])
	if !c.linked {
		dst = hex.AppendEncode(append(append(dst, '"'), previousMember...), previous[:])
	}
	dst = hex.AppendEncode(append(append(dst, '"'), chainMember...), c.head.Hash[:])
	c.linked = true
	return append(dst, `"}`...)
}

// hasher hashes without allocating.
type hasher struct {
	hash hash.Hash
	pair *[2 * sha256.Size]byte
}

func newHasher() hasher { return hasher{sha256.New(), new([2 * sha256.Size]byte)} }

// inner hashes a record's canonical bytes, which are open and a brace.
func (h hasher) inner(salt, open []byte) Hash { return h.of(salt, open, closing) }

var closing = []byte{'}'}

func (h hasher) next(head Head, inner Hash) Head {
	copy(h.pair[:], head.Hash[:])
	copy(h.pair[sha256.Size:], inner[:])
	return Head{head.Count + 1, h.of(h.pair[:])}
}

func (h hasher) of(parts ...[]byte) Hash {
	h.hash.Reset()
	for _, p := range parts {
		h.hash.Write(p)
	}
	return Hash(h.hash.Sum(h.pair[:0]))
}
