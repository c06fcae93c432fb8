package client

import (
	"errors"
	"fmt"
	"net/netip"

	"github.com/oschwald/maxminddb-golang/v2"
)

// Countries tells an address's country. It may be used from many goroutines.
type Countries struct{ database *maxminddb.Reader }

// ErrNoCountry says that a database knows other things of addresses than their
// countries.
var ErrNoCountry = errors.New("it has no countries (country.iso_code)")

// OpenCountries opens a database in MaxMind's format that has countries, such
// as GeoLite2-Country or GeoIP2-City. Its errors are ErrNoCountry and those of
// the file.
func OpenCountries(name string) (*Countries, error) {
	database, err := maxminddb.Open(name)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	c := &Countries{database}
	for network := range database.Networks() {
		if c.code(network) != "" {
			return c, nil
		}
	}
	return nil, fmt.Errorf("%s: %w", name, errors.Join(ErrNoCountry, database.Close()))
}

// Code is the country's code of two letters (ISO 3166-1), or nothing where that
// is not known.
func (c *Countries) Code(address netip.Addr) string { return c.code(c.database.Lookup(address)) }

func (c *Countries) code(found maxminddb.Result) string {
	var code string
	// What cannot be read is not known.
	if err := found.DecodePath(&code, "country", "iso_code"); err != nil {
		return ""
	}
	return code
}

// Close closes the database. Nobody may ask it afterwards.
func (c *Countries) Close() error { return c.database.Close() }
