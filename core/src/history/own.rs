//! Roadworthy's own layout of a service history: RFC 4180, UTF-8, a line for the header and a row per record.
//!
//! What is written reads back as it was ([`HEADER`] says the columns). Days are ISO 8601, decimal signs points, lists and pairs
//! JSON, an empty cell is what was not stated. Texts are guarded as in every table ([`crate::csv`]); reading takes that away.

use crate::csv::{guarded, unguarded};
use roadworthy_api::service::{
    CostShare, FuelFilled, FuelUnit, Judgement, Meter, MeterUnit, Money, Part, ServiceFields, ServiceKind,
};
use serde::{Serialize, de::DeserializeOwned};

/// Names of the columns, in their order.
pub(crate) const HEADER: [&str; 23] = [
    "service_day",
    "time",
    "kind",
    "kind_said",
    "description",
    "odometer",
    "odometer_unit",
    "odometer_judged",
    "cost",
    "currency",
    "cost_shares",
    "tasks",
    "parts",
    "fuel",
    "fuel_unit",
    "fuel_full",
    "fuel_missed",
    "vendor",
    "notes",
    "tags",
    "source_id",
    "more",
    "line",
];

/// The whole file: records with what a person said of their odometer and the line they came from, in the order given.
pub(crate) fn write<'a>(
    records: impl IntoIterator<Item = (&'a ServiceFields, Option<Judgement>, Option<u64>)>,
) -> String {
    let mut out = String::new();
    line(&mut out, HEADER.map(str::to_owned));
    for (f, judged, from) in records {
        let fuel = f.fuel;
        let yes_no = |flag: Option<bool>| flag.map_or("", |f| if f { "yes" } else { "no" }).to_owned();
        line(
            &mut out,
            [
                f.day.clone(),
                text(f.time.as_deref().unwrap_or_default()),
                f.kind.word().to_owned(),
                text(&f.kind_said),
                text(&f.description),
                f.odometer.map(|m| m.value.to_string()).unwrap_or_default(),
                f.odometer.map_or("", |m| m.unit.word()).to_owned(),
                judged.map_or("", judged_word).to_owned(),
                f.cost.as_ref().map(|c| c.amount.to_string()).unwrap_or_default(),
                text(f.cost.as_ref().and_then(|c| c.currency.as_deref()).unwrap_or_default()),
                list(&f.shares),
                list(&f.tasks),
                list(&f.parts),
                fuel.map(|f| f.quantity.to_string()).unwrap_or_default(),
                fuel.and_then(|f| f.unit).map_or("", FuelUnit::word).to_owned(),
                yes_no(fuel.and_then(|f| f.full)),
                yes_no(fuel.and_then(|f| f.missed)),
                text(&f.vendor),
                text(&f.notes),
                list(&f.tags),
                text(&f.source_id),
                list(&f.more),
                from.map(|l| l.to_string()).unwrap_or_default(),
            ],
        );
    }
    out
}

fn judged_word(judged: Judgement) -> &'static str {
    match judged {
        Judgement::Accept => "accepted",
        Judgement::LeaveOut => "left out",
        Judgement::Unit { unit } => unit.word(),
    }
}

fn text(text: &str) -> String {
    guarded(text).into_owned()
}

fn list<T: Serialize>(list: &[T]) -> String {
    if list.is_empty() { String::new() } else { serde_json::to_string(list).unwrap_or_default() }
}

fn line<const N: usize>(out: &mut String, cells: [String; N]) {
    for (i, cell) in cells.iter().enumerate() {
        if i > 0 {
            out.push(',');
        }
        // A blank at either end is kept by quotes, and an empty first cell makes no blank line.
        if cell.contains([',', '"', '\n', '\r']) || cell.trim() != cell {
            out.push('"');
            out.push_str(&cell.replace('"', "\"\""));
            out.push('"');
        } else {
            out.push_str(cell);
        }
    }
    out.push_str("\r\n");
}

/// A record of this layout.
pub(crate) struct Read {
    pub(crate) fields: ServiceFields,
    pub(crate) judged: Option<Judgement>,
}

/// A row of this layout; `Err`: the name of the column that cannot be read. The day is not looked at.
pub(crate) fn read(cells: &[String]) -> Result<Read, &'static str> {
    let at = |name: &'static str| {
        let place = HEADER.iter().position(|h| *h == name).unwrap_or(usize::MAX);
        cells.get(place).map(String::as_str).unwrap_or_default()
    };
    let plain = |name| unguarded(at(name)).to_owned();
    let number = |name: &'static str| -> Result<Option<f64>, &'static str> {
        match at(name) {
            "" => Ok(None),
            cell => cell.parse::<f64>().ok().filter(|v| v.is_finite()).map(Some).ok_or(name),
        }
    };
    let yes_no = |name: &'static str| match at(name) {
        "" => Ok(None),
        "yes" => Ok(Some(true)),
        "no" => Ok(Some(false)),
        _ => Err(name),
    };
    fn items<T: DeserializeOwned>(cell: &str, name: &'static str) -> Result<Vec<T>, &'static str> {
        if cell.is_empty() { Ok(Vec::new()) } else { serde_json::from_str(cell).map_err(|_| name) }
    }
    let kind = ServiceKind::ALL.into_iter().find(|k| k.word() == at("kind")).ok_or("kind")?;
    let odometer = match (number("odometer")?, at("odometer_unit")) {
        (None, "") => None,
        (Some(value), unit) => Some(Meter { value, unit: meter_unit(unit).ok_or("odometer_unit")? }),
        _ => return Err("odometer"),
    };
    let judged = match at("odometer_judged") {
        "" => None,
        "accepted" => Some(Judgement::Accept),
        "left out" => Some(Judgement::LeaveOut),
        unit => Some(Judgement::Unit { unit: meter_unit(unit).ok_or("odometer_judged")? }),
    };
    let currency = Some(plain("currency")).filter(|c| !c.is_empty());
    let cost = number("cost")?.map(|amount| Money { amount, currency });
    let fuel = match number("fuel")? {
        None => None,
        Some(quantity) => Some(FuelFilled {
            quantity,
            unit: match at("fuel_unit") {
                "" => None,
                word => Some(fuel_unit(word).ok_or("fuel_unit")?),
            },
            full: yes_no("fuel_full")?,
            missed: yes_no("fuel_missed")?,
        }),
    };
    let fields = ServiceFields {
        day: at("service_day").to_owned(),
        time: Some(plain("time")).filter(|t| !t.is_empty()),
        kind,
        kind_said: plain("kind_said"),
        description: plain("description"),
        odometer,
        cost,
        shares: items::<CostShare>(at("cost_shares"), "cost_shares")?,
        tasks: items(at("tasks"), "tasks")?,
        parts: items::<Part>(at("parts"), "parts")?,
        fuel,
        vendor: plain("vendor"),
        notes: plain("notes"),
        tags: items(at("tags"), "tags")?,
        source_id: plain("source_id"),
        more: items(at("more"), "more")?,
    };
    Ok(Read { fields, judged })
}

/// A unit of an odometer by its word.
pub(crate) fn meter_unit(word: &str) -> Option<MeterUnit> {
    [MeterUnit::Km, MeterUnit::Mi, MeterUnit::H].into_iter().find(|u| u.word() == word)
}

/// A unit of fuel by its word.
fn fuel_unit(word: &str) -> Option<FuelUnit> {
    [FuelUnit::L, FuelUnit::UsGal, FuelUnit::UkGal, FuelUnit::Kwh].into_iter().find(|u| u.word() == word)
}
