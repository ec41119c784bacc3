package chaos_test

import (
	"bufio"
	"encoding/binary"
	"io"
	"net/http"
	"strings"
)

// frames returns the events of a watch as they come: lines of JSON, or messages of protobuf after their length.
func frames(response *http.Response) func() ([]byte, error) {
	reader := bufio.NewReaderSize(response.Body, 64<<10)
	if strings.Contains(response.Header.Get("Content-Type"), "protobuf") {
		return func() ([]byte, error) {
			head := make([]byte, 4)
			if _, err := io.ReadFull(reader, head); err != nil {
				return nil, err
			}
			frame := make([]byte, 4+binary.BigEndian.Uint32(head))
			copy(frame, head)
			_, err := io.ReadFull(reader, frame[4:])
			return frame, err
		}
	}
	return func() ([]byte, error) { return reader.ReadBytes('\n') }
}
