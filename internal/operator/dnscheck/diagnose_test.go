package dnscheck_test

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/operator/dnscheck"
)

var (
	balancer  = netip.MustParseAddr("203.0.113.10")
	balancer6 = netip.MustParseAddr("2001:db8::10")
	elsewhere = netip.MustParseAddr("198.51.100.1")
)

const host, alias = "track.linden.example", "spor.linden.example"

func target() dnscheck.Target {
	return dnscheck.Target{Hostnames: []string{host}, Addresses: []netip.Addr{balancer}, Port: 443}
}

func seen(dns v1alpha1.DNSRecordState, certificate dnscheck.Certificate, answers ...netip.Addr) []dnscheck.Result {
	return []dnscheck.Result{{Hostname: host, DNS: dns, Answers: answers, Certificate: certificate}}
}

func TestTheDiagnosisSaysWhatIsMissing(t *testing.T) {
	found, missing, different, unknown := v1alpha1.DNSRecordFound, v1alpha1.DNSRecordMissing, v1alpha1.DNSRecordDifferent, v1alpha1.DNSRecordUnknown
	named := dnscheck.Target{Hostnames: []string{host}, Names: []string{"lb.platform.example"}, Port: 443}
	nowhere := dnscheck.Target{Hostnames: []string{host}, Port: 443}
	classed := nowhere
	classed.Class = "ngnix"
	plain := target()
	plain.Port = 0
	for _, c := range []struct {
		name         string
		target       dnscheck.Target
		looks        []dnscheck.Result
		certificates v1alpha1.TLSType
		status       metav1.ConditionStatus
		reason       string
		says         string
	}{
		{"nobody has looked", target(), nil, "", metav1.ConditionUnknown, v1alpha1.ReasonNotYetObserved, "have not been checked yet"},
		{"all is well", target(), seen(found, dnscheck.Valid, balancer), "", metav1.ConditionTrue, v1alpha1.ReasonReachable, "leads to the tracking page"},
		{"without TLS no certificate is missed", plain, seen(found, dnscheck.NotChecked, balancer), "", metav1.ConditionTrue, v1alpha1.ReasonReachable, ""},
		{"no record", target(), seen(missing, ""), "", metav1.ConditionFalse, v1alpha1.ReasonDNSRecordMissing, "create A 203.0.113.10"},
		{"no record for a name", named, seen(missing, ""), "", metav1.ConditionFalse, v1alpha1.ReasonDNSRecordMissing, "create a CNAME record with the value lb.platform.example"},
		{"no record, and nobody knows which", nowhere, seen(missing, ""), "", metav1.ConditionFalse, v1alpha1.ReasonDNSRecordMissing, "ask the platform"},
		{"no record, and the Ingress has a class that may not exist", classed, seen(missing, ""), "", metav1.ConditionFalse, v1alpha1.ReasonDNSRecordMissing, "check that the IngressClass ngnix exists"},
		{"another record", target(), seen(different, "", elsewhere), "", metav1.ConditionFalse, v1alpha1.ReasonDNSRecordDifferent, "resolves to 198.51.100.1: change it to A 203.0.113.10"},
		{"DNS is silent", target(), seen(unknown, ""), "", metav1.ConditionUnknown, v1alpha1.ReasonUnknown, "the DNS lookup of " + host + " failed"},
		{"self-made", target(), seen(found, dnscheck.Untrusted, balancer), v1alpha1.TLSSecret, metav1.ConditionFalse, v1alpha1.ReasonCertificateFailed, "not trusted"},
		{"of somebody else", target(), seen(found, dnscheck.WrongName, balancer), v1alpha1.TLSExternal, metav1.ConditionFalse, v1alpha1.ReasonCertificateFailed, "other hostnames"},
		{"expired", target(), seen(found, dnscheck.Expired, balancer), v1alpha1.TLSCertManager, metav1.ConditionFalse, v1alpha1.ReasonCertificateFailed, "expired"},
		{"the default one of the controller, meanwhile", target(), seen(found, dnscheck.Untrusted, balancer), v1alpha1.TLSCertManager, metav1.ConditionFalse, v1alpha1.ReasonCertificatePending, "cert-manager has not issued"},
		{"none", target(), seen(found, dnscheck.NotServed, balancer), v1alpha1.TLSExternal, metav1.ConditionFalse, v1alpha1.ReasonCertificateFailed, "no certificate"},
		{"no way from here", target(), seen(found, dnscheck.Unreachable, balancer), "", metav1.ConditionUnknown, v1alpha1.ReasonUnknown, "could not be reached"},
		{"a private address", target(), seen(found, dnscheck.Private, balancer), "", metav1.ConditionUnknown, v1alpha1.ReasonUnknown, "exposure.addresses"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := dnscheck.Diagnose(c.target, c.looks, c.certificates)
			if got.Status != c.status || got.Reason != c.reason || !strings.Contains(got.Message, c.says) {
				t.Errorf("got %s %s %q", got.Status, got.Reason, got.Message)
			}
		})
	}
}

