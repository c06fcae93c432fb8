// Command bench writes made-up applicants of the shipped model, as a body for
// POST /api/predict: an array of so many, or one object.
//
//	go run ./server/bench [NUMBER]
package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"

	"lendleaf/core"
	"lendleaf/core/rows"
	"lendleaf/core/schema"
	"lendleaf/site"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	model, err := core.Load(site.Model())
	if err != nil {
		return err
	}
	random := rand.New(rand.NewPCG(1, 2)) // the same applicants every time
	if len(args) == 0 {
		_, err := os.Stdout.Write(appendApplicant(nil, random, model.Schema()))
		return err
	}
	n, err := strconv.Atoi(args[0])
	if err != nil {
		return err
	}
	body := []byte{'['}
	for i := range n {
		if i > 0 {
			body = append(body, ',')
		}
		body = appendApplicant(body, random, model.Schema())
	}
	_, err = os.Stdout.Write(append(body, ']'))
	return err
}

func appendApplicant(dst []byte, random *rand.Rand, s *schema.Schema) []byte {
	dst = append(dst, '{')
	for i := range s.Fields {
		f := &s.Fields[i]
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(rows.AppendText(dst, f.Name), ':')
		if f.Kind == schema.Choice {
			dst = rows.AppendText(dst, f.Labels[random.IntN(len(f.Labels))].Name)
			continue
		}
		dst = strconv.AppendFloat(dst, number(random, f), 'f', -1, 64)
	}
	return append(dst, '}')
}

// wide is how far numbers go where their field has no bound.
const wide = 1e7

func number(random *rand.Rand, f *schema.Field) float64 {
	low, high := 0.0, wide
	if f.Min != nil {
		low = *f.Min
	}
	if f.Max != nil {
		high = *f.Max
	}
	return low + f.Step*float64(random.IntN(int((high-low)/f.Step)+1))
}
