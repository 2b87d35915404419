// A right answer in Go: three counts, three seconds.
package main

import (
	"fmt"
	"syscall"
	"time"
)

// Blocks its thread: time.Sleep would only stop a goroutine.
func sleep(seconds int64) {
	syscall.Nanosleep(&syscall.Timespec{Sec: seconds}, nil)
}

func main() {
	begin := time.Now()
	for i := 0; i < 3; i++ {
		fmt.Println("One")
		sleep(1)
		fmt.Println("Two")
	}
	fmt.Printf("countsync executed in %.2f seconds.\n", time.Since(begin).Seconds())
}
