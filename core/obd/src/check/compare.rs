//! Two checks of the same vehicle held against each other: what the second found of the first, and what it has otherwise.
//! Pure.
//!
//! Meant for a vehicle at rest whose values do not move, read once through an adapter that does as the data sheet says and
//! once through another one.

use roadworthy_api::check::{CheckReport, Outcome};
use std::collections::BTreeSet;

/// What one check found of what another one found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Compared {
    /// By what was looked for.
    pub parts: Vec<Found>,
    /// What it says that the other one does not: each a wrong word about the vehicle.
    pub wrong: Vec<String>,
}

/// How much was found of one part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// `ecus`, `vin`, `information`, `readiness`, `codes`, `freeze-frames` or `values`.
    pub part: &'static str,
    /// Things that the other check found.
    pub of: usize,
    /// Of these, how many this one found.
    pub found: usize,
}

/// Holds `report` against `truth`.
pub fn compare(truth: &CheckReport, report: &CheckReport) -> Compared {
    let (whole, part) = (things(truth), things(report));
    let mut compared = Compared::default();
    for ((name, of), (_, found)) in whole.iter().zip(&part) {
        compared.parts.push(Found { part: name, of: of.len(), found: found.intersection(of).count() });
        compared.wrong.extend(found.difference(of).map(|thing| format!("{name}: {thing}")));
    }
    if let (Some(a), Some(b)) = (&truth.protocol, &report.protocol)
        && a != b
    {
        compared.wrong.push(format!("protocol: {}", b.id));
    }
    compared.wrong.extend(wrongly_complete(truth, report));
    compared
}

/// Everything that a check says of a vehicle, by part, each thing in words that are the same for the same thing.
fn things(report: &CheckReport) -> [(&'static str, BTreeSet<String>); 7] {
    let information = report.ecus.iter().flat_map(|e| {
        let name = e.named_itself.then(|| format!("{} is {}", e.id, e.name));
        let kept = e.calibrations.iter().chain(&e.cvns).map(|text| format!("{} holds {text}", e.id));
        name.into_iter().chain(kept).collect::<Vec<_>>()
    });
    let supported = report.ecus.iter().flat_map(|e| {
        let pids = e.supported.iter().map(|pid| format!("{} supports {pid}", e.id));
        std::iter::once(e.id.clone()).chain(pids).collect::<Vec<_>>()
    });
    let frames = report.freeze_frames.iter().flat_map(|f| {
        let head = format!("{} frame {} of {}", f.ecu, f.frame, f.cause);
        let items = f.items.iter().map(|i| format!("{head}: {} {:?} {:?}", i.pid, i.name, i.value));
        std::iter::once(head.clone()).chain(items).collect::<Vec<_>>()
    });
    // Not by the reply's bytes: the same value may have come with others in one reply.
    let values =
        report.snapshot.iter().map(|r| format!("{} {} {:?} {:?}", r.ecu, r.item.pid, r.item.name, r.item.value));
    [
        ("ecus", supported.collect()),
        ("vin", report.vin.iter().cloned().collect()),
        ("information", information.collect()),
        ("readiness", report.readiness.iter().map(|r| format!("{r:?}")).collect()),
        ("codes", report.codes.iter().map(|c| format!("{} {} {:?}", c.ecu, c.code, c.class)).collect()),
        ("freeze-frames", frames.collect()),
        ("values", values.collect()),
    ]
}

/// A list of codes that is called complete and is not: "no codes" where there are some is as wrong as a made-up one.
fn wrongly_complete(truth: &CheckReport, report: &CheckReport) -> Vec<String> {
    let complete = |c: &&roadworthy_api::check::Coverage| {
        c.outcome == Outcome::Answered && ["03", "07", "0A"].contains(&&*c.request)
    };
    let mut wrong = Vec::new();
    for row in report.coverage.iter().filter(complete) {
        let class = match &*row.request {
            "03" => roadworthy_api::check::CodeClass::Stored,
            "07" => roadworthy_api::check::CodeClass::Pending,
            _ => roadworthy_api::check::CodeClass::Permanent,
        };
        let of = |r: &CheckReport| {
            let own = r.codes.iter().filter(|c| c.class == class && Some(&c.ecu) == row.ecu.as_ref());
            own.map(|c| c.code.clone()).collect::<BTreeSet<_>>()
        };
        if of(truth).difference(&of(report)).next().is_some() {
            wrong.push(format!("codes: {} of {} called complete", row.request, row.ecu.as_deref().unwrap_or("nobody")));
        }
    }
    wrong
}
