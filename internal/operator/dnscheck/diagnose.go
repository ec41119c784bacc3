package dnscheck

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/wismo-dev/wismo/api/v1alpha1"
)

// maxRecords is how many records status.dns may have by its schema.
const maxRecords = 32

// Finding is the state of all hostnames of a Shop together.
type Finding struct {
	Status  metav1.ConditionStatus
	Reason  string // of DomainReady
	Message string
	Records []v1alpha1.DNSRecord
}

// Diagnose returns what DomainReady and status.dns report for the results of the last check; no results = the hostnames have not
// been checked yet. Certificates is the source of the TLS certificates. The message names the problem of each hostname. If there
// are several, the reason is the one to fix first: a certificate can be issued only once DNS is right.
func Diagnose(t Target, results []Result, certificates v1alpha1.TLSType) Finding {
	f := Finding{Status: metav1.ConditionTrue, Reason: v1alpha1.ReasonReachable, Message: "every hostname leads to the tracking page", Records: requiredRecords(t, results)}
	if len(results) == 0 {
		f.Status, f.Reason, f.Message = metav1.ConditionUnknown, v1alpha1.ReasonNotYetObserved, "the hostnames have not been checked yet"
		return f
	}
	var faults []fault
	for _, result := range results {
		if found := examine(t, result, certificates); found.reason != "" {
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

// fault is the problem of one hostname: shoppers do not reach the page, or the check did not succeed.
type fault struct {
	status metav1.ConditionStatus
	reason string
	text   string
}

// order lists the reasons, the one to fix first at the beginning.
var order = []string{
	v1alpha1.ReasonDNSRecordMissing, v1alpha1.ReasonDNSRecordDifferent, v1alpha1.ReasonCertificateFailed,
	v1alpha1.ReasonCertificatePending, v1alpha1.ReasonUnknown,
}

func rank(f fault) int { return slices.Index(order, f.reason) }

func examine(t Target, result Result, certificates v1alpha1.TLSType) fault {
	switch result.DNS {
	case v1alpha1.DNSRecordMissing:
		return fault{metav1.ConditionFalse, v1alpha1.ReasonDNSRecordMissing, fmt.Sprintf("%s has no DNS record: %s", result.Hostname, t.wanted("create"))}
	case v1alpha1.DNSRecordDifferent:
		return fault{metav1.ConditionFalse, v1alpha1.ReasonDNSRecordDifferent, fmt.Sprintf("%s resolves to %s: %s", result.Hostname, join(result.Answers), t.wanted("change it to"))}
	case v1alpha1.DNSRecordUnknown:
		return fault{metav1.ConditionUnknown, v1alpha1.ReasonUnknown, cmp.Or(result.LookupError, "the DNS lookup of "+result.Hostname+" failed") + "; it is tried again"}
	default:
		return served(t, result, certificates)
	}
}

// wanted returns the records that would be right, after the verb, such as "create A 203.0.113.10".
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
	case t.Class != "":
		return fmt.Sprintf("the Ingress has no address yet: check that the IngressClass %s exists and that a controller serves it (kubectl get ingressclass), or ask the platform's operators which address to use", t.Class)
	default:
		return "the route has no address yet; ask the platform's operators which address to use"
	}
}

// served returns the problem of the certificate.
func served(t Target, result Result, certificates v1alpha1.TLSType) fault {
	seen, bad := map[Certificate]string{
		NotServed: "no certificate is served for it",
		Expired:   "its certificate has expired, or is not valid yet",
		WrongName: "the served certificate is for other hostnames",
		Untrusted: "the served certificate is not trusted: no known authority issued it",
	}[result.Certificate]
	switch {
	case t.Port == 0 || result.Certificate == Valid:
		return fault{}
	case bad && certificates == v1alpha1.TLSCertManager && result.Certificate != Expired:
		return fault{metav1.ConditionFalse, v1alpha1.ReasonCertificatePending, result.Hostname + ": " + seen + "; cert-manager has not issued the certificate yet"}
	case bad:
		return fault{metav1.ConditionFalse, v1alpha1.ReasonCertificateFailed, result.Hostname + ": " + seen}
	case result.Certificate == Private:
		return fault{metav1.ConditionUnknown, v1alpha1.ReasonUnknown, fmt.Sprintf("%s resolves to the private address %s, where certificates are only checked if exposure.addresses in the operator's configuration lists it", result.Hostname, join(result.Answers))}
	default:
		return fault{metav1.ConditionUnknown, v1alpha1.ReasonUnknown, result.Hostname + " could not be reached from the operator; shoppers may still reach it"}
	}
}

// requiredRecords returns the DNS records that must exist, with their state. If DNS leads to some addresses of the load balancer
// and to no others, records for its further addresses are not required.
func requiredRecords(t Target, results []Result) []v1alpha1.DNSRecord {
	var all []v1alpha1.DNSRecord
	for _, hostname := range t.Hostnames {
		result := Result{Hostname: hostname, DNS: v1alpha1.DNSRecordUnknown}
		if i := slices.IndexFunc(results, func(r Result) bool { return r.Hostname == hostname }); i >= 0 {
			result = results[i]
		}
		if len(t.Names) > 0 {
			all = append(all, v1alpha1.DNSRecord{Name: hostname, Type: "CNAME", Value: t.Names[0], State: result.DNS})
			continue
		}
		for _, a := range t.Addresses {
			if state, asked := stateOf(result, a); asked {
				all = append(all, v1alpha1.DNSRecord{Name: hostname, Type: typeOf(a), Value: a.String(), State: state})
			}
		}
	}
	return all[:min(len(all), maxRecords)]
}

// stateOf returns the state of the record for the address, and whether the record is required.
func stateOf(result Result, a netip.Addr) (v1alpha1.DNSRecordState, bool) {
	switch {
	case slices.Contains(result.Answers, a):
		return v1alpha1.DNSRecordFound, true
	case result.DNS == v1alpha1.DNSRecordFound:
		return "", false
	default:
		return result.DNS, true
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
