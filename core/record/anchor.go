package record

import (
	"bytes"
	"errors"
	"strconv"
	"time"
)

// ErrAnchor says that a line names no head.
var ErrAnchor = errors.New("no anchor of records, which is a line such as " + `{"time":"…","count":N,"chain":"…"}`)

const countMember = `,"count":`

// AppendAnchor appends a line that names a head, to be kept where whoever has the
// records cannot change it.
func AppendAnchor(dst []byte, h Head, at time.Time) []byte {
	dst = append(append(append(dst, `{"time":"`...), at.UTC().Format(time.RFC3339)...), '"')
	dst = strconv.AppendInt(append(dst, countMember...), h.Count, 10)
	return append(append(append(append(dst, chainMember...), h.Hash.String()...), `"}`...), '\n')
}

// ParseAnchors reads lines of AppendAnchor and returns the last head. Its error is
// ErrAnchor.
func ParseAnchors(text []byte) (Head, error) {
	last := text
	for line := range bytes.Lines(text) {
		if line = bytes.TrimSpace(line); len(line) > 0 {
			last = line
		}
	}
	var hash Hash
	rest, ok := bytes.CutSuffix(last, closing)
	if !ok || !cutHex(&rest, chainMember, hash[:]) {
		return Head{}, ErrAnchor
	}
	at := bytes.LastIndexByte(rest, ':') + 1
	count, err := strconv.ParseInt(string(rest[at:]), 10, 64)
	if err != nil || count < 0 || !bytes.HasSuffix(rest[:at], []byte(countMember)) {
		return Head{}, ErrAnchor
	}
	return Head{count, hash}, nil
}
