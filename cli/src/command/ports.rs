//! `roadworthy ports`.

use super::check::follow_job;
use crate::{
    exit::{Exit, Stop},
    out::{Cell, Out, Tone, cell},
    session::{Place, Session},
};
use roadworthy_api::{
    calls::{ListPorts, ScanPorts},
    check::Outcome,
    port::{PortInfo, PortKind},
};

pub(crate) fn run(place: &Place, out: &mut Out, scan: bool) -> Result<Exit, Stop> {
    let session = Session::open(place)?;
    let mut skipped = Vec::new();
    if scan {
        let job = session.runtime.block_on(follow_job(&session, ScanPorts {}, "Looking for adapters"))?;
        let answers = job.steps.into_iter().flat_map(|step| step.answers);
        skipped.extend(answers.filter_map(|a| match a.outcome {
            Outcome::NotAsked { reason } => Some(reason),
            _ => None,
        }));
    }
    let ports = session.call(ListPorts {})?;
    if out.json {
        out.object(&ports)?;
        return Ok(Exit::Good);
    }
    let rows: Vec<_> = ports.iter().map(row).collect();
    out.table(&rows)?;
    if ports.iter().all(|p| matches!(p.kind, PortKind::Simulated | PortKind::Replay)) {
        out.line("\nNo adapter is plugged in or paired. Plug it into the vehicle's connector and, if it has a cable, into this computer; pair a Bluetooth one in the system's settings first.")?;
    }
    for reason in skipped {
        out.line(&format!("\n{reason}"))?;
    }
    if !scan {
        out.line("\nA Wi-Fi or Bluetooth LE adapter is found with --scan, or written as tcp://HOST:PORT (often tcp://192.168.0.10:35000) or ble:ADDRESS.")?;
    }
    Ok(Exit::Good)
}

fn row(info: &PortInfo) -> Vec<Cell> {
    let name = if info.detail.is_empty() { info.name.clone() } else { format!("{} ({})", info.name, info.detail) };
    let (tone, words) = match (&info.problem, &info.likely) {
        (Some(problem), _) => (Tone::Watch, problem.to_string()),
        (None, Some(likely)) => (Tone::Plain, format!("Likely an adapter. {likely}")),
        (None, None) => (Tone::Plain, String::new()),
    };
    let port = if info.port.is_empty() { "-" } else { &info.port };
    vec![cell(Tone::Strong, port), cell(Tone::Plain, name), cell(tone, words)]
}
