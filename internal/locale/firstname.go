package locale

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// FirstName is the name to greet a person by, "" where it is not surely one: a greeting without a name is better than a wrong one.
// explicit is a first name that the shop system states as such and wins; full is a name in one string; language is that of the shop or order.
func FirstName(full, explicit, language string) string {
	if name := strings.Join(strings.Fields(explicit), " "); name != "" {
		if saneExplicit(name) {
			return name
		}
		return ""
	}
	words := strings.Fields(full)
	if len(full) > maxName || len(words) < 2 || len(words) > 4 || familyNameFirst(language) {
		return ""
	}
	for _, word := range words {
		if !nameWord(word) || slices.Contains(notNames, fold(word)) {
			return ""
		}
	}
	first, last := words[0], words[len(words)-1]
	if utf8.RuneCountInString(strings.TrimSuffix(last, ".")) == 1 { // "Smith J."
		return ""
	}
	if shouted(words) || !givenName(first) || slices.Contains(particles, fold(first)) {
		return ""
	}
	return first
}

const maxName = 80 // bytes; what is longer is a sentence

// notNames are titles, words for a household and legal forms: a string with one of them names no single person by the first name.
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

// fold is a word in lower case without its points, so that "B.V." is "bv".
func fold(word string) string {
	return strings.ToLower(strings.NewReplacer(".", "", "&", "", "/", "").Replace(word))
}

// familyNameFirst tells that names in the language are written with the family name first.
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

// givenName begins with a capital, goes on in lower case (but "JanWillem", "Anne-Marie", "D'Arcy") and is no initial.
func givenName(word string) bool {
	first, size := utf8.DecodeRuneInString(word)
	rest := word[size:]
	return unicode.IsUpper(first) && !strings.Contains(word, ".") && utf8.RuneCountInString(rest) > 0 && strings.ContainsFunc(rest, unicode.IsLower)
}

// shouted tells that a word of more than two letters is in capitals: "DE VRIES BV".
func shouted(words []string) bool {
	return slices.ContainsFunc(words, func(word string) bool {
		return utf8.RuneCountInString(word) > 2 && !strings.ContainsFunc(word, unicode.IsLower)
	})
}

// saneExplicit refuses what a form field may hold instead of a first name: addresses, numbers, placeholders.
func saneExplicit(name string) bool {
	if utf8.RuneCountInString(name) > 40 || strings.Contains(name, "://") {
		return false
	}
	words := strings.Fields(name)
	if len(words) > 3 || slices.Contains(noFirstNames, fold(words[0])) {
		return false
	}
	for _, r := range name {
		if !unicode.IsLetter(r) && !unicode.Is(unicode.Mn, r) && !unicode.Is(unicode.Mc, r) && !strings.ContainsRune(" -'’.·", r) {
			return false
		}
	}
	initial := utf8.RuneCountInString(strings.TrimSuffix(name, ".")) == 1 && unicode.Is(unicode.Latin, rune(name[0]))
	return strings.ContainsFunc(name, unicode.IsLetter) && !initial
}

// noFirstNames are what forms send in the field of a first name and no person is called by.
var noFirstNames = strings.Fields(`null undefined none nil nan na test guest mr mrs ms herr frau mme dhr mevr`)
