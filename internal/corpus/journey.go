package corpus

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"
)

// Format is the version of the journey file that this package reads and writes.
const Format = 1

// maxBody is the size in bytes above which a webhook receiver refuses a body.
const maxBody = 1 << 20

// Journey is a test case: one order, or a few that belong together, with the webhooks that shop systems and carriers send about it, and the
// truth that pages and messages are checked against. It is also the content of a journey file.
type Journey struct {
	// Format is the version of this file: 1.
	Format int `json:"format"`
	// Name is unique, e.g. "seed-1-000042-split".
	Name string `json:"name"`
	// Seed and Index name the journey that Generate made; both are 0 in a file written by hand.
	Seed  uint64 `json:"seed,omitempty"`
	Index int    `json:"index,omitempty"`
	// Kinds are the cases that the journey is an example of, such as a refund or a lost parcel; the main one first.
	Kinds []Kind `json:"kinds,omitempty"`
	Shop  Shop   `json:"shop"`
	// Deliveries are the webhooks of the sources, in order of arrival.
	Deliveries []Delivery `json:"deliveries"`
	Truth      Truth      `json:"truth"`
}

// Shop describes the merchant of a journey.
type Shop struct {
	Name    string `json:"name"`
	Country string `json:"country"` // ISO 3166-1 alpha-2, where the shop ships from
	Zone    string `json:"zone"`    // IANA
	Locale  string `json:"locale"`  // BCP 47
}

// Delivery is one webhook as it reached the shop's endpoint.
type Delivery struct {
	At     time.Time `json:"at"` // when it arrived, UTC
	Source Source    `json:"source"`
	// Header holds the headers that the source's definition reads, e.g. X-Shopify-Topic; signatures are not among them.
	Header map[string]string `json:"header,omitempty"`
	Body   json.RawMessage   `json:"body"`
}

// Source is the name of the definition by which a delivery is read.
type Source string

// Sources of deliveries, as the built-in catalog names them.
const (
	SourceAPI       Source = "api"
	SourceShopify   Source = "shopify"
	SourceEasyPost  Source = "easypost"
	SourceSendcloud Source = "sendcloud"
)

// Kind is a case that a journey is an example of.
type Kind string

// Has reports whether the journey is an example of the kind.
func (j Journey) Has(kind Kind) bool { return slices.Contains(j.Kinds, kind) }

// Read reads a journey file, which is JSON, and reports what is wrong with it.
func Read(content []byte) (Journey, error) {
	var journey Journey
	if err := json.Unmarshal(content, &journey); err != nil {
		return Journey{}, fmt.Errorf("reading the journey file: %w", err)
	}
	if err := journey.Check(); err != nil {
		return Journey{}, fmt.Errorf("journey %q: %w", journey.Name, err)
	}
	return journey, nil
}

// Check reports everything that contradicts the documented form of a journey.
func (j Journey) Check() error {
	var problems []error
	if j.Format != Format {
		problems = append(problems, fmt.Errorf("format is %d, set it to %d", j.Format, Format))
	}
	if _, err := time.LoadLocation(j.Shop.Zone); err != nil || j.Shop.Zone == "" {
		problems = append(problems, fmt.Errorf("shop.zone %q is not an IANA time zone", j.Shop.Zone))
	}
	for i, delivery := range j.Deliveries {
		if err := delivery.check(); err != nil {
			problems = append(problems, fmt.Errorf("deliveries[%d]: %w", i, err))
		}
		if i > 0 && delivery.At.Before(j.Deliveries[i-1].At) {
			problems = append(problems, fmt.Errorf("deliveries[%d] arrives before the one above it: sort them by at", i))
		}
	}
	return errors.Join(append(problems, j.Truth.check())...)
}

func (d Delivery) check() error {
	switch {
	case !slices.Contains([]Source{SourceAPI, SourceShopify, SourceEasyPost, SourceSendcloud}, d.Source):
		return fmt.Errorf("source %q is not one of api, shopify, easypost, sendcloud", d.Source)
	case d.At.IsZero():
		return errors.New("at is missing: set the time of arrival")
	case len(d.Body) >= maxBody:
		return fmt.Errorf("body has %d bytes, at most %d are allowed", len(d.Body), maxBody-1)
	case !json.Valid(d.Body):
		return errors.New("body is not JSON")
	}
	return nil
}
