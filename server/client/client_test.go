package client_test

import (
	"net"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"testing"

	"github.com/maxmind/mmdbwriter"
	"github.com/maxmind/mmdbwriter/mmdbtype"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"lendleaf/server/client"
)

func TestAddress(t *testing.T) {
	proxies, err := client.ParseProxies([]string{"10.0.0.0/8", " 192.0.2.7", "2001:db8:1::/48", "::1"})
	require.NoError(t, err)
	for _, c := range []struct {
		name, peer string
		forwarded  []string
		want       string
	}{
		{"no proxy", "203.0.113.9:1234", nil, "203.0.113.9"},
		{"somebody who is no proxy says what they like", "203.0.113.9:1234", []string{"198.51.100.1"}, "203.0.113.9"},
		{"a proxy", "10.1.2.3:80", []string{"198.51.100.1"}, "198.51.100.1"},
		{"a proxy that says nothing", "10.1.2.3:80", nil, "10.1.2.3"},
		{"what the client made up stands first", "10.1.2.3:80", []string{"8.8.8.8, 198.51.100.1"}, "198.51.100.1"},
		{"two proxies", "10.1.2.3:80", []string{"8.8.8.8, 198.51.100.1, 192.0.2.7"}, "198.51.100.1"},
		{"two headers", "10.1.2.3:80", []string{"8.8.8.8", "198.51.100.1,10.9.9.9"}, "198.51.100.1"},
		{"nobody but proxies", "10.1.2.3:80", []string{"10.0.0.1,10.0.0.2"}, "10.0.0.1"},
		{"nonsense", "10.1.2.3:80", []string{"8.8.8.8, unknown"}, ""},
		{"an empty place", "10.1.2.3:80", []string{"198.51.100.1, ,"}, "198.51.100.1"},
		{"a port", "10.1.2.3:80", []string{"198.51.100.1:4711"}, "198.51.100.1"},
		{"IPv6", "[2001:db8:1::5]:80", []string{"[2001:db8:2::1]:99"}, "2001:db8:2::1"},
		{"IPv6 in brackets", "[::1]:80", []string{"[2001:db8:2::1]"}, "2001:db8:2::1"},
		{"IPv4 written as IPv6", "[::ffff:10.1.2.3]:80", []string{"::ffff:198.51.100.1"}, "198.51.100.1"},
		{"no address at all", "@", nil, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := &http.Request{RemoteAddr: c.peer, Header: http.Header{"X-Forwarded-For": c.forwarded}}
			want := netip.Addr{}
			if c.want != "" {
				want = netip.MustParseAddr(c.want)
			}
			assert.Equal(t, want, proxies.Address(r))
		})
	}
	assert.True(t, proxies.Trusts(&http.Request{RemoteAddr: "192.0.2.7:1"}))
	assert.False(t, proxies.Trusts(&http.Request{RemoteAddr: "192.0.2.8:1"}))
	same, err := client.ParseProxies([]string{"::ffff:192.0.2.7", "fe80::1%eth0"})
	require.NoError(t, err)
	assert.True(t, same.Trusts(&http.Request{RemoteAddr: "192.0.2.7:1"}), "an address may be written as IPv6")
	assert.True(t, same.Trusts(&http.Request{RemoteAddr: "[fe80::1%eth1]:1"}), "and with the name of a network card")
	assert.False(t, client.Proxies(nil).Trusts(&http.Request{RemoteAddr: "127.0.0.1:1"}), "by default nobody is trusted")
}

func TestProxiesThatAreNone(t *testing.T) {
	for _, text := range []string{"", "proxy.example", "10.0.0.0/33", "10.0.0"} {
		proxies, err := client.ParseProxies([]string{"10.0.0.0/8", text})
		require.ErrorContains(t, err, "is neither a network")
		assert.Nil(t, proxies)
	}
}

// writeDatabase writes a database of networks and what it knows of them.
func writeDatabase(t *testing.T, networks map[string]mmdbtype.DataType) string {
	t.Helper()
	tree, err := mmdbwriter.New(mmdbwriter.Options{DatabaseType: "Test", RecordSize: 24, IncludeReservedNetworks: true})
	require.NoError(t, err)
	for text, data := range networks {
		_, network, err := net.ParseCIDR(text)
		require.NoError(t, err)
		require.NoError(t, tree.Insert(network, data))
	}
	name := filepath.Join(t.TempDir(), "test.mmdb")
	file, err := os.Create(name)
	require.NoError(t, err)
	_, err = tree.WriteTo(file)
	require.NoError(t, err)
	require.NoError(t, file.Close())
	return name
}

func country(code string) mmdbtype.DataType {
	return mmdbtype.Map{"country": mmdbtype.Map{"iso_code": mmdbtype.String(code)}}
}

func TestCountries(t *testing.T) {
	countries, err := client.OpenCountries(writeDatabase(t, map[string]mmdbtype.DataType{
		"198.51.100.0/24": country("IN"), "2001:db8::/32": country("DE"),
		"203.0.113.0/24": mmdbtype.Map{"continent": mmdbtype.Map{"code": mmdbtype.String("AS")}},
		"192.0.2.0/24":   mmdbtype.Map{"country": mmdbtype.Uint16(7)},
	}))
	require.NoError(t, err)
	for address, want := range map[string]string{
		"198.51.100.77": "IN", "2001:db8::1": "DE", "203.0.113.1": "", "192.0.2.1": "", "10.0.0.1": "", "": "",
	} {
		assert.Equal(t, want, countries.Code(client.Parse(address)), address)
	}
	require.NoError(t, countries.Close())
	assert.Empty(t, countries.Code(client.Parse("198.51.100.77")), "a closed database knows nothing")
}

func TestDatabasesThatAreOfNoUse(t *testing.T) {
	_, err := client.OpenCountries(writeDatabase(t, map[string]mmdbtype.DataType{
		"198.51.100.0/24": mmdbtype.Map{"autonomous_system_number": mmdbtype.Uint32(64500)},
	}))
	require.ErrorIs(t, err, client.ErrNoCountry)
	text := filepath.Join(t.TempDir(), "text.mmdb")
	require.NoError(t, os.WriteFile(text, []byte("no database"), 0o600))
	_, err = client.OpenCountries(text)
	require.ErrorContains(t, err, "text.mmdb")
	_, err = client.OpenCountries(filepath.Join(t.TempDir(), "none.mmdb"))
	require.ErrorIs(t, err, os.ErrNotExist)
}

func BenchmarkAddress(b *testing.B) {
	proxies, err := client.ParseProxies([]string{"10.0.0.0/8"})
	require.NoError(b, err)
	r := &http.Request{RemoteAddr: "10.1.2.3:80", Header: http.Header{"X-Forwarded-For": {"8.8.8.8, 198.51.100.1"}}}
	b.ReportAllocs()
	for b.Loop() {
		proxies.Address(r)
	}
}
