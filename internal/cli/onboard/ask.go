package onboard

import (
	"context"
	"fmt"
	"strings"

	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/cli/cmdutil"
	"github.com/wismo-dev/wismo/internal/compile"
)

// Stand-ins for what is not answered yet, so that each answer can be held to lint by itself.
const (
	someName    = "some-shop"
	someCountry = "NL"
	someZone    = "Etc/UTC"
)

// question asks for one answer.
type question struct {
	text      string
	otherwise string // what an empty answer means
	needed    bool   // nothing is no answer
	answered  bool   // by a flag
	set       func(a *Answers, answer string)
}

// ask asks a person for what the flags have not said. An answer that cannot be is asked for again, with the reason.
func (a *Answers) ask(ctx context.Context, env *cmdutil.Env) error {
	if err := a.possible(); err != nil { // a flag cannot be answered again
		return err
	}
	d := env.Prompt()
	for _, next := range []func() question{a.askName, a.askHostname, a.askCountry, a.askTimeZone, a.askSupport, a.askCarriers, a.askOrders} {
		q := next()
		if q.answered {
			continue
		}
		if err := a.put(ctx, env, d, q); err != nil {
			return fmt.Errorf("%w; nothing was written", err)
		}
	}
	return nil
}

// put asks one question until its answer can be.
func (a *Answers) put(ctx context.Context, env *cmdutil.Env, d *cmdutil.Prompt, q question) error {
	text := q.text + ":"
	if q.otherwise != "" {
		text = fmt.Sprintf("%s [%s]:", q.text, q.otherwise)
	}
	for {
		answer, err := d.Ask(ctx, text)
		if err != nil {
			return err
		}
		if answer == "" {
			answer = q.otherwise
		}
		if answer == "" && q.needed {
			env.Warnf("There is no Shop without it.\n")
			continue
		}
		tried := *a
		q.set(&tried, answer)
		if err = tried.possible(); err == nil {
			*a = tried
			return nil
		}
		env.Warnf("%v\n", err)
	}
}

// possible says why the answers given so far cannot be.
func (a *Answers) possible() error {
	tried := *a
	for _, s := range []struct {
		value *string
		stand string
	}{{&tried.Name, someName}, {&tried.Country, someCountry}, {&tried.TimeZone, someZone}} {
		if *s.value == "" {
			*s.value = s.stand
		}
	}
	if tried.Hostname == "" {
		tried.Hostname = "track." + tried.Name + ".example"
	}
	tried.complete()
	files, err := Render(tried)
	if err != nil {
		return err
	}
	return check(files)
}

func (a *Answers) askName() question {
	return question{
		text: "Name of the Shop (lower-case letters, digits, -)", needed: true,
		answered: a.Name != "", set: func(a *Answers, s string) { a.Name = s },
	}
}

func (a *Answers) askHostname() question {
	return question{
		text: "Hostname of the tracking page", otherwise: "track." + a.Name + ".example",
		answered: a.Hostname != "", set: func(a *Answers, s string) { a.Hostname = s },
	}
}

func (a *Answers) askCountry() question {
	return question{
		text: "Home country (two letters, such as NL)", needed: true,
		answered: a.Country != "", set: func(a *Answers, s string) { a.Country = strings.ToUpper(s) },
	}
}

func (a *Answers) askTimeZone() question {
	return question{
		text: "No single time zone is known for " + a.Country + ". The merchant's (such as America/New_York)", needed: true,
		answered: a.TimeZone != "" || compile.TimeZoneOf(a.Country) != "", set: func(a *Answers, s string) { a.TimeZone = s },
	}
}

func (a *Answers) askSupport() question {
	return question{
		text:     "E-mail address of the support (empty = none)",
		answered: a.Support != "", set: func(a *Answers, s string) { a.Support = s },
	}
}

func (a *Answers) askCarriers() question {
	return question{
		text:     "Carriers and aggregators (" + strings.Join(providers(bundle.Carrier), ", ") + "; empty = none)",
		answered: len(a.Carriers) > 0, set: func(a *Answers, s string) { a.Carriers = split(s) },
	}
}

func (a *Answers) askOrders() question {
	return question{
		text:     "Shop systems, NAME or NAME=ACCOUNT-URL (" + strings.Join(providers(bundle.Orders), ", ") + "; empty = the built-in API only)",
		answered: len(a.Orders) > 0, set: func(a *Answers, s string) { a.Orders = split(s) },
	}
}

func split(answer string) []string {
	return strings.FieldsFunc(answer, func(r rune) bool { return r == ',' || r == ' ' })
}
