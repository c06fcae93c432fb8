package core_test

import (
	"bytes"
	"context"
	"flag"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"lendleaf/core"
	"lendleaf/core/dataset"
	"lendleaf/core/definition"
	"lendleaf/core/modelfile"
	"lendleaf/core/schema"
	"lendleaf/core/train"
)

//go:generate go run ./testdata/machines.go testdata/machines.csv
//go:generate go test -run ^(TestMachines|TestVectors)$ . -update

// update writes the fixtures anew.
var update = flag.Bool("update", false, "write testdata/machines.lendleaf and testdata/vectors.json anew")

const (
	machinesDefinition = "testdata/machines.json"
	machinesData       = "testdata/machines.csv"
	machinesModel      = "testdata/machines.lendleaf"
	shippedModel       = "../site/model/loan-default.lendleaf"
	shared             = "../../shared/data/"
)

func readFile(t testing.TB, name string) []byte {
	t.Helper()
	file, err := os.ReadFile(name)
	require.NoError(t, err)
	return file
}

// outside is a file that a clone does without: the test is skipped by name.
func outside(t testing.TB, name string) []byte {
	t.Helper()
	file, err := os.ReadFile(shared + name)
	if os.IsNotExist(err) {
		t.Skipf("%s is not there: it is no part of the project", shared+name)
	}
	require.NoError(t, err)
	return file
}

func load(t testing.TB, name string) *core.Model {
	t.Helper()
	m, err := core.Load(readFile(t, name))
	require.NoError(t, err)
	return m
}

// trainMachines trains the made-up second definition on its data.
func trainMachines(t testing.TB) (*modelfile.Model, *dataset.Data) {
	t.Helper()
	d, err := definition.Parse(readFile(t, machinesDefinition))
	require.NoError(t, err)
	data, err := dataset.Read(bytes.NewReader(readFile(t, machinesData)), d.Schema)
	require.NoError(t, err)
	m, err := train.Model(context.Background(), d, data, train.Plan{
		Options: train.Options{Trees: 10, Features: 3, MinLeaf: 3, MaxLeaves: 40, Seed: 42},
		Split:   modelfile.SplitReference,
	})
	require.NoError(t, err)
	return m, data
}

// typed turns what people write into a record: field names and texts.
func typed(t testing.TB, s *schema.Schema, texts map[string]string) schema.Record {
	t.Helper()
	values := make([]schema.Value, len(s.Fields))
	for i := range s.Fields {
		values[i] = s.Fields[i].Read(texts[s.Fields[i].Name])
	}
	r := make(schema.Record, len(s.Fields))
	require.Empty(t, s.Record(r, values))
	return r
}
