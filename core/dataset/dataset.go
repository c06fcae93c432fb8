// Package dataset holds applicants whose outcomes are known, reads them from CSV,
// and divides them into training, validation and test parts.
package dataset

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"

	"lendleaf/core/rows"
	"lendleaf/core/schema"
)

// Data is a whole file of applicants whose outcomes are known.
type Data struct {
	Records  []schema.Record // one for each row, in the file's order, side by side in memory
	Positive []bool          // for each row whether the outcome is the target's positive one
	SHA256   string          // of the uncompressed file, in hex
}

// Read reads a CSV file, or gzip of one, that has a column for every field and
// one for the target. It refuses the first bad row with a rows.RowError, a header
// that does not fit with a rows.ColumnError, and a file without rows with
// rows.ErrEmpty.
func Read(r io.Reader, s *schema.Schema) (*Data, error) {
	plain, err := Decompress(r)
	if err != nil {
		return nil, err
	}
	hash := sha256.New()
	source, err := newLabelled(io.TeeReader(plain, hash), s)
	if err != nil {
		return nil, err
	}
	d := &Data{}
	if err := d.readAll(source, len(s.Fields)); err != nil {
		return nil, err
	}
	d.SHA256 = hex.EncodeToString(hash.Sum(nil))
	return d, nil
}

func (d *Data) readAll(source *labelled, width int) error {
	var block []int64
	var row rows.Row
	for {
		positive, err := source.read(&row)
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
		if cap(block)-len(block) < width {
			block = make([]int64, 0, blockRows*width)
		}
		start := len(block)
		block = append(block, row.Record...)
		d.Records = append(d.Records, block[start:len(block):len(block)])
		d.Positive = append(d.Positive, positive)
	}
	if len(d.Records) == 0 {
		return fmt.Errorf("%w: there is no row under the header", rows.ErrEmpty)
	}
	return nil
}

// blockRows is how many records share one array.
const blockRows = 1 << 12

const bufferSize = 1 << 16

var gzipMagic = []byte{0x1f, 0x8b}

// Decompress reads what r holds, unpacked if it begins as gzip does.
func Decompress(r io.Reader) (io.Reader, error) {
	buffered := bufio.NewReaderSize(r, bufferSize)
	if magic, _ := buffered.Peek(len(gzipMagic)); !bytes.Equal(magic, gzipMagic) {
		return buffered, nil
	}
	plain, err := gzip.NewReader(buffered)
	if err != nil {
		return nil, fmt.Errorf("cannot unpack: %w", err)
	}
	return plain, nil
}

// Rows picks rows: their records and whether their outcomes are positive.
func (d *Data) Rows(rows []int) (records []schema.Record, positive []bool) {
	records, positive = make([]schema.Record, len(rows)), make([]bool, len(rows))
	for i, row := range rows {
		records[i], positive[i] = d.Records[row], d.Positive[row]
	}
	return records, positive
}
