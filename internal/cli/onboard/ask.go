package onboard

import (
	"context"
	"fmt"
	"strings"

	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/cli/cmdutil"
	"github.com/wismo-dev/wismo/internal/compile"
)

// Placeholders for open answers, so that lint can check each answer by itself.
const (
	someName    = "some-shop"
	someCountry = "NL"
	someZone    = "Etc/UTC"
)

// question asks for one answer.
type question struct {
	text      string
	otherwise string // the default
	needed    bool   // an empty answer is not accepted
	answered  bool   // a flag has set it
	set       func(a *Answers, answer string)
}

// ask asks the user for what the flags leave open. It explains an invalid answer and asks again.
func (a *Answers) ask(ctx context.Context, env *cmdutil.Env) error {
	if err := a.validate(); err != nil { // no answer can correct a wrong flag
		return err
	}
	d := env.Prompt()
	for _, next := range []func() question{a.askName, a.askHostname, a.askCountry, a.askTimeZone, a.askSupport, a.askCarriers, a.askOrders} {
		q := next()
		if q.answered {
			continue
		}
		if err := a.askOne(ctx, env, d, q); err != nil {
			return fmt.Errorf("%w; nothing was written", err)
		}
	}
	return nil
}

// askOne asks one question until the answer is valid.
func (a *Answers) askOne(ctx context.Context, env *cmdutil.Env, d *cmdutil.Prompt, q question) error {
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
			env.Warnf("This answer is required.\n")
			continue
		}
		tried := *a
		q.set(&tried, answer)
		if err = tried.validate(); err == nil {
			*a = tried
			return nil
		}
		env.Warnf("%v\n", err)
	}
}

// validate returns what is wrong with the answers given so far.
func (a *Answers) validate() error {
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
		text: "Time zone of the merchant, because " + a.Country + " alone does not determine it (such as America/New_York)", needed: true,
		answered: a.TimeZone != "" || compile.TimeZoneOf(a.Country) != "", set: func(a *Answers, s string) { a.TimeZone = s },
	}
}

func (a *Answers) askSupport() question {
	return question{
		text:     "E-mail address of customer support (empty = none)",
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
