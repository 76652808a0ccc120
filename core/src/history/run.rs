//! Imports of histories: looked at, and as jobs. All of the records are there at the end, in one transaction, or nothing.

use super::{
    cut::{self, Whole},
    look::{self, Looked},
    record::{self, Draft},
    rows::{self, Read, Record},
};
use crate::{
    engine::now,
    handle::end_of_today,
    import::{
        run::{Imports, Running, unanswered},
        source, text,
    },
    jobs::JobHandle,
    journal::{
        NewEvent,
        kind::{self, HistoryImported, ServiceRecorded},
    },
    keys,
    odometer::{self, Reading},
    store::{Fallible, history, registration, service},
};
use jiff::tz::TimeZone;
use roadworthy_api::{
    Code, Error, Result, Timestamp,
    history::{
        FLAGGED_MAX, FileNature, HistoryAnswers, HistoryMapping, HistoryPreview, HistoryRecord, HistoryReport,
        JudgedLine, PREVIEW_RECORDS,
    },
    id::{ImportId, JobId, ServiceId, VehicleId},
    import::{EXAMPLES, ExplainedRows, ImportFile, RowReason},
    job::JobKind,
    role::Actor,
    service::{Judgement, OdometerFlag, ServiceFields},
};
use rusqlite::Connection;
use std::collections::HashMap;

/// Records that one event holds, unless they are long.
const TOGETHER: usize = 64;
/// Bytes of words after which an event is full.
const EVENT_BYTES: usize = 256 << 10;

/// What is to be imported, as it was asked for.
pub(crate) struct Wanted {
    pub(crate) vehicle: VehicleId,
    pub(crate) file: ImportFile,
    pub(crate) mapping: Option<HistoryMapping>,
    pub(crate) answers: HistoryAnswers,
    pub(crate) again: bool,
}

/// A record with what is said of its odometer.
struct Judged {
    record: Record,
    flag: Option<OdometerFlag>,
    judged: Option<Judgement>,
}

/// What a whole file gives.
struct Given {
    records: Vec<Judged>,
    report: HistoryReport,
}

fn cancelled() -> Error {
    Error::new(Code::Cancelled, "The import was cancelled; nothing of it is stored.").hint("Start it again when ready.")
}

fn no_vehicle() -> Error {
    Error::new(Code::NotFound, "There is no such vehicle.").hint("Look for it in the list of vehicles.")
}

fn not_again(same: Option<ImportId>) -> Result<()> {
    match same {
        None => Ok(()),
        Some(id) => Err(Error::new(Code::Conflict, format!("This very file was imported already (import {id})."))
            .hint("Undo that import first, or import it once more with --again.")),
    }
}

/// What a vehicle has already.
#[derive(Default)]
struct There {
    /// Odometer readings that count.
    readings: Vec<Reading>,
    /// Records; a file that was exported anew has them again.
    records: Vec<ServiceFields>,
}

impl There {
    /// `again`: its records are no reason to leave any out.
    fn of(conn: &Connection, vehicle: VehicleId, again: bool) -> Fallible<Self> {
        let most = if again { 0 } else { u32::MAX };
        let records = service::list(conn, vehicle, 0, most)?.rows.into_iter().map(|row| row.fields).collect();
        Ok(Self { readings: record::known(conn, vehicle, None)?, records })
    }

    /// Leaves out what is there; one for one, since two that are alike may have been meant.
    fn leave_out(&self, read: &mut Read) {
        let mut there: HashMap<&str, Vec<&ServiceFields>> = HashMap::new();
        for fields in &self.records {
            there.entry(fields.day.as_str()).or_default().push(fields);
        }
        let mut lines = Vec::new();
        read.records.retain(|record| {
            let Some(of_day) = there.get_mut(record.fields.day.as_str()) else { return true };
            let Some(same) = of_day.iter().position(|one| **one == record.fields) else { return true };
            of_day.swap_remove(same);
            lines.push(record.line);
            false
        });
        if !lines.is_empty() {
            let count = lines.len() as u64;
            lines.truncate(EXAMPLES);
            read.report.records -= count;
            read.report.explained.push(ExplainedRows { reason: RowReason::AlreadyThere, count, lines });
        }
    }
}

