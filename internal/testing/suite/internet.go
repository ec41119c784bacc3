package suite

import (
	"context"
	"sync"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/operator/dnscheck"
)

// Internet is the one that the operator sees.
var Internet = &fakeInternet{told: map[string]dnscheck.Result{}}

// fakeInternet is what the operator sees from outside: unless a test says otherwise, every hostname leads where it
// should, with a good certificate.
type fakeInternet struct {
	mu   sync.Mutex
	told map[string]dnscheck.Result
}

func (f *fakeInternet) look(_ context.Context, t dnscheck.Target) []dnscheck.Result {
	f.mu.Lock()
	defer f.mu.Unlock()
	var looks []dnscheck.Result
	for _, hostname := range t.Hostnames {
		look, told := f.told[hostname]
		if !told {
			look = dnscheck.Result{DNS: v1alpha1.DNSRecordFound, Answers: t.Addresses, Certificate: dnscheck.Valid}
		}
		look.Hostname = hostname
		looks = append(looks, look)
	}
	return looks
}

// Say changes what is seen of a hostname; nil = all is well.
func (f *fakeInternet) Say(hostname v1alpha1.Hostname, look *dnscheck.Result) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.told, string(hostname))
	if look != nil {
		f.told[string(hostname)] = *look
	}
}
