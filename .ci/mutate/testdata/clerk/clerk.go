// Package clerk has faults waiting that the tool's own test knows.
package clerk

import (
	"errors"
	"time"
)

var errAge = errors.New("too young")

const adult = 18

const patience = 2 * time.Second

// Clerk counts whom it lets in.
type Clerk struct{ in int }

// Admit lets an adult in.
func (c *Clerk) Admit(age int, known bool) error {
	if age < adult && !known {
		return errAge
	}
	c.in++
	return nil
}

func sum(list []float64) float64 {
	total := 0.0
	for i := 0; i < len(list); i += 1 {
		total = total + list[i]
	}
	return total
}

func even(n int) bool { return n%2 == 0 }

func room() []int { return make([]int, 0, 8) }

func half(n int) int { return n / 2 }
