package locale_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/wismo-dev/wismo/internal/locale"
)

func TestAPersonIsGreetedByTheFirstNameOnlyWhereItIsSurelyOne(t *testing.T) {
	for _, test := range []struct{ full, explicit, language, want string }{
		{full: "Noor Jansen", want: "Noor"},
		{full: "  Noor   Jansen ", want: "Noor"},
		{full: "Anne-Marie de Wit", want: "Anne-Marie"},
		{full: "Jan van der Berg", want: "Jan"},
		{full: "Sinéad O'Connor", want: "Sinéad"},
		{full: "Łukasz Wójcik", want: "Łukasz"},
		{full: "Noor J. Jansen", want: "Noor"},
		{full: "D'Arcy Wretzky", want: "D'Arcy"},
		{full: "Noor Jansen", explicit: " Noortje ", want: "Noortje"},
		{full: "Nagy Anna", explicit: "Anna", language: "hu", want: "Anna"},
		{explicit: "Jan Willem", want: "Jan Willem"},
		{explicit: "عبد الرحمن", want: "عبد الرحمن"},

		{full: ""},
		{full: "Noor"},
		{full: "ASTRID"},
		{full: "Jansen, Noor"},
		{full: "noor.jansen@example.org"},
		{full: "+31612345678"},
		{full: "null null"},
		{full: "Noor null"},
		{full: "DE VRIES BV"},
		{full: "NOOR JANSEN"},
		{full: "Jansen B.V."},
		{full: "Fjäll AB"},
		{full: "Muster GmbH"},
		{full: "Mr Smith"},
		{full: "Mr. John Smith"},
		{full: "Herr Müller"},
		{full: "Mme Dupont"},
		{full: "Dhr. Jansen"},
		{full: "Pani Nowak"},
		{full: "Sig.ra Rossi"},
		{full: "Familie Jansen"},
		{full: "Fam. Jansen"},
		{full: "Smith Family"},
		{full: "J. Smith"},
		{full: "J Smith"},
		{full: "J.P. Smith"},
		{full: "Smith J."},
		{full: "de Vries"},
		{full: "De Vries"},
		{full: "van den Berg"},
		{full: "Anna & Tom Jansen"},
		{full: "Anna en Tom Jansen"},
		{full: "noor jansen"},
		{full: "Noor Jansen 2"},
		{full: "Anna Maria Luisa Rossi Bianchi"},
		{full: "عبد الرحمن"},
		{full: "王 小明"},
		{full: "https://win.example/prize CLICK"},
		{full: "Nagy Anna", language: "hu"},
		{full: "Nguyen Anh", language: "vi-VN"},
		{full: "Noor -Jansen"},
		{full: "Noor Jansen", explicit: "noor@example.org"},
		{full: "Noor Jansen", explicit: "null"},
		{full: "Noor Jansen", explicit: "N."},
		{full: "Noor Jansen", explicit: "Win at https://win.example"},
		{full: "Noor Jansen", explicit: strings.Repeat("Noor", 20)},
	} {
		if got := locale.FirstName(test.full, test.explicit, test.language); got != test.want {
			t.Errorf("FirstName(%q, %q, %q) = %q, want %q", test.full, test.explicit, test.language, got, test.want)
		}
	}
}

func FuzzFirstName(f *testing.F) {
	for _, seed := range [][3]string{{"Noor Jansen", "", "nl"}, {"J. Smith", "\xff", "hu"}, {"", "A", ""}, {"Anne-Marie de Wit", "Ñ", "xx"}, {"-' ’", "'", "-"}} {
		f.Add(seed[0], seed[1], seed[2])
	}
	f.Fuzz(func(t *testing.T, full, explicit, language string) {
		name := locale.FirstName(full, explicit, language)
		if strings.ContainsAny(name, "@:/,0123456789<>&\n\t") || len(name) > 200 {
			t.Errorf("%q is not what to greet a person by", name)
		}
		if utf8.ValidString(full) && utf8.ValidString(explicit) && !utf8.ValidString(name) {
			t.Errorf("%q is not text", name)
		}
		if name != "" && explicit == "" && !strings.Contains(full, name) {
			t.Errorf("%q does not stand in %q", name, full)
		}
	})
}
