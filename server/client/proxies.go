// Package client finds out who sent a request: the address behind proxies, and
// its country.
package client

import (
	"fmt"
	"net/http"
	"net/netip"
	"strings"
)

// Proxies are the networks whose word counts when they say for whom they ask.
type Proxies []netip.Prefix

// ParseProxies reads networks ("10.0.0.0/8") and single addresses. Its error
// names what is neither.
func ParseProxies(networks []string) (Proxies, error) {
	var p Proxies
	for _, text := range networks {
		network, err := parseNetwork(strings.TrimSpace(text))
		if err != nil {
			return nil, fmt.Errorf("%q is neither a network such as 10.0.0.0/8 nor an address", text)
		}
		p = append(p, network)
	}
	return p, nil
}

func parseNetwork(text string) (netip.Prefix, error) {
	if address, err := netip.ParseAddr(text); err == nil {
		address = address.Unmap().WithZone("")
		return netip.PrefixFrom(address, address.BitLen()), nil
	}
	network, err := netip.ParsePrefix(text)
	if err != nil {
		return netip.Prefix{}, err
	}
	return network.Masked(), nil
}

func (p Proxies) has(address netip.Addr) bool {
	for _, network := range p {
		if network.Contains(address) {
			return true
		}
	}
	return false
}

// Trusts says whether a request comes from one of the proxies.
func (p Proxies) Trusts(r *http.Request) bool { return p.has(peer(r)) }

// Address is where a request began, as far as it can be known: the other end of
// the connection, or where that is a proxy the last address in X-Forwarded-For
// that is none. What stands before that anybody may have made up. It is the
// zero Addr if that address makes no sense.
func (p Proxies) Address(r *http.Request) netip.Addr {
	address := peer(r)
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0 && p.has(address); i-- {
		if hop := strings.TrimSpace(hops[i]); hop != "" {
			address = Parse(hop)
		}
	}
	return address
}

// peer is the other end of the connection.
func peer(r *http.Request) netip.Addr { return Parse(r.RemoteAddr) }

// Parse reads an address with or without a port, or returns the zero Addr.
func Parse(text string) netip.Addr {
	if withPort, err := netip.ParseAddrPort(text); err == nil {
		return withPort.Addr().Unmap().WithZone("")
	}
	address, err := netip.ParseAddr(strings.Trim(text, "[]"))
	if err != nil {
		return netip.Addr{}
	}
	return address.Unmap().WithZone("")
}
