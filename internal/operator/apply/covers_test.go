package apply

import (
	"encoding/json"
	"testing"
)

func TestDriftIsSeenAndForeignFieldsAreLeftAlone(t *testing.T) {
	for name, tc := range map[string]struct {
		live, rendered string
		covered        bool
	}{
		"an annotation of others":     {`{"spec":{"template":{"metadata":{"annotations":{"restartedAt":"now","ours":"1"}}}}}`, `{"spec":{"template":{"metadata":{"annotations":{"ours":"1"}}}}}`, true},
		"replicas of an autoscaler":   {`{"spec":{"replicas":5,"paused":false}}`, `{"spec":{}}`, true},
		"a changed value":             {`{"spec":{"replicas":5}}`, `{"spec":{"replicas":1}}`, false},
		"a removed field":             {`{"data":{}}`, `{"data":{"a":"1"}}`, false},
		"a sidecar of others":         {`{"spec":{"template":{"spec":{"containers":[{"name":"mesh"},{"name":"page","image":"a"}]}}}}`, `{"spec":{"template":{"spec":{"containers":[{"name":"page","image":"a"}]}}}}`, true},
		"an image by hand":            {`{"spec":{"template":{"spec":{"containers":[{"name":"page","image":"b"}]}}}}`, `{"spec":{"template":{"spec":{"containers":[{"name":"page","image":"a"}]}}}}`, false},
		"a defaulted port":            {`{"spec":{"ports":[{"port":80,"protocol":"TCP","targetPort":8080,"nodePort":30000}]}}`, `{"spec":{"ports":[{"port":80,"targetPort":8080}]}}`, true},
		"a rule more in a policy":     {`{"spec":{"egress":[{"to":[]},{"ports":[{"port":1}]}]}}`, `{"spec":{"egress":[{"to":[]}]}}`, false},
		"a rule narrowed by hand":     {`{"spec":{"ingress":[{"ports":[{"port":1,"protocol":"TCP"}],"from":[{"ipBlock":{"cidr":"10.0.0.0/8"}}]}]}}`, `{"spec":{"ingress":[{"ports":[{"port":1}]}]}}`, false},
		"a default in a policy":       {`{"spec":{"ingress":[{"ports":[{"port":1,"protocol":"TCP"}]}]}}`, `{"spec":{"ingress":[{"ports":[{"port":1}]}]}}`, true},
		"a wider selector":            {`{"spec":{"selector":{"app":"page"}}}`, `{"spec":{"selector":{"app":"page","shop":"linden"}}}`, false},
		"a narrower selector":         {`{"spec":{"selector":{"app":"page","shop":"linden"}}}`, `{"spec":{"selector":{"app":"page"}}}`, false},
		"nothing said, nothing there": {`{"spec":{}}`, `{"spec":{"strategy":{},"readOnly":false,"creationTimestamp":null}}`, true},
		"an owner of others":          {`{"metadata":{"ownerReferences":[{"uid":"b"},{"uid":"a"}]}}`, `{"metadata":{"ownerReferences":[{"uid":"a"}]}}`, true},
	} {
		t.Run(name, func(t *testing.T) {
			if got := covers(decode(t, tc.live), decode(t, tc.rendered), "", false); got != tc.covered {
				t.Errorf("covered %t, want %t", got, tc.covered)
			}
		})
	}
}

func decode(t *testing.T, document string) any {
	t.Helper()
	var fields any
	if err := json.Unmarshal([]byte(document), &fields); err != nil {
		t.Fatal(err)
	}
	return fields
}
