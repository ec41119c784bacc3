package dnscheck

// Settings are the platform's settings for the hostnames of Shops.
type Settings struct {
	Grants Grants
	// Check enables the checks of DNS and certificates.
	Check bool
	// Addresses are the IP addresses and DNS names to which hostnames should lead, where that is not what the route in
	// the cluster says, such as behind a router or a proxy.
	Addresses []string
	// Port of TLS; 0 = the platform serves without it.
	Port uint16
}
