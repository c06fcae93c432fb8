package serve

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"strings"

	"lendleaf/server/client"
	"lendleaf/server/observe"
	"lendleaf/server/record"
)

// recordOptions say what is recorded of predictions, and where.
type recordOptions struct {
	file      string
	required  bool
	omit      list
	megabytes int
	keep      int
	days      int
	anchor    string
	setting   record.Setting
	geoip     string
	proxies   list
	trusted   client.Proxies // of proxies
}

// defaultKeep is how many full files stay, unless records are required.
const defaultKeep = 4

// The flags without which others have no meaning, or another one.
const (
	recordFlag  = "record"
	keepFlag    = "record-keep"
	geoipFlag   = "geoip"
	proxiesFlag = "trusted-proxies"
)

func (o *recordOptions) declare(flags *flag.FlagSet) {
	flags.StringVar(&o.file, recordFlag, "", "`FILE` to which every prediction is added as a line of JSON: personal data, readable for the server's user alone (default: nothing is recorded)")
	flags.BoolVar(&o.required, "record-required", false, "answer 503 where a prediction cannot be recorded, and none before its record is on the disk; law may ask to keep such records for years, so no full file is deleted unless -record-keep or -record-age says so")
	flags.Var(&o.omit, "record-omit", "`MEMBERS` of records to leave out, with commas between, such as inputs,user_agent (default: none)")
	flags.IntVar(&o.megabytes, "record-size", 10, "`MEGABYTES` after which a file of records is renamed by date and another begun")
	flags.IntVar(&o.keep, keepFlag, defaultKeep, "`NUMBER` of full files of records that stay, 0 for all; with -record-required or -record-retain it is 0 unless it is given")
	flags.IntVar(&o.days, "record-age", 0, "`DAYS` after which a full file of records is deleted, 0 for never")
	flags.StringVar(&o.anchor, "record-anchor", "", "`FILE` or address (http, https) that is told where the chain of records ends, at each rotation and at the stop, so that a missing end can be found: keep it where whoever has the records cannot change it (default: none)")
	flags.Var(&o.setting.Retain, "record-retain", "`PURPOSE=DAYS`, with commas between, such as credit=3650,complaints=1095: until the last of these days, lendleaf refuses to erase a record unless told why (default: nothing keeps it)")
	flags.Var(&o.setting.DecidedBy, "record-decided-by", "`WHO` decides about applicants: person, rule, model, or nobody yet")
	flags.StringVar(&o.geoip, geoipFlag, "", "`FILE` in MaxMind's format (.mmdb) that gives the clients' countries for records; addresses are never recorded")
	flags.Var(&o.proxies, proxiesFlag, "`NETWORKS`, with commas between, such as 10.0.0.0/8, whose X-Forwarded-For and client_ip say for whom they ask (default: nobody's)")
}

// check refuses what makes no sense. It sets what depends on more than one flag.
func (o *recordOptions) check(flags *flag.FlagSet) error {
	keepGiven, needless := false, ""
	flags.Visit(func(f *flag.Flag) {
		keepGiven = keepGiven || f.Name == keepFlag
		if strings.HasPrefix(f.Name, recordFlag+"-") || f.Name == geoipFlag || f.Name == proxiesFlag {
			needless = f.Name
		}
	})
	if o.file == "" {
		if needless != "" {
			return UsageError{fmt.Errorf("-%s needs -%s", needless, recordFlag)}
		}
		return nil
	}
	if o.megabytes < 1 || o.keep < 0 || o.days < 0 {
		return UsageError{errors.New("-record-size must be positive, -record-keep and -record-age must not be negative")}
	}
	if (o.required || len(o.setting.Retain) > 0) && !keepGiven {
		o.keep = 0
	}
	if longest := o.setting.Retain.Longest(); longest > 0 && (o.keep > 0 || o.days > 0 && o.days < longest) {
		return UsageError{fmt.Errorf("-record-keep %d and -record-age %d would delete records that -record-retain keeps for %d days", o.keep, o.days, longest)}
	}
	var err error
	if o.trusted, err = client.ParseProxies(o.proxies); err != nil {
		return UsageError{fmt.Errorf("-trusted-proxies: %w", err)}
	}
	if err := record.CheckOmitted(o.omit); err != nil {
		return UsageError{fmt.Errorf("-record-omit: %w", err)}
	}
	return nil
}

// records are what a server keeps of its predictions. Nil ones keep nothing.
type records struct {
	writer    *record.Writer
	trusted   client.Proxies
	countries *client.Countries // or nil
}

// openRecords begins to record, and has the records counted if there are metrics.
func openRecords(o *recordOptions, log *slog.Logger, counted *observe.Metrics) (*records, error) {
	if o.file == "" {
		return nil, nil
	}
	r := &records{trusted: o.trusted}
	options := record.Options{
		File: o.file, Rotation: record.Rotation{Megabytes: o.megabytes, Keep: o.keep, Days: o.days},
		Required: o.required, Omit: o.omit, Setting: o.setting, Anchor: o.anchor, Log: log,
	}
	var err error
	if o.geoip != "" {
		if r.countries, err = client.OpenCountries(o.geoip); err != nil {
			return nil, err
		}
		options.Country = r.countries.Code
	}
	if r.writer, err = record.Open(options); err != nil {
		return nil, errors.Join(err, r.close())
	}
	if counted != nil {
		counted.Count("records_written_total", "Records of predictions that were written.", func() float64 { return float64(r.writer.Written()) })
		counted.Count("records_lost_total", "Records of predictions that could not be written.", func() float64 { return float64(r.writer.Lost()) })
	}
	log.Info("recording personal data of every prediction", "file", o.file, "required", o.required, "keep", o.keep, "days", o.days)
	return r, nil
}

// keep is what the API calls, or nil.
func (r *records) keep() func(context.Context, *record.Batch) error {
	if r == nil {
		return nil
	}
	return r.writer.Keep
}

func (r *records) proxies() client.Proxies {
	if r == nil {
		return nil
	}
	return r.trusted
}

// close writes what is left to write.
func (r *records) close() error {
	var failed []error
	if r != nil && r.writer != nil {
		failed = append(failed, r.writer.Close())
	}
	if r != nil && r.countries != nil {
		failed = append(failed, r.countries.Close())
	}
	return errors.Join(failed...)
}