/// Makes records of a file that has no questions open, and judges their odometer readings beside those that are known.
fn give(looked: &Looked, there: &There, judged: &[JudgedLine], today: Timestamp) -> Result<Given> {
    let mut read = rows::read(looked, &TimeZone::system());
    let said = |record: &Record| {
        let line = judged.iter().find(|j| j.line == record.line).map(|j| j.judged);
        line.or(record.judged)
    };
    for line in judged {
        if !read.records.iter().any(|r| r.line == line.line && r.fields.odometer.is_some()) {
            let message = format!("Line {} is no record with an odometer reading.", line.line);
            return Err(Error::new(Code::Invalid, message).hint("Look at the lines that the preview names."));
        }
    }
    there.leave_out(&mut read);
    let (known, mut report) = (&there.readings, read.report);
    // Each is looked at beside the others as they are stated, and those that nobody has judged once more beside what was said.
    let flags = |of: &dyn Fn(&Record) -> Option<Judgement>| {
        let mut readings = known.clone();
        let places: Vec<Option<usize>> = read
            .records
            .iter()
            .map(|record| {
                let source = format!("line {}", record.line);
                let it = record::reading(&record.fields, record.moment, of(record), source)?;
                readings.push(it);
                Some(readings.len() - 1)
            })
            .collect();
        let mut found = odometer::doubts(&readings, today);
        places.into_iter().map(|at| at.and_then(|at| found.get_mut(at)?.take())).collect::<Vec<_>>()
    };
    let stated = flags(&|_| None);
    let any = read.records.iter().any(|r| said(r).is_some());
    let rest = if any { flags(&|record| said(record)) } else { stated.clone() };
    let records: Vec<Judged> = read
        .records
        .iter()
        .zip(stated.into_iter().zip(rest))
        .map(|(record, (stated, rest))| {
            let judged = said(record);
            Judged { record: record.clone(), flag: if judged.is_some() { stated } else { rest }, judged }
        })
        .collect();
    report.flagged = records.iter().filter(|r| r.flag.is_some()).count() as u64;
    report.judged = records.iter().filter(|r| r.flag.is_some() && r.judged.is_some()).count() as u64;
    Ok(Given { records, report })
}

impl Imports {
    /// Whether a file is a log or a history.
    pub(crate) fn tell(&self, who: &Actor, file: &ImportFile) -> Result<FileNature> {
        let found = self.find(who, file)?;
        // A history fits in the head of a log's reader; what does not is a log.
        let mut opened = source::open((found.open)()?)?;
        let mut head = Vec::new();
        std::io::Read::read_to_end(&mut std::io::Read::take(&mut opened.bytes, 1 << 20), &mut head)
            .map_err(|e| source::told(&e))?;
        let whole = cut::whole(Box::new(std::io::Cursor::new(head)));
        Ok(if whole.is_ok_and(|whole| look::is_history(&whole)) { FileNature::History } else { FileNature::Log })
    }

    /// What a history looks like.
    pub(crate) fn preview_history(
        &self,
        who: &Actor,
        vehicle: Option<VehicleId>,
        file: &ImportFile,
        mapping: Option<HistoryMapping>,
        answers: &HistoryAnswers,
    ) -> Result<HistoryPreview> {
        let found = self.find(who, file)?;
        let whole = cut::whole((found.open)()?)?;
        let looked = look::look(&whole, mapping, answers)?;
        let (there, already) = match vehicle {
            None => (There::default(), None),
            Some(vehicle) => self.store.read(|conn| {
                let vehicle = registration::vehicle(conn, vehicle)?.ok_or_else(no_vehicle)?;
                Ok((There::of(conn, vehicle, false)?, history::same(conn, vehicle, &whole.hash)?))
            })?,
        };
        let head = looked.rows.iter().take(12).map(|row| match &row.cells {
            Ok(cells) => cells.iter().take(64).map(|c| text::name(c.as_bytes())).collect(),
            Err(reason) => vec![reason.words().to_owned()],
        });
        let head = head.collect();
        let given = match looked.questions.as_slice() {
            [] => Some(give(&looked, &there, &answers.judged, end_of_today())?),
            _ => None,
        };
        let (mut shown, mut flagged) = (0, 0);
        let mut records = Vec::new();
        let report = given.map(|given| {
            for Judged { record, flag, judged } in given.records {
                shown += 1;
                flagged += usize::from(flag.is_some());
                if shown <= PREVIEW_RECORDS || (flag.is_some() && flagged <= FLAGGED_MAX) {
                    records.push(HistoryRecord { line: record.line, fields: record.fields, flag, judged });
                }
            }
            given.report
        });
        let Looked { mapping, confidence, guesses, questions, .. } = looked;
        let (name, bytes, encoding) = (found.name, found.bytes, whole.encoding.to_owned());
        Ok(HistoryPreview {
            name,
            bytes,
            encoding,
            confidence,
            guesses,
            questions,
            mapping,
            head,
            already,
            report,
            records,
        })
    }

