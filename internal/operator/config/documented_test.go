package config

import (
	"fmt"
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/wismo-dev/wismo/api/v1alpha1"
)

// fields lists every field of the file by its path, with its default as the documentation writes it.
func fields(path string, v reflect.Value, found map[string]string) {
	switch value := v.Interface().(type) {
	case resource.Quantity:
		found[path] = "`" + value.String() + "`"
		return
	case intstr.IntOrString:
		found[path] = "`" + value.String() + "`"
		return
	case v1alpha1.ExposureTLS:
		found[path] = "`" + string(value.Type) + "`"
		return
	case v1alpha1.GatewayExposure:
		found[path] = "empty"
		return
	}
	if v.Kind() != reflect.Struct {
		found[path] = "empty"
		if !v.IsZero() || v.Kind() == reflect.Int {
			found[path] = fmt.Sprintf("`%v`", v)
		}
		return
	}
	for i := range v.NumField() {
		name, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ",")
		fields(strings.TrimPrefix(path+"."+name, "."), v.Field(i), found)
	}
}

var row = regexp.MustCompile("(?m)^\\| `([A-Za-z.]+)` \\| ([^|]+) \\| (.+) \\|$")

func TestEveryFieldAndItsDefaultIsDocumented(t *testing.T) {
	content, err := os.ReadFile("../../../docs/configuration.md")
	if err != nil {
		t.Fatal(err)
	}
	documented := map[string]string{}
	for _, cells := range row.FindAllStringSubmatch(string(content), -1) {
		if len(cells[3]) < 10 {
			t.Errorf("%s is explained as %q", cells[1], cells[3])
		}
		documented[cells[1]] = cells[2]
	}
	found := map[string]string{}
	fields("", reflect.ValueOf(Defaults(func(string) string { return "" })), found)
	found["images.trackingPage"], found["images.notifier"] = "from the installer", "from the installer"
	for path, value := range found {
		if documented[path] != value {
			t.Errorf("docs/configuration.md says that %s is %q by default, and it is %s", path, documented[path], value)
		}
		delete(documented, path)
	}
	for path := range documented {
		if path != "config" {
			t.Errorf("docs/configuration.md explains %s, which does not exist", path)
		}
	}
}

func TestEveryFieldOfAWaveIsDocumented(t *testing.T) {
	content, err := os.ReadFile("../../../docs/configuration.md")
	if err != nil {
		t.Fatal(err)
	}
	wave := reflect.TypeFor[Wave]()
	for field := range wave.Fields() {
		if name := field.Tag.Get("json"); !strings.Contains(string(content), "| `waves[]."+name+"` |") {
			t.Errorf("docs/configuration.md does not explain waves[].%s", name)
		}
	}
}
