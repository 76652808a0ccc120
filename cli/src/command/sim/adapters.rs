//! `roadworthy sim adapters`.

use crate::{
    args::sim::SimAdapters,
    exit::{Exit, Stop},
    out::{Cell, Out, Tone, cell, count},
    session::{interrupted, runtime},
};
use roadworthy_api::{Code, Error, Result};
use roadworthy_core::trial::{Verdict, play};
use roadworthy_simulator::{Expect, Profile};
use serde_json::{Value, json};
use std::{path::Path, sync::Arc};

/// Files of a folder at the most: each is a check of its own.
const MOST: usize = 500;

pub(crate) fn run(out: &mut Out, adapters: SimAdapters) -> Result<Exit, Stop> {
    let mut profiles = match &adapters.profiles {
        None => Profile::names().iter().map(|name| Profile::named(name)).collect::<Result<Vec<_>>>()?,
        Some(folder) => folder_of(folder)?,
    };
    if let Some(name) = adapters.names.iter().find(|name| profiles.iter().all(|p| p.name != **name)) {
        let all: Vec<_> = profiles.iter().map(|p| p.name.as_str()).collect();
        return Err(Error::new(Code::NotFound, format!("There is no profile \"{name}\"."))
            .hint(format!("There is: {}.", all.join(", ")))
            .into());
    }
    profiles.retain(|p| adapters.names.is_empty() || adapters.names.contains(&p.name));
    if adapters.check { check(out, profiles) } else { list(out, &profiles) }
}

/// The profiles of a folder, by file name.
fn folder_of(folder: &Path) -> Result<Vec<Profile>> {
    let shown = folder.display();
    let cannot = |e: std::io::Error| {
        Error::new(Code::NotFound, format!("The folder {shown} cannot be read: {e}."))
            .hint("Give a folder with adapter profiles; docs/adapters.md describes the file.")
    };
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(cannot)? {
        let path = entry.map_err(cannot)?.path();
        if path.extension().is_some_and(|e| e == "toml") {
            paths.push(path);
        }
    }
    paths.sort();
    if paths.is_empty() || paths.len() > MOST {
        return Err(Error::new(Code::NotFound, format!("The folder {shown} has {} profiles.", paths.len())).hint(
            format!("Give a folder with 1 to {MOST} files that end in .toml; docs/adapters.md describes them."),
        ));
    }
    let mut profiles: Vec<Profile> = Vec::new();
    for path in paths {
        let file = path.file_name().unwrap_or_default().to_string_lossy();
        let text = std::fs::read_to_string(&path).map_err(cannot)?;
        let profile = Profile::parse(&text).map_err(|e| Error { message: format!("{file}: {}", e.message), ..e })?;
        if profiles.iter().any(|p| p.name == profile.name) {
            return Err(Error::new(
                Code::Malformed,
                format!("{file}: another file has the name \"{}\".", profile.name),
            )
            .hint("Give each profile a name of its own."));
        }
        profiles.push(profile);
    }
    Ok(profiles)
}

fn expects(profile: &Profile) -> Value {
    match &profile.expect {
        Expect::Finishes(parts) => json!({ "finishes": parts.iter().map(|p| p.name()).collect::<Vec<_>>() }),
        Expect::Names { code, says } => json!({ "names": code, "says": says }),
    }
}

fn list(out: &mut Out, profiles: &[Profile]) -> Result<Exit, Stop> {
    if out.json {
        let one = |p: &Profile| json!({ "name": p.name, "about": p.about, "source": p.source, "vehicle": p.vehicle, "expect": expects(p) });
        out.object(&json!({ "adapters": profiles.iter().map(one).collect::<Vec<_>>() }))?;
        return Ok(Exit::Good);
    }
    out.line(&format!("{}. Each is also a port: sim:misfire?adapter=NAME\n", count(profiles.len(), "adapter")))?;
    for profile in profiles {
        out.line(&format!("{}  {}", out.paint(Tone::Strong, &profile.name), cell(Tone::Plain, &*profile.about).1))?;
        out.line(&format!("    {}", out.paint(Tone::Faint, &cell(Tone::Faint, &*profile.source).1)))?;
    }
    Ok(Exit::Good)
}

