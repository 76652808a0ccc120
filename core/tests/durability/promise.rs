//! Looks at a folder that a process left without a word, and whether all holds that was promised.

use crate::{
    carried::{check_exports, check_imports},
    work::{Own, SIGNALS, STEP, Said, ask, open, value},
};
use roadworthy_api::{
    Timestamp,
    alert::AlertView,
    calls::{
        GetNote, GetPulse, GetTrend, GetVehicle, GetVisit, ListAlerts, ListBackups, ListMessages, ListRecordings,
        ListWorkers, RebuildTables, VerifyBackup, VerifyJournal,
    },
    id::{EventId, RecordingId, VehicleId},
    telemetry::TrendValues,
    work::MessageView,
};
use roadworthy_core::journal::Event;
use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    fmt,
    path::Path,
    time::Duration,
};

/// Most milliseconds of samples that may be missing.
const MISSING: i64 = 1000;

/// What was under way when it ended, and what was looked at.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    pub(crate) cuts: u32,
    acknowledged: usize,
    opening: u32,
    checking: u32,
    backing_up: u32,
    importing: u32,
    exporting: u32,
    recording: u32,
    workers_behind: u32,
    seals: usize,
    alerts: usize,
    missing_ms: Timestamp,
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            cuts,
            acknowledged,
            opening,
            checking,
            backing_up,
            importing,
            exporting,
            recording,
            workers_behind,
            seals,
            alerts,
            missing_ms,
        } = self;
        write!(
            f,
            "{cuts} verified with {acknowledged} acknowledged things, {seals} sealings and {alerts} alerts; it was opening {opening} \
             times, checking {checking}, backing up {backing_up}, importing {importing}, exporting {exporting}, recording \
             {recording}, with work waiting for workers {workers_behind}; longest loss of samples {missing_ms} ms"
        )
    }
}

impl Counts {
    /// That nothing was missed because it never happened. Few cuts may miss what is rarely under way.
    pub(crate) fn must_have_met_everything(&self) {
        if self.cuts < 100 {
            return;
        }
        let met = [
            self.opening,
            self.checking,
            self.backing_up,
            self.importing,
            self.exporting,
            self.recording,
            self.workers_behind,
        ];
        assert!(met.iter().all(|n| *n > 0) && self.seals > 0 && self.alerts > 0, "{self}");
    }
}

type Told<T> = Result<T, String>;

fn told<T>(what: &str, result: Result<T, roadworthy_api::Error>) -> Told<T> {
    result.map_err(|error| format!("{what}: {error}"))
}

fn hold(what: impl fmt::Display, holds: bool) -> Told<()> {
    if holds { Ok(()) } else { Err(what.to_string()) }
}

/// Looks whether everything that was said holds; `said` may be of several processes, one after the other, of which the last
/// begins at `last`.
pub(crate) fn check(folder: &Path, said: &[Said], last: usize, counts: &mut Counts) -> Told<()> {
    note_what_was_under_way(&said[last..], counts);
    if let Some(broken) = said.iter().find(|s| matches!(s, Said::Broken(_))) {
        return Err(format!("{broken:?}"));
    }
    // First as it was left: nothing works on it but what opening it does.
    {
        let own = told("it does not open", open(folder, false))?;
        let lag: u64 = told("workers", ask(&own.engine, ListWorkers {}))?.workers.iter().map(|w| w.lag).sum();
        counts.workers_behind += u32::from(lag > 0);
        whole(&own)?;
        acknowledged(&own, said, counts)?;
        check_imports(&own, said)?;
        backups(&own, said)?;
    }
    // Then as it is once all work is done that was set in motion.
    let own = told("it does not open again", open(folder, true))?;
    hold("the workers do not come to an end", own.engine.settle(Duration::from_secs(60)))?;
    let events = whole(&own)?;
    once(&own, &events, said, counts)?;
    acknowledged(&own, said, counts)?;
    check_imports(&own, said)?;
    check_exports(&own, folder, said, &events)?;
    let rebuilt = told("rebuild", ask(&own.engine, RebuildTables {}))?;
    hold(format!("tables differ from the journal: {:?}", rebuilt.differing), rebuilt.identical)?;
    let pulse = told("pulse", ask(&own.engine, GetPulse {}))?;
    hold(format!("{pulse:?}"), pulse.damage.is_none() && pulse.workers_in_trouble.is_empty())
}

