//! What reads two ways is asked, and what cannot be read is told.

use super::*;
use roadworthy_api::{
    import::{CellReason, DateOrder, Decimal, RowReason},
    service::{Judgement, MeterUnit, ServiceKind},
};

fn none() -> HistoryAnswers {
    HistoryAnswers::default()
}

#[test]
fn what_reads_two_ways_is_asked() {
    let check = |text: &str, expect: &[&str]| assert_eq!(asked(text, &none()), expect, "{text}");
    check("Date,Service,Cost\n03/04/2024,Oil,5.50 EUR\n", &["date_order"]);
    check("Date,Service,Cost\n03/04/2024,Oil,5.50 EUR\n13/04/2024,Oil,5.50 EUR\n", &[]);
    check("Date,Service,Cost\n2024-04-03,Oil,\"1,234 EUR\"\n", &["decimal"]);
    check("Date,Service,Cost\n2024-04-03,Oil,\"1,234 EUR\"\n2024-04-04,Oil,5.50 EUR\n", &[]);
    check("Date,Service,Cost\n2024-04-03,Oil,$5.50\n", &["currency"]);
    check("Date,Service,Odometer\n2024-04-03,Oil,45100\n", &["distance"]);
    check("Date,Service,Odometer\n2024-04-03,Oil,45100 mi\n", &[]);
    check("Date,Service,Odometer,Odometer Unit\n2024-04-03,Oil,45100,mi\n", &[]);
    check("Date,Service,Mileage (miles)\n2024-04-03,Oil,45100\n", &[]);
    check("Date,Service,Cost\n03/04/2024,Oil,\"$1,234\"\n", &["date_order", "decimal", "currency"]);
    let answers = HistoryAnswers {
        date_order: Some(DateOrder::Dmy),
        decimal: Some(Decimal::Comma),
        currency: Some("CAD".into()),
        ..none()
    };
    let got = read("Date,Service,Cost\n03/04/2024,Oil,\"$1,234\"\n".as_bytes(), &answers);
    let f = &got.records[0].fields;
    assert_eq!((f.day.as_str(), f.cost.as_ref().unwrap().amount), ("2024-04-03", 1.234));
    assert_eq!(f.cost.as_ref().unwrap().currency.as_deref(), Some("CAD"));
    let wrong = HistoryAnswers { currency: Some("stones".into()), ..none() };
    assert!(look("Date,Service,Cost\n2024-04-03,Oil,5\n".as_bytes(), &wrong).is_err());
}

#[test]
fn every_row_is_accounted_for() {
    let text = "\u{feff}Date,Description,Odometer,Cost\n\
        2024-01-05,Oil,45100 km,5.50 EUR\n\
        \n\
        Date,Description,Odometer,Cost\n\
        ,Filter,45200 km,\n\
        2024-02-30,Filter,45200 km,\n\
        2024-02-03,,,\n\
        2024-02-04,too,few\n\
        2024-02-05,too,1 km,2 EUR,many\n\
        2024-02-06,\"open,46000 km,1 EUR\n\
        2024-02-07,Zero\0,46000 km,1 EUR\n\
        2024-02-08,Bad cells,far,=1+1\n\
        2024-02-09,cut";
    let got = read(text.as_bytes(), &none());
    let reasons: Vec<(RowReason, Vec<u64>)> =
        got.report.explained.iter().map(|e| (e.reason, e.lines.clone())).collect();
    for (reason, line) in [
        (RowReason::Blank, 3),
        (RowReason::Header, 4),
        (RowReason::NoDay, 5),
        (RowReason::BadDay, 6),
        (RowReason::Empty, 7),
        (RowReason::FewerCells, 8),
        (RowReason::MoreCells, 9),
        (RowReason::OpenQuote, 10),
        (RowReason::NotText, 11),
        (RowReason::CutOff, 13),
    ] {
        assert!(reasons.contains(&(reason, vec![line])), "{reason:?} in {reasons:?}");
    }
    assert_eq!((got.report.rows, got.report.records), (12, 2));
    let f = &got.records[1].fields;
    let kept = [("Odometer".to_owned(), "far".to_owned()), ("Cost".to_owned(), "=1+1".to_owned())];
    assert_eq!(f.more, kept, "because no text is lost");
    let rejected: Vec<(&str, CellReason)> = got.report.rejected.iter().map(|r| (r.column.as_str(), r.reason)).collect();
    assert_eq!(rejected, [("Odometer", CellReason::NotANumber), ("Cost", CellReason::Formula)]);
}

