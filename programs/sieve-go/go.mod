module sieve-go

go 1.18