fn note_what_was_under_way(part: &[Said], counts: &mut Counts) {
    let under = |begun: fn(&Said) -> bool, ended: fn(&Said) -> bool| {
        u32::from(part.iter().rposition(begun) > part.iter().rposition(ended))
    };
    counts.opening += u32::from(!part.contains(&Said::Ready));
    counts.checking += under(|s| *s == Said::CheckBegun, |s| matches!(s, Said::Visit(..)));
    counts.backing_up += under(|s| *s == Said::BackupBegun, |s| matches!(s, Said::Backup(_)));
    counts.importing += under(|s| matches!(s, Said::ImportBegun(..)), |s| matches!(s, Said::HistoryImported(_)));
    counts.exporting += under(|s| matches!(s, Said::ExportBegun(_)), |s| matches!(s, Said::Exported(..)));
    counts.recording += under(|s| matches!(s, Said::Live(..)), |s| matches!(s, Said::LiveKept(_)));
    counts.acknowledged += part.len();
}

/// The chain and every block; gives all events, oldest first.
fn whole(own: &Own) -> Told<Vec<Event>> {
    let verified = told("verify", ask(&own.engine, VerifyJournal {}))?;
    hold(format!("{:?}", verified.faults), verified.faults.is_empty())?;
    hold(format!("{:?}", verified.block_faults), verified.block_faults.is_empty())?;
    hold("one folder is one device", verified.devices == 1)?;
    let mut events = Vec::new();
    for (device, last) in told("heads", own.engine.heads())? {
        while (events.len() as u64) < last {
            let next = told("events", own.engine.events_of(device, events.len() as u64 + 1))?;
            hold("the chain is as long as it says", !next.is_empty())?;
            events.extend(next);
        }
        // What was said meanwhile, as that a mail was sent, is not looked at.
        events.truncate(usize::try_from(last).unwrap());
    }
    Ok(events)
}

/// Everything that was said to be done is there, and of samples at most the last second is not.
fn acknowledged(own: &Own, said: &[Said], counts: &mut Counts) -> Told<()> {
    let engine = &*own.engine;
    let all = told("recordings", ask(engine, ListRecordings { vehicle: None, offset: 0, limit: 500 }))?.rows;
    let ended: BTreeSet<RecordingId> = all.iter().map(|row| row.id).collect();
    hold("a recording is listed twice", ended.len() == all.len())?;
    let mut computed: BTreeMap<RecordingId, (VehicleId, Timestamp, u32)> = BTreeMap::new();
    let mut live: BTreeMap<RecordingId, Shown> = BTreeMap::new();
    for said in said {
        match said {
            Said::Vehicle(id, name) => {
                let there = told(&format!("vehicle {id}"), ask(engine, GetVehicle { vehicle: *id }))?;
                hold(format!("{said:?}"), there.row.name.as_ref() == Some(name))?;
            }
            Said::Note(id, text) => {
                let there = told(&format!("note {id}"), ask(engine, GetNote { note: *id }))?;
                hold(format!("{said:?}"), there.0 == *text)?;
            }
            Said::Visit(id, vehicle) => {
                let there = told(&format!("visit {id}"), ask(engine, GetVisit { visit: *id }))?;
                hold(format!("{said:?}"), there.vehicle == *vehicle && there.check.partial.is_none())?;
            }
            Said::Began(id, vehicle, start) => drop(computed.insert(*id, (*vehicle, *start, 0))),
            Said::Committed(id, seconds) => computed.get_mut(id).unwrap().2 = *seconds,
            Said::Live(id, vehicle) => {
                drop(live.insert(*id, Shown { vehicle: *vehicle, now: 0, kept: false, samples: Vec::new() }));
            }
            Said::Shown(id, at, samples) => {
                let shown = live.get_mut(id).unwrap();
                shown.now = *at;
                shown.samples.extend(samples.iter().cloned());
            }
            Said::LiveKept(id) => {
                live.get_mut(id).unwrap().kept = true;
                hold(format!("the recording {id} is missing"), ended.contains(id))?;
            }
            Said::Kept(id) => hold(format!("the recording {id} is missing"), ended.contains(id))?,
            _ => {}
        }
    }
    for (id, (vehicle, start, seconds)) in computed {
        series(own, id, vehicle, start, seconds)?;
    }
    for (id, shown) in live {
        counts.missing_ms = counts.missing_ms.max(shown.check(own, id)?);
    }
    Ok(())
}

