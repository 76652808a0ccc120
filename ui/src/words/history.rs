//! Imports of service histories in words.

use super::{
    count,
    import::{Choices, Line, counted, lines, whole},
    sentence_case,
};
use roadworthy_api::{
    history::{HistoryField, HistoryLayout, HistoryReport, HistoryRow},
    import::RowReason,
    service::{FuelUnit, MeterUnit},
};

/// What a file is taken for.
pub(crate) fn layout(layout: HistoryLayout) -> &'static str {
    match layout {
        HistoryLayout::Roadworthy => "Service records that Roadworthy saved",
        HistoryLayout::LubeloggerRecords => "Service, repair or upgrade records of LubeLogger",
        HistoryLayout::LubeloggerFuel => "Fuel records of LubeLogger",
        HistoryLayout::LubeloggerOdometer => "Odometer readings of LubeLogger",
        HistoryLayout::LubeloggerTax => "Taxes of LubeLogger",
        HistoryLayout::LubeloggerPlan => "Planned work of LubeLogger",
        HistoryLayout::LubeloggerSupply => "Supplies of LubeLogger",
        HistoryLayout::FleetioService => "Service entries of Fleetio",
        HistoryLayout::FleetioFuel => "Fuel entries of Fleetio",
        HistoryLayout::FleetioMeter => "Meter entries of Fleetio",
        HistoryLayout::Table => "A table with days",
    }
}

/// What a column can be, with its place in a form.
pub(crate) const FIELDS: [(HistoryField, &str, &str); 23] = [
    (HistoryField::Day, "day", "Day"),
    (HistoryField::Time, "time", "Time of day"),
    (HistoryField::Kind, "kind", "Kind of work"),
    (HistoryField::Description, "description", "What was done"),
    (HistoryField::Odometer, "odometer", "Odometer"),
    (HistoryField::OdometerUnit, "odometer-unit", "Unit of the odometer"),
    (HistoryField::Cost, "cost", "Cost"),
    (HistoryField::Currency, "currency", "Currency"),
    (HistoryField::Share, "share", "A share of the cost"),
    (HistoryField::Tasks, "tasks", "Tasks"),
    (HistoryField::Part, "part", "Part"),
    (HistoryField::PartNumber, "part-number", "Part number"),
    (HistoryField::PartQuantity, "part-quantity", "How many of the part"),
    (HistoryField::FuelQuantity, "fuel", "Fuel"),
    (HistoryField::FuelFull, "fuel-full", "Whether the tank was full"),
    (HistoryField::FuelPartial, "fuel-partial", "Whether the tank was not full"),
    (HistoryField::FuelMissed, "fuel-missed", "Whether a filling is missing before it"),
    (HistoryField::Vendor, "vendor", "Who did it"),
    (HistoryField::Notes, "notes", "Notes"),
    (HistoryField::Tags, "tags", "Tags"),
    (HistoryField::SourceId, "number", "Number in the other program"),
    (HistoryField::Vehicle, "vehicle", "Vehicle"),
    (HistoryField::More, "more", "Kept under its own name"),
];

/// Units of odometer readings, with their place in a form.
pub(crate) const METERS: [(MeterUnit, &str, &str); 3] =
    [(MeterUnit::Km, "km", "Kilometres"), (MeterUnit::Mi, "mi", "Miles"), (MeterUnit::H, "h", "Hours of the engine")];

/// Units of fuel, with their place in a form.
pub(crate) const FUELS: Choices<FuelUnit> = &[
    (FuelUnit::L, "l", "Litres"),
    (FuelUnit::UsGal, "us-gal", "US gallons"),
    (FuelUnit::UkGal, "uk-gal", "UK gallons"),
    (FuelUnit::Kwh, "kwh", "kWh"),
];

/// What became of every row, and of the cells that could not be read; the rows add up.
pub(crate) fn account(report: &HistoryReport) -> (Vec<Line>, Vec<Line>) {
    let line = |what: &str, count| Line { what: what.into(), count, lines: String::new(), part: false, heed: false };
    let part = |what: String, count, lines, heed| Line { what, count, lines, part: true, heed };
    let mut rows = vec![line("Rows", report.rows), line("That are a record", report.records)];
    rows.extend(report.explained.iter().map(|e| {
        let harmless = matches!(
            e.reason,
            RowReason::AlreadyThere | RowReason::Blank | RowReason::Header | RowReason::OtherVehicle
        );
        part(sentence_case(e.reason.words()), e.count, lines(&e.lines, e.count), !harmless)
    }));
    let unread = report.rejected.iter().map(|r| r.count).sum();
    let mut cells = vec![line("Cells that could not be read", unread)];
    cells.extend(
        report
            .rejected
            .iter()
            .map(|r| part(format!("{}: {}", r.column, r.reason.words()), r.count, lines(&r.lines, r.count), true)),
    );
    (rows, cells)
}

