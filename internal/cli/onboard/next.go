package onboard

import (
	"fmt"
	"slices"
	"strings"

	"github.com/wismo-dev/wismo/api/v1alpha1"
)

// next returns the steps that are left to the user.
func next(m merchant, directory string) []string {
	apply := "kubectl apply -f -"
	check := "kubectl wismo lint -f -"
	if directory != "" {
		apply, check = "kubectl apply -k "+directory, "kubectl wismo lint -f "+directory
	}
	var steps []string
	if text := bringSecrets(m, directory == ""); text != "" {
		steps = append(steps, text)
	}
	steps = append(steps,
		"Check:    "+check,
		"Commit, or apply:    "+apply,
		fmt.Sprintf("Wait:    kubectl wait --for=condition=Ready shop/%s -n %s --timeout=2m", m.Name, m.Namespace),
		fmt.Sprintf("Show the remaining steps, such as the DNS record for %s, and the webhook URLs to enter at carriers and shop systems:\n   kubectl wismo status %s -n %s", m.Hostname, m.Name, m.Namespace),
	)
	for _, c := range slices.Concat(m.Orders, m.Carriers) {
		if c.Mode == v1alpha1.IntakePoll {
			steps = append(steps, fmt.Sprintf("Expect nothing from %s yet: it can only be polled, which this version does not do.", c.Title))
		}
	}
	if m.Rehearsal != "" {
		steps = append(steps, "When the mails that arrive at "+m.Rehearsal+" look right, set spec.activity to Live.")
	}
	return steps
}

func bringSecrets(m merchant, stream bool) string {
	if len(m.Secrets) == 0 {
		return ""
	}
	list := keysOf(m.Secrets)
	way := m.Answers.Secrets
	switch {
	case way == ExternalSecrets:
		return fmt.Sprintf("Add these secrets to the store %s, below %s/: %s", m.Store, m.Namespace, list)
	case way != NoSecrets && stream:
		return "Fill in the Secrets below, and do not commit them unencrypted: " + list
	}
	switch way {
	case SealedSecrets:
		return "Fill in secrets.plain.yaml, then:    kubeseal -o yaml < secrets.plain.yaml > secrets.yaml"
	case SOPS:
		return "Fill in secrets.plain.yaml, then:    sops encrypt --encrypted-regex '^(data|stringData)$' secrets.plain.yaml > secrets.yaml"
	case Plain:
		return "Fill in secrets.yaml, and keep it out of Git."
	}
	return fmt.Sprintf("Create these Secrets in the namespace %s: %s", m.Namespace, list)
}

// keysOf lists the Secrets with their required keys.
func keysOf(secrets []secret) string {
	var names []string
	for _, s := range secrets {
		keys := []string{}
		for _, k := range s.Keys {
			if !k.Optional {
				keys = append(keys, k.Key)
			}
		}
		names = append(names, fmt.Sprintf("%s (%s)", s.Name, strings.Join(keys, ", ")))
	}
	return strings.Join(names, "; ")
}

// numbered returns the numbered steps, each line with the prefix.
func numbered(prefix string, steps []string) string {
	var b strings.Builder
	for i, step := range steps {
		for line := range strings.Lines(fmt.Sprintf("%d. %s\n", i+1, step)) {
			b.WriteString(prefix + line)
		}
	}
	return b.String()
}
