package desired

import "testing"

func TestTheVersionOfAWorkloadIsThatOfItsImage(t *testing.T) {
	for image, want := range map[string]string{
		"wismo.dev/notifier:1.4.0":                      "1.4.0",
		"wismo.dev/notifier:1.4.0@sha256:0123456789abc": "1.4.0",
		"wismo.dev/notifier@sha256:0123456789abc":       "",
		"images.example:5000/wismo/notifier":            "",
		"images.example:5000/wismo/notifier:v2":         "v2",
		"notifier":                                      "",
		"":                                              "",
	} {
		if got := version(image); got != want {
			t.Errorf("%q gives %q, want %q", image, got, want)
		}
	}
}
