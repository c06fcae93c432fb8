package dataset_test

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"lendleaf/core/definition"
	"lendleaf/core/schema"
)

const (
	shared         = "../../../shared/data/"
	loanDefinition = "../../site/model/definition.json"
)

// madeUp is about parcels, to show that nothing knows what the fields are.
func madeUp(t testing.TB) *schema.Schema {
	t.Helper()
	return parse(t, "testdata/parcels.json")
}

func loan(t testing.TB) *schema.Schema {
	t.Helper()
	return parse(t, loanDefinition)
}

func parse(t testing.TB, path string) *schema.Schema {
	t.Helper()
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	d, err := definition.Parse(text)
	require.NoError(t, err)
	return d.Schema
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

func trainingData(t testing.TB) []byte { return outside(t, "training.csv.gz") }
