//! Parts of an archive that a vehicle and a customer share: what is known of one vehicle, within a [`Border`].

use super::{Progress, archive::Archive, telemetry};
use crate::{
    csv::guarded,
    handle::visit_detail,
    store::{
        Fallible, Store, alert, blob, decision, decoding, measurement, note, photo, service, timeline, trouble_code,
        vehicle, visit,
    },
};
use jiff::tz::TimeZone;
use roadworthy_api::{
    Timestamp,
    alert::{AlertState, AlertView, DecisionState},
    id::{EventId, VehicleId},
    note::{Measured, MeasurementRow},
    vehicle::Page,
};
use rusqlite::Connection;
use serde::Serialize;
use serde_json::json;
use std::{collections::BTreeSet, io};

/// Rows asked for at once.
const PAGE: u32 = 500;

/// What of a vehicle may be told, and to which folder it goes.
#[derive(Clone, Debug, Default)]
pub(super) struct Border {
    /// Ends with a slash, or is empty.
    pub(super) folder: String,
    /// Times from the first to before the second; `None`: any.
    pub(super) times: Option<Vec<(Timestamp, Timestamp)>>,
    /// Keys of what may be told of texts; `None`: any.
    pub(super) keys: Option<BTreeSet<EventId>>,
}

impl Border {
    pub(super) fn time(&self, at: Timestamp) -> bool {
        self.times.as_ref().is_none_or(|times| times.iter().any(|(from, to)| (*from..*to).contains(&at)))
    }

    pub(super) fn key(&self, key: EventId) -> bool {
        self.keys.as_ref().is_none_or(|keys| keys.contains(&key))
    }

    pub(super) fn ranges(&self) -> Vec<(Timestamp, Timestamp)> {
        self.times.clone().unwrap_or_else(|| vec![(Timestamp::MIN, Timestamp::MAX)])
    }
}

/// An archive in the making.
pub(super) struct Parts<'a, 'd, 'p> {
    pub(super) store: &'a Store,
    pub(super) conn: &'a Connection,
    pub(super) zone: &'a TimeZone,
    /// When it is made.
    pub(super) now: Timestamp,
    pub(super) archive: Archive<'d>,
    pub(super) border: Border,
    pub(super) progress: &'a mut Progress<'p>,
}

/// A time with its offset, as in `2026-11-20T14:05:09.042+01:00`.
pub(super) fn iso(at: Timestamp, zone: &TimeZone) -> String {
    jiff::Timestamp::from_millisecond(at)
        .map_or_else(|_| at.to_string(), |t| t.to_zoned(zone.clone()).strftime("%Y-%m-%dT%H:%M:%S%.3f%:z").to_string())
}

/// The name of a variant as the contract writes it.
pub(super) fn word(value: &impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        Ok(serde_json::Value::Object(fields)) => {
            fields.get("is").and_then(|is| is.as_str()).unwrap_or_default().to_owned()
        }
        _ => String::new(),
    }
}

/// A text as a cell.
pub(super) fn text(text: impl AsRef<str>) -> String {
    guarded(text.as_ref()).into_owned()
}

/// Every row of a list that comes in pages.
pub(super) fn all<T>(mut page: impl FnMut(u32, u32) -> Fallible<Page<T>>) -> Fallible<Vec<T>> {
    let mut rows = Vec::new();
    loop {
        let Page { rows: more, .. } = page(u32::try_from(rows.len()).unwrap_or(u32::MAX), PAGE)?;
        let over = more.len() < PAGE as usize;
        rows.extend(more);
        if over {
            return Ok(rows);
        }
    }
}

/// Where an alert stands, when that changed, and why.
pub(super) fn standing(state: &AlertState) -> (Option<Timestamp>, &str) {
    match state {
        AlertState::Open => (None, ""),
        AlertState::Acknowledged { at, .. } => (Some(*at), ""),
        AlertState::Snoozed { until, .. } => (Some(*until), ""),
        AlertState::Closed { at, why, .. } => (Some(*at), why),
    }
}

