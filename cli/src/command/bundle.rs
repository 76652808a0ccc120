//! `roadworthy bundle`: a visit as a ZIP that anybody can check, and the check of one.

use super::{compare::visit, file};
use crate::{
    args::keep::Bundle,
    exit::{Exit, Stop},
    out::{Cell, Out, Tone, cell, count},
    session::{Place, Session},
};
use roadworthy_api::{Code, Error, calls::MakeBundle};
use roadworthy_core::bundle::{LONGEST, Verified, verify};
use serde_json::json;
use std::{fs, io::Read, path::Path};

pub(crate) fn run(place: &Place, out: &mut Out, bundle: &Bundle) -> Result<Exit, Stop> {
    match (&bundle.verify, &bundle.visit, &bundle.out) {
        (Some(path), ..) => check(out, path),
        (None, Some(named), Some(path)) => {
            let visit = visit(named)?;
            let session = Session::open(place)?;
            let info = session.call(MakeBundle { visit, full: bundle.full })?;
            let (info, bytes) = session.engine.blob(&info.hash)?;
            file::write(out, path, bundle.force, &info, &bytes)?;
            if !out.json && path.as_os_str() != "-" {
                out.line(if bundle.full {
                    "The VIN and serial numbers are in it: give it only to somebody who may know them."
                } else {
                    "VINs and serial numbers are replaced. `--full` leaves them in."
                })?;
                out.line(&format!("SHA-256 {}", roadworthy_core::bundle::sha256(&bytes)))?;
            }
            Ok(Exit::Good)
        }
        _ => Err(Error::new(Code::BadRequest, "Name a visit and the file to write, or --verify FILE.").into()),
    }
}

/// Exit code 5: something in it does not agree.
fn check(out: &mut Out, path: &Path) -> Result<Exit, Stop> {
    let verified = verify(&read(path)?)?;
    if out.json {
        let mut object = json!(verified);
        object["agrees"] = json!(verified.problems.is_empty());
        out.object(&object)?;
    } else {
        print(out, &verified)?;
    }
    Ok(if verified.problems.is_empty() { Exit::Good } else { Exit::Partial })
}

fn print(out: &mut Out, verified: &Verified) -> Result<(), Stop> {
    let manifest = &verified.manifest;
    let form = if manifest.redacted { "redacted" } else { "full" };
    out.line(&format!("Visit {}, {form}, made by Roadworthy {}.", manifest.visit, manifest.program))?;
    out.line(&format!("SHA-256 {}", verified.sha256))?;
    let files = usize::try_from(verified.files).unwrap_or(usize::MAX);
    out.line(&format!("{} have the hash that is listed.", count(files, "file")))?;
    let (shown, decoder) = (verified.shown, verified.decoder);
    let all = usize::try_from(verified.same).unwrap_or(usize::MAX) + verified.differing.len();
    if verified.differing.is_empty() {
        out.line(&format!(
            "The traffic, read anew by decoder {decoder}, gives what is shown: {}.",
            count(all, "thing")
        ))?;
    } else {
        let other = count(verified.differing.len(), "thing");
        out.line(&format!("Decoder {shown} read what is shown; decoder {decoder} reads {other} of {all} otherwise:"))?;
        let rows: Vec<Vec<Cell>> = verified.differing.iter().map(super::redecode::line).collect();
        out.table(&rows)?;
    }
    if verified.problems.is_empty() {
        out.line(
            "All of it agrees. That the file is the one that was made only its maker can say: compare the SHA-256.",
        )?;
        return Ok(());
    }
    out.heading("What does not agree")?;
    let rows: Vec<Vec<Cell>> = verified
        .problems
        .iter()
        .map(|problem| vec![cell(Tone::Bad, &problem.file), cell(Tone::Plain, &problem.what)])
        .collect();
    Ok(out.table(&rows)?)
}

fn read(path: &Path) -> Result<Vec<u8>, Error> {
    let cannot = |e: std::io::Error| {
        Error::new(Code::NotFound, format!("{} cannot be read: {e}.", path.display())).hint("Check the path.")
    };
    // A pipe may never end, and a device gives bytes for ever.
    if !fs::metadata(path).map_err(cannot)?.is_file() {
        return Err(Error::new(Code::Invalid, format!("{} is not a file.", path.display())).hint("Name a bundle."));
    }
    let mut bytes = Vec::new();
    fs::File::open(path).map_err(cannot)?.take(LONGEST + 1).read_to_end(&mut bytes).map_err(cannot)?;
    Ok(bytes)
}
