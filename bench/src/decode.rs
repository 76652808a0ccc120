//! Decoder throughput on one core.

use roadworthy_obd::decode::{Context, decode};
use std::{
    hint::black_box,
    time::{Duration, Instant},
};

/// Replies of service 01 as a drive produces them: numbers, a flag, several parameters at once.
const REPLIES: [&str; 10] = [
    "410C1AF8",
    "410D3C",
    "410552",
    "41112E",
    "41049C",
    "410F41",
    "41100A3C",
    "410B63",
    "41068041",
    "410C1AF80D3C0552",
];

fn bytes(hex: &str) -> Vec<u8> {
    hex.as_bytes().chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

/// Calls a second of `work` over all replies, for about a second.
fn rate(mut work: impl FnMut(usize)) -> f64 {
    let begin = Instant::now();
    let mut done = 0u64;
    while begin.elapsed() < Duration::from_secs(1) {
        for i in 0..10_000 {
            work(i % REPLIES.len());
        }
        done += 10_000;
    }
    done as f64 / begin.elapsed().as_secs_f64()
}

pub(crate) fn run() {
    let payloads: Vec<Vec<u8>> = REPLIES.iter().map(|r| bytes(r)).collect();
    for (reply, payload) in REPLIES.iter().zip(&payloads) {
        let decoded = decode(payload, Context::default()).unwrap_or_else(|e| panic!("{reply}: {e}"));
        assert!(!decoded.items().is_empty(), "{reply} holds a value");
    }
    // Three alternating runs; the worst counts.
    let mut worst = (f64::INFINITY, 0.0);
    for _ in 0..3 {
        let ours = rate(|i| drop(black_box(decode(black_box(&payloads[i]), Context::default()))));
        let baseline = rate(|i| drop(black_box(bytes(black_box(REPLIES[i])))));
        if ours < worst.0 {
            worst = (ours, baseline);
        }
    }
    let (ours, baseline) = worst;
    super::report(
        "decode, payloads a second on one core",
        &format!("{:.2} M/s", ours / 1e6),
        ">= 2 M/s",
        ours >= 2e6,
        &format!("splitting the hex text alone: {:.2} M/s, ratio {:.2}", baseline / 1e6, ours / baseline),
    );
}
