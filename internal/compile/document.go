package compile

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/bundle"
)

// Defaults of what a Shop leaves out; the API's descriptions promise them.
const (
	defaultLinkTTLDays          = 90
	defaultHandlingBusinessDays = 1
)

// document runs every step, also after a problem, so that all problems are found at once.
func (c *compiler) document() *bundle.Document {
	spec := &c.shop.Spec
	doc := &bundle.Document{
		SchemaVersion: bundle.SchemaVersion,
		Namespace:     c.shop.Namespace,
		Name:          c.shop.Name,
		DisplayName:   spec.DisplayName,
		Hostname:      string(spec.Hostname),
		BaseURL:       baseURL(c.in.Platform, spec.Hostname),
		HomeCountry:   string(spec.HomeCountry),
		TimeZone:      c.timeZone(),
		Locales:       c.locales(),
		Legal:         legal(spec.Legal),
		Support:       support(spec.Support),
		Promise:       c.promise(spec.Promise),
		Theme:         c.theme(spec.Theme),
		Page:          c.page(spec.Page),
		Sources:       c.sources(),
		Email:         c.email(),
		Policy:        c.policy(),
		Links:         bundle.Links{TTLDays: defaultLinkTTLDays},
		Storage:       c.storage(),
	}
	doc.DeliveryMethods = c.deliveryMethods(spec.DeliveryMethods)
	doc.Texts, doc.Blocks = c.templates(doc.Locales)
	for _, a := range spec.Aliases {
		doc.Aliases = append(doc.Aliases, bundle.Alias{Hostname: string(a.Hostname), Locale: string(a.Locale)})
	}
	if spec.Links != nil && spec.Links.TTLDays > 0 {
		doc.Links.TTLDays = int(spec.Links.TTLDays)
	}
	c.activity(doc)
	c.keys = append(c.keys, linkKey(spec.Links, doc.Links.TTLDays))
	return doc
}

func legal(l *v1alpha1.Legal) bundle.Legal {
	if l == nil {
		return bundle.Legal{}
	}
	return bundle.Legal{CompanyName: l.CompanyName, PrivacyURL: string(l.PrivacyURL), ImprintURL: string(l.ImprintURL)}
}

func support(s *v1alpha1.Support) bundle.Support {
	if s == nil {
		return bundle.Support{}
	}
	return bundle.Support{Email: string(s.Email), Phone: s.Phone, URL: string(s.URL), Hours: s.Hours}
}

func (c *compiler) promise(p *v1alpha1.Promise) bundle.Promise {
	out := bundle.Promise{HandlingBusinessDays: defaultHandlingBusinessDays}
	if p == nil {
		return out
	}
	if p.HandlingBusinessDays != nil {
		out.HandlingBusinessDays = int(*p.HandlingBusinessDays)
	}
	out.CutOff = string(p.CutOff)
	out.ClosedDays = sortedStrings(p.ClosedDays)
	for i, day := range p.ClosedDays {
		if !dayExists(string(day)) {
			c.problem(fmt.Sprintf("spec.promise.closedDays[%d]", i), "must be an existing date; %q is not", day)
		}
	}
	for _, t := range p.Transit {
		transit := bundle.Transit{Name: string(t.Name), Countries: sortedStrings(t.Countries)}
		if t.MinBusinessDays != nil {
			transit.MinBusinessDays = int(*t.MinBusinessDays)
		}
		if t.MaxBusinessDays != nil {
			transit.MaxBusinessDays = int(*t.MaxBusinessDays)
		}
		out.Transit = append(out.Transit, transit)
	}
	return out
}

// dayExists reads 2026-12-24, and 12-24 for every year, the 29th of February included.
func dayExists(day string) bool {
	const leapYear = "2024-"
	if len(day) == len("12-24") {
		day = leapYear + day
	}
	_, err := time.Parse(time.DateOnly, day)
	return err == nil
}

// deliveryMethods returns by name; a title tells one method only.
func (c *compiler) deliveryMethods(methods []v1alpha1.DeliveryMethod) []bundle.DeliveryMethod {
	var all []bundle.DeliveryMethod
	named := map[string]v1alpha1.Key{} // a title, as it is compared, to the method that has it
	for _, m := range methods {
		for i, title := range m.Titles {
			compared := strings.ToLower(strings.TrimSpace(string(title)))
			at := fmt.Sprintf("spec.deliveryMethods[%s].titles[%d]", m.Name, i)
			if compared == "" {
				c.problem(at, "must not be blank")
			}
			if other, taken := named[compared]; taken {
				c.problem(at, "must belong to one delivery method: %q is also a title of %s", title, other)
			}
			named[compared] = m.Name
		}
		method := bundle.DeliveryMethod{
			Name: string(m.Name), Titles: sortedStrings(m.Titles), Method: bundle.Method(m.Method), MaxBusinessDays: int(m.MaxBusinessDays),
		}
		if m.MinBusinessDays != nil {
			method.MinBusinessDays = int(*m.MinBusinessDays)
		}
		all = append(all, method)
	}
	slices.SortStableFunc(all, func(a, b bundle.DeliveryMethod) int { return strings.Compare(a.Name, b.Name) })
	return all
}

// sortedStrings is for lists that are sets, so that their order makes no new bundle; nil for none.
func sortedStrings[T ~string](set []T) []string {
	var all []string
	for _, v := range set {
		all = append(all, string(v))
	}
	slices.Sort(all)
	return all
}

func (c *compiler) page(p *v1alpha1.Page) bundle.Page {
	out := bundle.Page{VerifyBy: []string{string(v1alpha1.ProofEmail), string(v1alpha1.ProofPostcode)}}
	if p == nil {
		return out
	}
	for _, f := range p.Fields {
		out.Fields = append(out.Fields, bundle.Field{Name: string(f.Name), Show: string(f.Show)})
	}
	for _, a := range p.Actions {
		if a.Type == v1alpha1.ActionLink {
			out.Actions = append(out.Actions, bundle.Action{
				Name: string(a.Name), LastPhase: string(a.LastPhase), Type: string(a.Type), URL: string(a.URL),
			})
		}
	}
	if p.Lookup != nil {
		proofs := slices.DeleteFunc(slices.Clone(p.Lookup.VerifyBy), func(v v1alpha1.Proof) bool { return v == v1alpha1.ProofPhone })
		if len(proofs) == 0 {
			c.problem("spec.page.lookup.verifyBy", "must also list Postcode or Email: this version cannot verify a shopper by phone number")
		}
		out.VerifyBy = sortedStrings(proofs)
	}
	if p.Embed != nil {
		out.FrameAncestors = sortedStrings(p.Embed.AllowedOrigins)
	}
	if p.Replicas > 1 {
		c.problem("spec.page.replicas", "must be 1 with spec.storage.type SQLite: more pods cannot share its volume")
	}
	return out
}

// storage refuses PostgreSQL rather than keep orders in a place that was not asked for.
func (c *compiler) storage() bundle.Storage {
	if s := c.shop.Spec.Storage; s != nil && s.Type == v1alpha1.StoragePostgreSQL {
		c.problem("spec.storage.type", "PostgreSQL is not supported by this version yet; use SQLite")
	}
	return bundle.Storage{Type: bundle.SQLite}
}
