package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// view is a size of window.
type view struct {
	name          string
	width, height int
}

func views() []view { return []view{{"desktop", 1280, 900}, {"mobile", 390, 844}} }

// takeScreenshots takes pictures of an order's page as a browser shows it.
func (d demo) takeScreenshots(ctx context.Context, m merchant, p sampleOrder, path string) error {
	if err := os.MkdirAll(d.pictures, 0o755); err != nil {
		return err
	}
	for _, v := range views() {
		file, err := filepath.Abs(filepath.Join(d.pictures, p.name+"-"+v.name+".png"))
		if err != nil {
			return err
		}
		if err := takePicture(ctx, "http://"+d.cluster.Address(m.port)+path, file, v); err != nil {
			return err
		}
		d.say.note("picture %s", file)
	}
	return nil
}

// takePicture runs Debian's chromium with a profile that is thrown away and nothing that calls home.
func takePicture(ctx context.Context, url, file string, v view) error {
	profile, err := os.MkdirTemp("", "wismo-demo-chromium-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(profile) }()
	cmd := exec.CommandContext(ctx, "chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic",
		"--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
		"--hide-scrollbars", "--force-device-scale-factor=1", "--user-data-dir="+profile,
		fmt.Sprintf("--window-size=%d,%d", v.width, v.height), "--screenshot="+file, url)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("chromium: %w\n%s", err, out)
	}
	return nil
}
