//! Parts of an archive about values over time: recordings, signals, every value, what is left of those that were dropped, and
//! which cannot be right.

use super::{
    Values,
    part::{Parts, all, text, word},
    telemetry,
};
use crate::{
    csv::Table,
    live::{csv_of_file, csv_time, info},
    store::{Fallible, reading_flag, recording},
    telemetry::{
        every::{self, Signal},
        query,
    },
};
use roadworthy_api::{id::VehicleId, live::CsvLayout};

impl Parts<'_, '_, '_> {
    /// When live values were recorded. The values themselves are those of [`Self::telemetry`].
    pub(super) fn recordings(&mut self, vehicle: VehicleId) -> Fallible<()> {
        let mut rows = Vec::new();
        for row in all(|o, l| recording::list(self.conn, Some(vehicle), o, l))? {
            if !self.border.time(row.started) {
                continue;
            }
            let whole = self.border.time(row.ended);
            // Those of older versions are in files, and not among the values.
            let file = recording::get(self.conn, row.id)?.map(|(_, file)| file).filter(|file| !file.is_empty());
            if !whole && file.is_some() {
                self.archive
                    .note("A recording of an older version that goes past the time when the vehicle was theirs.");
            } else if let Some(hash) = file {
                match self.store.files.get(&hash, true).and_then(|bytes| csv_of_file(&bytes, CsvLayout::Long)) {
                    Ok(csv) => {
                        let name =
                            self.name(&format!("recordings/{}.csv", self.stamp(row.started, &row.id.to_string())));
                        self.archive.file(&name, "recordings of older versions", csv.as_bytes())?;
                    }
                    Err(_) => {
                        self.archive.note("The files of some recordings of older versions are not on this device.")
                    }
                }
            }
            let marks = row.marks.iter().filter(|m| self.border.time(m.at));
            let marks: Vec<String> = marks.map(|m| format!("{} {}", self.at(m.at), m.label)).collect();
            rows.push([
                self.at(row.started),
                if whole { self.at(row.ended) } else { String::new() },
                if whole { row.samples.to_string() } else { String::new() },
                text(row.signals.join("; ")),
                text(marks.join("; ")),
                if row.cut_short { "yes".into() } else { "no".into() },
                row.id.to_string(),
            ]);
        }
        self.archive.count("recordings", rows.len() as u64);
        let head = ["started", "ended", "values", "signals", "marks", "cut short", "recording"];
        self.table("recordings.csv", "when live values were recorded", head, rows)?;
        Ok(())
    }

    /// Every single value, and what signals there are.
    pub(super) fn telemetry(&mut self, vehicle: VehicleId) -> Fallible<()> {
        let signals = every::signals(self.conn, vehicle)?;
        if self.border.times.is_none() {
            // A trend has the newest unit of a signal only.
            let newest = query::spans(self.conn, vehicle)?;
            let mut rows = Vec::new();
            for signal in &signals {
                let (id, unit) = (&signal.signal.id, &signal.signal.unit);
                let known = newest.iter().find(|s| s.id == *id && s.unit == *unit).cloned();
                let span = if known.is_some() { known } else { every::span(self.conn, signal)? };
                let Some(s) = span else { continue };
                let (id, label, unit) = (text(&s.id), text(&s.label), text(&s.unit));
                rows.push([
                    id,
                    label,
                    unit,
                    self.at(s.from),
                    self.at(s.to),
                    s.samples.to_string(),
                    self.maybe(s.raw_from),
                ]);
            }
            let head = ["signal", "label", "unit", "from", "to", "values", "single values since"];
            self.table("signals.csv", "signals that there are values of", head, rows)?;
        }
        if signals.is_empty() {
            self.archive.count("values", 0);
            return Ok(());
        }
        self.archive.large();
        let (name, ranges) = (self.name("telemetry.csv"), self.border.ranges());
        self.archive.begin(&name, "every value over time; `roadworthy import` reads it back")?;
        let (values, told) = (Values::default(), self.archive.teller());
        let written = telemetry::csv(self.conn, vehicle, &values, &ranges, &mut self.archive, &told, self.progress)?;
        self.archive.end(Some(written.rows))?;
        self.archive.count("values", written.values);
        if written.gaps > 0 {
            self.archive.count("gaps with their reason", written.gaps);
        }
        let dropped = written.notes.iter().any(|note| note.contains(telemetry::DROPPED));
        written.notes.into_iter().for_each(|note| self.archive.note(note));
        if dropped { self.minutes(&signals) } else { Ok(()) }
    }

    /// Minutes of the values that are no longer kept one by one.
    fn minutes(&mut self, signals: &[Signal]) -> Fallible<()> {
        let infos: Vec<_> = signals.iter().map(|s| info(&s.signal)).collect();
        let name = self.name("minutes.csv");
        self.archive.begin(&name, "what is left of values that were dropped: their minutes")?;
        let told = self.archive.teller();
        let mut table = Table::new(&mut self.archive);
        let head =
            ["minute", "ecu", "pid", "name", "label", "unit", "values", "least", "greatest", "mean", "first", "last"];
        table.row(head).map_err(|e| told(&e))?;
        for range in self.border.ranges() {
            every::left(self.conn, signals, range, &mut |place, at, minute| {
                let Some(i) = infos.get(place) else { return Ok(()) };
                let mut cells: Vec<String> = vec![csv_time(at)];
                cells.extend([&i.ecu, &i.pid, &i.name, &i.label, &i.unit].map(text));
                let mean = minute.sum / minute.count.max(1) as f64;
                cells.push(minute.count.to_string());
                cells.extend([minute.min, minute.max, mean, minute.first, minute.last].map(|v| v.to_string()));
                Ok(table.row(cells).map_err(|e| told(&e))?)
            })?;
        }
        let rows = table.rows.saturating_sub(1);
        self.archive.end(Some(rows))?;
        self.archive.count("minutes of dropped values", rows);
        Ok(())
    }

    /// Values that cannot be right, and why.
    pub(super) fn flags(&mut self, vehicle: VehicleId) -> Fallible<()> {
        let mut rows = Vec::new();
        for (source, flag) in reading_flag::of_vehicle(self.conn, vehicle)? {
            if self.border.time(flag.at) {
                rows.push([
                    self.at(flag.at),
                    text(&flag.ecu),
                    text(&flag.signal),
                    word(&flag.what),
                    text(&flag.reason),
                    flag.samples.to_string(),
                    source.to_string(),
                ]);
            }
        }
        self.archive.count("values that cannot be right", rows.len() as u64);
        let head = ["time", "ecu", "signal", "what", "reason", "values", "visit, recording or import"];
        self.table("flags.csv", "values that cannot be right, and why", head, rows)?;
        Ok(())
    }
}