#[test]
fn letters_of_other_encodings_and_times_that_mean_nothing() {
    let windows = b"Datum;Arbeit;Kosten\n05.03.2024;\xd6lwechsel;12,50 \x80\n25.03.2024;Pr\xfcfung;1\xa0234,00 \x80\n";
    let got = read(windows, &none());
    assert_eq!(got.records[0].fields.description, "Ölwechsel");
    assert_eq!(got.records[1].fields.cost.as_ref().unwrap().amount, 1234.0);
    let midnight = "Date,Description,Cost\n3/14/2024 12:00:00 AM,Oil,5.50 EUR\n3/15/2024 12:00:00 AM,Oil,5.50 EUR\n";
    let got = read(midnight.as_bytes(), &none());
    assert_eq!((got.records[0].fields.day.as_str(), got.records[0].fields.time.as_deref()), ("2024-03-14", None));
    let utf16: Vec<u8> = [0xff, 0xfe]
        .into_iter()
        .chain("Date,Work,Cost\n2024-01-01,Öl,5 €\n".encode_utf16().flat_map(u16::to_le_bytes))
        .collect();
    assert_eq!(read(&utf16, &none()).records[0].fields.description, "Öl");
}

#[test]
fn a_mapping_that_was_kept_finds_its_columns_by_name() {
    let first = "Date,Blurb,Odometer,Total\n2024-01-05,Oil,45100,5.50 EUR\n";
    let answers = HistoryAnswers { distance: Some(MeterUnit::Km), kind: Some(ServiceKind::Service), ..none() };
    let mut mapping = look(first.as_bytes(), &answers).unwrap().mapping;
    let json = serde_json::to_string(&mapping).unwrap();
    assert_eq!(serde_json::from_str::<roadworthy_api::history::HistoryMapping>(&json).unwrap(), mapping);
    mapping.columns[1].field = Some(roadworthy_api::history::HistoryField::Description);
    let later = "Total,Odometer,Date,Blurb\n7.50 EUR,46100,2024-02-05,Filter\n";
    let whole = super::cut::whole(Box::new(std::io::Cursor::new(later.as_bytes().to_vec()))).unwrap();
    let looked = super::look::look(&whole, Some(mapping.clone()), &none()).unwrap();
    assert_eq!(looked.questions, []);
    let got = rows::read(&looked, &TimeZone::UTC);
    let f = &got.records[0].fields;
    assert_eq!((f.description.as_str(), f.kind, f.day.as_str()), ("Filter", ServiceKind::Service, "2024-02-05"));
    let other = "Total,Date,Blurb\n7.50 EUR,2024-02-05,Filter\n";
    let whole = super::cut::whole(Box::new(std::io::Cursor::new(other.as_bytes().to_vec()))).unwrap();
    assert!(super::look::look(&whole, Some(mapping), &none()).is_err(), "because a column is missing");
}

#[test]
fn an_odometer_with_three_decimals_is_asked_for() {
    let file = "Datum;Arbeit;Kosten;km-Stand\n04.03.2024;Oil;89.50;45.100\n14.05.2024;Brakes;250.00;47.300\n";
    let looked = look(file.as_bytes(), &HistoryAnswers::default()).unwrap();
    let asked: Vec<&str> = looked.questions.iter().map(|q| q.what.as_str()).collect();
    assert_eq!(asked, ["decimal"], "because 45.100 km may be 45,100");
    let comma = HistoryAnswers { decimal: Some(Decimal::Comma), ..HistoryAnswers::default() };
    let got = read(file.as_bytes(), &comma);
    assert_eq!(got.records[0].fields.odometer.map(|m| m.value), Some(45_100.0));
    assert_eq!(got.records[0].fields.cost.as_ref().map(|m| m.amount), Some(89.5));
}

#[test]
fn a_year_of_two_figures_may_be_a_day() {
    let file = "Date,Service,Cost,Odometer km\n24-03-05,Oil,1,100000\n24-04-06,Oil,1,101000\n1/1/1800,Oil,1,1\n";
    let looked = look(file.as_bytes(), &HistoryAnswers::default()).unwrap();
    assert_eq!(looked.questions[0].choices, ["dmy", "ymd"]);
    let ymd = HistoryAnswers { date_order: Some(DateOrder::Ymd), ..HistoryAnswers::default() };
    let days: Vec<String> = read(file.as_bytes(), &ymd).records.into_iter().map(|r| r.fields.day).collect();
    assert_eq!(days, ["2024-03-05", "2024-04-06"]);
}

#[test]
fn a_reading_that_the_source_took_back_and_one_of_another_instrument_do_not_count() {
    let file = "Vehicle Name,Meter Date,Meter Value,Meter Type,Void\nVan,2024-03-04,45100,,false\nVan,2024-03-10,45150,,true\n\
        Van,2024-03-12,300,secondary,false\n";
    let got = read(file.as_bytes(), &HistoryAnswers { distance: Some(MeterUnit::Mi), ..HistoryAnswers::default() });
    let told: Vec<_> = got.records.iter().map(|r| (r.fields.odometer.map(|m| m.value), r.judged)).collect();
    assert_eq!(told, [(Some(45_100.0), None), (Some(45_150.0), Some(Judgement::LeaveOut)), (None, None)]);
    assert!(got.records[2].fields.more.contains(&("Meter Value".to_owned(), "300".to_owned())));
}
