//! From what an adapter did to what it is: the proofs, what it cannot do, and what it is fit for.

mod bus;
mod fit;

use super::{Evidence, commands};
use roadworthy_api::{
    Timestamp,
    adapter::{CommandTest, Passport, Stn},
};

/// Characters from which an answer says something of speed and buffer: a first answer holds less.
const LONG: u32 = 100;
/// What was never released (Elm Electronics went from 1.4b to 2.0), and stands in the memory of most copies.
const NEVER_MADE: [&str; 2] = ["1.5", "1.5a"];

/// Judges what was tried. `measured`: when.
pub fn judge(evidence: &Evidence, measured: Timestamp) -> Passport {
    let proofs = bus::proofs(evidence);
    let latency_ms = latency(evidence);
    let describes = evidence.said(commands::DESCRIBE).filter(|_| evidence.understood(commands::DESCRIBE) == Some(true));
    let stn = stn(evidence);
    let mut passport = Passport {
        measured,
        claims: evidence.claims.clone(),
        describes: describes.map(|lines| lines.join(" ")).unwrap_or_default(),
        reset: evidence.reset,
        latency_ms,
        throughput: throughput(evidence, latency_ms),
        longest: longest(evidence),
        voltage: evidence.voltage,
        headers: proofs.headers,
        request_of_3: proofs.request_of_3,
        request_of_7: proofs.request_of_7,
        long_reply: proofs.long_reply,
        flow_control: proofs.flow_control,
        buffer: bus::buffer(evidence, longest(evidence), LONG),
        count_digit: proofs.count_digit,
        commands: commands(evidence, stn.is_some()),
        counterfeit: None,
        cannot: Vec::new(),
        fit: Vec::new(),
        tried_on: proofs.tried_on,
        stn,
    };
    passport.counterfeit = counterfeit(&passport);
    passport.cannot = fit::cannot(&passport);
    passport.fit = fit::fit(&passport, evidence.filtered);
    passport
}

fn stn(evidence: &Evidence) -> Option<Stn> {
    let word = |command| {
        let lines = evidence.said(command).filter(|_| evidence.understood(command) == Some(true))?;
        lines.first().cloned()
    };
    // A clone that echoes or accepts everything is no STN.
    let chip = word(commands::STN).filter(|line| line.contains("STN") || line.contains(" V"))?;
    let [device, maker, serial] = commands::STN_MORE.map(word);
    Some(Stn { chip, device, maker, serial })
}

fn commands(evidence: &Evidence, stn: bool) -> Vec<CommandTest> {
    let own = commands::PROBED.iter().map(|own| CommandTest {
        command: own.text.into(),
        label: own.label.into(),
        since: own.since.into(),
        understood: evidence.understood(own.text),
    });
    let stn = stn.then(|| CommandTest {
        command: commands::STN.into(),
        label: "its chip and firmware".into(),
        since: "STN".into(),
        understood: Some(true),
    });
    own.chain(stn).collect()
}

/// Median of the short answers: one that was slow for once says nothing.
fn latency(evidence: &Evidence) -> Option<f64> {
    let mut times: Vec<f64> =
        evidence.own.iter().filter(|t| t.lines.is_some() && t.characters < 40).map(|t| t.ms).collect();
    times.sort_by(f64::total_cmp);
    times.get(times.len() / 2).copied()
}

fn throughput(evidence: &Evidence, latency: Option<f64>) -> Option<f64> {
    let long =
        evidence.own.iter().filter(|t| t.lines.is_some() && t.characters >= 2 * LONG).max_by_key(|t| t.characters)?;
    let ms = long.ms - latency?;
    (ms >= 1.0).then(|| f64::from(long.characters) * 1000.0 / ms)
}

/// The longest answer that came whole.
fn longest(evidence: &Evidence) -> Option<u32> {
    let own = evidence.own.iter().filter(|t| t.lines.is_some()).map(|t| t.characters);
    let bus = evidence.bus.iter().flat_map(|bus| &bus.asked);
    own.chain(bus.filter(|a| a.lines.is_some() && !a.spoilt()).map(|a| a.characters)).max()
}

/// The version in a name such as `ELM327 v1.4b`.
fn version(claims: &str) -> Option<String> {
    let lower = claims.to_ascii_lowercase();
    let (_, rest) = lower.split_once("elm327")?;
    let rest = rest.trim_start_matches([' ', 'v']);
    let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '.')).unwrap_or(rest.len());
    let version = rest.get(..end)?;
    version.starts_with(|c: char| c.is_ascii_digit()).then(|| version.to_owned())
}

fn counterfeit(passport: &Passport) -> Option<String> {
    let claimed = version(&passport.claims)?;
    // Of the same form (`1.4b`), so the order of the letters is that of the versions.
    let missing: Vec<&CommandTest> = passport
        .commands
        .iter()
        .filter(|c| c.understood == Some(false) && c.since != "STN" && c.since.as_str() <= claimed.as_str())
        .collect();
    let said = format!("It says that it is an ELM327 v{claimed}");
    match missing.as_slice() {
        [] if NEVER_MADE.contains(&claimed.as_str()) => Some(format!("{said}, a version that was never made.")),
        [] => None,
        [one] => Some(format!("{said}, and does not understand {}, which came with v{}.", one.command, one.since)),
        several => {
            let oldest = several.iter().map(|c| c.since.as_str()).min().unwrap_or_default();
            Some(format!(
                "{said}, and does not understand {} commands that such a chip knows, the oldest of them from v{oldest}: {}.",
                several.len(),
                several.iter().map(|c| c.command.as_str()).collect::<Vec<_>>().join(", ")
            ))
        }
    }
}

#[cfg(test)]
mod tests;
