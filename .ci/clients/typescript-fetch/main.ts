// Asks a server by the client that openapi-generator makes for TypeScript.
import { Configuration, ModelApi, PredictionsApi, type PipelineInput } from "./lendleaf/index.js";

declare const process: { argv: string[] };

const configuration = new Configuration({ basePath: process.argv[2] });
const first: PipelineInput = {
  income: 1250000, age: 34, experience: 6, married: "single", houseOwnership: "rented", carOwnership: "no",
  profession: "civil_engineer", city: "patna", state: "bihar", currentJobYrs: 4, currentHouseYrs: 12,
};
const second: PipelineInput = {
  income: 5100233, age: 77.5, experience: 0, married: null, houseOwnership: "owned",
  profession: "surgeon", city: "bhopal", state: "madhya_pradesh", currentJobYrs: 0, currentHouseYrs: 14,
};
for (const predictRequest of [first, [first, second]]) {
  const answer = await new PredictionsApi(configuration).predict({ predictRequest });
  for (const { prediction, probabilities } of answer.results) {
    console.log(prediction, probabilities._default.toFixed(3), probabilities.noDefault.toFixed(3));
  }
}
console.log((await new ModelApi(configuration).model()).hash);
