//! Evidence bundles: one visit as a ZIP that anybody can check without this program's database.
//!
//! The usual case: [`make`] from what is stored of a visit, [`verify()`] for what somebody was given. Both are pure: the same
//! visit gives the same bytes, and nothing in them says when or by whom the bundle was made.
//!
//! # What is in it
//! | file | what |
//! |---|---|
//! | `README.txt` | what the rest is and how to check it, in plain words |
//! | `manifest.json` | versions, which visit, and the event that the journal holds of it: [`Manifest`] |
//! | `traffic.txt` | the bytes between this machine and the adapter (see [`roadworthy_obd::traffic`]) |
//! | `traffic.log` | the same as a log of `candump`, where the vehicle was read over CAN |
//! | `check.json` | what the visit shows: [`roadworthy_api::check::CheckReport`] |
//! | `codes.json` | what the catalogue of this version says of its codes |
//! | `redecoded.json` | what today's decoder reads in the traffic, beside that: [`Redecoded`] |
//! | `SHA256SUMS` | the SHA-256 of each of them, as `sha256sum -c` reads it |
//!
//! A redacted bundle, the usual one, holds stand-ins for VINs and serial numbers throughout; no bundle names people or plates.

pub(crate) mod pack;
mod readme;
mod redacted;
mod verify;

pub use verify::{Problem, Verified, verify};

use crate::redecode::{differences, nothing_differs, redecode};
use pack::Entry;
use roadworthy_api::{
    Code, Error, Result,
    check::CheckReport,
    fault::CodeMeaning,
    id::{DeviceId, EventId, VisitId},
    visit::DecodedRow,
};
use roadworthy_obd::{decode::DECODER, line, traffic::Traffic};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// What [`Manifest::format`] says.
const FORMAT: &str = "roadworthy-bundle 1";

const README: &str = "README.txt";
const MANIFEST: &str = "manifest.json";
const TRAFFIC: &str = "traffic.txt";
const FRAMES: &str = "traffic.log";
const CHECK: &str = "check.json";
const CODES: &str = "codes.json";
const REDECODED: &str = "redecoded.json";
const SUMS: &str = "SHA256SUMS";

/// Media type of a bundle.
pub const MEDIA: &str = "application/zip";

/// The largest bundle that is read, in bytes.
pub const LONGEST: u64 = pack::LONGEST;

/// A visit as it is stored.
#[derive(Clone, Debug)]
pub struct Visit {
    /// Which.
    pub id: VisitId,
    /// The event that holds its check.
    pub event: EventHash,
    /// What it shows.
    pub shown: CheckReport,
    /// Its traffic, as stored.
    pub traffic: String,
    /// What the catalogue says of its codes.
    pub meanings: Vec<CodeMeaning>,
    /// VINs that are known of the vehicle, beside those that it gave itself.
    pub vins: Vec<String>,
}

/// Where in which device's journal an event stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventHash {
    /// Its id.
    pub id: EventId,
    /// Whose chain.
    pub device: DeviceId,
    /// Place in that chain, from 1.
    pub seq: u64,
    /// BLAKE3 of the event and the chain before it, in hex.
    pub hash: String,
}

/// `manifest.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// `roadworthy-bundle 1`.
    pub format: String,
    /// Whether VINs and serial numbers were replaced.
    pub redacted: bool,
    /// Version of the program that made the bundle.
    pub program: String,
    /// Version of the decoder that made `redecoded.json`.
    pub decoder: u32,
    /// Titles in the catalogue of codes of that version.
    pub titles: u32,
    /// The visit.
    pub visit: VisitId,
    /// The event that holds the visit's check.
    pub event: EventHash,
    /// BLAKE3 of the traffic, as the journal names it; absent where it was replaced in part.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub traffic: Option<String>,
}

/// `redecoded.json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Redecoded {
    /// Version of the decoder that made `check.json`.
    pub shown: u32,
    /// Version of the decoder that read the traffic anew.
    pub decoder: u32,
    /// Whether both read the same.
    pub same: bool,
    /// Everything that either has.
    #[serde(default)]
    pub rows: Vec<DecodedRow>,
    /// Why the traffic could not be read anew.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<Error>,
}

/// Packs a visit. With `full`, VINs and serial numbers stay in it.
///
/// # Errors
/// [`Code::Malformed`] where the stored traffic is none; [`Code::Internal`] where a secret could not be taken out, so that
/// nothing is given away.
pub fn make(visit: &Visit, full: bool) -> Result<Vec<u8>> {
    let (check, traffic, secrets) =
        if full { (visit.shown.clone(), visit.traffic.clone(), Vec::new()) } else { redacted::redacted(visit)? };
    let manifest = Manifest {
        format: FORMAT.into(),
        redacted: !full,
        program: env!("CARGO_PKG_VERSION").into(),
        decoder: DECODER,
        titles: roadworthy_obd::dtc::counts().iter().map(|count| count.titled).sum(),
        visit: visit.id,
        event: visit.event.clone(),
        // Whoever knows the rest of it could find a VIN by its hash.
        traffic: full.then(|| crate::files::hash(visit.traffic.as_bytes())),
    };
    let mut entries = vec![
        Entry::new(README, readme::text(&manifest, &check).into_bytes()),
        Entry::new(MANIFEST, json(&manifest)?),
        Entry::new(TRAFFIC, traffic.clone().into_bytes()),
        Entry::new(CHECK, json(&check)?),
        Entry::new(CODES, json(&visit.meanings)?),
        Entry::new(REDECODED, json(&redecoded(&check, &traffic))?),
    ];
    // An older bus has no such form.
    if let Ok(log) = line::candump(&Traffic::parse(&traffic)?) {
        entries.push(Entry::new(FRAMES, log.into_bytes()));
    }
    entries.sort_by(|a, b| a.name.cmp(&b.name));
    let sums = entries.iter().map(|entry| format!("{}  {}\n", sha256(&entry.bytes), entry.name)).collect::<String>();
    entries.push(Entry::new(SUMS, sums.into_bytes()));
    if entries.iter().any(|entry| redacted::holds(&entry.bytes, &secrets)) {
        return Err(kept_back());
    }
    pack::write(&entries)
}

/// What today's decoder makes of a bundle's traffic.
fn redecoded(check: &CheckReport, traffic: &str) -> Redecoded {
    let (shown, decoder) = (check.decoder, DECODER);
    match redecode(check, traffic) {
        Ok(today) => {
            let rows = differences(check, &today);
            Redecoded { shown, decoder, same: nothing_differs(&rows), rows, error: None }
        }
        Err(error) => Redecoded { shown, decoder, same: false, rows: Vec::new(), error: Some(error) },
    }
}

fn json(value: &impl Serialize) -> Result<Vec<u8>> {
    let mut bytes = serde_json::to_vec_pretty(value).map_err(|e| {
        Error::new(Code::Internal, format!("The bundle cannot be written: {e}.")).hint("Send the log with a report.")
    })?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// SHA-256 in lower-case hex, as `sha256sum` prints it.
pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn kept_back() -> Error {
    Error::new(Code::Internal, "A VIN or a serial number could not be taken out, so no bundle was made.")
        .hint("Send the log with a report, or make a full bundle for somebody who may know the VIN.")
}

#[cfg(test)]
mod tests;
