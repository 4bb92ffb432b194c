// Go's net/http as a reader of requests: a line of hexadecimal bytes in, a line of what it read out.
package main

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
)

func read(received []byte) string {
	words := []string{}
	from := bufio.NewReader(bytes.NewReader(received))
	for {
		if _, err := from.Peek(1); err != nil {
			return strings.Join(append(words, "."), " ")
		}
		request, err := http.ReadRequest(from)
		if err != nil {
			return strings.Join(append(words, "!"), " ")
		}
		body, err := io.ReadAll(request.Body)
		if err != nil {
			return strings.Join(append(words, "!"), " ")
		}
		parts := []string{request.Method, request.RequestURI, string(body)}
		for i, part := range parts {
			parts[i] = hex.EncodeToString([]byte(part))
		}
		words = append(words, strings.Join(parts, ","))
		if request.Close {
			return strings.Join(append(words, "."), " ")
		}
	}
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		received, err := hex.DecodeString(lines.Text())
		if err != nil {
			panic(err)
		}
		fmt.Println(read(received))
	}
}