    /// Starts an import of a history.
    pub(crate) fn start_history(&self, who: &Actor, wanted: Wanted) -> Result<JobId> {
        let found = self.find(who, &wanted.file)?;
        let (vehicle, root) = self.store.read(|conn| {
            let vehicle = registration::vehicle(conn, wanted.vehicle)?.ok_or_else(no_vehicle)?;
            Ok((vehicle, registration::root(conn, vehicle)?))
        })?;
        let whole = cut::whole((found.open)()?)?;
        let looked = look::look(&whole, wanted.mapping, &wanted.answers)?;
        unanswered(&looked.questions)?;
        if !wanted.again {
            self.store.read(|conn| Ok(not_again(history::same(conn, vehicle, &whole.hash)?)?))?;
        }
        let turn = Running::begin(&self.running)?;
        let id = ImportId(keys::mint(now())?.0);
        let job = self.jobs.begin(JobKind::Import, format!("Import of {}", found.name));
        let job_id = job.id();
        let work = Work {
            store: self.store.clone(),
            actor: crate::engine::actor(who),
            id,
            vehicle,
            root,
            name: found.name,
            bytes: found.bytes,
            judged: wanted.answers.judged,
            again: wanted.again,
        };
        let run = move || {
            let done = work.run(&job, &whole, &looked);
            drop(turn);
            match done {
                Ok(()) => job.made(id.to_string()),
                Err(error) => job.fail(error),
            }
        };
        std::thread::Builder::new().name("history".into()).spawn(run).map_err(|e| {
            Error::new(Code::Internal, format!("No thread could be started ({e}).")).hint("Close other programs.")
        })?;
        Ok(job_id)
    }
}

/// An import at work.
struct Work {
    store: std::sync::Arc<crate::store::Store>,
    actor: String,
    id: ImportId,
    vehicle: VehicleId,
    root: VehicleId,
    name: String,
    bytes: u64,
    judged: Vec<JudgedLine>,
    again: bool,
}

impl Work {
    fn run(&self, job: &JobHandle, whole: &Whole, looked: &Looked) -> Result<()> {
        job.planned(u32::try_from(looked.rows.len()).unwrap_or(u32::MAX).max(1));
        job.doing("Reading the records");
        let there = self.store.read(|conn| There::of(conn, self.vehicle, self.again))?;
        let given = give(looked, &there, &self.judged, end_of_today())?;
        let (Some(from), Some(to)) = (
            given.records.iter().map(|r| &r.record.fields.day).min().cloned(),
            given.records.iter().map(|r| &r.record.fields.day).max().cloned(),
        ) else {
            return Err(nothing(&given.report));
        };
        let stop = job.cancelled();
        job.doing("Storing the records");
        // Whom the file calls the vehicle by is personal.
        let mapping = HistoryMapping { only: None, ..looked.mapping.clone() };
        let subject = self.root.bytes();
        self.store.write(&self.actor, now(), |w| {
            if !self.again {
                not_again(history::same(w.tx(), self.vehicle, &whole.hash)?)?;
            }
            let event = w.mint()?;
            let said = HistoryImported {
                import: self.id,
                name: w.seal(subject, event, "file", &self.name)?,
                file: whole.hash.clone(),
                bytes: self.bytes,
                from,
                to,
                mapping,
                report: given.report.clone(),
            };
            w.append(NewEvent::new(event, kind::HISTORY_IMPORTED, Some(subject), &said)?)?;
            let mut rest = given.records.as_slice();
            let mut done = 0u32;
            while !rest.is_empty() {
                if *stop.borrow() {
                    return Err(cancelled().into());
                }
                let event = w.mint()?;
                let (mut records, mut bytes) = (Vec::new(), 0);
                while let Some((next, after)) = rest.split_first().filter(|_| records.len() < TOGETHER) {
                    let draft = Draft {
                        service: ServiceId(w.mint()?.0),
                        fields: &next.record.fields,
                        moment: next.record.moment,
                        flag: next.flag.clone(),
                        judged: next.judged,
                        line: Some(next.record.line),
                        key: None,
                    };
                    let said = record::say(w, self.root, event, draft)?;
                    bytes += said.words.sealed.len();
                    records.push(said);
                    rest = after;
                    done += 1;
                    if bytes > EVENT_BYTES {
                        break;
                    }
                }
                let said = ServiceRecorded { records, import: Some(self.id) };
                w.append(NewEvent::new(event, kind::SERVICE_RECORDED, Some(subject), &said)?)?;
                job.done(done);
            }
            Ok(())
        })
    }
}

/// Why there is no record at all, by what became of the rows.
fn nothing(report: &HistoryReport) -> Error {
    if report.explained.iter().any(|e| e.reason == RowReason::AlreadyThere) {
        return Error::new(Code::Conflict, "Every record of the file is there already.")
            .hint("Nothing is missing. To have them twice, import it with --again.");
    }
    let worst = report.explained.iter().max_by_key(|e| e.count);
    let why = worst.map_or(String::new(), |worst| {
        let line = worst.lines.first().map_or(String::new(), |line| format!(", the first in line {line}"));
        format!(": {} of {} rows: {}{line}", worst.count, report.rows, worst.reason.words())
    });
    Error::new(Code::Malformed, format!("No row of the file is a service record{why}."))
        .hint("Look at the preview: the separator, the order of dates or the column of days may be another.")
}
