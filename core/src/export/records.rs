//! Parts of an archive about a vehicle's papers: service records, files that something came from, reports, messages.

use super::part::{Parts, all, text, word};
use crate::{
    history::own,
    store::{
        Fallible,
        blob::{self, Blob},
        history, import, outbox, pin, service,
    },
};
use roadworthy_api::{Timestamp, id::VehicleId, service::ServiceRow, work::MessageState};
use std::io;

impl Parts<'_, '_, '_> {
    /// Service records that count, in the layout that the import of a history reads back; and all that are stored, with who wrote
    /// them down, why an odometer reading was doubted and what it counts as.
    pub(super) fn service(&mut self, vehicle: VehicleId) -> Fallible<()> {
        let mut kept = service::kept(self.conn, vehicle)?;
        kept.retain(|kept| self.border.key(kept.key));
        if self.border.keys.is_some() {
            // What a reading was held against may be another owner's.
            for flag in kept.iter_mut().filter_map(|kept| kept.row.flag.as_mut()) {
                (flag.reason, flag.evidence) = ("It contradicts other readings.".to_owned(), Vec::new());
            }
        }
        let rows: Vec<&ServiceRow> = kept.iter().filter(|k| !k.removed && !k.taken_back).map(|k| &k.row).collect();
        let csv = own::write(rows.iter().map(|row| (&row.fields, row.judged, row.line)));
        let name = self.name("service.csv");
        self.archive.begin(&name, "service records; `roadworthy import` reads them back")?;
        io::Write::write_all(&mut self.archive, csv.as_bytes()).map_err(|e| self.archive.told(&e))?;
        self.archive.end(Some(rows.len() as u64))?;
        self.archive.count("service records", rows.len() as u64);
        let name = self.name("service.json");
        Ok(self.archive.json(&name, "the same and those that were removed, with all that is known of each", &kept)?)
    }

    /// Files that values and service records came from, newest first.
    pub(super) fn imports(&mut self, vehicle: VehicleId) -> Fallible<()> {
        let mut rows: Vec<(Timestamp, [String; 13])> = Vec::new();
        for row in all(|o, l| import::list(self.conn, Some(vehicle), o, l))? {
            let cells = [
                self.at(row.at),
                "values".to_owned(),
                text(&row.name),
                word(&row.layout),
                row.rows.to_string(),
                row.samples.to_string(),
                row.rejected.to_string(),
                String::new(),
                String::new(),
                self.at(row.from),
                self.at(row.to),
                self.maybe(row.undone),
                row.id.to_string(),
            ];
            rows.push((row.at, cells));
        }
        for row in all(|o, l| history::list(self.conn, Some(vehicle), o, l))? {
            let cells = [
                self.at(row.at),
                "service history".to_owned(),
                text(&row.name),
                word(&row.layout),
                row.rows.to_string(),
                String::new(),
                String::new(),
                row.records.to_string(),
                row.flagged.to_string(),
                row.from,
                row.to,
                self.maybe(row.undone),
                row.id.to_string(),
            ];
            rows.push((row.at, cells));
        }
        rows.retain(|(at, _)| self.border.time(*at));
        rows.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
        let rows: Vec<_> = rows.into_iter().map(|(_, cells)| cells).collect();
        self.archive.count("imports", rows.len() as u64);
        let head = [
            "time",
            "what",
            "file",
            "layout",
            "rows",
            "values",
            "rejected cells",
            "records",
            "doubted readings",
            "from",
            "to",
            "taken back",
            "import",
        ];
        self.table("imports.csv", "files of other programs that values and service records came from", head, rows)?;
        Ok(())
    }

    /// Reports that are stored here, as they were made.
    pub(super) fn reports(&mut self, reports: &[Blob], what: &str) -> Fallible<()> {
        for Blob { info, deflated } in reports {
            match self.store.files.get(&info.hash, *deflated) {
                Ok(bytes) => {
                    let name =
                        self.name(&format!("reports/{}-{}", info.hash.get(..8).unwrap_or_default(), safe(&info.name)));
                    self.archive.file(&name, what, &bytes)?;
                    self.archive.count("reports", 1);
                }
                Err(_) => self.archive.note("The files of some reports are not on this device."),
            }
        }
        Ok(())
    }

    /// Reports that were made of a vehicle.
    pub(super) fn reports_about(&mut self, vehicle: VehicleId) -> Fallible<()> {
        let reports = blob::reports_about(self.conn, vehicle)?;
        self.reports(&reports, "reports that were made of the vehicle")
    }

    /// Messages about a vehicle that this device sends or has sent, to people of the shop.
    pub(super) fn messages(&mut self, vehicle: VehicleId) -> Fallible<()> {
        let mut rows = Vec::new();
        for row in outbox::of_vehicle(self.conn, vehicle)? {
            let (state, at) = match row.state {
                MessageState::Waiting { .. } => ("waiting", None),
                MessageState::Sending => ("sending", None),
                MessageState::Sent { at } => ("sent", Some(at)),
                MessageState::Dead { at } => ("given up", Some(at)),
                MessageState::Dropped { at } => ("dropped", Some(at)),
            };
            let alert = row.alert.map(|id| id.to_string()).unwrap_or_default();
            rows.push([
                self.at(row.created),
                text(&row.channel),
                text(&row.subject),
                state.to_owned(),
                self.maybe(at),
                text(&row.last_error),
                alert,
            ]);
        }
        self.archive.count("messages", rows.len() as u64);
        let head = ["written", "channel", "about", "state", "since", "last fault", "alert"];
        self.table("messages.csv", "messages about the vehicle to people of the shop", head, rows)?;
        Ok(())
    }

    /// Ranges of values that are kept from growing old.
    pub(super) fn pins(&mut self, vehicle: VehicleId) -> Fallible<()> {
        let pins = pin::list(self.conn)?.into_iter().filter(|pin| pin.vehicle == vehicle);
        let rows = pins.map(|pin| [self.at(pin.from), self.at(pin.to), text(pin.reason)]).collect();
        self.table("pins.csv", "ranges of values that are kept from being dropped", ["from", "to", "why"], rows)?;
        Ok(())
    }
}

/// A name that leads nowhere else.
fn safe(name: &str) -> String {
    name.chars().map(|c| if c.is_alphanumeric() || "-_. ".contains(c) { c } else { '_' }).collect()
}
