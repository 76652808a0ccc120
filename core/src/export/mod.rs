//! Exports: what is stored, for somebody to keep: a vehicle, values as a table, the fleet, all of one customer's data.
//!
//! The usual case: [`Exports::start`] begins a job that reads one consistent state of the database and writes it where it was
//! asked for. Telemetry goes through in constant memory, whatever there is of it.
//!
//! Whatever ends an export before its end, an error, a cancel, a full disk, leaves nothing: the file gets its name last
//! (`place`), in the transaction that writes into the journal what left. Somebody who is forgotten meanwhile ends it too, since it
//! might hold them.
//!
//! Rooms: `place` is where it goes, `placed` how it gets its name there, `archive` the ZIP or the folder, `telemetry` the table of values, `parquet` that table
//! for programs, `vehicle`, `fleet` and `customer` say what is in each archive; `part`, `records` and `values` write the
//! tables that they share.

mod archive;
mod customer;
mod fleet;
mod parquet;
mod part;
mod place;
mod placed;
mod records;
mod telemetry;
mod values;
mod vehicle;

use crate::{
    engine::now,
    jobs::{JobHandle, Jobs},
    journal::{NewEvent, kind},
    store::{
        Fail, Fallible, Store,
        blob::{self, Blob},
        journal, person, registration,
    },
};
use archive::{About, Archive};
use jiff::tz::TimeZone;
use part::{Border, Parts};
use place::{Draft, Goal};
use roadworthy_api::{
    Code, Error, Result, Timestamp,
    export::{ExportCount, ExportMade, ExportTo, TableFormat},
    id::{JobId, PersonId, VehicleId},
    job::JobKind,
    live::CsvLayout,
    role::Actor,
    system::BlobInfo,
};
use rusqlite::Connection;
use std::{cell::Cell, path::Path, sync::Arc};

/// What is to be exported.
#[derive(Clone, Debug)]
pub(crate) enum Wanted {
    Vehicle(VehicleId),
    Telemetry(VehicleId, Values),
    Fleet,
    Customer(PersonId),
}

/// Which values, and how.
#[derive(Clone, Debug, Default)]
pub(crate) struct Values {
    /// Ids of signals; empty: all.
    pub(crate) signals: Vec<String>,
    pub(crate) from: Option<Timestamp>,
    pub(crate) to: Option<Timestamp>,
    pub(crate) format: TableFormat,
    pub(crate) layout: CsvLayout,
}

/// Exports of this process.
pub(crate) struct Exports {
    store: Arc<Store>,
    jobs: Jobs,
}

impl Wanted {
    fn what(&self) -> &'static str {
        match self {
            Self::Vehicle(_) => "vehicle",
            Self::Telemetry(..) => "telemetry",
            Self::Fleet => "fleet",
            Self::Customer(_) => "customer",
        }
    }

    fn title(&self) -> &'static str {
        match self {
            Self::Vehicle(_) => "Export of a vehicle",
            Self::Telemetry(..) => "Export of values",
            Self::Fleet => "Export of the fleet",
            Self::Customer(_) => "Export of a customer's data",
        }
    }

    /// Name and media type of the file, where nobody names it.
    fn file(&self, at: Timestamp, zone: &TimeZone) -> (String, &'static str) {
        let day = jiff::Timestamp::from_millisecond(at).map(|t| t.to_zoned(zone.clone()).date().to_string());
        let day = day.unwrap_or_default();
        match self {
            Self::Telemetry(_, Values { format: TableFormat::Parquet, .. }) => {
                (format!("telemetry-{day}.parquet"), "application/vnd.apache.parquet")
            }
            Self::Telemetry(..) => (format!("telemetry-{day}.csv"), "text/csv; charset=utf-8"),
            other => (format!("{}-{day}.zip", other.what()), "application/zip"),
        }
    }
}

