//! Benchmarks: each figure beside its aim and, where there is one, a baseline of the same run. See README.md in this folder.
#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a benchmark prints, and stops at the first thing that is wrong"
)]

mod decode;
mod desktop;
mod display;
mod fleet;
mod latency;
mod size;
mod speed;
mod telemetry;

const ALL: [&str; 12] = [
    "decode",
    "speed",
    "fleet",
    "ingest",
    "import",
    "recording",
    "storage",
    "year",
    "latency",
    "wasm",
    "start",
    "memory",
];

fn main() {
    let mut chosen: Vec<String> = std::env::args().skip(1).collect();
    if let Some(unknown) = chosen.iter().find(|c| !ALL.contains(&c.as_str())) {
        println!("no benchmark {unknown}; there are: {}", ALL.join(", "));
        std::process::exit(2);
    }
    if chosen.is_empty() {
        chosen = ALL.map(str::to_owned).into();
    }
    for name in chosen {
        match name.as_str() {
            "decode" => decode::run(),
            "speed" => speed::run(),
            "fleet" => fleet::run(),
            "ingest" => telemetry::ingest::run(),
            "import" => telemetry::import::run(),
            "recording" => telemetry::recording::run(),
            "storage" => telemetry::storage::run(),
            "year" => telemetry::year::run(),
            "latency" => latency::run(),
            "wasm" => size::run(),
            "start" => desktop::start(),
            _ => desktop::memory(),
        }
    }
}

/// The value below which so much of all lies; sorts them.
fn quantile(values: &mut [f64], part: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    let place = (values.len() as f64 * part).ceil() as usize;
    values[place.saturating_sub(1).min(values.len() - 1)]
}

/// One line of the result.
fn report(what: &str, figure: &str, aim: &str, held: bool, baseline: &str) {
    println!("{what:<64} {figure:>18}   aim {aim:<14} {}   {baseline}", if held { "held  " } else { "MISSED" });
}
