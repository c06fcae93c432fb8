// Command machines writes a CSV file: made-up machines, and whether each
// failed, for machines.json. It draws integers only, so that every run and
// every CPU writes the same bytes.
package main

import (
	"bufio"
	"errors"
	"fmt"
	"log"
	"math/rand/v2"
	"os"
)

func main() {
	draw := rand.New(rand.NewPCG(7, 11))
	file, err := os.Create(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	out := bufio.NewWriter(file)
	makers := []string{"North Works", "nw", "Ostermann", "Kiln & Sons (new)", "kiln_&_sons", "HALLE"}
	halls := []string{"A", "B", "C", "D", "E", "F", "G", "Yard"}
	oils := []string{"thin", "Thick", ""}
	fmt.Fprintln(out, "Ref,Built by,HALL,Hours since service,Load (share),Vibration (mm/s),oil,failed")
	for i := range 1200 {
		maker, hall, oil := draw.IntN(len(makers)), draw.IntN(len(halls)), draw.IntN(len(oils))
		hours, load, vibration := draw.IntN(4000), draw.IntN(126), draw.IntN(4001)
		risk := hours/40 + load*load/150 + vibration/50 + hall*7 + draw.IntN(100)
		if oil == 1 && hall == 7 {
			risk += 60
		}
		if maker > 1 && maker < 5 {
			risk += 30
		}
		failed := "no"
		if risk > 290 {
			failed = "yes"
		}
		shaking := fmt.Sprintf("%d.%02d", vibration/100, vibration%100)
		if draw.IntN(20) == 0 {
			shaking = ""
		}
		fmt.Fprintf(out, "M%04d,%s,%s,%d,%d.%02d,%s,%s,%s\n", i, makers[maker], halls[hall], hours, load/100, load%100, shaking, oils[oil], failed)
	}
	if err := errors.Join(out.Flush(), file.Close()); err != nil {
		log.Fatal(err)
	}
}
