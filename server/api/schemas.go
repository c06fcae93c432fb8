package api

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"lendleaf/core/schema"
)

// schemas are what goes in and out. Their names are those of the contract, and
// the same for every model: clients that were generated rely on them.
func schemas(s *schema.Schema) object {
	return object{
		single:             applicantSchema(s),
		"OneApplicant":     oneSchema(),
		"PredictRequest":   object{"oneOf": []object{ref("OneApplicant"), listOf(ref(single))}},
		"Predictions":      predictionsSchema(),
		"Result":           resultSchema(s.Target),
		"Probabilities":    probabilitiesSchema(s.Target),
		"ValidationFaults": faultsSchema(),
		"ValidationFault":  faultSchema(),
		"Fault":            detailSchema(stringSchema),
		"Model":            modelSchema(),
		"Field":            fieldsSchema(),
		"Label":            closedBut(object{"name": stringSchema, "text": stringSchema, "spellings": listOf(stringSchema)}, "spellings"),
		"Meaning":          meaningSchema(),
		"Rate":             closed(object{"from": rateSchema, "rows": countSchema, "positives": countSchema}),
	}
}

var (
	stringSchema = object{"type": "string"}
	numberSchema = object{"type": "number", "format": "double"} // else clients in Go have it in 32 bits
	rateSchema   = object{"type": "number", "format": "double", "minimum": 0, "maximum": 1}
	countSchema  = object{"type": "integer", "format": "int64", "minimum": 0}
)

func listOf(items object) object { return object{"type": "array", "items": items} }

func applicantSchema(s *schema.Schema) object {
	properties := asides()
	required := []string{}
	for i := range s.Fields {
		f := &s.Fields[i]
		properties[f.Name] = fieldSchema(f)
		if !f.Optional {
			required = append(required, f.Name)
		}
	}
	return object{"type": "object", "properties": properties, "required": required, "examples": []json.RawMessage{Example(s)}}
}

// asides describes what a client may say beside an applicant's fields.
func asides() object {
	properties := object{}
	for _, name := range texts {
		properties[name] = object{"type": []string{"string", "null"}, "description": "No score depends on it."}
	}
	return properties
}

// oneSchema is an applicant that is sent alone. It says some members again: else
// openapi-generator takes it for the same as those of a list, and its client in
// TypeScript has one name twice and does not compile.
func oneSchema() object { return object{"allOf": []object{ref(single)}, "properties": asides()} }

func fieldSchema(f *schema.Field) object {
	s, descriptions := maps.Clone(numberSchema), []string{}
	if f.Kind == schema.Choice {
		s = object{"type": "string", "enum": labels(f)}
	} else {
		descriptions = append(descriptions, fmt.Sprintf("Rounded to a multiple of %v, halves to even, once it is in range.", f.Step))
		if f.Min != nil {
			s["minimum"] = *f.Min
		}
		if f.Max != nil {
			s["maximum"] = *f.Max
		}
	}
	s["title"] = f.Text
	if f.Optional {
		s["type"] = []any{s["type"], "null"}
		descriptions = append(descriptions, "The training data's typical value stands in where it is missing or null.")
	}
	if len(descriptions) > 0 {
		s["description"] = strings.Join(descriptions, " ")
	}
	return s
}

// labels are what a choice takes.
func labels(f *schema.Field) []any {
	var names []any
	for _, l := range f.Labels {
		names = append(names, l.Name)
	}
	if f.Optional {
		names = append(names, nil)
	}
	return names
}

func predictionsSchema() object {
	return closed(object{"results": listOf(ref("Result")), "n_predictions": countSchema})
}

func resultSchema(t schema.Target) object {
	return closed(object{
		"prediction":    object{"type": "string", "enum": []string{t.Positive.Name, t.Negative.Name}},
		"probabilities": ref("Probabilities"),
	})
}

func probabilitiesSchema(t schema.Target) object {
	return closed(object{t.Positive.Name: rateSchema, t.Negative.Name: rateSchema})
}

func modelSchema() object {
	return closed(object{
		"name":      stringSchema,
		"version":   object{"type": "string", "description": "The first digits of the hash."},
		"hash":      object{"type": "string", "description": "SHA-256 of the model file, in hexadecimal."},
		"threshold": rateSchema,
		"positive":  object{"type": "string", "description": "What is predicted from the threshold on."},
		"negative":  stringSchema,
		"fields":    listOf(ref("Field")),
		"training":  object{"type": "object", "additionalProperties": true, "description": "The data and the parameters of the training."},
		"score":     ref("Meaning"),
		"metrics":   object{"type": []string{"object", "null"}, "additionalProperties": true, "description": "What was measured of this model, by person and at random; null where nobody did."},
	})
}

func fieldsSchema() object {
	return closedBut(object{
		"name": stringSchema, "text": stringSchema, "noun": stringSchema, "kind": object{"type": "string", "enum": []schema.Kind{schema.Number, schema.Choice}},
		"optional": object{"type": "boolean"}, "columns": listOf(stringSchema), "min": numberSchema, "max": numberSchema, "step": numberSchema, "labels": listOf(ref("Label")),
	}, "optional", "columns", "min", "max", "step", "labels")
}

func meaningSchema() object {
	rates := listOf(ref("Rate"))
	rates["type"] = []string{"array", "null"}
	return closed(object{"text": stringSchema, "rates": rates})
}

func faultsSchema() object {
	return detailSchema(object{"anyOf": []object{{"type": "array", "items": ref("ValidationFault")}, {"type": "string"}}})
}

func faultSchema() object {
	return closedBut(object{
		"type":  stringSchema,
		"loc":   listOf(object{"anyOf": []object{stringSchema, {"type": "integer"}}}),
		"msg":   stringSchema,
		"input": object{"description": "What was given, of any type."},
		"ctx":   object{"type": "object", "additionalProperties": true},
	}, "ctx")
}

func detailSchema(detail object) object { return closed(object{"detail": detail}) }

// closed is an object with these members and no others.
func closed(properties object) object { return closedBut(properties) }

// closedBut is an object with these members and no others, some of which may be
// left out.
func closedBut(properties object, optional ...string) object {
	required := slices.DeleteFunc(slices.Sorted(maps.Keys(properties)), func(name string) bool { return slices.Contains(optional, name) })
	return object{"type": "object", "properties": properties, "required": required, "additionalProperties": false}
}
