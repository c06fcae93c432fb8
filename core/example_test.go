package core_test

import (
	"fmt"
	"io"
	"log"
	"os"
	"strings"

	"lendleaf/core"
	"lendleaf/core/rows"
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

// Applicants come in as rows of a file, and answers go out as rows. A row that
// cannot be scored says why.
func Example() {
	model := machines()
	file := strings.NewReader(`Hours since service,Load (share),Vibration (mm/s),Built by,Hall
2100,1.05,31.4,Ostermann,Yard
90,9,2.5,NW,C
`)
	source, err := rows.NewCSV(file, rows.NewShape(model.Schema()), rows.Options{})
	if err != nil {
		log.Fatal(err)
	}
	answers := rows.NDJSONAnswers(model.Schema().Target)
	var row rows.Row
	for {
		err := source.Read(&row)
		if err == io.EOF {
			break
		}
		if err != nil {
			log.Fatal(err)
		}
		if len(row.Faults) > 0 {
			fmt.Printf("%s", answers.Faults(nil, row.Line, row.Faults))
			continue
		}
		score := model.Score(row.Record)
		fmt.Printf("%s", answers.Score(nil, row.Line, model.Outcome(score), score.Probability))
	}
	// Output:
	// {"line":2,"prediction":"Failure Within A Month","probabilities":{"Failure Within A Month":0.565803239845569,"Runs On":0.434196760154431}}
	// {"line":3,"detail":[{"field":"load","msg":"Enter a number between 0 and 1.25."}]}
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