/// Days that something spans, as they are written.
pub(crate) fn days(from: &str, to: &str) -> String {
    if from == to { from.to_owned() } else { format!("{from} to {to}") }
}

/// What was taken in, in a sentence.
pub(crate) fn import_line(row: &HistoryRow) -> String {
    let flagged = match row.flagged {
        0 => String::new(),
        n => format!(", {} that cannot be right", counted(n, "odometer reading")),
    };
    let (records, rows) = (counted(row.records, "record"), counted(row.rows, "row"));
    format!("{records} from {rows}, {}{flagged}", days(&row.from, &row.to))
}

/// What undoing it takes back.
pub(crate) fn takes_back(row: &HistoryRow) -> Vec<String> {
    vec![
        format!("{} of the service history at once, those that were corrected here too.", leave(row.records)),
        "Their odometer readings count no more, whatever was said of them.".into(),
        "Records that were written down here, or came with other files, stay as they are.".into(),
        "The timeline keeps that the file was imported, and that it was taken back.".into(),
        "The same file can be imported again later.".into(),
    ]
}

fn leave(records: u64) -> String {
    if records == 1 { "1 record goes out".into() } else { format!("{} records go out", whole(records)) }
}

/// How many readings wait for a decision, in a sentence.
pub(crate) fn flags_line(flagged: u64, judged: u64) -> String {
    match (flagged, flagged.saturating_sub(judged)) {
        (0, _) => "No odometer reading was found implausible.".into(),
        (_, 0) => "Every odometer reading that cannot be right was decided on.".into(),
        (1, 1) => "1 odometer reading cannot be right. It does not count until somebody says what it is.".into(),
        (all, open) if open < all => {
            let wait = if open == 1 { "waits" } else { "wait" };
            format!("{open} of {all} odometer readings that cannot be right still {wait} for a decision.")
        }
        (_, open) => {
            format!(
                "{} cannot be right. They do not count until somebody says what they are.",
                count(open, "odometer reading")
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::import::{chosen, key_of};
    use roadworthy_api::import::{CellReason, ExplainedRows, RejectedCells};

    #[test]
    fn an_account_names_every_row_and_every_unread_cell() {
        let report = HistoryReport {
            rows: 9,
            records: 6,
            explained: vec![
                ExplainedRows { reason: RowReason::OtherVehicle, count: 2, lines: vec![4, 8] },
                ExplainedRows { reason: RowReason::BadDay, count: 1, lines: vec![9] },
            ],
            rejected: vec![RejectedCells {
                column: "Cost".into(),
                reason: CellReason::NotANumber,
                count: 1,
                lines: vec![3],
            }],
            ..HistoryReport::default()
        };
        let (rows, cells) = account(&report);
        let said = |all: &[Line]| all.iter().map(|l| format!("{} {} {}", l.what, l.count, l.lines)).collect::<Vec<_>>();
        assert_eq!(
            said(&rows),
            [
                "Rows 9 ",
                "That are a record 6 ",
                "About another vehicle 2 lines 4, 8",
                "The day cannot be read 1 line 9"
            ]
        );
        assert_eq!(rows.iter().map(|l| l.heed).collect::<Vec<_>>(), [false, false, false, true]);
        assert_eq!(said(&cells), ["Cells that could not be read 1 ", "Cost: no number 1 line 3"]);
    }

    #[test]
    fn what_waits_for_a_decision_is_counted() {
        for (flagged, judged, expect) in [
            (0, 0, "No odometer"),
            (2, 2, "Every odometer"),
            (1, 0, "1 odometer reading cannot"),
            (3, 0, "3 odometer readings cannot"),
            (2, 1, "1 of 2 odometer readings that cannot be right still waits"),
        ] {
            let said = flags_line(flagged, judged);
            assert!(said.starts_with(expect), "{said}");
        }
    }

    #[test]
    fn every_field_of_a_column_finds_its_way_back() {
        for (field, key, _) in FIELDS {
            assert_eq!((chosen(&FIELDS, key), key_of(&FIELDS, field)), (Some(field), key));
        }
    }
}
