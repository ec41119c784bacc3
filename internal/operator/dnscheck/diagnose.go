package dnscheck

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/wismo-dev/wismo/api/v1alpha1"
)

// maxRecords is what status.dns holds.
const maxRecords = 32

// Finding is the state of the hostnames of a Shop.
type Finding struct {
	Status  metav1.ConditionStatus
	Reason  string // of DomainReady
	Message string
	Records []v1alpha1.DNSRecord
}

// Diagnose concludes from the looks what is missing; the first reason in the order of the work to do speaks: a
// certificate can only be issued once DNS is right. Certificates says where they come from. No looks means that the
// hostnames have not been checked yet.
func Diagnose(t Target, looks []Result, certificates v1alpha1.TLSType) Finding {
	f := Finding{Status: metav1.ConditionTrue, Reason: v1alpha1.ReasonReachable, Message: "every hostname leads to the tracking page", Records: requiredRecords(t, looks)}
	if len(looks) == 0 {
		f.Status, f.Reason, f.Message = metav1.ConditionUnknown, v1alpha1.ReasonNotYetObserved, "not checked yet"
		return f
	}
	var faults []fault
	for _, look := range looks {
		if found := examine(t, look, certificates); found.reason != "" {
			faults = append(faults, found)
		}
	}
	if len(faults) == 0 {
		return f
	}
	slices.SortStableFunc(faults, func(a, b fault) int { return rank(a) - rank(b) })
	texts := make([]string, 0, len(faults))
	for _, one := range faults {
		texts = append(texts, one.text)
	}
	f.Status, f.Reason, f.Message = faults[0].status, faults[0].reason, strings.Join(texts, "; ")
	return f
}

// fault is what keeps shoppers from the page at one hostname, or keeps the operator from knowing.
type fault struct {
	status metav1.ConditionStatus
	reason string
	text   string
}

var order = []string{
	v1alpha1.ReasonDNSRecordMissing, v1alpha1.ReasonDNSRecordDifferent, v1alpha1.ReasonCertificateFailed,
	v1alpha1.ReasonCertificatePending, v1alpha1.ReasonUnknown,
}

func rank(f fault) int { return slices.Index(order, f.reason) }

func examine(t Target, look Result, certificates v1alpha1.TLSType) fault {
	switch look.DNS {
	case v1alpha1.DNSRecordMissing:
		return fault{metav1.ConditionFalse, v1alpha1.ReasonDNSRecordMissing, fmt.Sprintf("%s has no DNS record: %s", look.Hostname, t.wanted("create"))}
	case v1alpha1.DNSRecordDifferent:
		return fault{metav1.ConditionFalse, v1alpha1.ReasonDNSRecordDifferent, fmt.Sprintf("%s resolves to %s: %s", look.Hostname, join(look.Answers), t.wanted("change it to"))}
	case v1alpha1.DNSRecordUnknown:
		return fault{metav1.ConditionUnknown, v1alpha1.ReasonUnknown, "the DNS lookup failed for " + look.Hostname}
	default:
		return served(t, look, certificates)
	}
}

// wanted returns which record would be right.
func (t Target) wanted(verb string) string {
	switch {
	case len(t.Names) > 0:
		return fmt.Sprintf("%s a CNAME record with the value %s", verb, t.Names[0])
	case len(t.Addresses) > 0:
		var values []string
		for _, a := range t.Addresses {
			values = append(values, fmt.Sprintf("%s %s", typeOf(a), a))
		}
		return fmt.Sprintf("%s %s", verb, strings.Join(values, ", "))
	default:
		return "the route has no address yet; ask the platform's operators which address to use"
	}
}

// served examines the certificate.
func served(t Target, look Result, certificates v1alpha1.TLSType) fault {
	seen, bad := map[Certificate]string{
		NotServed: "no certificate is served for it",
		Expired:   "its certificate has expired, or is not valid yet",
		WrongName: "the served certificate is for other hostnames",
		Untrusted: "the served certificate is not trusted: no known authority issued it",
	}[look.Certificate]
	switch {
	case t.Port == 0 || look.Certificate == Valid:
		return fault{}
	case bad && certificates == v1alpha1.TLSCertManager && look.Certificate != Expired:
		return fault{metav1.ConditionFalse, v1alpha1.ReasonCertificatePending, look.Hostname + ": " + seen + "; cert-manager has not issued the certificate yet"}
	case bad:
		return fault{metav1.ConditionFalse, v1alpha1.ReasonCertificateFailed, look.Hostname + ": " + seen}
	case look.Certificate == Private:
		return fault{metav1.ConditionUnknown, v1alpha1.ReasonUnknown, fmt.Sprintf("%s resolves to the private address %s, where certificates are only checked if exposure.addresses in the operator's configuration lists it", look.Hostname, join(look.Answers))}
	default:
		return fault{metav1.ConditionUnknown, v1alpha1.ReasonUnknown, look.Hostname + " could not be reached from the operator; shoppers may still reach it"}
	}
}

// requiredRecords returns those that have to exist, with what was seen of them. Where DNS leads to some of several addresses and
// nowhere else, the others are not asked for.
func requiredRecords(t Target, looks []Result) []v1alpha1.DNSRecord {
	var all []v1alpha1.DNSRecord
	for _, hostname := range t.Hostnames {
		look := Result{Hostname: hostname, DNS: v1alpha1.DNSRecordUnknown}
		if i := slices.IndexFunc(looks, func(l Result) bool { return l.Hostname == hostname }); i >= 0 {
			look = looks[i]
		}
		if len(t.Names) > 0 {
			all = append(all, v1alpha1.DNSRecord{Name: hostname, Type: "CNAME", Value: t.Names[0], State: look.DNS})
			continue
		}
		for _, a := range t.Addresses {
			if state, asked := stateOf(look, a); asked {
				all = append(all, v1alpha1.DNSRecord{Name: hostname, Type: typeOf(a), Value: a.String(), State: state})
			}
		}
	}
	return all[:min(len(all), maxRecords)]
}

// stateOf returns the state of the record that leads to the address, and whether it is needed at all.
func stateOf(look Result, a netip.Addr) (v1alpha1.DNSRecordState, bool) {
	switch {
	case slices.Contains(look.Answers, a):
		return v1alpha1.DNSRecordFound, true
	case look.DNS == v1alpha1.DNSRecordFound:
		return "", false
	default:
		return look.DNS, true
	}
}

func typeOf(a netip.Addr) v1alpha1.DNSRecordType {
	if a.Is4() {
		return "A"
	}
	return "AAAA"
}

func join(addresses []netip.Addr) string {
	texts := make([]string, 0, len(addresses))
	for _, a := range addresses {
		texts = append(texts, a.String())
	}
	return strings.Join(texts, ", ")
}
