//! Checking a bundle that somebody was given: its hashes, and its traffic read anew.
//!
//! Nothing in it is believed: it may have been made, or changed, by anybody.

use super::{
    CHECK, CODES, FORMAT, FRAMES, MANIFEST, Manifest, README, REDECODED, Redecoded, SUMS, TRAFFIC,
    pack::{self, Entry},
    redecoded, sha256,
};
use roadworthy_api::{
    Code, Error, Result,
    check::CheckReport,
    visit::{DecodedChange, DecodedRow},
};
use roadworthy_obd::{decode::DECODER, line, traffic::Traffic};
use serde::{Serialize, de::DeserializeOwned};
use std::collections::BTreeMap;

/// What a check of a bundle found.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Verified {
    /// SHA-256 of the whole file, to be compared with what its maker says of it.
    pub sha256: String,
    /// What the bundle says of itself.
    pub manifest: Manifest,
    /// What does not agree; empty where all does.
    pub problems: Vec<Problem>,
    /// Files whose hash was found right.
    pub files: u32,
    /// Version of the decoder that made what the bundle shows.
    pub shown: u32,
    /// Version of today's.
    pub decoder: u32,
    /// What today's decoder reads otherwise in the traffic. Of a newer decoder that is progress and no damage.
    pub differing: Vec<DecodedRow>,
    /// Things that read as they are shown.
    pub same: u32,
}

/// Something that does not agree.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// In which file.
    pub file: String,
    /// In a sentence.
    pub what: String,
}

/// Checks a bundle.
///
/// # Errors
/// [`Code::Malformed`] for what is no bundle, or lacks what every bundle has; [`Code::Invalid`] for one in a form of a later
/// version. What is merely wrong in a bundle is among the problems.
pub fn verify(bytes: &[u8]) -> Result<Verified> {
    let entries = pack::read(bytes)?;
    let manifest: Manifest = json(&entries, MANIFEST)?;
    if manifest.format != FORMAT {
        return Err(Error::new(Code::Invalid, format!("This bundle is in the form {:?}.", manifest.format))
            .hint("Check it with the version of Roadworthy that made it, or a newer one."));
    }
    let mut problems = Vec::new();
    let files = hashes(&entries, &mut problems)?;
    let mut wrong = |file: &str, what: &str| problems.push(Problem { file: file.into(), what: what.into() });
    for name in [README, CODES] {
        if find(&entries, name).is_none() {
            wrong(name, "It is missing.");
        }
    }
    let check: CheckReport = json(&entries, CHECK)?;
    let told: Redecoded = json(&entries, REDECODED)?;
    let text = String::from_utf8(needed(&entries, TRAFFIC)?.to_vec())
        .map_err(|_| malformed(&format!("{TRAFFIC} is no text")))?;
    let traffic = Traffic::parse(&text).map_err(|e| malformed(&format!("{TRAFFIC}: {e}")))?;
    let log = find(&entries, FRAMES);
    match (line::candump(&traffic).ok(), log) {
        (Some(ours), Some(log)) if ours.as_bytes() != log => wrong(FRAMES, "It is not what traffic.txt gives."),
        (Some(_), None) => wrong(FRAMES, "It is missing, although the vehicle was read over CAN."),
        (None, Some(_)) => wrong(FRAMES, "It is there, although the vehicle was not read over CAN."),
        _ => {}
    }
    let today = redecoded(&check, &text);
    if let Some(error) = &today.error
        && told.error.is_none()
    {
        wrong(TRAFFIC, &format!("It cannot be read as a check: {}", error.message));
    }
    if check.decoder != told.shown {
        wrong(REDECODED, "It was made of another check.json.");
    }
    // The same decoder must read the same today; another may know better.
    if told.decoder == DECODER && (&today.rows, today.same) != (&told.rows, told.same) {
        wrong(
            REDECODED,
            "The same decoder reads the traffic otherwise now: traffic.txt or check.json is not what it was.",
        );
    }
    if manifest.decoder != told.decoder {
        wrong(MANIFEST, "It names another decoder than redecoded.json.");
    }
    let (same, differing): (Vec<_>, Vec<_>) = today.rows.into_iter().partition(|row| row.change == DecodedChange::Same);
    Ok(Verified {
        sha256: sha256(bytes),
        manifest,
        problems,
        files,
        shown: check.decoder,
        decoder: DECODER,
        differing,
        same: u32::try_from(same.len()).unwrap_or(u32::MAX),
    })
}

/// Holds each file to the list, and the list to the files. Says how many are right.
fn hashes(entries: &[Entry], problems: &mut Vec<Problem>) -> Result<u32> {
    let list = str::from_utf8(needed(entries, SUMS)?).map_err(|_| malformed(&format!("{SUMS} is no text")))?;
    let mut wrong = |file: &str, what: &str| problems.push(Problem { file: file.into(), what: what.into() });
    let mut listed: BTreeMap<&str, &str> = BTreeMap::new();
    for line in list.lines() {
        match line.split_once("  ") {
            Some((sum, name)) if sum.len() == 64 && sum.bytes().all(|b| b.is_ascii_hexdigit()) => {
                if listed.insert(name, sum).is_some() {
                    wrong(SUMS, "It names a file twice.");
                }
            }
            _ => wrong(SUMS, "A line of it is no hash and name."),
        }
    }
    let mut right = 0;
    for entry in entries.iter().filter(|entry| entry.name != SUMS) {
        match listed.remove(entry.name.as_str()) {
            Some(sum) if sum.eq_ignore_ascii_case(&sha256(&entry.bytes)) => right += 1,
            Some(_) => wrong(&entry.name, "It was changed after the bundle was made: its hash is another."),
            None => wrong(&entry.name, "It was added after the bundle was made: no hash of it is listed."),
        }
    }
    for name in listed.into_keys() {
        let shown: String = name.chars().filter(|c| !c.is_control()).take(64).collect();
        wrong(&shown, "It was taken out after the bundle was made: only its hash is there.");
    }
    Ok(right)
}

fn find<'a>(entries: &'a [Entry], name: &str) -> Option<&'a [u8]> {
    entries.iter().find(|entry| entry.name == name).map(|entry| entry.bytes.as_slice())
}

fn needed<'a>(entries: &'a [Entry], name: &str) -> Result<&'a [u8]> {
    find(entries, name).ok_or_else(|| malformed(&format!("it lacks {name}")))
}

fn json<T: DeserializeOwned>(entries: &[Entry], name: &str) -> Result<T> {
    serde_json::from_slice(needed(entries, name)?).map_err(|e| malformed(&format!("{name} cannot be read ({e})")))
}

fn malformed(why: &str) -> Error {
    Error::new(Code::Malformed, format!("This is no bundle that can be checked: {}.", why.trim_end_matches('.')))
        .hint("Take the file as `roadworthy bundle` made it.")
}