fn check(out: &mut Out, profiles: Vec<Profile>) -> Result<Exit, Stop> {
    if !out.json {
        let many = count(profiles.len(), "adapter");
        out.line(&format!("A whole check on {many}, all at once and in real time: this takes a minute or two."))?;
        out.flush()?;
    }
    let verdicts = runtime()?.block_on(async {
        let tasks: Vec<_> = profiles.iter().map(|p| tokio::spawn(play(Arc::new(p.clone())))).collect();
        let all = async {
            let mut verdicts = Vec::with_capacity(tasks.len());
            for task in tasks {
                let stopped = |_| Error::new(Code::Internal, "A check ended unexpectedly.").hint("Try it again.");
                verdicts.push(task.await.map_err(stopped)??);
            }
            Ok(verdicts)
        };
        tokio::select! {
            verdicts = all => verdicts,
            () = interrupted() => Err(Error::new(Code::Cancelled, "The checks were cancelled.").hint("Start them again when ready.")),
        }
    })?;
    let finished = verdicts.iter().filter(|v| v.finished()).count();
    let failed = verdicts.iter().filter(|v| !v.failures.is_empty()).count();
    if out.json {
        let all: Vec<_> = profiles.iter().zip(&verdicts).map(|(p, v)| object(p, v)).collect();
        out.object(&json!({ "adapters": all, "finished": finished, "failed": failed, "of": all.len() }))?;
    } else {
        table(out, &verdicts)?;
        out.line(&format!("\n{finished} of {} finish a check.", verdicts.len()))?;
        for verdict in verdicts.iter().filter(|v| !v.failures.is_empty()) {
            out.line(&format!("\n{}", out.paint(Tone::Bad, &format!("{} is not as its profile says:", verdict.name))))?;
            for failure in &verdict.failures {
                out.line(&format!("  {}", cell(Tone::Plain, &**failure).1))?;
            }
        }
    }
    Ok(if failed == 0 { Exit::Good } else { Exit::Failed })
}

fn object(profile: &Profile, verdict: &Verdict) -> Value {
    let parts: serde_json::Map<_, _> =
        verdict.parts.iter().map(|p| (p.part.to_owned(), json!({ "found": p.found, "of": p.of }))).collect();
    json!({
        "name": profile.name,
        "vehicle": profile.vehicle,
        "expect": expects(profile),
        "finished": verdict.finished(),
        "cause": verdict.cause,
        "seconds": (verdict.seconds * 10.0).round() / 10.0,
        "found": parts,
        "failures": verdict.failures,
    })
}

/// A row for each: how it ended, how long it took, and what was found of what a strict adapter finds.
fn table(out: &mut Out, verdicts: &[Verdict]) -> Result<(), Stop> {
    let head = ["adapter", "ended", "s", "VIN", "information", "readiness", "codes", "frames", "values"];
    let mut rows: Vec<Vec<Cell>> = vec![head.iter().map(|h| cell(Tone::Faint, *h)).collect()];
    for verdict in verdicts {
        let sound = verdict.failures.is_empty();
        let tone = if sound { Tone::Plain } else { Tone::Bad };
        let end = match &verdict.cause {
            None => "finished".to_owned(),
            Some(error) => {
                serde_json::to_value(error.code).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
            }
        };
        let mut row = vec![
            cell(tone, &*verdict.name),
            cell(tone, if sound { end } else { format!("{end} ✗") }),
            cell(Tone::Plain, format!("{:.1}", verdict.seconds)),
        ];
        for part in ["vin", "information", "readiness", "codes", "freeze-frames", "values"] {
            row.push(match verdict.parts.iter().find(|p| p.part == part) {
                None => cell(Tone::Faint, "-"),
                Some(p) if p.found < p.of => cell(Tone::Watch, format!("{}/{}", p.found, p.of)),
                Some(p) => cell(Tone::Plain, format!("{}/{}", p.found, p.of)),
            });
        }
        rows.push(row);
    }
    Ok(out.table(&rows)?)
}
