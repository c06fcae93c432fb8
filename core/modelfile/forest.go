package modelfile

import (
	"bytes"
	"encoding/gob"

	"lendleaf/core/forest"
)

func encodeForest(f *forest.Forest) []byte {
	var b bytes.Buffer
	gob.NewEncoder(&b).Encode(f)
	return b.Bytes()
}

func decodeForest(b []byte, features int) (*forest.Forest, error) {
	f := &forest.Forest{}
	return f, gob.NewDecoder(bytes.NewReader(b)).Decode(f)
}
