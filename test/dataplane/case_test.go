package dataplane_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"sigs.k8s.io/yaml"
)

// scenario is one file of testdata/cases.
type scenario struct {
	About string          `json:"about"`
	Shop  json.RawMessage `json:"shop,omitempty"`  // a merge patch (RFC 7386) of the sample Document
	Never []string        `json:"never,omitempty"` // in no mail and on no page of the whole case
	Steps []step          `json:"steps"`
}

// step moves the clock, does at most one thing, and says all mails that were sent since the step before.
type step struct {
	At string `json:"at"` // "2026-11-30 09:00" in the Shop's zone, or RFC 3339; "" = the clock stands

	Send   string          `json:"send,omitempty"` // a source, with Shopify's topic: "shopify orders/create"
	Body   json.RawMessage `json:"body,omitempty"` // see expand
	Answer int             `json:"answer,omitempty"`

	Relay string `json:"relay,omitempty"` // from here on: "refuses", "busy", "takes"

	Look *look `json:"look,omitempty"` // the form of the page
	Open *open `json:"open,omitempty"` // a link of a mail

	Unsubscribe int     `json:"unsubscribe,omitempty"` // one click, in that mail of the case, from 1
	Choose      *choose `json:"choose,omitempty"`

	Change json.RawMessage `json:"change,omitempty"` // a merge patch of the Document: the processes start again with it

	Mails    []mail         `json:"mails,omitempty"`
	Messages []string       `json:"messages,omitempty"` // all of the order, as "Occasion State"
	Of       string         `json:"of,omitempty"`       // the order of Messages; "" = 1001
	Orders   map[string]int `json:"orders,omitempty"`   // how many orders a number finds
	Counts   *counts        `json:"counts,omitempty"`
}

// choose is a choice on the page behind a mail's link to unsubscribe.
type choose struct {
	Mail   int    `json:"mail"`
	Choice string `json:"choice"`
	Scope  string `json:"scope"` // "order" or "shop"
}

// look fills in the look-up form.
type look struct {
	Number string   `json:"number"`
	Factor string   `json:"factor"`
	Miss   bool     `json:"miss,omitempty"`
	Says   []string `json:"says,omitempty"`
	Not    []string `json:"not,omitempty"`
}

// open follows the link to the page in a mail.
type open struct {
	Mail   int      `json:"mail"` // from 1
	Closed bool     `json:"closed,omitempty"`
	Says   []string `json:"says,omitempty"`
	Not    []string `json:"not,omitempty"`
}

// mail is what one mail must say, in its subject and in both of its parts.
type mail struct {
	To      string   `json:"to,omitempty"` // "" = noor@example.org
	Subject string   `json:"subject"`      // a part of it
	Says    []string `json:"says,omitempty"`
	Not     []string `json:"not,omitempty"`
}

// counts are those of the report.
type counts struct {
	Quarantined int      `json:"quarantined"` // receipts
	Elements    int      `json:"elements"`
	Waiting     int      `json:"waiting"`  // records without an order
	Doubtful    int      `json:"doubtful"` // records
	Degraded    []string `json:"degraded,omitempty"`
	Unmapped    []string `json:"unmapped,omitempty"`
}

func readScenario(path string) (s scenario, err error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return s, err
	}
	if err := yaml.UnmarshalStrict(raw, &s); err != nil {
		return s, fmt.Errorf("%s: %w", path, err)
	}
	return s, nil
}

// decode keeps numbers as they are written.
func decode(raw []byte) (v any, err error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	return v, d.Decode(&v)
}

// expand makes the body of a webhook: an object with "like" is a merge patch of testdata/bodies/<like>.yaml, {"repeat": n, "of": x}
// is a list of n times x with {{i}} counted, {{now}} the step's time, with an offset as in {{now-2h}}; {{unix}} and {{millis}}
// are numbers.
func expand(v any, now time.Time) (any, error) {
	switch v := v.(type) {
	case map[string]any:
		if n, ok := v["repeat"]; ok {
			return repeat(n, v["of"], now)
		}
		object, err := inherit(v)
		if err != nil {
			return nil, err
		}
		for key, value := range object {
			if object[key], err = expand(value, now); err != nil {
				return nil, err
			}
		}
		return object, nil
	case []any:
		list := make([]any, len(v))
		for i, value := range v {
			var err error
			if list[i], err = expand(value, now); err != nil {
				return nil, err
			}
		}
		return list, nil
	case string:
		return fill(v, now)
	}
	return v, nil
}

func inherit(v map[string]any) (map[string]any, error) {
	name, ok := v["like"].(string)
	if !ok {
		return maps.Clone(v), nil
	}
	raw, err := os.ReadFile(filepath.Join("testdata", "bodies", name+".yaml"))
	if err != nil {
		return nil, err
	}
	if raw, err = yaml.YAMLToJSON(raw); err != nil {
		return nil, err
	}
	base, err := decode(raw)
	if err != nil {
		return nil, err
	}
	change := maps.Clone(v)
	delete(change, "like")
	object, ok := patch(base, change).(map[string]any)
	if !ok {
		return nil, fmt.Errorf("%s is no object", name)
	}
	return object, nil
}

// patch is RFC 7386, but that null stays null: senders write it.
func patch(base, change any) any {
	over, ok := change.(map[string]any)
	if !ok {
		return change
	}
	if _, own := over["like"]; own {
		return change
	}
	under, _ := base.(map[string]any)
	object := maps.Clone(under)
	if object == nil {
		object = map[string]any{}
	}
	for key, value := range over {
		object[key] = patch(object[key], value)
	}
	return object
}

func repeat(n, of any, now time.Time) (any, error) {
	number, ok := n.(json.Number)
	if !ok {
		return nil, fmt.Errorf("repeat: %v is no number", n)
	}
	times, err := number.Int64()
	if err != nil {
		return nil, err
	}
	raw, err := json.Marshal(of)
	if err != nil {
		return nil, err
	}
	var list []any
	for i := range times {
		one, err := decode(bytes.ReplaceAll(raw, []byte("{{i}}"), strconv.AppendInt(nil, i+1, 10)))
		if err != nil {
			return nil, err
		}
		if one, err = expand(one, now); err != nil {
			return nil, err
		}
		list = append(list, one)
	}
	return list, nil
}

var placeholder = regexp.MustCompile(`\{\{(now|unix|millis)([+-][0-9hms]+)?\}\}`)

func fill(text string, now time.Time) (any, error) {
	found := placeholder.FindStringSubmatch(text)
	if found == nil {
		return text, nil
	}
	at := now
	if found[2] != "" {
		offset, err := time.ParseDuration(found[2])
		if err != nil {
			return nil, err
		}
		at = now.Add(offset)
	}
	switch found[1] {
	case "unix":
		return json.Number(strconv.FormatInt(at.Unix(), 10)), nil
	case "millis":
		return json.Number(strconv.FormatInt(at.UnixMilli(), 10)), nil
	}
	return strings.Replace(text, found[0], at.Format(time.RFC3339), 1), nil
}

// instant reads a step's time.
func instant(text string, zone *time.Location) (time.Time, error) {
	if at, err := time.Parse(time.RFC3339, text); err == nil {
		return at, nil
	}
	if at, err := time.ParseInLocation("2006-01-02 15:04:05", text, zone); err == nil {
		return at, nil
	}
	return time.ParseInLocation("2006-01-02 15:04", text, zone)
}
