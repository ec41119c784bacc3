package onboard

import (
	"bufio"
	"fmt"
	"strings"

	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/cli/kit"
)

// ask asks a person for what the flags have not said.
func (a *Answers) ask(k *kit.Kit) error {
	in := bufio.NewReader(k.In)
	read := func(into *string, question, otherwise string) error {
		if *into != "" {
			return nil
		}
		answer, err := prompt(k, in, question, otherwise)
		*into = answer
		return err
	}
	many := func(into *[]string, question string) error {
		if len(*into) > 0 {
			return nil
		}
		answer, err := prompt(k, in, question, "")
		*into = strings.FieldsFunc(answer, func(r rune) bool { return r == ',' || r == ' ' })
		return err
	}
	for _, step := range []func() error{
		func() error { return read(&a.Name, "Name of the Shop (lower-case letters, digits, -)", "") },
		func() error { a.complete(); return nil },
		func() error { return read(&a.Hostname, "Hostname of the tracking page", "track."+a.Name+".example") },
		func() error { return read(&a.Country, "Home country (two letters, such as NL)", "") },
		func() error { return read(&a.Support, "E-mail address of the support (empty = none)", "") },
		func() error {
			return many(&a.Carriers, "Carriers and aggregators ("+strings.Join(providers(bundle.Carrier), ", ")+"; empty = none)")
		},
		func() error {
			return many(&a.Orders, "Shop systems ("+strings.Join(providers(bundle.Orders), ", ")+"; empty = the built-in API only)")
		},
	} {
		if err := step(); err != nil {
			return err
		}
	}
	a.Country = strings.ToUpper(a.Country)
	return nil
}

func prompt(k *kit.Kit, in *bufio.Reader, question, otherwise string) (string, error) {
	if otherwise != "" {
		question += fmt.Sprintf(" [%s]", otherwise)
	}
	k.Warnf("%s: ", question) // so that the documents can go into a file meanwhile
	line, err := in.ReadString('\n')
	if err != nil {
		return "", fmt.Errorf("reading an answer: %w", err)
	}
	if line = strings.TrimSpace(line); line == "" {
		line = otherwise
	}
	return line, nil
}
