// Go's net/http as a reader of responses: a line of hexadecimal bytes in, a line of what it read out.
package main

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
)

func read(received []byte) string {
	from := bufio.NewReader(bytes.NewReader(received))
	for {
		response, err := http.ReadResponse(from, &http.Request{Method: "GET"})
		if err != nil {
			return "!"
		}
		body, err := io.ReadAll(response.Body)
		if err != nil {
			return "!"
		}
		if response.StatusCode/100 == 1 && response.StatusCode != 101 {
			continue
		}
		status := strconv.Itoa(response.StatusCode)
		hexed := func(text []byte) string { return hex.EncodeToString(text) }
		return hexed([]byte("GET")) + "," + hexed([]byte(status)) + "," + hexed(body) + " ."
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
