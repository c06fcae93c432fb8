package api

import (
	"encoding/json"
	"net/http"

	"lendleaf/core"
	"lendleaf/core/rows"
	"lendleaf/core/schema"
)

// object is a JSON object whose names come in alphabetical order.
type object = map[string]any

// openAPI describes the API (OpenAPI 3.1), from the model's fields. Of two models
// with one definition, the descriptions differ in their version alone. A guarded
// one asks for a bearer token.
func openAPI(m *core.Model, recorded, guarded bool) []byte {
	operations := []object{predictOperation(recorded), modelOperation()}
	document := object{
		"openapi": "3.1.0",
		"info": object{
			"title":       m.Name(),
			"version":     m.Hash()[:versionDigits],
			"description": "Scores applicants. The version is the beginning of the model's hash, which GET /api/model has whole.",
			"contact":     object{"name": "Whoever operates this server"},
			"license":     object{"name": "MIT", "identifier": "MIT"},
		},
		"servers": []object{{"url": ".", "description": "Where this description is."}},
		"tags": []object{
			{"name": tagPredictions, "description": "What the model says of applicants."},
			{"name": tagModel, "description": "What is known of the model."},
		},
		"security": []object{},
		"paths": object{
			"/api/predict": object{"post": operations[0]},
			"/api/model":   object{"get": operations[1]},
		},
		"components": object{"schemas": schemas(m.Schema())},
	}
	if guarded {
		document["security"] = []object{{bearer: []string{}}}
		document["components"].(object)["securitySchemes"] = object{bearer: object{"type": "http", "scheme": "bearer"}}
		for _, o := range operations {
			o["responses"].(object)["401"] = answer("The request bears no token that the operator has given out.", "Fault")
		}
	}
	return must(json.Marshal(document))
}

// The groups of operations.
const (
	tagPredictions = "predictions"
	tagModel       = "model"
)

// must is for values of which JSON can be made.
func must[T any](x T, err error) T {
	if err != nil {
		panic(err)
	}
	return x
}

// bearer names the way of asking for tokens.
const bearer = "bearer"

func ref(name string) object { return object{"$ref": "#/components/schemas/" + name} }

// predictOperation describes JSON for machines, and rows in words: with several
// types of one answer, generated clients know neither.
func predictOperation(recorded bool) object {
	return object{
		"operationId": "predict",
		"tags":        []string{tagPredictions},
		"summary":     "Score one applicant, or many",
		"description": "JSON is answered as a whole. " + rowsInWords + " Any other content type makes a body a text, which is not valid. Bodies may be packed with gzip or zstd. " + Recorded(recorded),
		"requestBody": object{"required": true, "content": object{typeJSON: object{"schema": ref("PredictRequest")}}},
		"responses": object{
			"200": object{"description": "The scores, in the applicants' order.", "headers": headers(recorded), "content": object{typeJSON: object{"schema": ref("Predictions")}}},
			"400": answer("The body could not be read, or is no UTF-8.", "Fault"),
			"413": answer("The body is larger than the operator allows.", "Fault"),
			"415": answer("The body is packed in a way that is not known.", "Fault"),
			"422": answer("What is wrong, each fault by itself. A fault is given for each way to read the body: as one applicant, and as a list.", "ValidationFaults"),
			"429": answer(busy, "Fault"),
			"503": answer("The server cannot answer now; the header Retry-After says when to come again.", "Fault"),
			"500": answer(failed, "Fault"),
		},
	}
}

const rowsInWords = "Rows of text/csv (with a header) or application/x-ndjson (also called application/ndjson, application/jsonl or application/x-jsonlines) are answered in kind, row by row while they come: each with its line, and its result or what is wrong with it; the last record has the counts. A CSV may lack columns of fields that may be missing. Probabilities in answers to JSON have three decimals; in rows they have all digits, which read back as the same number."

const (
	busy   = "The server is busy; the header Retry-After says when to come again."
	failed = "The server failed; its log has the request's X-Request-Id."
)

// Recorded says whether a server keeps what it is asked.
func Recorded(recorded bool) string {
	if !recorded {
		return "This server keeps no record of applicants or answers."
	}
	return "This server records applicants and answers. A prediction is named " + requestHeader + ", a hyphen, and its index in an array from 0, or the line that the answer to a row names; " + predictionHeader + " has the whole name where there is only one applicant."
}

// headers describes those of answers that clients may want to keep.
func headers(recorded bool) object {
	text := object{"type": "string"}
	h := object{
		requestHeader: object{"description": "Names the request, in the server's log as well.", "schema": text},
		ModelHeader:   object{"description": "Names the model that answers, by its SHA-256.", "schema": text},
	}
	if recorded {
		h[predictionHeader] = object{"description": "Names the prediction in the server's records, if the request holds one applicant only.", "schema": text}
	}
	return h
}

func modelOperation() object {
	return object{
		"operationId": "model",
		"tags":        []string{tagModel},
		"summary":     "The model",
		"description": "Its fields, its training, and how good it is.",
		"responses": object{
			"200": answer("The model.", "Model"),
			"429": answer(busy, "Fault"),
			"500": answer(failed, "Fault"),
		},
	}
}

func answer(description, name string) object {
	return object{"description": description, "content": object{typeJSON: object{"schema": ref(name)}}}
}

// Example is a body that a schema takes, in the order of its fields.
func Example(s *schema.Schema) []byte {
	example := []byte{'{'}
	for i := range s.Fields {
		if i > 0 {
			example = append(example, ',')
		}
		example = append(rows.AppendText(example, s.Fields[i].Name), ':')
		example = append(example, must(json.Marshal(exampleOf(&s.Fields[i])))...)
	}
	return append(example, '}')
}

// exampleOf is the first label, or a number from within the range.
func exampleOf(f *schema.Field) any {
	switch {
	case f.Kind == schema.Choice:
		return f.Labels[0].Name
	case f.Max != nil:
		return *f.Max
	case f.Min != nil:
		return *f.Min
	}
	return 0
}

// described answers with JSON that never changes while a model serves.
func described(body []byte) http.Handler {
	return Read(NewContent(typeJSON, body).ServeHTTP)
}
