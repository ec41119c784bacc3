// Package audit reads an API server's audit log: who wrote what and when, and what came of it. It must know no cluster, and
// not what a write means.
package audit

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"time"
)

// maxLine is the bytes of the longest line: that of a write whose result is recorded with it.
const maxLine = 4 << 20

// Write is a line of the log.
type Write struct {
	Verb string `json:"verb"`
	User struct {
		Username string `json:"username"`
	} `json:"user"`
	ObjectRef struct {
		Resource, Subresource, Namespace, Name string
	} `json:"objectRef"`
	ResponseStatus struct {
		Code int `json:"code"`
	} `json:"responseStatus"`
	RequestReceivedTimestamp time.Time       `json:"requestReceivedTimestamp"`
	ResponseObject           json.RawMessage `json:"responseObject"` // only of what the audit policy records in full
}

func (w Write) String() string {
	return fmt.Sprintf("%s %s %s/%s/%s %s", w.RequestReceivedTimestamp.Format("15:04:05.000"), w.Verb,
		w.ObjectRef.Resource, w.ObjectRef.Namespace, w.ObjectRef.Name, w.ObjectRef.Subresource)
}

// Writes are the lines that hold the word, which saves parsing the others. An error is the last that comes; it is of reading
// the log, never of a line.
func Writes(log io.Reader, word string) iter.Seq2[Write, error] {
	return func(yield func(Write, error) bool) {
		lines := bufio.NewScanner(log)
		lines.Buffer(nil, maxLine)
		for lines.Scan() {
			var w Write
			if !bytes.Contains(lines.Bytes(), []byte(word)) || json.Unmarshal(lines.Bytes(), &w) != nil {
				continue // what is no JSON is the line that is being written
			}
			if !yield(w, nil) {
				return
			}
		}
		if err := lines.Err(); err != nil {
			yield(Write{}, fmt.Errorf("reading the audit log: %w", err))
		}
	}
}
