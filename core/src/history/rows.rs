//! Rows of a history become records. Every row is accounted for; a cell that cannot be read keeps its text with the record.

use super::{amount, cut::Row, look::Looked, names, own, record};
use crate::import::{account::Account, known, time};
use jiff::tz::TimeZone;
use roadworthy_api::{
    Timestamp,
    history::{HistoryField as F, HistoryLayout, HistoryMapping, HistoryReport},
    import::{CellReason, DateOrder, RowReason},
    service::{CostShare, FuelFilled, Judgement, Meter, Part, SERVICE_LIST_MAX, ServiceFields, ServiceKind},
    valid::Valid,
};

/// A record that was read.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Record {
    /// Line on which it begins, counted from 1.
    pub(crate) line: u64,
    pub(crate) fields: ServiceFields,
    pub(crate) moment: (Timestamp, Timestamp),
    /// What the file says of its odometer.
    pub(crate) judged: Option<Judgement>,
}

/// What was read of a file.
#[derive(Clone, Debug)]
pub(crate) struct Read {
    pub(crate) records: Vec<Record>,
    pub(crate) report: HistoryReport,
}

/// Reads every row behind the header; `zone` is that of days.
pub(crate) fn read(looked: &Looked, zone: &TimeZone) -> Read {
    let mapping = &looked.mapping;
    let header = looked.rows.iter().find(|r| r.line == u64::from(mapping.header)).and_then(|r| r.cells.as_ref().ok());
    let names: Vec<String> = header.cloned().unwrap_or_default();
    let order = if mapping.history == HistoryLayout::Roadworthy {
        own::HEADER.iter().map(|own| names.iter().position(|n| n.trim() == *own)).collect()
    } else {
        Vec::new()
    };
    let midnight = every_time_is_midnight(looked);
    let mut reader = Reader { mapping, names: &names, order, zone, midnight, account: Account::default() };
    let mut records = Vec::new();
    let mut rows = 0;
    for row in looked.rows.iter().filter(|r| r.line > u64::from(mapping.header)) {
        rows += 1;
        match reader.row(row) {
            Ok(record) => records.push(record),
            Err(reason) => reader.account.explain(reason, row.line),
        }
    }
    let name = |place: usize| names.get(place).cloned().unwrap_or_default();
    let told = reader.account.report(name);
    let report = HistoryReport {
        rows,
        records: records.len() as u64,
        explained: told.explained,
        rejected: told.rejected,
        flagged: 0,
        judged: 0,
    };
    Read { records, report }
}

/// Whether days are written with a time that means nothing, as `3/4/2024 12:00:00 AM`.
fn every_time_is_midnight(looked: &Looked) -> bool {
    let places: Vec<usize> = looked
        .mapping
        .columns
        .iter()
        .filter(|c| c.field == Some(F::Day))
        .filter_map(|c| usize::try_from(c.place).ok())
        .collect();
    let order = looked.mapping.date_order;
    let times = looked
        .rows
        .iter()
        .filter(|r| r.line > u64::from(looked.mapping.header))
        .filter_map(|r| r.cells.as_ref().ok())
        .flat_map(|cells| places.iter().filter_map(|at| cells.get(*at)).collect::<Vec<_>>())
        .filter_map(|cell| time::date_time(cell.trim().as_bytes(), order));
    times.fold(true, |all, stamp| all && stamp.ahead.is_none() && stamp.local.rem_euclid(time::DAY) == 0)
}

struct Reader<'a> {
    mapping: &'a HistoryMapping,
    names: &'a [String],
    /// Where the columns of the own layout stand.
    order: Vec<Option<usize>>,
    zone: &'a TimeZone,
    midnight: bool,
    account: Account,
}

/// Day, time and offset as they are kept.
fn day_and_time(cell: &str, order: Option<DateOrder>, midnight: bool) -> Option<(String, Option<String>)> {
    let bytes = cell.as_bytes();
    let (local, ahead, timed) = match time::date_time(bytes, order) {
        Some(stamp) => (stamp.local, stamp.ahead, !midnight),
        None => (time::date(bytes, order)?, None, false),
    };
    let at = jiff::Timestamp::from_millisecond(local).ok()?.to_zoned(TimeZone::UTC).datetime();
    let offset = ahead.map(|ms| {
        let minutes = ms.abs() / 60_000;
        format!("{}{:02}:{:02}", if ms < 0 { '-' } else { '+' }, minutes / 60, minutes % 60)
    });
    let clock = timed.then(|| {
        let seconds = if at.second() == 0 && offset.is_none() { String::new() } else { format!(":{:02}", at.second()) };
        format!("{:02}:{:02}{seconds}{}", at.hour(), at.minute(), offset.unwrap_or_default())
    });
    Some((at.date().to_string(), clock))
}

