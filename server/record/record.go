// Package record keeps what was asked and what was answered, a line of JSON for
// each applicant, where an operator wants that. Records hold personal data.
package record

import (
	"net/netip"
	"time"

	"lendleaf/core"
	"lendleaf/core/schema"
)

// Batch is what one request asked and what it was answered; of a stream of
// rows, it is some rows that were scored together.
type Batch struct {
	ID          string        // of the request
	Start       time.Time     // when its body, or these rows, had come
	Latency     time.Duration // from Start until all were scored
	Size        int           // applicants, those without a record too
	Model       *core.Model
	Challenger  bool // Model only scores, and another one answers
	Client      Client
	Predictions []Prediction // one for each record to be written
}

// Client is who asked.
type Client struct {
	Address netip.Addr // only its country is written
	Agent   string     // the program, by its own account
}

// Prediction is what is to be written of one applicant.
type Prediction struct {
	Place  int           // in the request: an index, or a line of a stream
	Record schema.Record // fields at fault are Missing; nil if nothing is known
	Score  core.Score    // of no meaning if there is a Fault
	Fault  string        // why nothing was predicted, in words that repeat nothing of what was sent
	Client *Client       // if it is not the Batch's
}

// ID is the name of a request's prediction.
func ID(request string, place int) string { return string(appendID(nil, request, place)) }
