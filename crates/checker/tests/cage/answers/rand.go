// A right answer in Go: three goroutines, each at its own pace.
package main

import (
	"fmt"
	"sync"
	"time"
)

var draws = [3][]int{{4, 10}, {4, 7, 9}, {0, 8}}
var colors = [3]int{36, 91, 35}

func makerandom(index int) int {
	say := func(text string) { fmt.Printf("\x1b[%dm%s\n", colors[index], text) }
	say(fmt.Sprintf("Initiated makerandom(%d).", index))
	for i := 0; ; i++ {
		number := draws[index][i]
		if number > 9-index {
			say(fmt.Sprintf("---> Finished: makerandom(%d) == %d\x1b[0m", index, number))
			return number
		}
		say(fmt.Sprintf("makerandom(%d) == %d too low; retrying.", index, number))
		time.Sleep(time.Duration(index+1) * time.Second)
	}
}

func main() {
	var all sync.WaitGroup
	var results [3]int
	for index := range results {
		all.Add(1)
		go func(index int) {
			defer all.Done()
			results[index] = makerandom(index)
		}(index)
	}
	all.Wait()
	fmt.Printf("\nr1: %d, r2: %d, r3: %d\n", results[0], results[1], results[2])
}