/// How far it is, and whether to go on.
pub(crate) struct Progress<'a> {
    job: &'a JobHandle,
    stop: tokio::sync::watch::Receiver<bool>,
    done: u64,
    total: u64,
}

impl<'a> Progress<'a> {
    fn new(job: &'a JobHandle) -> Self {
        Self { job, stop: job.cancelled(), done: 0, total: 0 }
    }

    /// More is to be done, in values or as much work as some of them.
    fn plan(&mut self, more: u64) {
        self.total = self.total.saturating_add(more);
        self.job.planned(kilo(self.total).saturating_add(1));
    }

    /// So much of it is done.
    fn step(&mut self, doing: &str, more: u64) -> Result<()> {
        if *self.stop.borrow() {
            return Err(Error::new(Code::Cancelled, "The export was cancelled; nothing of it is left.")
                .hint("Start it again when ready."));
        }
        self.done = self.done.saturating_add(more).min(self.total);
        self.job.doing(doing);
        self.job.done(kilo(self.done));
        Ok(())
    }
}

fn kilo(n: u64) -> u32 {
    u32::try_from(n / 1000).unwrap_or(u32::MAX)
}

/// What went into a file.
#[derive(Debug, Default)]
struct Content {
    counts: Vec<ExportCount>,
    notes: Vec<String>,
}

impl Exports {
    pub(crate) fn new(store: Arc<Store>, jobs: Jobs) -> Self {
        Self { store, jobs }
    }

    /// Starts an export.
    ///
    /// # Errors
    /// [`Code::NotFound`] for what is not there, and whatever stands against the place.
    pub(crate) fn start(&self, who: &Actor, wanted: Wanted, out: &ExportTo) -> Result<JobId> {
        if matches!((&wanted, out), (Wanted::Telemetry(..), ExportTo::Folder { .. })) {
            return Err(Error::new(Code::Invalid, "A table is one file, and no folder.").hint("Name a file."));
        }
        self.store.read(|conn| there(conn, &wanted))?;
        let goal = Goal::of(who, out)?;
        let job = self.jobs.begin(JobKind::Export, wanted.title());
        let (id, store, actor) = (job.id(), Arc::clone(&self.store), crate::engine::actor(who));
        let work = move || match run(&store, &job, &actor, &wanted, goal) {
            Ok(made) => job.exported(made),
            Err(error) => job.fail(error),
        };
        std::thread::Builder::new().name("export".into()).spawn(work).map_err(|e| {
            Error::new(Code::Internal, format!("No thread could be started ({e}).")).hint("Close other programs.")
        })?;
        Ok(id)
    }
}

/// Whether what is wanted is there.
fn there(conn: &Connection, wanted: &Wanted) -> Fallible<()> {
    match wanted {
        Wanted::Vehicle(vehicle) => vehicle_of(conn, *vehicle).map(drop),
        Wanted::Telemetry(vehicle, values) => telemetry::there(conn, vehicle_of(conn, *vehicle)?, values),
        Wanted::Fleet => Ok(()),
        Wanted::Customer(person) => person::get(conn, *person)?.map(drop).ok_or_else(|| {
            Error::new(Code::NotFound, "There is no such customer (any more).")
                .hint("Look for them in the list of customers.")
                .into()
        }),
    }
}

fn vehicle_of(conn: &Connection, id: VehicleId) -> Fallible<VehicleId> {
    registration::vehicle(conn, id)?.ok_or_else(|| {
        Error::new(Code::NotFound, "There is no such vehicle.").hint("Look for it in the list of vehicles.").into()
    })
}