/// Each value of a signal of a vehicle.
fn points(own: &Own, vehicle: VehicleId, signal: &str, from: Timestamp, to: Timestamp) -> Told<Vec<(Timestamp, f64)>> {
    let signals = vec![signal.to_owned()];
    let trend = told("trend", ask(&own.engine, GetTrend { vehicle, signals, from, to, columns: 4000 }))?;
    match trend.signals.into_iter().next().map(|s| s.values) {
        Some(TrendValues::Raw { points, .. }) => Ok(points.into_iter().filter_map(|(at, v)| Some((at, v?))).collect()),
        None => Ok(Vec::new()),
        other => Err(format!("{signal} has no single values: {other:?}")),
    }
}

/// A computed recording holds what was committed, perhaps one commit more, and nothing twice.
fn series(own: &Own, id: RecordingId, vehicle: VehicleId, start: Timestamp, seconds: u32) -> Told<()> {
    for (n, (signal, _)) in SIGNALS.iter().enumerate() {
        if seconds == 0 {
            continue;
        }
        let there = points(own, vehicle, signal, start, start + 86_400_000)?;
        let whole = u32::try_from(there.len()).unwrap();
        hold(
            format!("{id}: {whole} values of {signal}, and {seconds} were committed"),
            whole == seconds || whole == seconds + STEP,
        )?;
        let expect = (0..whole).map(|second| (start + i64::from(second) * 1000, value(n, second)));
        hold(format!("{id}: values of {signal} are not what they were"), there.into_iter().eq(expect))?;
    }
    Ok(())
}

/// What a live session showed while it was recorded.
struct Shown {
    vehicle: VehicleId,
    now: Timestamp,
    kept: bool,
    samples: Vec<(String, Timestamp, f64)>,
}

impl Shown {
    /// How long before the end the first missing sample was shown.
    fn check(&self, own: &Own, id: RecordingId) -> Told<i64> {
        let Some(first) = self.samples.iter().map(|(_, at, _)| *at).min() else { return Ok(0) };
        let signals: BTreeSet<&String> = self.samples.iter().map(|(signal, ..)| signal).collect();
        let mut missing = 0;
        for signal in signals {
            let there = points(own, self.vehicle, signal, first, self.now + 60_000)?;
            let mut times: HashMap<Timestamp, Vec<f64>> = HashMap::new();
            for (at, value) in &there {
                times.entry(*at).or_default().push(*value);
            }
            hold(format!("{id}: {signal} has a sample twice"), times.values().all(|values| values.len() == 1))?;
            for (_, at, value) in self.samples.iter().filter(|(s, ..)| s == signal) {
                match times.get(at) {
                    Some(values) => hold(format!("{id}: {signal} at {at} is another"), values == &[*value])?,
                    None if self.kept => return Err(format!("{id}: {signal} at {at} is missing, and it was kept")),
                    None => missing = missing.max(self.now - at),
                }
            }
        }
        hold(format!("{id}: {missing} ms of samples are missing"), missing <= MISSING)?;
        Ok(missing)
    }
}

/// No backup is offered that is not whole, and the newest that was made is.
fn backups(own: &Own, said: &[Said]) -> Told<()> {
    let engine = &*own.engine;
    let rows = told("backups", ask(engine, ListBackups {}))?;
    let newest = said.iter().rev().find_map(|s| if let Said::Backup(name) = s { Some(name) } else { None });
    if let Some(newest) = newest {
        hold(format!("the backup {newest} is not offered"), rows.iter().any(|row| row.name == *newest))?;
    }
    for row in rows {
        hold(format!("the backup {} is offered with {:?}", row.name, row.problem), row.problem.is_none())?;
        let report = told("backup verify", ask(engine, VerifyBackup { name: row.name.clone() }))?;
        hold(format!("the backup {}: {:?}", row.name, report.faults), report.faults.is_empty())?;
    }
    Ok(())
}

fn payload(event: &Event) -> Told<Value> {
    serde_json::from_str(&event.payload).map_err(|e| format!("{}: {e}", event.id))
}