fn yes_no(cell: &str) -> Option<bool> {
    match cell.to_lowercase().as_str() {
        "yes" | "y" | "true" | "1" | "ja" | "x" => Some(true),
        "no" | "n" | "false" | "0" | "nein" => Some(false),
        _ => None,
    }
}

impl Reader<'_> {
    fn row(&mut self, row: &Row) -> Result<Record, RowReason> {
        let cells = row.cells.as_ref().map_err(|reason| *reason)?;
        if cells.iter().all(|c| c.trim().is_empty()) {
            return Err(RowReason::Blank);
        }
        if cells.iter().map(|c| c.trim()).eq(self.names.iter().map(|n| n.trim())) {
            return Err(RowReason::Header);
        }
        // A separator behind the last cell of each row.
        let spare = cells.len() == self.names.len() + 1 && cells.last().is_some_and(|c| c.trim().is_empty());
        if cells.len() > self.names.len() && !spare {
            return Err(RowReason::MoreCells);
        }
        if cells.len() < self.names.len() {
            return Err(if row.open_end { RowReason::CutOff } else { RowReason::FewerCells });
        }
        let (fields, judged) = if self.mapping.history == HistoryLayout::Roadworthy {
            self.own(cells, row.line)?
        } else {
            let fields = self.fields(cells, row.line)?;
            let judged = fields.odometer.filter(|_| self.void(cells)).map(|_| Judgement::LeaveOut);
            (fields, judged)
        };
        let moment = record::moment(&fields.day, fields.time.as_deref(), self.zone).map_err(|_| RowReason::BadDay)?;
        // Longer than anybody writes.
        fields.valid("record").map_err(|_| RowReason::TooLong)?;
        Ok(Record { line: row.line, fields, moment, judged })
    }

    /// Whether the file itself takes the reading back, as Fleetio does where somebody has voided it.
    fn void(&self, cells: &[String]) -> bool {
        let voids = |name: &String| known::words(name).split(' ').any(|word| matches!(word, "void" | "voided"));
        let mut all = self.names.iter().zip(cells).filter(|(name, cell)| voids(name) && !cell.trim().is_empty());
        all.any(|(_, cell)| yes_no(cell.trim()) != Some(false))
    }

    /// Whether a reading is of a second instrument, as of a crane on a lorry, and no odometer.
    fn second(&self, cells: &[String]) -> bool {
        let mut all = self.names.iter().zip(cells).filter(|(name, _)| known::words(name) == "meter type");
        all.any(|(_, cell)| known::words(cell) == "secondary")
    }

    fn own(&mut self, cells: &[String], line: u64) -> Result<(ServiceFields, Option<Judgement>), RowReason> {
        let at = |place: &Option<usize>| place.and_then(|at| cells.get(at)).cloned().unwrap_or_default();
        let ordered: Vec<String> = self.order.iter().map(at).collect();
        let read = own::read(&ordered).map_err(|column| {
            let place = self.names.iter().position(|n| n.trim() == column).unwrap_or(0);
            self.account.reject(place, CellReason::Impossible, line);
            RowReason::Rejected
        })?;
        if read.fields.day.is_empty() {
            return Err(RowReason::NoDay);
        }
        Ok((read.fields, read.judged))
    }

    fn fields(&mut self, cells: &[String], line: u64) -> Result<ServiceFields, RowReason> {
        let mapping = self.mapping;
        let columns = || {
            mapping.columns.iter().filter_map(|c| {
                let place = usize::try_from(c.place).ok()?;
                Some((place, c.column.as_str(), c.field?, cells.get(place)?.trim()))
            })
        };
        let of = |field: F| columns().find(|(_, _, f, cell)| *f == field && !cell.is_empty()).map(|(.., cell)| cell);
        if let Some(only) = &mapping.only {
            let mut named = columns().filter(|(_, _, f, _)| *f == F::Vehicle);
            if !named.any(|(.., cell)| cell.to_lowercase() == only.to_lowercase()) {
                return Err(RowReason::OtherVehicle);
            }
        }
        let day = of(F::Day).ok_or(RowReason::NoDay)?;
        let (day, time) = day_and_time(day, mapping.date_order, self.midnight).ok_or(RowReason::BadDay)?;
        let mut f = ServiceFields { day, time, ..ServiceFields::default() };
        let unit = of(F::OdometerUnit)
            .and_then(|cell| names::distance(cell).or_else(|| own::meter_unit(&cell.to_lowercase())))
            .or(mapping.distance);
        let currency = of(F::Currency).map(str::to_uppercase);
        let currency = currency.as_deref().or(mapping.currency.as_deref());
        let (mut numbers, mut parts, mut quantity) = (Vec::new(), Vec::new(), None);
        let (mut full, mut missed) = (None, None);
        let mut rejected: Vec<(usize, CellReason)> = Vec::new();
        let (mut says, second) = (false, self.second(cells));
        for (place, name, field, cell) in columns().filter(|(.., cell)| !cell.is_empty()) {
            let mut refuse = |reason| rejected.push((place, reason));
            match field {
                F::Day | F::OdometerUnit | F::Currency => continue,
                F::Vehicle => {
                    f.more.push((name.to_owned(), cell.to_owned()));
                    continue;
                }
                F::Time => match time::of_day(cell.as_bytes(), false) {
                    Some(ms) => {
                        f.time.get_or_insert_with(|| format!("{:02}:{:02}", ms / 3_600_000, ms / 60_000 % 60));
                    }
                    None => refuse(CellReason::NotANumber),
                },
                F::Kind => {
                    f.kind = names::kind(cell);
                    f.kind_said = cell.to_owned();
                }
                F::Description => f.description = cell.to_owned(),
                F::Odometer if second => f.more.push((name.to_owned(), cell.to_owned())),
                F::Odometer => match amount::meter(cell, mapping.decimal, unit) {
                    // This program writes 0 where there is none.
                    Ok(Some(Meter { value, .. })) if value == 0.0 && names::is_lubelogger(mapping.history) => continue,
                    Ok(Some(meter)) => f.odometer = Some(meter),
                    Ok(None) => refuse(CellReason::UnknownUnit),
                    Err(reason) => refuse(reason),
                },
                F::Cost => match amount::money(cell, mapping.decimal, currency) {
                    Ok(money) => f.cost = Some(money),
                    Err(reason) => refuse(reason),
                },
                F::Share => match amount::money(cell, mapping.decimal, currency) {
                    Ok(money) => f.shares.push(CostShare { what: name.to_owned(), money }),
                    Err(reason) => refuse(reason),
                },
                F::Tasks => f.tasks.extend(split(cell, &[',', ';', '\n'])),
                F::Part => parts.extend(split(cell, &[',', ';', '\n'])),
                F::PartNumber => numbers.extend(split(cell, &[',', ';', '\n'])),
                F::PartQuantity => match amount::plain(cell, mapping.decimal) {
                    Ok(n) => quantity = Some(n),
                    Err(reason) => refuse(reason),
                },
                F::FuelQuantity => match amount::quantity(cell, mapping.decimal) {
                    Ok(quantity) => {
                        f.fuel = Some(FuelFilled { quantity, unit: mapping.fuel_unit, ..FuelFilled::default() })
                    }
                    Err(reason) => refuse(reason),
                },
                F::FuelFull | F::FuelPartial | F::FuelMissed => match (yes_no(cell), field) {
                    (Some(yes), F::FuelFull) => full = Some(yes),
                    (Some(yes), F::FuelPartial) => full = Some(!yes),
                    (Some(yes), _) => missed = Some(yes),
                    (None, _) => refuse(CellReason::NotYesOrNo),
                },
                F::Vendor => f.vendor = cell.to_owned(),
                F::Notes => f.notes = cell.to_owned(),
                F::Tags => {
                    let by: &[char] = match names::is_lubelogger(mapping.history) {
                        true => &[' '],
                        false => &[',', ';'],
                    };
                    f.tags.extend(split(cell, by));
                }
                F::SourceId => f.source_id = cell.to_owned(),
                F::More => f.more.push((name.to_owned(), cell.to_owned())),
            }
            says = true;
        }
        if !says {
            return Err(RowReason::Empty);
        }
        if of(F::Kind).is_none() || names::kind_of(mapping.history).is_some() {
            f.kind = mapping.kind.unwrap_or(f.kind);
        }
        if let Some(fuel) = &mut f.fuel {
            (fuel.full, fuel.missed) = (full, missed);
            if f.kind == ServiceKind::Other && mapping.history == HistoryLayout::Table && f.kind_said.is_empty() {
                f.kind = ServiceKind::Fuel;
            }
        }
        f.parts = paired(parts, numbers, quantity);
        for (place, reason) in rejected {
            self.account.reject(place, reason, line);
            let name = self.names.get(place).cloned().unwrap_or_default();
            let text = cells.get(place).map(|c| c.trim().to_owned()).unwrap_or_default();
            if f.more.len() < SERVICE_LIST_MAX {
                f.more.push((name, text));
            }
        }
        Ok(f)
    }
}

fn split<'a>(cell: &'a str, by: &'a [char]) -> impl Iterator<Item = String> + 'a {
    cell.split(by).map(str::trim).filter(|p| !p.is_empty()).map(str::to_owned)
}

/// Names and numbers of parts, in the order in which they stand.
fn paired(names: Vec<String>, numbers: Vec<String>, quantity: Option<f64>) -> Vec<Part> {
    let count = names.len().max(numbers.len());
    let one = |list: &[String], i: usize| list.get(i).cloned().unwrap_or_default();
    (0..count)
        .map(|i| Part { name: one(&names, i), number: one(&numbers, i), quantity: quantity.filter(|_| count == 1) })
        .collect()
}
