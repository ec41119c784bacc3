package releases

import (
	"slices"
	"strings"
	"testing"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/compile"
	"github.com/wismo-dev/wismo/internal/release"
)

func template(name, key, text string) Item {
	object := ConfigMapMetadata()
	object.Namespace, object.Name = v1alpha1.LibraryNamespace, name
	content := release.Content{Data: map[string]string{key: text}}
	return Item{Key: release.Key(release.ConfigMap, name), Content: content, Name: content.Name(), Object: object}
}

func policy(name, base string) Item {
	object := &v1alpha1.NotificationPolicy{}
	object.Namespace, object.Name = v1alpha1.LibraryNamespace, name
	spec := &v1alpha1.NotificationPolicySpec{}
	if base != "" {
		spec.BasePolicyRef = &v1alpha1.PolicyReference{Name: v1alpha1.ObjectName(base), Source: v1alpha1.SourceLibrary}
	}
	content := release.Content{Policy: spec}
	return Item{Key: release.Key(release.NotificationPolicy, name), Content: content, Name: content.Name(), Object: object}
}

func TestTheGateNamesWhatIsWrongByFileAndLine(t *testing.T) {
	long := strings.Repeat("x", release.MaxContentBytes)
	for name, c := range map[string]struct {
		item Item
		want string // "" = nothing is wrong
	}{
		"a text":                             {template("house", "nl.yaml", "mail.OutForDelivery.subject: Goed\n"), ""},
		"a part of a language of our own":    {template("house", "da.yaml", "mail.OutForDelivery.subject: Godt\n"), ""},
		"a region":                           {template("house", "nl-BE.yaml", "mail.OutForDelivery.subject: Goed\n"), ""},
		"an unknown key":                     {template("house", "nl.yaml", "a: b\n"), "house/nl.yaml:1: a: there is no such text"},
		"an unknown field":                   {template("house", "nl.yaml", "\nmail.OutForDelivery.subject: \"{{.Nam}}\"\n"), "house/nl.yaml:2"},
		"a text that only rendering catches": {template("house", "nl.yaml", "\nmail.OutForDelivery.subject: \"{{if .Due}}{{.Due}}{{end}}\"\n"), "house/nl.yaml:2: mail.OutForDelivery.subject: the text is empty"},
		"a subject that grows too long":      {template("house", "nl.yaml", "mail.OutForDelivery.subject: \"{{.Due}}"+strings.Repeat("lang ", 40)+"\"\n"), "house/nl.yaml:1"},
		"an unknown file":                    {template("house", "logo.svg", "<svg/>"), "house/logo.svg: a template holds texts"},
		"a broken block":                     {template("house", "footer.html", "<p>{{.Shop.Nam}}</p>"), "house/footer.html"},
		"too much":                           {template("house", "nl.yaml", long), "must not exceed"},
		"half a definition":                  {template("courier", compile.DefinitionKey, "name: courier\nmapping: [\n"), "courier/definition.yaml"},
		"a policy":                           {policy("house", ""), ""},
		"a policy without its base":          {policy("house", "ground"), "spec.basePolicyRef: names the policy ground, which does not exist in the library"},
	} {
		admitted, faults := (&Gate{}).Admit([]Item{c.item}, nil)
		var lines []string
		for _, f := range faults {
			lines = append(lines, f.Error())
		}
		told := strings.Join(lines, "\n")
		if (c.want == "") != (told == "") || !strings.Contains(told, c.want) {
			t.Errorf("%s: it says %q, want %q", name, told, c.want)
		}
		if _, in := admitted[c.item.Key]; in != (c.want == "") {
			t.Errorf("%s: admitted is %v", name, in)
		}
	}
}

func TestWhatIsWrongStaysAsItWasAndTheRestGoesOn(t *testing.T) {
	good, policies := template("house", "nl.yaml", "mail.OutForDelivery.subject: Eerst\n"), []Item{policy("ground", ""), policy("house", "ground")}
	admitted, faults := (&Gate{}).Admit(append(policies, good), nil)
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	names, contents := Content(admitted)
	latest := &Edition{Name: "rel-0001", Document: release.Document{Library: names}, Content: map[string]compile.Content{}, Policies: map[string]*v1alpha1.NotificationPolicy{}}
	for key, name := range names {
		latest.add(key, contents[name])
	}
	bad, other := template("house", "nl.yaml", "nothing: known\n"), template("other", "nl.yaml", "mail.OutForDelivery.subject: Anders\n")
	deeper := policy("ground", "house") // a base of its own, and a ring at that
	admitted, faults = (&Gate{}).Admit([]Item{bad, other, deeper, policy("house", "ground"), policy("fresh", "nobody")}, latest)
	again, _ := Content(admitted)
	for key, want := range map[string]string{
		good.Key: names[good.Key], other.Key: other.Name, policies[0].Key: names[policies[0].Key], "NotificationPolicy/fresh": "",
	} {
		if again[key] != want {
			t.Errorf("%s is %s, want %s", key, again[key], want)
		}
	}
	for key, want := range map[string]bool{bad.Key: true, deeper.Key: true, other.Key: false} {
		if got := slices.ContainsFunc(faults, func(f LibraryProblem) bool { return f.Item.Key == key }); got != want {
			t.Errorf("%s has a fault: %v, want %v: %v", key, got, want, faults)
		}
	}
}

func TestWhatWasTriedOnceIsNotTriedAgain(t *testing.T) {
	gate := &Gate{}
	items := []Item{template("house", "nl.yaml", "mail.OutForDelivery.subject: Goed\n")}
	gate.Admit(items, nil)
	if n := testing.AllocsPerRun(10, func() { gate.Admit(items, nil) }); n > 200 {
		t.Errorf("a second look at the same library makes %v allocations", n)
	}
	items[0].Name = "content-known"
	gate.Admit(items, nil)
	admitted, _ := gate.Admit(items, nil)
	if names, contents := Content(admitted); names[items[0].Key] != "content-known" || len(contents["content-known"].Data) == 0 {
		t.Errorf("the name of content is worked out anew: %v", names)
	}
	gate.Admit(nil, nil)
	if len(gate.checked) > 0 {
		t.Error("what is gone is remembered")
	}
}

func TestTheDigestOfWhatIsBuiltInDependsOnNothingElse(t *testing.T) {
	if a, b := BuildDocument(release.Images{}, nil), BuildDocument(release.Images{}, nil); a.Hash() != b.Hash() || a.Builtin == "" {
		t.Errorf("%s and %s", a.Builtin, b.Builtin)
	}
	if !Usable(BuildDocument(release.Images{}, nil)) {
		t.Error("this build cannot render what it ships")
	}
}

func TestContentIsLeftOutOfEvents(t *testing.T) {
	secret := template("house", "nl.yaml", "mail.OutForDelivery.subject: \"{{.Nam}} hunter2\"\n")
	_, faults := (&Gate{}).Admit([]Item{secret}, nil)
	if slices.ContainsFunc(faults, func(f LibraryProblem) bool { return strings.Contains(f.Error(), "hunter2") }) {
		t.Errorf("%v", faults)
	}
}
