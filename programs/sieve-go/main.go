// Primes up to a limit, sieved in segments by several goroutines, put together in order.
package main

import (
	"fmt"
	"math"
	"os"
	"strconv"
	"sync"
	"time"
)

const segment = 1 << 18

// part is what one segment adds.
type part struct {
	count       int
	sum         uint64
	first, last int
	widestGap   int
}

func (p *part) add(prime int) {
	if p.count == 0 {
		p.first = prime
	} else if gap := prime - p.last; gap > p.widestGap {
		p.widestGap = gap
	}
	p.count++
	p.sum += uint64(prime)
	p.last = prime
}

// join appends the part that comes after.
func (p *part) join(next part) {
	switch {
	case next.count == 0:
		return
	case p.count == 0:
		*p = next
		return
	}
	for _, gap := range []int{next.widestGap, next.first - p.last} {
		if gap > p.widestGap {
			p.widestGap = gap
		}
	}
	p.count += next.count
	p.sum += next.sum
	p.last = next.last
}

func smallPrimes(limit int) []int {
	composite := make([]bool, limit)
	var primes []int
	for n := 2; n < limit; n++ {
		if composite[n] {
			continue
		}
		primes = append(primes, n)
		for multiple := n * n; multiple < limit; multiple += n {
			composite[multiple] = true
		}
	}
	return primes
}

// sieved looks at the numbers from start on, before end.
func sieved(start, end int, strikers []int) (found part) {
	composite := make([]bool, end-start)
	for _, prime := range strikers {
		multiple := (start + prime - 1) / prime * prime
		if multiple < prime*prime {
			multiple = prime * prime
		}
		for ; multiple < end; multiple += prime {
			composite[multiple-start] = true
		}
	}
	for n := start; n < end; n++ {
		if n > 1 && !composite[n-start] {
			found.add(n)
		}
	}
	return found
}

func sieve(limit, workers int) (all part) {
	strikers := smallPrimes(int(math.Sqrt(float64(limit))) + 2)
	parts := make([]part, limit/segment+1)
	numbers := make(chan int)
	var done sync.WaitGroup
	for i := 0; i < workers; i++ {
		done.Add(1)
		go func() {
			defer done.Done()
			for number := range numbers {
				end := (number + 1) * segment
				if end > limit+1 {
					end = limit + 1
				}
				parts[number] = sieved(number*segment, end, strikers)
			}
		}()
	}
	for number := range parts {
		numbers <- number
	}
	close(numbers)
	done.Wait()
	for _, one := range parts {
		all.join(one)
	}
	return all
}

func number(text string, most int) int {
	if n, err := strconv.Atoi(text); err == nil && n <= most {
		return n
	}
	return 0
}

func main() {
	limit, workers := 0, 0
	if len(os.Args) == 3 {
		limit, workers = number(os.Args[1], 1<<40), number(os.Args[2], 1024)
	}
	if limit < 2 || workers < 1 {
		fmt.Fprintf(os.Stderr, "usage: %s LIMIT WORKERS\n", os.Args[0])
		os.Exit(2)
	}
	begun := time.Now()
	found := sieve(limit, workers)
	seconds := time.Since(begun).Seconds()
	fmt.Printf("primes %d sum %d\n", found.count, found.sum)
	fmt.Printf("last %d widest gap %d\n", found.last, found.widestGap)
	fmt.Printf("seconds %.6f\n", seconds)
}
