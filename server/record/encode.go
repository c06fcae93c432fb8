package record

import (
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"lendleaf/core/rows"
)

// member is a member of a record's object.
type member struct {
	name   string
	append func(dst []byte, e *entry) []byte
}

// entry is what a record is about.
type entry struct {
	*Batch
	*Prediction
	*Setting
	country string
	agent   string
}

// batchMembers come first and are the same in all records of a batch;
// predictionMembers follow. A record has them in this order.
var (
	batchMembers = []member{
		{"batch_id", func(dst []byte, e *entry) []byte { return rows.AppendText(dst, e.ID) }},
		{"batch_size", func(dst []byte, e *entry) []byte { return strconv.AppendInt(dst, int64(e.Size), 10) }},
		{"batch_timestamp", func(dst []byte, e *entry) []byte {
			return append(e.Start.UTC().AppendFormat(append(dst, '"'), timestamp), '"')
		}},
		{"batch_latency_ms", func(dst []byte, e *entry) []byte { return appendMilliseconds(dst, e.Latency, 1) }},
		{"avg_prediction_latency_ms", func(dst []byte, e *entry) []byte { return appendMilliseconds(dst, e.Latency, e.Size) }},
		{"pipeline_version", func(dst []byte, e *entry) []byte { return rows.AppendText(dst, e.Model.Hash()[:versionDigits]) }},
		{"model_hash", func(dst []byte, e *entry) []byte { return rows.AppendText(dst, e.Model.Hash()) }},
		{"model_role", func(dst []byte, e *entry) []byte { return rows.AppendText(dst, e.role()) }},
		{"program_hash", func(dst []byte, _ *entry) []byte { return appendKnown(dst, program()) }},
		{"decided_by", func(dst []byte, e *entry) []byte { return rows.AppendText(dst, e.DecidedBy.String()) }},
		{RetainUntil, func(dst []byte, e *entry) []byte { return e.Retain.append(dst, e.Start) }},
	}
	predictionMembers = []member{
		{"client_country", func(dst []byte, e *entry) []byte { return appendKnown(dst, e.country) }},
		{"user_agent", func(dst []byte, e *entry) []byte { return appendKnown(dst, e.agent) }},
		{Always, func(dst []byte, e *entry) []byte { return append(appendID(append(dst, '"'), e.ID, e.Place), '"') }},
		{"inputs", appendInputs},
		{"prediction", func(dst []byte, e *entry) []byte { return appendKnown(dst, e.outcome()) }},
		{"probabilities", appendProbabilities},
		{"error_message", func(dst []byte, e *entry) []byte { return appendKnown(dst, e.Fault) }},
	}
)

const (
	timestamp     = "2006-01-02T15:04:05.000000Z"
	versionDigits = 12
)

// The members that no record is without.
const (
	Always      = "prediction_id"
	RetainUntil = "retain_until"
)

// ErrMember says that a record has no such member, or is never without it.
var ErrMember = errors.New("records have no such member, or are never without it")

// encoder writes records as lines.
type encoder struct {
	batch, prediction []member
	country           func(netip.Addr) string
	setting           Setting
	head              []byte // of the batch's records
}

// newEncoder makes an encoder that omits some members. Its error wraps
// ErrMember.
func newEncoder(omit []string, country func(netip.Addr) string) (*encoder, error) {
	missing := map[string]bool{}
	for _, name := range omit {
		missing[strings.TrimSpace(name)] = true
	}
	e := &encoder{country: country}
	e.batch, e.prediction = without(batchMembers, missing), without(predictionMembers, missing)
	for _, name := range slices.Sorted(maps.Keys(missing)) {
		return nil, fmt.Errorf("%q: %w", name, ErrMember)
	}
	return e, nil
}

// without leaves out members that may be missing, and strikes them off.
func without(members []member, missing map[string]bool) (rest []member) {
	for _, m := range members {
		if m.name == Always || m.name == RetainUntil || !missing[m.name] {
			rest = append(rest, m)
			continue
		}
		delete(missing, m.name)
	}
	return rest
}

// CheckOmitted refuses names of members that cannot be left out. Its error wraps
// ErrMember.
func CheckOmitted(names []string) error {
	_, err := newEncoder(names, nil)
	return err
}

// client looks up what is to be written of a client.
func (e *encoder) client(c Client) (country, agent string) {
	if e.country != nil {
		country = e.country(c.Address)
	}
	return country, c.Agent
}

// begin sets what the records of a batch have in common.
func (e *encoder) begin(b *Batch) {
	e.head = append(e.head[:0], '{')
	common := &entry{Batch: b, Setting: &e.setting}
	for _, m := range e.batch {
		e.head = append(m.append(appendName(e.head, m.name), common), ',')
	}
}

// append writes a record of the batch, an object without a seal.
func (e *encoder) append(dst []byte, line *entry) []byte {
	dst = append(dst, e.head...)
	for i, m := range e.prediction {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = m.append(appendName(dst, m.name), line)
	}
	return append(dst, '}')
}

// appendName writes a member's name, which needs no escapes.
func appendName(dst []byte, name string) []byte {
	return append(append(append(dst, '"'), name...), `":`...)
}

// role is the model's: one answers, another may be tried beside it.
func (b *Batch) role() string {
	if b.Challenger {
		return "challenger"
	}
	return "champion"
}

func (e *entry) outcome() string {
	if e.Fault != "" {
		return ""
	}
	return e.Model.Outcome(e.Score)
}

// appendInputs writes what would have to be sent for the same answer.
func appendInputs(dst []byte, e *entry) []byte {
	if e.Record == nil {
		return append(dst, "null"...)
	}
	return rows.AppendApplicant(dst, e.Model.Schema(), e.Record, "")
}

// appendProbabilities writes all digits, so that scoring again can be held
// against them.
func appendProbabilities(dst []byte, e *entry) []byte {
	if e.Fault != "" {
		return append(dst, "null"...)
	}
	return rows.Exact.AppendProbabilities(dst, e.Model.Schema().Target, e.Score.Probability)
}

func appendID(dst []byte, request string, place int) []byte {
	return strconv.AppendInt(append(append(dst, request...), '-'), int64(place), 10)
}

// appendMilliseconds writes a part of a time to the nanosecond; there is none if
// there are no parts.
func appendMilliseconds(dst []byte, d time.Duration, parts int) []byte {
	if parts == 0 {
		return append(dst, "null"...)
	}
	return strconv.AppendFloat(dst, float64(d)/float64(parts)/float64(time.Millisecond), 'f', 6, 64)
}

// appendKnown writes a text, or null in place of none.
func appendKnown(dst []byte, text string) []byte {
	if text == "" {
		return append(dst, "null"...)
	}
	return rows.AppendText(dst, text)
}

// maxAgent is as much as is kept of what a program says of itself, in bytes.
const maxAgent = 512

// Cut shortens a text that clients may choose.
func Cut(text string) string {
	if len(text) <= maxAgent {
		return text
	}
	end := maxAgent
	for end > 0 && !utf8.RuneStart(text[end]) {
		end--
	}
	return strings.Clone(text[:end])
}
