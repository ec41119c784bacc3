package page

import (
	"fmt"
	"hash/fnv"
	"html/template"
	"strconv"
)

// orderView holds all texts of the page of an order, in the reader's language. Each part is about one thing only.
type orderView struct {
	pageFrame
	Answer   answer
	Cards    []card // one for each parcel, and for each shipment without one: outbound first, then returns
	Unsent   unsent
	Gone     []gone
	Steps    list[event] // of the order itself
	Items    list[item]
	Total    string
	Refunded string
	Place    string // the destination's town
	Help     help
	Wishes   string // path of the page where the reader chooses which messages to get
	Updated  string
	Version  string // changes with the content of the page
}

// answer is the first section: where it is, when it comes, and what to do.
type answer struct {
	Tone     string // calm, good, bad or act
	Headline string
	Also     []string // what else is to come
	Part     string   // which parcel the rest of the answer is about; "" = the order, or the only parcel
	Date     date
	Later    string // how the day will be known, where there is none
	Method   string // how the order travels, where no card shows it
	Progress []step
	Act      act
	Pickup   pickup
	Left     string
	Reason   string
	Next     string
	LastScan string
	Checked  string
	Buttons  []button
	Calendar string // path
}

// button is a link to one of the merchant's own pages.
type button struct {
	anchor
	Plain bool // not the primary button
}

// card is the part of the page about one parcel, or about one shipment without a parcel.
type card struct {
	ID       string // within the page
	Title    string
	Holds    string // its contents in short, and its stage: headings where there is no other
	Stage    string
	Tone     string
	State    string // this and the fields below are "" where the answer has them
	Date     date
	Act      act
	Pickup   pickup
	Left     string
	Reason   string
	Next     string
	Method   string
	Carrier  string
	Number   string
	Link     anchor
	Legs     []leg
	Label    anchor // of a return
	Together string // which other orders are in it
	Contents list[item]
	Steps    list[event]
	Timeline string // heading of the steps; "" = the card's own
	LastScan string
	Checked  string
}

// date holds an ETA for display.
type date struct{ Label, Day, Time, By, Moved string }

// act is what the shopper must do.
type act struct {
	Heading, Body, Otherwise string
	Button                   anchor
}

// pickup holds where a parcel waits, and until when.
type pickup struct {
	Where, Until, Code, Hours string
	Map                       place
}

// Known reports whether any of it is known.
func (p pickup) Known() bool { return p.Where != "" || p.Until != "" || p.Code != "" || p.Hours != "" }

// place is a link to a place. The URL is trusted because templates do not know the scheme geo.
type place struct {
	Text string
	URL  template.URL
}

// leg is a part of the parcel's way under another carrier or number.
type leg struct {
	Carrier, Number string
	Link            anchor
}

// unsent holds what has not left yet.
type unsent struct {
	From  string // from when it is available
	Items list[item]
}

// gone is a parcel that will not arrive.
type gone struct{ Number, State string }

// list has a part that is shown and one that is folded.
type list[T any] struct {
	Shown, Folded []T
	More          string // label of the folded part
}

type step struct {
	Label, Mark string // Mark is for screen readers: done, now, to come
	State       string // done, now, todo
}

type event struct {
	Day, Time, Title, Reason, Place, Text, Language string
	Future, Current                                 bool
}

type item struct{ Quantity, Name, Price string }

type help struct {
	Cases []anchor
	Phone phone
	Hours string
}

type phone struct {
	Text string
	URL  template.URL
}

// fingerprint returns a hash of the content of the page, without the time at which it was rendered.
func (v orderView) fingerprint() string {
	v.pageFrame, v.Updated, v.Version = pageFrame{Lang: v.Lang, Title: v.Title, Suspended: v.Suspended}, "", ""
	h := fnv.New64a()
	_, _ = fmt.Fprintf(h, "%+v", v) // a hash never fails
	return strconv.FormatUint(h.Sum64(), 36)
}

// labelled is a pickup with the labels of its fields.
type labelled struct {
	pickup
	frame pageFrame
}

// Label returns the text of a key.
func (l labelled) Label(key string) string { return l.frame.T(key) }

// Labelled returns the data of the template for a pickup.
func (v orderView) Labelled(p pickup) labelled { return labelled{p, v.pageFrame} }

// timed is a list of steps, with the label of those that are to come.
type timed struct {
	list[event]
	toCome string
}

// Timed returns the data of the template for a list of steps.
func (v orderView) Timed(steps list[event]) timed { return timed{steps, v.T("page.step.toCome")} }

// Step returns one step of the list.
func (t timed) Step(e event) stepView { return stepView{e, t.toCome} }

type stepView struct {
	event
	ToCome string
}
