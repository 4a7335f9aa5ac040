//! Primes up to a limit, sieved in segments that fit into a cache.

use std::process::ExitCode;
use std::time::Instant;

const SEGMENT: usize = 1 << 15;

/// The primes below `limit` by a plain sieve, to strike out with.
fn small_primes(limit: usize) -> Vec<usize> {
    let mut composite = vec![false; limit];
    let mut primes = Vec::new();
    for number in 2..limit {
        if !composite[number] {
            primes.push(number);
            (number * number..limit).step_by(number).for_each(|n| composite[n] = true);
        }
    }
    primes
}

fn square_root(number: usize) -> usize {
    let mut root = (number as f64).sqrt() as usize;
    while root * root > number {
        root -= 1;
    }
    while (root + 1) * (root + 1) <= number {
        root += 1;
    }
    root
}

/// What is said of the primes found so far.
#[derive(Default)]
struct Found {
    count: usize,
    sum: u64,
    last: usize,
    widest_gap: usize,
}

impl Found {
    fn add(&mut self, prime: usize) {
        if self.count > 0 {
            self.widest_gap = self.widest_gap.max(prime - self.last);
        }
        self.count += 1;
        self.sum += prime as u64;
        self.last = prime;
    }
}

fn sieve(limit: usize) -> Found {
    let strikers = small_primes(square_root(limit) + 1);
    let mut found = Found::default();
    let mut composite = vec![false; SEGMENT];
    for start in (0..=limit).step_by(SEGMENT) {
        let end = (start + SEGMENT).min(limit + 1);
        composite.fill(false);
        for &prime in &strikers {
            let first = (start + prime - 1) / prime * prime;
            let mut multiple = first.max(prime * prime);
            while multiple < end {
                composite[multiple - start] = true;
                multiple += prime;
            }
        }
        (start.max(2)..end).filter(|number| !composite[number - start]).for_each(|n| found.add(n));
    }
    found
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().collect();
    let limit = match arguments.as_slice() {
        [_, text] => text.parse::<usize>().ok().filter(|&n| (2..=1 << 40).contains(&n)),
        _ => None,
    };
    let Some(limit) = limit else {
        eprintln!("usage: {} LIMIT", arguments.first().map_or("sieve-rust", String::as_str));
        return ExitCode::from(2);
    };
    let begun = Instant::now();
    let found = sieve(limit);
    let seconds = begun.elapsed().as_secs_f64();
    println!("primes {} sum {}", found.count, found.sum);
    println!("last {} widest gap {}", found.last, found.widest_gap);
    println!("seconds {seconds:.6}");
    ExitCode::SUCCESS
}
