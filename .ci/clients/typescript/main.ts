// Asks a server by the types that openapi-typescript makes, with openapi-fetch.
import createClient from "openapi-fetch";
import type { components, paths } from "./lendleaf/schema.js";

declare const process: { argv: string[] };

type Applicant = components["schemas"]["PipelineInput"];

const client = createClient<paths>({ baseUrl: process.argv[2] });
const first: Applicant = {
  income: 1250000, age: 34, experience: 6, married: "single", house_ownership: "rented", car_ownership: "no",
  profession: "civil_engineer", city: "patna", state: "bihar", current_job_yrs: 4, current_house_yrs: 12,
};
const second: Applicant = {
  income: 5100233, age: 77.5, experience: 0, married: null, house_ownership: "owned",
  profession: "surgeon", city: "bhopal", state: "madhya_pradesh", current_job_yrs: 0, current_house_yrs: 14,
};
for (const body of [first, [first, second]]) {
  const { data, error } = await client.POST("/api/predict", { body });
  if (data === undefined) {
    throw new Error(JSON.stringify(error));
  }
  for (const { prediction, probabilities } of data.results) {
    console.log(prediction, probabilities.Default.toFixed(3), probabilities["No Default"].toFixed(3));
  }
}
const { data: model } = await client.GET("/api/model");
console.log(model?.hash);
