// A right answer in Go: a chain of two waits per argument, in a goroutine of its own.
package main

import (
	"fmt"
	"os"
	"strconv"
	"sync"
	"time"
)

func part(call string, result string, seconds int) string {
	fmt.Printf("%s sleeping for %d seconds.\n", call, seconds)
	time.Sleep(time.Duration(seconds) * time.Second)
	fmt.Printf("Returning %s == %s.\n", call, result)
	return result
}

func chain(n int) {
	begin := time.Now()
	first := part(fmt.Sprintf("part1(%d)", n), fmt.Sprintf("result%d-1", n), n%3)
	result := fmt.Sprintf("result%d-2 derived from %s", n, first)
	second := part(fmt.Sprintf("part2(%d, '%s')", n, first), result, 1+n%2)
	took := time.Since(begin).Seconds()
	fmt.Printf("-->Chained result%d => %s (took %.2f seconds).\n", n, second, took)
}

func main() {
	numbers := []int{1, 2, 3}
	if len(os.Args) > 1 {
		numbers = nil
	}
	for _, word := range os.Args[1:] {
		number, err := strconv.Atoi(word)
		if err != nil {
			os.Exit(1)
		}
		numbers = append(numbers, number)
	}
	begin := time.Now()
	var all sync.WaitGroup
	for _, n := range numbers {
		all.Add(1)
		go func(n int) {
			defer all.Done()
			chain(n)
		}(n)
	}
	all.Wait()
	fmt.Printf("Program finished in %.2f seconds.\n", time.Since(begin).Seconds())
}
