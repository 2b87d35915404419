// A right answer in Go: three goroutines, one second.
package main

import (
	"fmt"
	"sync"
	"time"
)

func count() {
	fmt.Println("One")
	time.Sleep(time.Second)
	fmt.Println("Two")
}

func main() {
	begin := time.Now()
	var all sync.WaitGroup
	for i := 0; i < 3; i++ {
		all.Add(1)
		go func() {
			defer all.Done()
			count()
		}()
	}
	all.Wait()
	fmt.Printf("countasync executed in %.2f seconds.\n", time.Since(begin).Seconds())
}
