package api

import (
	"cmp"
	"encoding/binary"
	"math"
	"slices"
	"strconv"
	"unicode/utf8"

	"lendleaf/core/rows"
)

// tensor is an input of the Open Inference Protocol: one value for each applicant.
type tensor struct {
	name, datatype string
	shape          [][]byte
	data           []byte // JSON; nothing where the values follow the JSON as bytes
	bytes          int    // of them
}

// readTensor reads a tensor's members.
func readTensor(raw []byte) (*tensor, error) {
	if raw[0] != '{' {
		return nil, malformed("an input must be an object")
	}
	t, err := &tensor{bytes: -1}, error(nil)
	for name, value := range rows.Members(raw) {
		switch {
		case name == "name" && value[0] == '"':
			t.name = rows.Unquoted(value)
		case name == "datatype" && value[0] == '"':
			t.datatype = rows.Unquoted(value)
		case name == "shape" && value[0] == '[' && len(value) <= maxShape:
			t.shape, err = rows.Values(value)
		case name == "data" && value[0] == '[':
			t.data = value
		case name == "parameters" && value[0] == '{':
			t.bytes, err = binarySize(value)
		default:
			switch name {
			case "name", "datatype", "shape", "data", "parameters":
				return nil, malform("an input's %s is of no use", name)
			}
		}
		if err != nil {
			return nil, err
		}
	}
	return t, nil
}

// maxShape is how long a shape may be that is written, in bytes.
const maxShape = 256

// binarySize is how many bytes of a tensor follow the JSON; negative: none do.
func binarySize(parameters []byte) (int, error) {
	for name, value := range rows.Members(parameters) {
		if name != "binary_data_size" {
			continue
		}
		n, err := strconv.Atoi(string(value))
		if err != nil || n < 0 {
			return 0, malformed("binary_data_size is no size")
		}
		return n, nil
	}
	return -1, nil
}

// size is how many applicants a tensor has by its shape: [n] or [n, 1].
func (t *tensor) size() (int, error) {
	if len(t.shape) == 0 || len(t.shape) > 2 || len(t.shape) == 2 && string(t.shape[1]) != "1" {
		return 0, malform("input %q: its shape must be [n] or [n, 1]", t.name)
	}
	n, err := strconv.Atoi(string(t.shape[0]))
	if err != nil || n < 0 {
		return 0, malform("input %q: its shape must be [n] or [n, 1]", t.name)
	}
	return n, nil
}

// values are a tensor's, each as JSON. What follows the JSON is taken from rest.
func (t *tensor) values(w *work, rest *[]byte) (values [][]byte, err error) {
	width, ok := widths[t.datatype]
	if !ok {
		return nil, malform("input %q: its datatype %q is none of the protocol's, or of no use here", t.name, t.datatype)
	}
	n, err := t.size()
	if err != nil {
		return nil, err
	}
	if t.bytes < 0 {
		values, err = t.written(w)
	} else {
		if t.bytes > len(*rest) || t.data != nil {
			return nil, malform("input %q: its binary_data_size is not what the body has", t.name)
		}
		values, err = t.packed(w, (*rest)[:t.bytes], width)
		*rest = (*rest)[t.bytes:]
	}
	if err != nil {
		return nil, err
	}
	if len(values) != n {
		return nil, malform("input %q: its data have more or fewer values than its shape says", t.name)
	}
	return values, nil
}

// widths are the datatypes and the bytes of their values; 0: each has its own.
var widths = map[string]int{
	"BOOL": 1, "UINT8": 1, "UINT16": 2, "UINT32": 4, "UINT64": 8, "INT8": 1, "INT16": 2, "INT32": 4, "INT64": 8, "FP32": 4, "FP64": 8, "BYTES": 0,
}

// written are the values of data, flat or one in an array each.
func (t *tensor) written(w *work) ([][]byte, error) {
	if t.data == nil {
		return nil, malform("input %q: it has no data", t.name)
	}
	values, err := w.cut(t.data)
	if err != nil {
		return nil, err
	}
	whole := t.datatype[0] == 'I' || t.datatype[0] == 'U'
	for i, v := range values {
		if v[0] == '[' {
			inner, err := rows.Values(v)
			if err != nil || len(inner) != 1 || inner[0][0] == '[' {
				return nil, malform("input %q: its data are not of its shape", t.name)
			}
			values[i] = inner[0]
		}
		if whole && !isInteger(values[i]) {
			return nil, malform("input %q: its data are not of its datatype", t.name)
		}
	}
	return values, nil
}

// packed are the values of bytes, little-endian; texts come behind their lengths.
func (t *tensor) packed(w *work, data []byte, width int) (values [][]byte, err error) {
	least := cmp.Or(width, 4) // a text has its length at least
	w.parts += len(data)/least*valueSize + 8*len(data)
	if err := w.held.set(w.bytes()); err != nil {
		return nil, err
	}
	for len(data) > 0 {
		value := data
		switch {
		case width > 0 && len(data) < width:
			return nil, malform("input %q: its last value is cut off", t.name)
		case width > 0:
			value, data = data[:width], data[width:]
		default:
			if len(data) < 4 || uint64(binary.LittleEndian.Uint32(data)) > uint64(len(data)-4) {
				return nil, malform("input %q: its last text is cut off", t.name)
			}
			end := 4 + int(binary.LittleEndian.Uint32(data))
			value, data = data[4:end], data[end:]
		}
		raw, ok := inJSON(t.datatype, value)
		if !ok {
			return nil, malform("input %q: one of its values is no number, or its text no UTF-8", t.name)
		}
		values = append(values, raw)
	}
	return values, nil
}

// inJSON is a value of bytes as JSON has it.
func inJSON(datatype string, value []byte) (raw []byte, ok bool) {
	padded := append(slices.Clone(value[:min(len(value), 8)]), make([]byte, 8)...)
	bits := binary.LittleEndian.Uint64(padded)
	switch datatype {
	case "BYTES":
		return rows.AppendText(nil, value), utf8.Valid(value)
	case "BOOL":
		return strconv.AppendBool(nil, bits != 0), true
	case "INT8", "INT16", "INT32", "INT64":
		unused := 64 - 8*len(value)
		return strconv.AppendInt(nil, int64(bits<<unused)>>unused, 10), true
	case "FP32":
		return number64(float64(math.Float32frombits(uint32(bits))))
	case "FP64":
		return number64(math.Float64frombits(bits))
	}
	return strconv.AppendUint(nil, bits, 10), true
}

func number64(x float64) (raw []byte, ok bool) {
	return strconv.AppendFloat(nil, x, 'g', -1, 64), !math.IsNaN(x) && !math.IsInf(x, 0)
}
