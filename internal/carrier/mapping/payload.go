package mapping

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strconv"
)

// nulls remembers which keys of an object were null: a partial statement clears what is null and leaves what is absent.
// Its keys are addresses of the objects' maps.
type nulls map[uintptr][]string

// of returns the null keys of an object of the payload.
func (n nulls) of(object map[string]any) []string { return n[reflect.ValueOf(object).Pointer()] }

// decode reads a JSON payload for the expressions: null fields are left out, so that null and absent are the same, and
// whole numbers keep every digit (parcel numbers come as JSON numbers too).
func decode(body []byte) (any, nulls, error) {
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber()
	var payload any
	if err := dec.Decode(&payload); err != nil {
		return nil, nil, fmt.Errorf("the payload is not JSON: %w", jsonError(err))
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, nil, errors.New("the payload has data after its JSON value")
	}
	found := nulls{}
	return found.remove(payload), found, nil
}

// jsonError keeps the position only: the library's own words quote the payload.
func jsonError(err error) error {
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		return fmt.Errorf("at byte %d", syntax.Offset)
	}
	return errors.New("it ends before the value is complete")
}

func (n nulls) remove(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for key, field := range v {
			if field == nil {
				delete(v, key)
				at := reflect.ValueOf(v).Pointer()
				n[at] = append(n[at], key)
				continue
			}
			v[key] = n.remove(field)
		}
		return v
	case []any:
		for i, element := range v {
			v[i] = n.remove(element)
		}
		return v
	case json.Number:
		return number(v.String())
	}
	return v
}

// number takes the narrowest kind that keeps the value; what fits none stays text.
func number(text string) any {
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return n
	}
	if n, err := strconv.ParseUint(text, 10, 64); err == nil {
		return n
	}
	if f, err := strconv.ParseFloat(text, 64); err == nil && bytes.ContainsAny([]byte(text), ".eE") {
		return f
	}
	return text
}
