//! Does any text make the line parser panic, hang or take what is not there?
//!
//! Mutated lines, the same in every run. FUZZ_EXECUTIONS says how many; the fuzzer with coverage is in `fuzz/`.

use metrics_bridge::line::{Line, MAX_NAME_BYTES, MAX_TAGS, parse};

const SEEDS: &[&[u8]] = &[
    b"shop.cart:1.5:-2:3e2|ms|@0.25|#env:prod,flag,url:http://x:80,,|c:ci-1f|T1656581400|e:it-1|card:low",
    b"_e{6,5}:title|te|xt|t:error|p:low|#a:b|k:agg",
    b"_sc|db.up|2|d:1|h:host|#a:b|m:no|connection",
    b"users:a:b|s",
    b"g:+5|g",
    b"a:1|c",
];
const PIECES: &[&[u8]] = &[
    b":",
    b"|",
    b"#",
    b"@",
    b",",
    b"c",
    b"g",
    b"ms",
    b"h",
    b"d",
    b"s",
    b"T",
    b"c:",
    b"_e{",
    b"}:",
    b"_sc|",
    b"0",
    b"1e308",
    b"-",
    b"+",
    b".",
    b"nan",
    b"inf",
    b"18446744073709551616",
    b"\xc3\xa9",
    b"\xff",
    b"\n",
    b"|@0.1",
    b"|#a:b",
    b"",
];

/// xorshift64*: good enough to pick with, and the same everywhere.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % end
    }
}

fn mutate(line: &mut Vec<u8>, random: &mut Random) {
    for _ in 0..=random.below(4) {
        let at = random.below(line.len() + 1);
        match random.below(5) {
            0 => line.truncate(at),
            1 if at < line.len() => line[at] = random.below(256) as u8,
            2 if at < line.len() => drop(line.remove(at)),
            3 => drop(line.splice(at..at, SEEDS[random.below(SEEDS.len())].iter().copied()).count()),
            _ => drop(line.splice(at..at, PIECES[random.below(PIECES.len())].iter().copied()).count()),
        }
    }
}

fn check(line: &[u8]) -> bool {
    match parse(line) {
        Ok(Line::Sample(sample)) => {
            assert!(!sample.name.is_empty() && sample.name.len() <= MAX_NAME_BYTES);
            assert!(sample.values.iter().all(|value| value.number.is_finite()));
            assert!(sample.values.iter().next().is_some());
            assert!(sample.rate > 0.0 && sample.rate <= 1.0);
            assert!(sample.tags.iter().count() <= MAX_TAGS);
            true
        }
        Ok(Line::Event(event)) => {
            assert!(!event.title.is_empty() && event.tags.iter().count() <= MAX_TAGS);
            true
        }
        Ok(Line::ServiceCheck(check)) => {
            assert!(!check.name.is_empty() && check.name.len() <= MAX_NAME_BYTES);
            assert!(check.tags.iter().count() <= MAX_TAGS);
            true
        }
        Err(error) => {
            assert!(error.at <= line.len());
            false
        }
    }
}

#[test]
fn mutated_lines_are_read_or_refused() {
    let executions = std::env::var("FUZZ_EXECUTIONS").ok().map_or(100_000, |text| text.parse().unwrap());
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let mut read = 0_u64;
    for _ in 0..executions {
        let mut line = SEEDS[random.below(SEEDS.len())].to_vec();
        mutate(&mut line, &mut random);
        read += u64::from(check(&line));
    }
    // Neither all are refused nor all are read: the mutations hit.
    assert!(read > executions / 20 && read < executions, "{read} of {executions}");
}