func TestTheFirstThingToDoSpeaksAndTheOthersAreNamed(t *testing.T) {
	two := target()
	two.Hostnames = []string{host, alias}
	got := dnscheck.Diagnose(two, []dnscheck.Result{
		{Hostname: host, DNS: v1alpha1.DNSRecordFound, Answers: []netip.Addr{balancer}, Certificate: dnscheck.Expired},
		{Hostname: alias, DNS: v1alpha1.DNSRecordMissing},
	}, v1alpha1.TLSExternal)
	if got.Reason != v1alpha1.ReasonDNSRecordMissing || !strings.HasPrefix(got.Message, alias) || !strings.Contains(got.Message, host+": its certificate") {
		t.Errorf("got %s %q", got.Reason, got.Message)
	}
}

func TestTheRecordsToMake(t *testing.T) {
	both := target()
	both.Hostnames, both.Addresses = []string{host, alias}, []netip.Addr{balancer, balancer6}
	record := func(name string, kind v1alpha1.DNSRecordType, value string, state v1alpha1.DNSRecordState) v1alpha1.DNSRecord {
		return v1alpha1.DNSRecord{Name: name, Type: kind, Value: value, State: state}
	}
	looks := []dnscheck.Result{
		{Hostname: host, DNS: v1alpha1.DNSRecordFound, Answers: []netip.Addr{balancer}}, // one family is enough
		{Hostname: alias, DNS: v1alpha1.DNSRecordDifferent, Answers: []netip.Addr{balancer, elsewhere}},
	}
	want := []v1alpha1.DNSRecord{
		record(host, "A", "203.0.113.10", "Found"),
		record(alias, "A", "203.0.113.10", "Found"),
		record(alias, "AAAA", "2001:db8::10", "Different"),
	}
	if diff := cmp.Diff(want, dnscheck.Diagnose(both, looks, "").Records); diff != "" {
		t.Error(diff)
	}
	named := dnscheck.Target{Hostnames: []string{host}, Names: []string{"lb.platform.example"}}
	if diff := cmp.Diff([]v1alpha1.DNSRecord{record(host, "CNAME", "lb.platform.example", "Unknown")}, dnscheck.Diagnose(named, nil, "").Records); diff != "" {
		t.Error(diff)
	}
	for range 40 {
		both.Hostnames = append(both.Hostnames, alias)
	}
	if got := len(dnscheck.Diagnose(both, nil, "").Records); got != 32 {
		t.Errorf("%d records, and status.dns holds 32", got)
	}
}

func TestAddressesAndNamesAreToldApart(t *testing.T) {
	addresses, names := dnscheck.Split([]string{"203.0.113.10", "", "LB.Platform.example.", "2001:db8::10", "::ffff:203.0.113.10"})
	if diff := cmp.Diff([]string{"lb.platform.example"}, names); diff != "" {
		t.Error(diff)
	}
	if len(addresses) != 2 || addresses[0] != balancer || addresses[1] != balancer6 {
		t.Errorf("got %v", addresses)
	}
}