/// Who gave a measurement, in words.
pub(super) fn source(row: &MeasurementRow) -> String {
    match (row.id, row.service) {
        (Some(_), _) => format!("typed in by {}", row.source),
        (None, Some(_)) => row.source.clone(),
        (None, None) => format!("read from {}", row.source),
    }
}

/// What a measurement says: what, where, value, unit, more.
pub(super) fn figures(measured: &Measured) -> Vec<[String; 5]> {
    let row = |what: &str, place: String, value: String, unit: &str, more: &str| {
        [what.to_owned(), place, value, unit.to_owned(), text(more)]
    };
    match measured {
        Measured::Odometer { km } => vec![row("odometer", String::new(), km.to_string(), "km", "")],
        Measured::BrakePad { wheel, mm } => vec![row("brake pad", word(wheel), mm.to_string(), "mm", "")],
        Measured::Tread { wheel, mm } => vec![row("tread depth", word(wheel), mm.to_string(), "mm", "")],
        Measured::Battery { volts, cold_cranking_amps, health_percent } => [
            ("voltage", volts, "V"),
            ("cold cranking current", cold_cranking_amps, "A"),
            ("health", health_percent, "%"),
        ]
        .into_iter()
        .filter_map(|(what, value, unit)| {
            value.map(|v| row(&format!("battery {what}"), String::new(), v.to_string(), unit, ""))
        })
        .collect(),
        Measured::Oil { grade, specification } => {
            vec![row("engine oil", String::new(), text(grade), "", specification)]
        }
    }
}

