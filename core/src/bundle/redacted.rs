//! What a redacted bundle holds in place of what is stored.

use super::{Visit, kept_back};
use crate::redecode::{differences, nothing_differs, redecode};
use roadworthy_api::{Code, Error, Result, check::CheckReport};
use roadworthy_obd::{link::Port, redact::Redactor, traffic::Traffic};

/// Requests that ask which vehicle or ECU it is: what could not be used of their answers may hold a part of that.
const PERSONAL: [&str; 6] = ["0902", "090D", "22F190", "22F18C", "22F802", "22F80D"];
/// In place of what came then.
const WITHHELD: &str = "XX";

/// Check and traffic without VINs and serial numbers, and what those are.
pub(super) fn redacted(visit: &Visit) -> Result<(CheckReport, String, Vec<String>)> {
    let traffic = Traffic::parse(&visit.traffic)?;
    let known = visit.vins.iter().chain(&visit.shown.vin).map(String::as_str);
    let mut redactor = Redactor::new(known);
    let clean = redactor.traffic(&traffic);
    if !redactor.leaks(&clean).is_empty() {
        return Err(kept_back());
    }
    let clean = clean.to_text();
    let check = check(visit, &redactor, &clean)?;
    Ok((check, clean, redactor.secrets().map(str::to_owned).collect()))
}

/// The check as it is shown. Where today's decoder reads the traffic as it is shown, it is read out of the redacted traffic,
/// so that both agree to the last byte; else it is the stored one with stand-ins written over.
fn check(visit: &Visit, redactor: &Redactor, clean: &str) -> Result<CheckReport> {
    let shown = &visit.shown;
    let today = redecode(shown, &visit.traffic);
    let mut check = match today {
        Ok(today) if nothing_differs(&differences(shown, &today)) => {
            CheckReport { decoder: shown.decoder, ..redecode(shown, clean)? }
        }
        _ => written_over(shown, redactor)?,
    };
    check.port = place(&shown.port);
    check.adapter.passport = None;
    Ok(check)
}

fn written_over(shown: &CheckReport, redactor: &Redactor) -> Result<CheckReport> {
    let mut shown = shown.clone();
    for rejected in &mut shown.rejected {
        if PERSONAL.contains(&rejected.request.as_str()) {
            rejected.raw = WITHHELD.into();
        }
    }
    for information in &mut shown.raw_information {
        if PERSONAL.contains(&information.request.as_str()) {
            information.raw = WITHHELD.into();
        }
    }
    let text = serde_json::to_string(&shown).map(|text| redactor.text(&text));
    text.and_then(|text| serde_json::from_str(&text)).map_err(|e| {
        Error::new(Code::Internal, format!("The check cannot be redacted: {e}.")).hint("Send the log with a report.")
    })
}

/// The kind of port, without the address of an adapter, the name of a host or a path.
fn place(port: &str) -> String {
    let simulated = port.starts_with("sim:");
    match port.parse() {
        Ok(_) if simulated => port.to_owned(),
        Ok(Port::Serial(_)) => "serial".into(),
        Ok(_) => port.split(':').next().map_or_else(String::new, |scheme| format!("{scheme}:")),
        Err(_) => String::new(),
    }
}

/// Whether any of the secrets stands in a file, as it is or in hex.
pub(super) fn holds(bytes: &[u8], secrets: &[String]) -> bool {
    let text = String::from_utf8_lossy(bytes).to_ascii_uppercase();
    secrets.iter().any(|secret| {
        let hex = roadworthy_obd::line::hex(secret.as_bytes());
        text.contains(secret.as_str()) || text.contains(&hex)
    })
}
