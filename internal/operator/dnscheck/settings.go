package dnscheck

// Settings is what the platform says about the hostnames of its Shops.
type Settings struct {
	Grants Grants
	// Check says whether DNS and certificates are looked at.
	Check bool
	// Addresses are the IP addresses and DNS names to which hostnames should lead, where that is not what the route in
	// the cluster says, such as behind a router or a proxy.
	Addresses []string
	// Port of TLS; 0 = the platform serves without it.
	Port uint16
}
