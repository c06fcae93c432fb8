// Command main asks a server by the client that oapi-codegen makes.
package main

import (
	"context"
	"fmt"
	"os"

	"clients/lendleaf"
)

func value[T any](x T) *T { return &x }

func main() {
	client, err := lendleaf.NewClientWithResponses(os.Args[1])
	check(err)
	alone := lendleaf.OneApplicant{
		Income: 1250000, Age: 34, Experience: 6, Married: value[lendleaf.OneApplicantMarried]("single"),
		HouseOwnership: value[lendleaf.OneApplicantHouseOwnership]("rented"), CarOwnership: value[lendleaf.OneApplicantCarOwnership]("no"),
		Profession: "civil_engineer", City: "patna", State: "bihar", CurrentJobYrs: 4, CurrentHouseYrs: 12,
	}
	first := lendleaf.PipelineInput{
		Income: 1250000, Age: 34, Experience: 6, Married: value[lendleaf.PipelineInputMarried]("single"),
		HouseOwnership: value[lendleaf.PipelineInputHouseOwnership]("rented"), CarOwnership: value[lendleaf.PipelineInputCarOwnership]("no"),
		Profession: "civil_engineer", City: "patna", State: "bihar", CurrentJobYrs: 4, CurrentHouseYrs: 12,
	}
	second := lendleaf.PipelineInput{
		Income: 5100233, Age: 77.5, Experience: 0, HouseOwnership: value[lendleaf.PipelineInputHouseOwnership]("owned"),
		Profession: "surgeon", City: "bhopal", State: "madhya_pradesh", CurrentJobYrs: 0, CurrentHouseYrs: 14,
	}
	var one, list lendleaf.PredictJSONRequestBody
	check(one.FromOneApplicant(alone))
	check(list.FromPredictRequest1([]lendleaf.PipelineInput{first, second}))
	for _, body := range []lendleaf.PredictJSONRequestBody{one, list} {
		answer, err := client.PredictWithResponse(context.Background(), body)
		check(err)
		if answer.JSON200 == nil {
			check(fmt.Errorf("%s: %s", answer.Status(), answer.Body))
		}
		for _, r := range answer.JSON200.Results {
			fmt.Printf("%s %.3f %.3f\n", r.Prediction, r.Probabilities.Default, r.Probabilities.NoDefault)
		}
	}
	model, err := client.ModelWithResponse(context.Background())
	check(err)
	fmt.Println(model.JSON200.Hash)
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
