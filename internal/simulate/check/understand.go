package check

import (
	"regexp"
	"strings"
	"sync"
)

// understood is what a sentence claims, whatever numbers it has.
type understood struct {
	claims  []int // in claims
	whys    []int // in whys
	day     bool  // it may name a day
	collect bool  // it names a pick-up point
}

// sentences caches the result of parsing: most sentences are read thousands of times.
var sentences sync.Map

func understand(sentence string) understood {
	key := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return '0'
		}
		return r
	}, sentence)
	if known, ok := sentences.Load(key); ok {
		return known.(understood)
	}
	u := take(sentence)
	sentences.Store(key, u)
	return u
}

var (
	conditional = regexp.MustCompile(`\b(?:if|in case|whether|when)\b`)
	collectAt   = regexp.MustCompile(`\b(?:collect|ready for you|ready to collect|waiting for you|waits for you|pick(?:ed)? (?:it )?up)\b[^.]*? (?:at|from) [\pL\d]`)
	mayBeDay    = regexp.MustCompile(`\b(?:today|tonight|tomorrow|yesterday|\d{1,2}(?:st|nd|rd|th)? [a-z]{3})`)
)

func take(sentence string) understood {
	words := strings.ToLower(strings.TrimRight(sentence, ".!"))
	u := understood{day: mayBeDay.MatchString(words)}
	if strings.HasSuffix(words, "?") {
		return u
	}
	u.collect = collectAt.MatchString(words) && !conditional.MatchString(words)
	for i, why := range reasonClaims {
		if at := why.words.FindStringIndex(words); at != nil && !conditional.MatchString(words[:at[0]]) {
			u.whys = append(u.whys, i)
		}
	}
	if strings.HasSuffix(words, ":") {
		return u
	}
	for i, claim := range claims {
		if at := claim.words.FindStringIndex(words); at != nil && !conditionalWords.MatchString(words[:at[0]]) && (claim.not == nil || !claim.not.MatchString(words)) {
			u.claims = append(u.claims, i)
		}
	}
	return u
}
