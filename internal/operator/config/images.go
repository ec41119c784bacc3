package config

import "slices"

// Images are what the workloads run.
type Images struct {
	// TrackingPage is the image of the page; by default the environment variable RELATED_IMAGE_TRACKING_PAGE.
	TrackingPage string `json:"trackingPage"`
	// Notifier is the image of the notifier; by default the environment variable RELATED_IMAGE_NOTIFIER.
	Notifier string `json:"notifier"`
	// PullPolicy is Always, IfNotPresent or Never; empty = the cluster's default.
	PullPolicy string `json:"pullPolicy"`
}

func defaultImages(getenv func(string) string) Images {
	return Images{TrackingPage: getenv("RELATED_IMAGE_TRACKING_PAGE"), Notifier: getenv("RELATED_IMAGE_NOTIFIER")}
}

func (i Images) validate(p *problems) {
	p.check(i.TrackingPage != "", "images.trackingPage must be set, or the environment variable RELATED_IMAGE_TRACKING_PAGE")
	p.check(i.Notifier != "", "images.notifier must be set, or the environment variable RELATED_IMAGE_NOTIFIER")
	p.check(slices.Contains([]string{"", "Always", "IfNotPresent", "Never"}, i.PullPolicy),
		"images.pullPolicy %q must be Always, IfNotPresent or Never", i.PullPolicy)
}
