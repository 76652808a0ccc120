//! What it is fit for, and what it cannot do, in words.

use crate::adapter::passport::commands;
use roadworthy_api::adapter::{CountDigit, Fitness, Passport, Proof, Purpose};

/// Milliseconds for one of its own commands above which live values come too late to be worth showing.
const SLOW: f64 = 400.0;

/// `filtered`: senders are told apart by a filter, so that nothing is lost where they are not printed.
pub(super) fn fit(p: &Passport, filtered: bool) -> Vec<Fitness> {
    Purpose::ALL.map(|purpose| Fitness { purpose, fit: of(p, purpose, filtered) }).into()
}

fn of(p: &Passport, purpose: Purpose, filtered: bool) -> Proof {
    let headers = if filtered { Proof::Yes } else { p.headers.clone() };
    match purpose {
        Purpose::LiveData => all(&[(&headers, ""), (&quick(p), "")]),
        Purpose::Codes => all(&[
            (&headers, ""),
            (&on_can(p, &p.long_reply), "A list of more than two codes comes in several frames."),
        ]),
        Purpose::Service06 => all(&[
            (&headers, ""),
            (&on_can(p, &p.long_reply), "Test results come in several frames."),
            (&on_can(p, &p.buffer), "Test results are long."),
        ]),
        Purpose::IsoTp => all(&[(&headers, ""), (&p.flow_control, ""), (&p.long_reply, "")]),
        Purpose::Uds => all(&[
            (&p.headers, ""),
            (&p.request_of_3, "UDS asks with three bytes and more."),
            (&p.request_of_7, "UDS asks with up to seven bytes in one frame."),
            (&p.flow_control, ""),
            (&p.long_reply, "Most answers come in several frames."),
        ]),
    }
}

/// A no outweighs what could not be told, which outweighs a yes. Behind each proof: why it matters.
fn all(proofs: &[(&Proof, &str)]) -> Proof {
    let said = |why: &str, matters: &str| format!("{why} {matters}").trim().to_owned();
    let mut verdict = Proof::Yes;
    for (proof, matters) in proofs {
        match (proof, &verdict) {
            (Proof::No { why }, _) => return Proof::No { why: said(why, matters) },
            (Proof::Unknown { why }, Proof::Yes) => verdict = Proof::Unknown { why: said(why, matters) },
            _ => {}
        }
    }
    verdict
}

/// What only a CAN bus can show or need: where it was tried on another, nothing speaks against it there.
fn on_can(p: &Passport, proof: &Proof) -> Proof {
    match (&p.tried_on, proof) {
        (Some(tried), Proof::Unknown { .. }) if !tried.protocol.contains("CAN") => Proof::Yes,
        _ => proof.clone(),
    }
}

fn quick(p: &Passport) -> Proof {
    match p.latency_ms {
        Some(ms) if ms > SLOW => Proof::No { why: format!("It takes {ms:.0} ms for one of its own commands.") },
        Some(_) => Proof::Yes,
        None => Proof::Unknown { why: "It answered none of its own commands in time.".into() },
    }
}

pub(super) fn cannot(p: &Passport) -> Vec<String> {
    let proofs = [&p.headers, &p.request_of_3, &p.request_of_7, &p.flow_control, &p.long_reply, &p.buffer];
    let mut said: Vec<String> = proofs
        .into_iter()
        .filter_map(|proof| if let Proof::No { why } = proof { Some(why.clone()) } else { None })
        .collect();
    if p.count_digit == CountDigit::TakenAsData {
        said.push(
            "It sends a count of awaited frames to the vehicle, so every request waits for its full time.".into(),
        );
    }
    let lacking = commands::PROBED.iter().filter(|own| {
        !own.lack.is_empty() && p.commands.iter().any(|c| c.command == own.text && c.understood == Some(false))
    });
    said.extend(lacking.map(|own| format!("{} ({} is not understood.)", own.lack, own.text)));
    said
}
