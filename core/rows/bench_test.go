package rows_test

import (
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"lendleaf/core/rows"
)

const (
	loanObject = `{"income": 1250000, "age": 34, "experience": 6, "married": "single", "house_ownership": "rented", ` +
		`"car_ownership": "no", "profession": "civil_engineer", "city": "patna", "state": "bihar", "current_job_yrs": 4, "current_house_yrs": 12}`
	loanHeader = "income,age,experience,married,house_ownership,car_ownership,profession,city,state,current_job_yrs,current_house_yrs\n"
	loanRow    = "1250000,34,6,single,rented,no,civil_engineer,patna,bihar,4,12\n"
	many       = 10_000
)

// open opens a format's many applicants.
func open(t testing.TB, format string) rows.Reader {
	shape := rows.NewShape(loan(t), "client_ip", "user_agent")
	switch format {
	case "json":
		return rows.NewJSON(strings.NewReader("["+strings.Repeat(loanObject+",", many-1)+loanObject+"]"), shape, rows.Options{})
	case "ndjson":
		return rows.NewNDJSON(strings.NewReader(strings.Repeat(loanObject+"\n", many)), shape, rows.Options{})
	}
	csv, err := rows.NewCSV(strings.NewReader(loanHeader+strings.Repeat(loanRow, many)), shape, rows.Options{})
	require.NoError(t, err)
	return csv
}

var formats = []string{"json", "ndjson", "csv"}

func BenchmarkRead(b *testing.B) {
	for _, format := range formats {
		b.Run(format, func(b *testing.B) {
			b.ReportAllocs()
			var row rows.Row
			r := open(b, format)
			for b.Loop() {
				err := r.Read(&row)
				if err == io.EOF {
					b.StopTimer()
					r = open(b, format)
					b.StartTimer()
					continue
				}
				if err != nil || len(row.Faults) > 0 {
					b.Fatal(err, row.Faults)
				}
			}
		})
	}
}

// Rows are read without allocation, once their memory is there.
func TestReadingAllocatesNothing(t *testing.T) {
	for _, format := range formats {
		r := open(t, format)
		var row rows.Row
		require.NoError(t, r.Read(&row))
		require.Zero(t, testing.AllocsPerRun(1000, func() {
			if r.Read(&row) != nil || len(row.Faults) > 0 {
				t.Error(row.Faults)
			}
		}), format)
	}
}
