package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"lendleaf/core"
)

const kilns = "../../interop/testdata/kilns"

func TestImport(t *testing.T) {
	for name, c := range map[string]struct {
		threshold []string
		want      float64
	}{
		"the dump's threshold":       {nil, 0.4},
		"a threshold of one's own":   {[]string{"-threshold", "0.29"}, 0.29},
		"a threshold that is always": {[]string{"-threshold", "0"}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			out := filepath.Join(t.TempDir(), "model")
			var errors bytes.Buffer
			args := append([]string{"import", "-definition", kilns + ".json", "-out", out, kilns + ".dump"}, c.threshold...)
			require.Equal(t, exitOK, run(context.Background(), args, console{nil, nil, &errors}), errors.String())
			assert.Contains(t, errors.String(), "imported 9 trees")
			file, err := os.ReadFile(out)
			require.NoError(t, err)
			model, err := core.Load(file)
			require.NoError(t, err)
			assert.Equal(t, c.want, model.Threshold())
		})
	}
}

func TestImportFails(t *testing.T) {
	out := filepath.Join(t.TempDir(), "model")
	for name, c := range map[string]struct {
		args []string
		want int
	}{
		"no dump":                {[]string{"-definition", kilns + ".json", "-out", out}, exitUsage},
		"two dumps":              {[]string{"-definition", kilns + ".json", "-out", out, "a", "b"}, exitUsage},
		"no definition":          {[]string{"-out", out, kilns + ".dump"}, exitUsage},
		"a threshold over 1":     {[]string{"-definition", kilns + ".json", "-out", out, kilns + ".dump", "-threshold", "2"}, exitUsage},
		"an unknown flag":        {[]string{"-definition", kilns + ".json", "-out", out, kilns + ".dump", "-more"}, exitUsage},
		"a dump that is missing": {[]string{"-definition", kilns + ".json", "-out", out, "missing"}, exitFailed},
		"what is no dump":        {[]string{"-definition", kilns + ".json", "-out", out, kilns + ".json"}, exitFailed},
		"another definition":     {[]string{"-definition", "../../../site/model/definition.json", "-out", out, kilns + ".dump"}, exitFailed},
	} {
		t.Run(name, func(t *testing.T) {
			var errors bytes.Buffer
			assert.Equal(t, c.want, run(context.Background(), append([]string{"import"}, c.args...), console{nil, nil, &errors}), errors.String())
			assert.NotEmpty(t, errors.String())
			assert.NoFileExists(t, out)
		})
	}
}
