// SPDX-License-Identifier: Apache-2.0

// What encoding/json sees in each chunk (a line of base64 each): a stream of values, decoded into structs, which folds
// the case of members and keeps the last of those that are alike. A JSON array of facts for each chunk.
package main

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
)

type asked struct {
	Method string
}

type body struct {
	Name          string
	InputRequests map[string]asked
	Tools         []struct{ Name string }
}

type message struct {
	Method string
	Params json.RawMessage
	Result json.RawMessage
}

func look(text json.RawMessage, facts *[]string) {
	var batch []json.RawMessage
	if json.Unmarshal(text, &batch) == nil && batch != nil {
		for _, each := range batch {
			look(each, facts)
		}
		return
	}
	var m message
	_ = json.Unmarshal(text, &m)
	var params, result body
	_ = json.Unmarshal(m.Params, &params)
	_ = json.Unmarshal(m.Result, &result)
	if m.Method != "" {
		*facts = append(*facts, "method "+m.Method)
	}
	if m.Method == "tools/call" {
		*facts = append(*facts, "call "+params.Name)
	}
	for _, of := range []body{params, result} {
		for _, request := range of.InputRequests {
			*facts = append(*facts, "asks "+request.Method)
		}
	}
	for _, tool := range result.Tools {
		*facts = append(*facts, "tool "+tool.Name)
	}
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 64<<20)
	for lines.Scan() {
		facts := []string{}
		chunk, _ := base64.StdEncoding.DecodeString(lines.Text())
		decoder := json.NewDecoder(bytes.NewReader(chunk))
		for {
			var text json.RawMessage
			if decoder.Decode(&text) != nil {
				break
			}
			look(text, &facts)
		}
		out, _ := json.Marshal(facts)
		fmt.Println(string(out))
	}
}
