package rows_test

import (
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"lendleaf/core/rows"
	"lendleaf/core/schema"
)

// Whatever the text, every row is either at fault or what the schema makes of
// its cells.
func FuzzCSV(f *testing.F) {
	s := parcels(f)
	const header = "weight,colour,Defect\n"
	for _, text := range []string{
		"1,red,1\n2.5,,no\n", "1,\"r\ned\",1\r\n,,\n", "1,red\n\"1,red,1", "\n\n1e999,Bleu Foncé ,yes", "-0,RED,0\n1,\"\"\"\",1\n",
	} {
		f.Add(header + text)
	}
	f.Add("\ufeffDefect,colour,colour,weight\n")
	f.Fuzz(func(t *testing.T, text string) {
		r, err := rows.NewCSV(strings.NewReader(text), rows.NewShape(s), rows.Options{})
		if err != nil {
			return
		}
		var row rows.Row
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
					values[i] = s.Fields[i].Read(string(row.Cells[column]))
				}
			}
			want := make(schema.Record, len(s.Fields))
			faults := s.Record(want, values)
			if len(row.Faults) == 0 {
				require.Empty(t, faults)
				require.Equal(t, want, row.Record)
			} else if row.Faults[0].Column != "" {
				require.Len(t, row.Faults, len(faults))
			}
		}
	})
}

// endless goes on with rows that spell one label in 102,400 ways.
type endless struct{ n int }

func (e *endless) Read(p []byte) (int, error) {
	n := 0
	for n+64 <= len(p) {
		e.n++
		label := []byte("deepblue")
		for i := range label {
			label[i] -= byte(e.n>>i&1) * ('a' - 'A')
		}
		blanks := e.n / 256
		n += copy(p[n:], "1,"+strings.Repeat(" ", blanks%20)+string(label[:4])+" "+string(label[4:])+strings.Repeat(" ", blanks/20%20)+",1\n")
	}
	return n, nil
}

func TestCSVTakesConstantMemory(t *testing.T) {
	r, err := rows.NewCSV(io.MultiReader(strings.NewReader("weight,colour,defect\n"), &endless{}), rows.NewShape(parcels(t)), rows.Options{})
	require.NoError(t, err)
	var row rows.Row
	read := func(n int) uint64 {
		for range n {
			require.NoError(t, r.Read(&row))
			require.Empty(t, row.Faults)
		}
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before := read(20_000)
	assert.Less(t, read(200_000), before+1<<20)
	runtime.KeepAlive(r)
}

// The original spells one city with an en dash that was read as Windows-1252.
func TestCSVKnowsTheOriginalsSpellings(t *testing.T) {
	s := loan(t)
	r, err := rows.NewCSV(strings.NewReader("Id,Income,Age,Experience,Married/Single,House_Ownership,Car_Ownership,"+
		"Profession,CITY,STATE,CURRENT_JOB_YRS,CURRENT_HOUSE_YRS,Risk_Flag\n"+
		"1,6894156,53,4,single,rented,no,Web_designer,Hubli\u00e2\u20ac\u201cDharwad,Karnataka,4,10,0\n"+
		"2,1,21,0,married,norent_noown,yes,Software_Developer,Sangli-Miraj_&_Kupwad,Uttar_Pradesh[5],0,14,1\n"), rows.NewShape(s), rows.Options{})
	require.NoError(t, err)
	for _, want := range []map[string]string{
		{"income": "6894156", "married": "single", "profession": "web_designer", "city": "hubli_dharwad", "state": "karnataka"},
		{"income": "1", "house_ownership": "norent_noown", "city": "sangli_miraj_&_kupwad", "state": "uttar_pradesh[5]"},
	} {
		var row rows.Row
		require.NoError(t, r.Read(&row))
		require.Empty(t, row.Faults)
		for name, value := range want {
			i := s.Index(name)
			assert.Equal(t, value, s.Fields[i].Value(row.Record[i]).Text, name)
		}
	}
}

// A column that is not wanted may hold anything, and rows belong to their owner.
func TestRowsOfCSVBelongToTheirOwner(t *testing.T) {
	r := table(t, "weight,colour,defect\n1,red,perhaps\n2,\"Deep Blue\",0\n", rows.Options{})
	var first, second rows.Row
	require.NoError(t, r.Read(&first))
	require.NoError(t, r.Read(&second))
	for row, want := range map[*rows.Row]struct {
		record schema.Record
		cells  string
	}{&first: {schema.Record{100, 0}, "1|red|perhaps"}, &second: {schema.Record{200, 1}, "2|Deep Blue|0"}} {
		assert.Equal(t, want.record, row.Record)
		assert.Empty(t, row.Faults)
		var cells []string
		for _, cell := range row.Cells {
			cells = append(cells, string(cell))
		}
		assert.Equal(t, want.cells, strings.Join(cells, "|"))
	}
}
