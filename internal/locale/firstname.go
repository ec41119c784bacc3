package locale

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// FirstName returns the name to greet a person by, "" if that is not certain: no name is better than a wrong one.
// explicit is the first name as the shop system has it, and wins; full is a name in one string; language is that of the shop or order.
func FirstName(full, explicit, language string) string {
	if name := strings.Join(strings.Fields(explicit), " "); name != "" {
		if saneExplicit(name) {
			return name
		}
		return ""
	}
	words := strings.Fields(full)
	if len(full) > maxName || familyNameFirst(language) || !personName(words) || !givenName(words[0]) {
		return ""
	}
	return words[0]
}

// personName reports whether the words look like the first and last name of one person.
func personName(words []string) bool {
	if len(words) < 2 || len(words) > 4 || inCapitals(words) || isInitial(words[len(words)-1]) { // an initial at the end: "Smith J."
		return false
	}
	return !slices.ContainsFunc(words, func(word string) bool { return !nameWord(word) || slices.Contains(notNames, fold(word)) })
}

const maxName = 80 // bytes; what is longer is a sentence

// notNames are titles, words for a household and legal forms: a name with one of them has no first name to greet by.
var notNames = strings.Fields(`
mr mrs ms miss mx sir madam dr prof rev
herr frau fr hr dipl ing
dhr mevr mw heer mevrouw meneer drs ir
m mme mlle monsieur madame mademoiselle me
pan pani panowie państwo
sig sigra signor signora dott dottssa
sr sra srta señor señora don doña d dña
fru fröken herrn
familie family fam familia famiglia famille familjen rodzina the und and en et och i y e
null undefined none nil test unknown customer kunde klant guest gast client cliente kund klient anonymous nan na
bv nv vof cv gmbh mbh ag kg ohg ug ev eg ltd limited llc llp plc inc corp co company sa sas sarl eurl sl slu srl spa snc ab hb kb as oy aps ou sro sp zoo
trading group services solutions international holding bank praxis klinik clinic apotheke pharmacy studio restaurant café bakkerij museum
stichting vereniging verein association university school hotel shop store winkel office team department
`)

// particles begin a family name and never a first one.
var particles = strings.Fields(`de den der des van von vom zu zum zur ten ter te het 't del della di da do dos das la le les du el al bin ibn af av`)

// fold returns a word in lower case without points and marks, so that "B.V." is "bv".
func fold(word string) string {
	return strings.ToLower(withoutMarks.Replace(word))
}

var withoutMarks = strings.NewReplacer(".", "", "&", "", "/", "")

// familyNameFirst reports whether names in the language are written with the family name first.
func familyNameFirst(language string) bool {
	base, _, _ := strings.Cut(strings.ReplaceAll(strings.ToLower(language), "_", "-"), "-")
	return slices.Contains([]string{"hu", "ja", "ko", "vi", "zh"}, base)
}

// nameWord holds Latin letters, and between them hyphens and apostrophes; an initial may end with a point.
func nameWord(word string) bool {
	letters := strings.TrimSuffix(word, ".")
	before := '-'
	for _, r := range letters {
		mark := strings.ContainsRune("-'’", r)
		if !mark && !unicode.Is(unicode.Latin, r) && !unicode.Is(unicode.Mn, r) {
			return false
		}
		if mark && strings.ContainsRune("-", before) {
			return false
		}
		before = r
	}
	return letters != "" && before != '-'
}

// givenName begins with a capital, has small letters ("JanWillem", "Anne-Marie", "D'Arcy"), and is neither an initial nor a particle.
func givenName(word string) bool {
	first, size := utf8.DecodeRuneInString(word)
	return unicode.IsUpper(first) && !strings.Contains(word, ".") && strings.ContainsFunc(word[size:], unicode.IsLower) &&
		!slices.Contains(particles, fold(word))
}

func isInitial(word string) bool { return utf8.RuneCountInString(strings.TrimSuffix(word, ".")) == 1 }

// inCapitals reports whether a word of more than two letters is in capitals: "DE VRIES BV".
func inCapitals(words []string) bool {
	return slices.ContainsFunc(words, func(word string) bool {
		return utf8.RuneCountInString(word) > 2 && !strings.ContainsFunc(word, unicode.IsLower)
	})
}

// saneExplicit reports whether the field holds a first name, and not an address, number, placeholder or initial.
func saneExplicit(name string) bool {
	words := strings.Fields(name)
	if utf8.RuneCountInString(name) > 40 || len(words) > 3 || slices.Contains(noFirstNames, fold(words[0])) {
		return false
	}
	first, _ := utf8.DecodeRuneInString(name)
	if !unicode.IsLetter(first) || isInitial(name) && unicode.Is(unicode.Latin, first) {
		return false
	}
	return !strings.ContainsFunc(name, func(r rune) bool {
		return !unicode.In(r, unicode.Letter, unicode.Mn, unicode.Mc) && !strings.ContainsRune(" -'’.·", r)
	})
}

// noFirstNames are placeholders that forms send as a first name.
var noFirstNames = strings.Fields(`null undefined none nil nan na test guest mr mrs ms herr frau mme dhr mevr`)
