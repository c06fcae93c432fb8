package core_test

import (
	"fmt"
	"log"
	"os"

	"lendleaf/core"
	"lendleaf/core/schema"
)

// A model file is all that is needed: here one about machines.
func ExampleLoad() {
	file, err := os.ReadFile("testdata/machines.lendleaf")
	if err != nil {
		log.Fatal(err)
	}
	model, err := core.Load(file)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(model.Name(), "from", model.Threshold())
	for _, f := range model.Schema().Fields[:3] {
		fmt.Println(f.Name, f.Advice())
	}
	// Output:
	// machines from 0.36
	// hours Enter a number of at least 0.
	// load Enter a number between 0 and 1.25.
	// vibration Enter a number between 0 and 40.
}

func ExampleModel_Score() {
	model := machines()
	fields := model.Schema().Fields
	answers := []string{"2100", "1.05", "31.4", "Ostermann", "Yard", ""}
	values := make([]schema.Value, len(fields))
	for i := range fields {
		values[i] = fields[i].Read(answers[i])
	}
	record := make(schema.Record, len(fields))
	if faults := model.Schema().Record(record, values); faults != nil {
		log.Fatal(faults[0])
	}
	score := model.Score(record)
	fmt.Printf("%s (%.3f)\n", model.Outcome(score), score.Probability)
	// Output:
	// Failure Within A Month (0.566)
}

func ExampleModel_AppendScores() {
	model := machines()
	records := []schema.Record{
		{2100, 105, 3140, 1, 7, schema.Missing}, // in steps, or places in the list of labels
		{90, 40, 250, 0, 2, 0},
	}
	for _, score := range model.AppendScores(nil, records) {
		fmt.Printf("%s (%.3f)\n", model.Outcome(score), score.Probability)
	}
	// Output:
	// Failure Within A Month (0.566)
	// Runs On (0.000)
}

func machines() *core.Model {
	file, err := os.ReadFile("testdata/machines.lendleaf")
	if err != nil {
		log.Fatal(err)
	}
	model, err := core.Load(file)
	if err != nil {
		log.Fatal(err)
	}
	return model
}
