package definition

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/wismo-dev/wismo/internal/bundle"
)

// maxTolerance bounds how old a signed time may be, in seconds.
const maxTolerance = 86400

var (
	dnsLabel   = regexp.MustCompile(`^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$`)
	secretKey  = regexp.MustCompile(`^[-._a-zA-Z0-9]{1,253}$`)
	headerName = regexp.MustCompile(`^[-!#$%&'*+.^_|~0-9A-Za-z]{1,64}$`) // RFC 9110 token
)

// checker collects problems; it finds the line of a path in root.
type checker struct {
	root     *yaml.Node
	problems Problems
}

// want records a problem at a path unless ok.
func (c *checker) want(ok bool, path, format string, args ...any) {
	if !ok {
		c.problems = append(c.problems, Problem{Path: path, Line: lineOf(c.root, path), Text: fmt.Sprintf(format, args...)})
	}
}

func (c *checker) definition(d *Definition) {
	c.want(d.Format == FormatVersion, "format", "must be %d, the format version that this version of wismo reads, not %d", FormatVersion, d.Format)
	c.want(dnsLabel.MatchString(d.Name), "name", "must be a DNS label (lower-case letters, digits and '-'), not %q", d.Name)
	c.want(d.Title != "" && len(d.Title) <= 64, "title", "must have 1 to 64 bytes")
	c.want(len(d.Kinds) > 0, "kinds", "must name Orders, Carrier or both")
	for i, k := range d.Kinds {
		oneOf(c, fmt.Sprintf("kinds[%d]", i), k, bundle.Orders, bundle.Carrier)
	}
	oneOf(c, "speaker", d.Speaker, "", SpeakerCarrier, SpeakerAggregator, SpeakerShop)
	oneOf(c, "capabilities.push", d.Capabilities.Push, "", Active, NotYetActive)
	oneOf(c, "capabilities.poll", d.Capabilities.Poll, "", Active, NotYetActive)
	oneOf(c, "capabilities.register", d.Capabilities.Register, "", Active, NotYetActive)
	c.verify(d.Verify)
	c.want(d.Capabilities.Push != Active || d.Verify.Scheme != None, "capabilities.push",
		"must not be Active with verify.scheme None: webhooks that cannot be verified are not accepted")
	c.secrets(d)
	c.receipt(d.Receipt)
	c.carriers(d.Carriers)
	c.mapping(d)
}

func (c *checker) verify(v Verify) {
	oneOf(c, "verify.scheme", v.Scheme, HMACSHA256, StaticHeader, None)
	if v.Scheme == None {
		return
	}
	c.header("verify.header", v.Header)
	oneOf(c, "verify.key", v.Key, "", KeyNFKD, KeyBase64, KeyWhsecBase64)
	oneOf(c, "verify.multiple", v.Multiple, "", SpaceSeparated)
	if v.Scheme == StaticHeader {
		c.want(len(v.Signed) == 0, "verify.signed", "must be left out with scheme StaticHeader, which signs nothing")
		return
	}
	oneOf(c, "verify.encoding", v.Encoding, Hex, HexUpper, Base64)
	c.want(slices.Contains(v.Signed, PartBody), "verify.signed", "must contain Body: a body that is not signed can be changed")
	for i, p := range v.Signed {
		oneOf(c, fmt.Sprintf("verify.signed[%d]", i), p, PartBody, PartTimestamp, PartID)
	}
	if slices.Contains(v.Signed, PartID) {
		c.header("verify.idHeader", v.IDHeader)
	}
	c.timestamp(v)
}

func (c *checker) timestamp(v Verify) {
	signed := slices.Contains(v.Signed, PartTimestamp)
	if v.Timestamp == nil {
		c.want(!signed, "verify.timestamp", "must name the header of the signed part Timestamp")
		return
	}
	c.want(signed, "verify.timestamp", "must be left out, or verify.signed must contain Timestamp: a time that is not signed can be changed")
	c.header("verify.timestamp.header", v.Timestamp.Header)
	oneOf(c, "verify.timestamp.format", v.Timestamp.Format, UnixSeconds, UnixMillis, RFC2822, RFC3339)
	s := v.Timestamp.ToleranceSeconds
	c.want(s >= 1 && s <= maxTolerance, "verify.timestamp.toleranceSeconds", "must be 1 to %d, not %d", maxTolerance, s)
}

func (c *checker) secrets(d *Definition) {
	seen := map[string]bool{}
	verifies := d.Secrets.Generated
	for i, k := range d.Secrets.CredentialKeys {
		path := fmt.Sprintf("secrets.credentialKeys[%d]", i)
		c.want(secretKey.MatchString(k.Key), path+".key", "must be a key of a Secret, not %q", k.Key)
		c.want(!seen[k.Key], path+".key", "%q is listed twice: remove one", k.Key)
		c.want(!strings.HasSuffix(k.Key, PreviousSuffix), path+".key", "must not end in %s, which names the previous value of a key", PreviousSuffix)
		c.want(k.MinBytes >= 1 && k.MinBytes <= 4096, path+".minBytes", "must be 1 to 4096, not %d", k.MinBytes)
		c.want(k.Description != "", path+".description", "must be set: say where a user finds the value, such as a page of the provider's dashboard")
		oneOf(c, path+".usedBy", k.UsedBy, bundle.PageComponent, bundle.NotifierComponent)
		seen[k.Key] = true
		verifies = verifies || k.UsedBy == bundle.PageComponent
	}
	c.want(verifies || d.Verify.Scheme == None, "secrets", "must name a secret that verifies webhooks: generated, or a credential key used by the Page")
}

func (c *checker) receipt(r Receipt) {
	for _, h := range []struct{ path, name string }{{"receipt.idHeader", r.IDHeader}, {"receipt.topicHeader", r.TopicHeader}} {
		if h.name != "" {
			c.header(h.path, h.name)
		}
	}
	c.want(len(r.KeepHeaders) <= 16, "receipt.keepHeaders", "must list at most 16 headers")
	for i, h := range r.KeepHeaders {
		path := fmt.Sprintf("receipt.keepHeaders[%d]", i)
		c.header(path, h)
		secret := slices.ContainsFunc([]string{"Authorization", "Cookie", "Proxy-Authorization"}, func(s string) bool { return strings.EqualFold(s, h) })
		c.want(!secret, path, "must not be %s, which may hold a secret", h)
	}
}

func (c *checker) header(path, name string) {
	c.want(headerName.MatchString(name), path, "must be the name of an HTTP header, not %q", name)
}

// oneOf records a problem unless the value is allowed.
func oneOf[T ~string](c *checker, path string, value T, allowed ...T) {
	if slices.Contains(allowed, value) {
		return
	}
	var names []string
	for _, a := range allowed {
		if a != "" {
			names = append(names, string(a))
		}
	}
	c.want(false, path, "must be one of %s, not %q", strings.Join(names, ", "), string(value))
}
