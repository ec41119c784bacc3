package page

import (
	"fmt"
	"hash/fnv"
	"html/template"
	"strconv"
)

// orderView is everything that the page of an order says, in the reader's language. Each part speaks of one thing only.
type orderView struct {
	frame
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
	Version  string // changes whenever the page says something else
}

// answer is the first section: where it is, when it comes, and what to do.
type answer struct {
	Tone     string // calm, good, bad or act
	Headline string
	Also     []string // what else is to come
	Part     string   // of which parcel the rest of the answer speaks; "" = of the order, or there is one only
	Date     date
	Later    string // how the day will be known, where there is none
	Method   string // how the order travels, where no card says so
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

// button leads to one of the merchant's own pages.
type button struct {
	anchor
	Plain bool // it is not what helps most
}

// card is what the page says of one parcel, or of one shipment without a parcel.
type card struct {
	ID       string // within the page
	Title    string
	Holds    string // what is in it, in short, and where it stands: headings where there is no other
	Stage    string
	Tone     string
	State    string // this and what follows it are "" where the answer says them
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

// date is a day to look at.
type date struct{ Label, Day, Time, By, Moved string }

// act is what the shopper must do.
type act struct {
	Heading, Body, Otherwise string
	Button                   anchor
}

// pickup says where a parcel waits.
type pickup struct {
	Where, Until, Code, Hours string
	Map                       place
}

// Known says that there is something to say of it.
func (p pickup) Known() bool { return p.Where != "" || p.Until != "" || p.Code != "" || p.Hours != "" }

// place is a link to a place; a URL of the scheme geo is one that templates do not know.
type place struct {
	Text string
	URL  template.URL
}

// leg is the same parcel under another number.
type leg struct {
	Carrier, Number string
	Link            anchor
}

// unsent lists what has not left yet.
type unsent struct {
	From  string // from when it is available
	Items list[item]
}

// gone is a parcel that does not come any more.
type gone struct{ Number, State string }

// list is shown in part; the rest is folded.
type list[T any] struct {
	Shown, Folded []T
	More          string // what the folded part is called
}

type step struct {
	Label, Mark string // Mark is said to screen readers: done, now, to come
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

// fingerprint is equal for pages that say the same; the time of the page itself does not count.
func (v orderView) fingerprint() string {
	v.frame, v.Updated, v.Version = frame{Lang: v.Lang, Title: v.Title, Suspended: v.Suspended}, "", ""
	h := fnv.New64a()
	_, _ = fmt.Fprintf(h, "%+v", v) // a hash never fails
	return strconv.FormatUint(h.Sum64(), 36)
}

// labelled is where a parcel waits, with the words for its facts.
type labelled struct {
	pickup
	frame frame
}

// Label is the text of a key.
func (l labelled) Label(key string) string { return l.frame.T(key) }

// Labelled gives a template of its own what it needs beside the facts.
func (v orderView) Labelled(p pickup) labelled { return labelled{p, v.frame} }

// timed is a list of steps, with the word for those that are to come.
type timed struct {
	list[event]
	toCome string
}

// Timed gives a template of its own what it needs beside the steps.
func (v orderView) Timed(steps list[event]) timed { return timed{steps, v.T("page.step.toCome")} }

// Step is one step of the list.
func (t timed) Step(e event) stepView { return stepView{e, t.toCome} }

type stepView struct {
	event
	ToCome string
}