impl Parts<'_, '_, '_> {
    pub(super) fn at(&self, at: Timestamp) -> String {
        iso(at, self.zone)
    }

    pub(super) fn maybe(&self, at: Option<Timestamp>) -> String {
        at.map(|at| self.at(at)).unwrap_or_default()
    }

    pub(super) fn name(&self, name: &str) -> String {
        format!("{}{name}", self.border.folder)
    }

    /// A moment and the beginning of an id, as a file is named by them.
    pub(super) fn stamp(&self, at: Timestamp, id: &str) -> String {
        let day: String = self.at(at).chars().take(19).filter(|c| *c != ':').collect();
        format!("{day}-{}", id.rsplit('-').next().unwrap_or(id))
    }

    pub(super) fn table<const N: usize>(
        &mut self,
        name: &str,
        what: &str,
        head: [&str; N],
        rows: Vec<[String; N]>,
    ) -> Fallible<u64> {
        let name = self.name(name);
        Ok(self.archive.table(&name, what, &head, rows.into_iter().map(Vec::from))?)
    }

    /// Checks: all of each as JSON, the traffic that they rest on, and tables over all of them.
    pub(super) fn visits(&mut self, vehicle: VehicleId) -> Fallible<()> {
        let rows = all(|offset, limit| visit::list(self.conn, vehicle, offset, limit))?;
        let rows: Vec<_> = rows.into_iter().filter(|row| self.border.time(row.ended)).collect();
        let (mut visits, mut codes, mut monitors) = (Vec::new(), Vec::new(), Vec::new());
        for row in &rows {
            self.progress.step("Checks", 1000)?;
            let (mut detail, _) = visit_detail(self.conn, row.id)?;
            // What differs from a visit under somebody else tells of that one.
            if let Some(with) = detail.differences.with
                && !visit::one(self.conn, with)?.is_some_and(|before| self.border.time(before.ended))
            {
                detail.differences = Default::default();
            }
            let (check, id, at) = (&detail.check, row.id.to_string(), self.at(row.ended));
            visits.push([
                at.clone(),
                self.at(row.started),
                word(&detail.verdict.state),
                text(&detail.summary),
                check.codes.len().to_string(),
                row.ecus.to_string(),
                text(row.protocol.as_deref().unwrap_or_default()),
                text(&row.port),
                if row.partial { "yes".into() } else { "no".into() },
                id.clone(),
            ]);
            for code in &check.codes {
                let meaning = detail.meanings.iter().find(|m| m.code == code.code);
                codes.push([
                    at.clone(),
                    text(&code.code),
                    text(meaning.and_then(|m| m.title.as_deref()).unwrap_or_default()),
                    word(&code.class),
                    text(&code.ecu),
                    id.clone(),
                ]);
            }
            let number = |n: Option<f64>| n.map(|n| n.to_string()).unwrap_or_default();
            for m in &check.monitors {
                monitors.push([
                    at.clone(),
                    text(&m.ecu),
                    text(&m.monitor),
                    text(&m.test),
                    m.value.to_string(),
                    number(m.min),
                    number(m.max),
                    text(&m.unit),
                    if !m.ran {
                        "not run"
                    } else if m.pass {
                        "pass"
                    } else {
                        "fail"
                    }
                    .to_owned(),
                    id.clone(),
                ]);
            }
            let folder = format!("visits/{}", self.stamp(row.ended, &id));
            let name = self.name(&format!("{folder}/check.json"));
            self.archive.json(&name, "all that a check read and what it was found to mean", &detail)?;
            if !detail.traffic.is_empty() {
                match blob::get(self.conn, &detail.traffic)? {
                    Some(stored) => {
                        let bytes = self.store.files.get(&detail.traffic, stored.deflated)?;
                        let name = self.name(&format!("{folder}/traffic.txt"));
                        self.archive.file(&name, "every byte between computer and adapter", &bytes)?;
                    }
                    None => self.archive.note("The raw traffic of some checks is on the device that made them."),
                }
            }
            for kept in decoding::of(self.conn, row.id)? {
                if let Some(report) = decoding::report(self.conn, kept.event)? {
                    let told = json!({ "decoder": kept.decoder, "kept": self.at(kept.at), "check": report });
                    let begins = kept.event.to_string().chars().rev().take(12).collect::<Vec<_>>();
                    let id: String = begins.into_iter().rev().collect();
                    let name = self.name(&format!("{folder}/decoding-{id}.json"));
                    self.archive.json(&name, "the same traffic as a later version read it", &told)?;
                }
            }
        }
        self.archive.count("checks", visits.len() as u64);
        self.archive.count("trouble codes seen", codes.len() as u64);
        self.table(
            "visits.csv",
            "each time the vehicle was connected",
            [
                "ended",
                "started",
                "state",
                "summary",
                "codes",
                "control units",
                "protocol",
                "port",
                "cut short",
                "visit",
            ],
            visits,
        )?;
        self.table("codes.csv", "trouble codes, by check", ["time", "code", "title", "list", "ecu", "visit"], codes)?;
        let head = ["time", "ecu", "monitor", "test", "value", "min", "max", "unit", "result", "visit"];
        self.table("monitors.csv", "results of on-board monitors, by check", head, monitors)?;
        Ok(())
    }

    /// The codes as they stand over all checks.
    pub(super) fn faults(&mut self, vehicle: VehicleId) -> Fallible<()> {
        let faults = trouble_code::faults(self.conn, vehicle)?;
        let name = self.name("faults.json");
        Ok(self.archive.json(&name, "trouble codes over all checks: first seen, last seen, still there", &faults)?)
    }

    pub(super) fn notes(&mut self, vehicle: VehicleId) -> Fallible<()> {
        let mut rows = Vec::new();
        for row in note::kept(self.conn, vehicle)? {
            let Some(stored) = note::get(self.conn, row.id)? else { continue };
            if self.border.key(stored.key) {
                let visit = row.visit.map(|v| v.to_string()).unwrap_or_default();
                let removed = if stored.removed { "yes" } else { "no" }.to_owned();
                rows.push([self.at(row.at), self.maybe(row.edited), text(&row.by), text(&stored.text), removed, visit]);
            }
        }
        self.archive.count("notes", rows.len() as u64);
        self.table("notes.csv", "notes of the shop", ["written", "changed", "by", "text", "removed", "visit"], rows)?;
        Ok(())
    }

    pub(super) fn photos(&mut self, vehicle: VehicleId) -> Fallible<()> {
        let mut rows = Vec::new();
        for row in photo::kept(self.conn, vehicle)? {
            self.progress.step("Photos", 1000)?;
            let Some(stored) = photo::get(self.conn, row.id)? else { continue };
            if !self.border.key(stored.key) {
                continue;
            }
            let ending = match row.media.as_str() {
                "image/png" => "png",
                "image/webp" => "webp",
                _ => "jpg",
            };
            let mut file = format!("photos/{}.{ending}", self.stamp(row.at, &row.id.to_string()));
            let found = blob::get(self.conn, &row.file)?;
            match found.map(|b| self.store.files.get(&row.file, b.deflated)).transpose() {
                Ok(Some(bytes)) => {
                    let name = self.name(&file);
                    self.archive.file(&name, "photos as they came", &bytes)?;
                }
                _ => {
                    file = String::new();
                    self.archive.note("The files of some photos are not on this device.");
                }
            }
            let visit = row.visit.map(|v| v.to_string()).unwrap_or_default();
            let removed = if stored.removed { "yes" } else { "no" }.to_owned();
            rows.push([self.at(row.at), text(&row.by), text(&row.caption), file, removed, visit]);
        }
        self.archive.count("photos", rows.len() as u64);
        self.table(
            "photos.csv",
            "photos with their captions",
            ["added", "by", "caption", "file", "removed", "visit"],
            rows,
        )?;
        Ok(())
    }

    /// When a reading was taken; of one in a service record what that says, which may be no more than a day.
    pub(super) fn read_at(&self, row: &MeasurementRow) -> Fallible<String> {
        let Some(record) = row.service.map(|id| service::get(self.conn, id)).transpose()?.flatten() else {
            return Ok(self.at(row.at));
        };
        let fields = record.row.fields;
        Ok(text(fields.time.map_or(fields.day.clone(), |time| format!("{}T{time}", fields.day))))
    }

    pub(super) fn measurements(&mut self, vehicle: VehicleId) -> Fallible<()> {
        let (mut odometer, mut others) = (Vec::new(), Vec::new());
        let there = all(|offset, limit| measurement::list(self.conn, vehicle, offset, limit))?;
        let there = there.into_iter().map(|row| (row, "no"));
        let removed = measurement::removed_of(self.conn, vehicle)?.into_iter().map(|row| (row, "yes"));
        for (row, removed) in there.chain(removed) {
            // What a service record says is whose the record is.
            let told = match row.service.map(|id| service::get(self.conn, id)).transpose()?.flatten() {
                Some(record) => self.border.key(record.key),
                None => self.border.time(row.at),
            };
            if !told {
                continue;
            }
            let removed = removed.to_owned();
            let how = source(&row);
            if let Measured::Odometer { km } = row.measured {
                let confirmed = if row.confirmed { "yes" } else { "" };
                odometer.push([self.read_at(&row)?, km.to_string(), text(how), confirmed.to_owned(), removed]);
                continue;
            }
            for [what, place, value, unit, more] in figures(&row.measured) {
                others.push([self.at(row.at), what, place, value, unit, more, text(&how), removed.clone()]);
            }
        }
        self.archive.count("odometer readings", odometer.len() as u64);
        self.archive.count("measurements", others.len() as u64);
        let head = ["time", "odometer [km]", "source", "confirmed", "removed"];
        self.table("odometer.csv", "odometer readings", head, odometer)?;
        let head = ["time", "what", "where", "value", "unit", "more", "source", "removed"];
        self.table("measurements.csv", "measured by hand: brakes, tyres, battery, oil", head, others)?;
        Ok(())
    }

    /// Alerts and decisions that were raised within the border; what became of them only as far as that was within it too.
    pub(super) fn alerts(&mut self, vehicle: VehicleId) -> Fallible<()> {
        let mut rows = Vec::new();
        for row in all(|o, l| alert::list(self.conn, AlertView::All, Some(vehicle), self.now, o, l))? {
            if !self.border.time(row.raised) {
                continue;
            }
            // It is kept as it was seen last, which may have been later.
            let seen = self.border.time(row.seen);
            let severity = if seen { word(&row.severity) } else { String::new() };
            let explanation = if seen { alert::finding(self.conn, row.id)?.explanation } else { String::new() };
            let (changed, why) = standing(&row.state);
            let told = changed.is_none_or(|at| self.border.time(at));
            rows.push([
                self.at(row.raised),
                severity,
                text(&row.title),
                text(explanation),
                if seen { row.times.to_string() } else { String::new() },
                if told { word(&row.state) } else { "open".to_owned() },
                if told { self.maybe(changed) } else { String::new() },
                if told { text(why) } else { String::new() },
                row.id.to_string(),
            ]);
        }
        self.archive.count("alerts", rows.len() as u64);
        let head =
            ["raised", "severity", "title", "explanation", "times seen", "state", "since or until", "why", "alert"];
        self.table("alerts.csv", "alerts and where they stand", head, rows)?;
        let mut rows = Vec::new();
        for row in all(|o, l| decision::list(self.conn, false, Some(vehicle), o, l))? {
            if !self.border.time(row.at) {
                continue;
            }
            let (answered, note) = match &row.state {
                DecisionState::Approved { at, note, .. } | DecisionState::Refused { at, note, .. } => {
                    (Some(*at), note.as_str())
                }
                _ => (None, ""),
            };
            let told = answered.is_none_or(|at| self.border.time(at));
            rows.push([
                self.at(row.at),
                text(&row.title),
                word(&row.severity),
                word(&row.action),
                text(&row.work),
                text(row.reasons.join("; ")),
                if told { word(&row.state) } else { "waiting".to_owned() },
                if told { self.maybe(answered) } else { String::new() },
                if told { text(note) } else { String::new() },
                row.id.to_string(),
            ]);
        }
        self.archive.count("decisions", rows.len() as u64);
        let head =
            ["time", "about", "severity", "action", "work", "reasons", "state", "answered", "answer", "decision"];
        self.table("decisions.csv", "what the rules decided, and what people answered", head, rows)?;
        Ok(())
    }

    /// What happened, in words, oldest first.
    pub(super) fn timeline(&mut self, vehicle: VehicleId) -> Fallible<()> {
        let (mut rows, mut before) = (Vec::new(), None);
        loop {
            let wanted = timeline::Wanted { vehicle: Some(vehicle), before, ..timeline::Wanted::default() };
            let page = timeline::list(self.conn, &wanted, PAGE)?;
            let Some(last) = page.last() else { break };
            before = Some(last.event.arrival);
            rows.extend(page.into_iter().map(|row| (row.event.at, row.event.actor, row.event.summary)));
        }
        rows.retain(|(at, ..)| self.border.time(*at));
        rows.sort_by_key(|(at, ..)| *at);
        let name = self.name("timeline.txt");
        self.archive.begin(&name, "what happened, in words")?;
        for (at, actor, what) in &rows {
            let line = format!("{}  {what} ({actor})\n", self.at(*at));
            io::Write::write_all(&mut self.archive, line.as_bytes()).map_err(|e| self.archive.told(&e))?;
        }
        self.archive.end(Some(rows.len() as u64))?;
        self.archive.count("events", rows.len() as u64);
        Ok(())
    }

    /// How much work a vehicle is, so that progress can be told.
    pub(super) fn plan(&mut self, id: VehicleId) -> Fallible<()> {
        let visits = u64::from(vehicle::get(self.conn, id)?.map_or(0, |v| v.visits));
        let photos = u64::from(photo::list(self.conn, id, 0, 0)?.total);
        self.progress.plan(telemetry::weight(self.conn, id)? + 1000 * (visits + photos));
        Ok(())
    }
}
