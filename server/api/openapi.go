package api

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"lendleaf/core"
	"lendleaf/core/rows"
	"lendleaf/core/schema"
)

// object is a JSON object whose names come in alphabetical order.
type object = map[string]any

// openAPI describes the API (OpenAPI 3.1), from the model's fields. A guarded one
// asks for a bearer token.
func openAPI(m *core.Model, recorded, guarded bool) []byte {
	operations := []object{predictOperation(recorded), modelOperation()}
	document := object{
		"openapi": "3.1.0",
		"info": object{
			"title":       m.Name(),
			"version":     m.Hash()[:versionDigits],
			"description": "Scores applicants with the model " + m.Hash() + ". Bodies are JSON: with a content type other than that, a body is a text, which is not valid.",
			"license":     object{"name": "MIT", "identifier": "MIT"},
		},
		"paths": object{
			"/api/predict": object{"post": operations[0]},
			"/api/model":   object{"get": operations[1]},
		},
		"components": object{"schemas": object{
			single:             applicantSchema(m.Schema()),
			"Predictions":      predictionsSchema(m.Schema().Target),
			"ValidationFaults": faultsSchema(),
			"Fault":            detailSchema(object{"type": "string"}),
			"Model":            object{"type": "object", "required": []string{"name", "hash", "threshold", "fields"}},
		}},
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

func predictOperation(recorded bool) object {
	return object{
		"operationId": "predict",
		"summary":     "Score one applicant, or many",
		"description": "JSON is answered as a whole. Rows of CSV (with a header) or NDJSON (also called application/ndjson, application/jsonl or application/x-jsonlines) are answered in kind, row by row while they come: each with its line, and its result or what is wrong with it; the last record has the counts. A CSV may lack columns of fields that may be missing. Probabilities in answers to JSON have three decimals; in rows they have all digits, which read back as the same number. Bodies may be packed with gzip or zstd. " + Recorded(recorded),
		"requestBody": object{"required": true, "content": object{
			typeJSON:   object{"schema": object{"anyOf": []object{ref(single), {"type": "array", "items": ref(single)}}}},
			typeCSV:    object{"schema": object{"type": "string"}},
			typeNDJSON: object{"schema": object{"type": "string"}},
		}},
		"responses": object{
			"200": object{"description": "The scores, in the applicants' order.", "headers": headers(recorded), "content": object{
				typeJSON:   object{"schema": ref("Predictions")},
				typeCSV:    object{"schema": object{"type": "string"}},
				typeNDJSON: object{"schema": object{"type": "string"}},
			}},
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
		"summary":     "The model: its fields, its training, and how good it is",
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

func applicantSchema(s *schema.Schema) object {
	properties := object{}
	required := []string{}
	for i := range s.Fields {
		f := &s.Fields[i]
		properties[f.Name] = fieldSchema(f)
		if !f.Optional {
			required = append(required, f.Name)
		}
	}
	for _, name := range texts {
		properties[name] = object{"type": []string{"string", "null"}, "description": "No score depends on it."}
	}
	return object{"type": "object", "properties": properties, "required": required, "examples": []json.RawMessage{Example(s)}}
}

func fieldSchema(f *schema.Field) object {
	s := object{"title": f.Text}
	types, description := []string{"number"}, ""
	if f.Kind == schema.Choice {
		types = []string{"string"}
		labels := []any{}
		for _, l := range f.Labels {
			labels = append(labels, l.Name)
		}
		if f.Optional {
			labels = append(labels, nil)
		}
		s["enum"] = labels
	} else {
		description = fmt.Sprintf("Rounded to a multiple of %v, halves to even, once it is in range.", f.Step)
		if f.Min != nil {
			s["minimum"] = *f.Min
		}
		if f.Max != nil {
			s["maximum"] = *f.Max
		}
	}
	if f.Optional {
		types = append(types, "null")
		description += " The training data's typical value stands in where it is missing or null."
	}
	s["type"] = types
	if description != "" {
		s["description"] = strings.TrimSpace(description)
	}
	return s
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

func predictionsSchema(t schema.Target) object {
	rate := object{"type": "number", "minimum": 0, "maximum": 1}
	outcomes := []string{t.Positive.Name, t.Negative.Name}
	return closed(object{
		"results": object{"type": "array", "items": closed(object{
			"prediction":    object{"type": "string", "enum": outcomes},
			"probabilities": closed(object{t.Positive.Name: rate, t.Negative.Name: rate}),
		})},
		"n_predictions": object{"type": "integer", "minimum": 0},
	})
}

func faultsSchema() object {
	fault := closed(object{
		"type":  object{"type": "string"},
		"loc":   object{"type": "array", "items": object{"type": []string{"string", "integer"}}},
		"msg":   object{"type": "string"},
		"input": object{},
		"ctx":   object{"type": "object"},
	})
	fault["required"] = []string{"type", "loc", "msg", "input"}
	return detailSchema(object{"anyOf": []object{{"type": "array", "items": fault}, {"type": "string"}}})
}

func detailSchema(detail object) object { return closed(object{"detail": detail}) }

// closed is an object with these members and no others.
func closed(properties object) object {
	return object{"type": "object", "properties": properties, "required": slices.Sorted(maps.Keys(properties)), "additionalProperties": false}
}

// described answers with JSON that never changes while a model serves.
func described(body []byte) http.Handler {
	return Read(NewContent(typeJSON, body).ServeHTTP)
}