/// Fails if anything is in there twice.
fn unique<T: Ord + fmt::Debug>(what: &str, all: impl IntoIterator<Item = T>) -> Told<BTreeSet<T>> {
    let mut seen = BTreeSet::new();
    for one in all {
        if seen.contains(&one) {
            return Err(format!("{what} twice: {one:?}"));
        }
        seen.insert(one);
    }
    Ok(seen)
}

/// What caused an event, whom it is about, and some fields of its payload.
type Fields = (Option<EventId>, Option<[u8; 16]>, Vec<String>);

/// Every cause has had its effect, and none had it twice.
fn once(own: &Own, events: &[Event], said: &[Said], counts: &mut Counts) -> Told<()> {
    let of = |kind: &'static str| events.iter().filter(move |e| e.kind == kind);
    let fields = |kind: &'static str, path: &'static [&'static str]| -> Told<Vec<Fields>> {
        of(kind)
            .map(|event| {
                let payload = payload(event)?;
                let field = |pointer: &&str| payload.pointer(pointer).map(Value::to_string).unwrap_or_default();
                Ok((event.causation, event.subject, path.iter().map(field).collect()))
            })
            .collect()
    };
    let checked: BTreeSet<EventId> = of("vehicle.checked").map(|e| e.id).collect();
    let diagnosed = fields("diagnosis.made", &["/source/visit", "/source/recording"])?;
    let of_visits = diagnosed.iter().filter(|(cause, ..)| cause.is_some_and(|c| checked.contains(&c)));
    let of_visits = unique("a diagnosis of a check", of_visits.map(|(cause, ..)| cause.unwrap()))?;
    hold(format!("{} checks, {} diagnoses", checked.len(), of_visits.len()), of_visits == checked)?;
    unique("a recording began", fields("vehicle.recording.started", &["/recording"])?.into_iter().map(|f| f.2))?;
    unique("a recording ended", fields("vehicle.recorded", &["/recording"])?.into_iter().map(|f| f.2))?;
    unique("a decision about a finding of an event", fields("decision.made", &["/finding/key"])?)?;
    // Nobody closes any, so that each thing about each vehicle is raised once for ever.
    let raised = fields("alert.created", &["/finding/key"])?.into_iter().map(|(_, subject, key)| (subject, key));
    let raised = unique("an alert", raised)?;
    unique("a message sent", fields("notification.sent", &["/message"])?.into_iter().map(|f| f.2))?;
    let mut hashes = Vec::new();
    for sealed in of("vehicle.telemetry.received") {
        counts.seals += 1;
        let payload = payload(sealed)?;
        hashes.extend(payload["blocks"].as_array().unwrap().iter().map(|b| b["h"].to_string()));
    }
    unique("a block", hashes)?;

    // Each recording that boils has its alert, and each alert its message.
    let whose = |id: &RecordingId| {
        said.iter().find_map(|s| if let Said::Began(i, vehicle, _) = s { (i == id).then_some(*vehicle) } else { None })
    };
    for said in said {
        let Said::Committed(id, _) = said else { continue };
        let expect = (whose(id).map(VehicleId::bytes), vec!["\"rule/coolant-hot\"".to_owned()]);
        hold(format!("nobody is alerted to what {id} holds: {raised:?}"), raised.contains(&expect))?;
    }
    let all = ListAlerts { view: AlertView::All, vehicle: None, offset: 0, limit: 500 };
    let alerts = told("alerts", ask(&own.engine, all))?;
    counts.alerts += alerts.rows.len();
    hold(
        format!("{} alerts were raised, {} are there", raised.len(), alerts.total),
        raised.len() == alerts.total as usize,
    )?;
    let mut messages = Vec::new();
    for offset in (0..).step_by(500) {
        let page = told("messages", ask(&own.engine, ListMessages { view: MessageView::All, offset, limit: 500 }))?;
        if page.rows.is_empty() {
            break;
        }
        messages.extend(page.rows);
    }
    unique("a message", messages.iter().map(|m| m.key.clone()))?;
    for alert in alerts.rows {
        let key = format!("alert/{}/created/mail", alert.id);
        hold(format!("{key} is not in the outbox"), messages.iter().any(|m| m.key == key))?;
    }
    Ok(())
}