fn run(store: &Store, job: &JobHandle, actor: &str, wanted: &Wanted, goal: Goal) -> Result<ExportMade> {
    let (began, zone) = (now(), TimeZone::system());
    let draft = goal.begin(store)?;
    let mut progress = Progress::new(job);
    let (content, newest) = store.read(|conn| {
        let newest = journal::newest(conn)?;
        let content = match wanted {
            Wanted::Telemetry(vehicle, values) => {
                telemetry::table(conn, vehicle_of(conn, *vehicle)?, values, &draft, &mut progress)?
            }
            _ => archive(store, conn, wanted, (began, &zone), &draft, &mut progress)?,
        };
        Ok((content, newest))
    })?;
    progress.step("Checking what was written", 0)?;
    let (bytes, sha256, hash) = weigh(&draft)?;
    let (name, media) = wanted.file(began, &zone);
    let info = BlobInfo { hash: hash.clone(), name, media: media.to_owned(), bytes };
    let placed = Cell::new(None);
    let written = store.write(actor, now(), |w| {
        if journal::forgot_since(w.tx(), newest)? {
            return Err(Error::new(
                Code::Conflict,
                "A customer was forgotten while this was exported; nothing of it is left.",
            )
            .hint("Export it again.")
            .into());
        }
        let subject = match wanted {
            Wanted::Vehicle(id) | Wanted::Telemetry(id, _) => Some(registration::root(w.tx(), *id)?.bytes()),
            Wanted::Customer(person) => Some(person.bytes()),
            Wanted::Fleet => None,
        };
        let id = w.mint()?;
        let said = kind::DataExported { what: wanted.what().to_owned(), file: hash.clone(), bytes };
        w.append(NewEvent::new(id, kind::DATA_EXPORTED, subject, &said)?)?;
        let named = draft.place(store, &hash).map_err(Fail::from)?;
        let path = named.path().map(Path::to_owned);
        placed.set(Some(named));
        if path.is_none() {
            blob::put(w.tx(), &Blob { info: info.clone(), deflated: false }, now(), None)?;
            blob::export(w.tx(), &hash)?;
        }
        Ok(path)
    });
    // What the journal does not know of must not be there: it goes where it was not taken.
    let path = written?;
    if let Some(named) = placed.take() {
        named.keep();
    }
    let file = path.is_none().then_some(info);
    let path = path.map(|p| p.display().to_string());
    Ok(ExportMade { path, file, bytes, sha256, counts: content.counts, notes: content.notes })
}

fn archive(
    store: &Store,
    conn: &Connection,
    wanted: &Wanted,
    (now, zone): (Timestamp, &TimeZone),
    draft: &Draft,
    progress: &mut Progress<'_>,
) -> Fallible<Content> {
    let archive = Archive::new(draft)?;
    let mut parts = Parts { store, conn, zone, now, archive, border: Border::default(), progress };
    let (title, text) = match wanted {
        Wanted::Vehicle(id) | Wanted::Telemetry(id, _) => {
            vehicle::write(&mut parts, vehicle_of(conn, *id)?)?;
            (vehicle::TITLE, vehicle::TEXT)
        }
        Wanted::Fleet => {
            fleet::write(&mut parts)?;
            (fleet::TITLE, fleet::TEXT)
        }
        Wanted::Customer(person) => {
            customer::write(&mut parts, *person)?;
            (customer::TITLE, customer::TEXT)
        }
    };
    let made = part::iso(now, zone);
    let zone = zone.iana_name().unwrap_or_default();
    let about = About { what: wanted.what(), title, text, made: &made, zone };
    let (counts, notes) = parts.archive.finish(&about)?;
    Ok(Content { counts, notes })
}

/// Size, SHA-256 and BLAKE3 of what was written; of a folder the size of all, no SHA-256, and the BLAKE3 of its manifest.
fn weigh(draft: &Draft) -> Result<(u64, String, String)> {
    let told = |e: std::io::Error| draft.told(&e);
    if !draft.is_folder() {
        return place::weighed(&draft.path).map_err(told);
    }
    let bytes = place::size(&draft.path).map_err(told)?;
    let (_, _, hash) = place::weighed(&draft.path.join(archive::MANIFEST)).map_err(told)?;
    Ok((bytes, String::new(), hash))
}
