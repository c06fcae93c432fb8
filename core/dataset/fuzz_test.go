package dataset_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"lendleaf/core/dataset"
	"lendleaf/core/schema"
)

// Whatever the text, every row is either at fault or what the schema makes of
// its cells.
func FuzzReader(f *testing.F) {
	s := madeUp(f)
	const header = "weight,colour,Defect\n"
	for _, rows := range []string{
		"1,red,1\n2.5,,no\n", "1,\"r\ned\",1\r\n,,\n", "1,red\n\"1,red,1", "\n\n1e999,Bleu Foncé ,yes", "-0,RED,0\n1,\"\"\"\",1\n",
	} {
		f.Add(header + rows)
	}
	f.Add("\ufeffDefect,colour,colour,weight\n")
	f.Fuzz(func(t *testing.T, text string) {
		r, err := dataset.NewLabelledReader(strings.NewReader(text), s)
		if err != nil {
			return
		}
		var row dataset.Row
		values := make([]schema.Value, len(s.Fields))
		line := 1
		for r.Read(&row) == nil {
			require.Len(t, row.Record, len(s.Fields))
			require.Greater(t, row.Line, line)
			line = row.Line
			if len(row.Cells) != len(r.Header()) {
				require.NotEmpty(t, row.Faults)
				continue
			}
			for column, header := range r.Header() {
				if i := s.Column(header); i >= 0 {
					values[i] = s.Fields[i].Read(row.Cells[column])
				}
			}
			want := make(schema.Record, len(s.Fields))
			faults := s.Record(want, values)
			if len(row.Faults) == 0 {
				require.Empty(t, faults)
				require.Equal(t, want, row.Record)
			}
		}
	})
}
