package record

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"lendleaf/core/rows"
)

// Setting is what all records of a server have in common.
type Setting struct {
	DecidedBy DecidedBy
	Retain    Retain
}

// DecidedBy says who decides about an applicant, of whom a model gives no more than
// a score and a suggestion. The zero value is Nobody.
type DecidedBy string

// Who decides.
const (
	Nobody DecidedBy = ""       // yet: the record is older than the decision
	Person DecidedBy = "person" // who sees the score
	Rule   DecidedBy = "rule"   // of the lender's, in which the score is one part
	Model  DecidedBy = "model"  // alone: what it suggests is done
)

func (d DecidedBy) String() string {
	if d == Nobody {
		return "nobody"
	}
	return string(d)
}

// Set takes the word for it.
func (d *DecidedBy) Set(text string) error {
	for _, known := range []DecidedBy{Nobody, Person, Rule, Model} {
		if known.String() == text {
			*d = known
			return nil
		}
	}
	return errors.New("it is nobody, person, rule or model")
}

// Retain says for how long records must be kept, for each purpose.
type Retain []Purpose

// Purpose is a reason to keep records.
type Purpose struct {
	Name string
	Days int
}

func (r Retain) String() string {
	var list []string
	for _, p := range r {
		list = append(list, fmt.Sprintf("%s=%d", p.Name, p.Days))
	}
	return strings.Join(list, ",")
}

// Set reads PURPOSE=DAYS, with commas between.
func (r *Retain) Set(text string) error {
	*r = nil
	seen := map[string]bool{}
	for item := range strings.SplitSeq(text, ",") {
		name, days, _ := strings.Cut(item, "=")
		name = strings.TrimSpace(name)
		n, err := strconv.Atoi(strings.TrimSpace(days))
		if name == "" || seen[name] || err != nil || n < 1 || n > maxDays {
			return fmt.Errorf("%q is no PURPOSE=DAYS of its own, such as complaints=1095", item)
		}
		seen[name] = true
		*r = append(*r, Purpose{name, n})
	}
	return nil
}

// Longest is for how many days the records must be kept, whatever the purpose.
func (r Retain) Longest() (days int) {
	for _, p := range r {
		days = max(days, p.Days)
	}
	return days
}

// maxDays is a century, and more than any law asks for.
const maxDays = 36_525

// append writes the last day of each purpose, or null.
func (r Retain) append(dst []byte, from time.Time) []byte {
	if len(r) == 0 {
		return append(dst, "null"...)
	}
	for i, p := range r {
		separator := byte(',')
		if i == 0 {
			separator = '{'
		}
		dst = append(rows.AppendText(append(dst, separator), p.Name), `:"`...)
		dst = append(from.UTC().AddDate(0, 0, p.Days).AppendFormat(dst, time.DateOnly), '"')
	}
	return append(dst, '}')
}

// program is the hash of the program that scores, or "" where it cannot be read.
// It takes some milliseconds once, in the background.
var program = sync.OnceValue(func() string {
	f, err := openProgram()
	if err != nil {
		return ""
	}
	defer f.Close()
	hash := sha256.New()
	if _, err := io.Copy(hash, f); err != nil {
		return ""
	}
	return hex.EncodeToString(hash.Sum(nil))
})

// openProgram opens the program that runs. By its name, where there is no other way,
// it could be a newer one.
func openProgram() (*os.File, error) {
	if f, err := os.Open("/proc/self/exe"); err == nil {
		return f, nil
	}
	name, err := os.Executable()
	if err != nil {
		return nil, err
	}
	return os.Open(name)
}
