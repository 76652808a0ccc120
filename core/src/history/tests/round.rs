//! The own layout reads back as it was written.

use super::*;
use crate::history::own;
use proptest::prelude::*;
use roadworthy_api::service::{
    CostShare, FuelFilled, FuelUnit, Judgement, Meter, MeterUnit, Money, Part, ServiceFields, ServiceKind,
};

/// Texts that tables, spreadsheets and quotes make trouble with. Ends are trimmed, as they are when a person writes them.
fn text() -> impl Strategy<Value = String> {
    "[-=+@'a-z0-9 ,;\"öß€|\n\t\\[\\]]{0,12}".prop_map(|t| t.trim().to_owned())
}

fn money() -> impl Strategy<Value = Money> {
    (-1e6..1e6f64, proptest::option::of(prop_oneof![Just("EUR"), Just("$"), Just("kr")]))
        .prop_map(|(amount, currency)| Money { amount, currency: currency.map(str::to_owned) })
}

fn unit() -> impl Strategy<Value = MeterUnit> {
    prop_oneof![Just(MeterUnit::Km), Just(MeterUnit::Mi), Just(MeterUnit::H)]
}

fn fields() -> impl Strategy<Value = ServiceFields> {
    let when = (
        (1950..2050i16, 1..13i8, 1..29i8).prop_map(|(y, m, d)| format!("{y:04}-{m:02}-{d:02}")),
        proptest::option::of(prop_oneof![Just("14:30"), Just("14:30:05"), Just("09:05:00+02:00"), Just("23:59:59Z")]),
        0..ServiceKind::ALL.len(),
    );
    let figures = (
        proptest::option::of((0.0..5e6f64, unit())),
        proptest::option::of(money()),
        proptest::option::of((
            0.0..1000.0f64,
            proptest::option::of(prop_oneof![
                Just(FuelUnit::L),
                Just(FuelUnit::UsGal),
                Just(FuelUnit::UkGal),
                Just(FuelUnit::Kwh)
            ]),
            any::<Option<bool>>(),
            any::<Option<bool>>(),
        )),
    );
    let texts = (text(), text(), text(), text(), text());
    let list = || proptest::collection::vec(text(), 0..3);
    let lists = (
        list(),
        list(),
        proptest::collection::vec((text(), text(), proptest::option::of(0.0..9.0f64)), 0..3),
        proptest::collection::vec((text(), money()), 0..3),
        proptest::collection::vec((text(), text()), 0..3),
    );
    (when, figures, texts, lists).prop_map(|((day, time, kind), (meter, cost, fuel), texts, lists)| {
        let (kind_said, description, vendor, notes, source_id) = texts;
        let (tasks, tags, parts, shares, more) = lists;
        ServiceFields {
            day,
            time: time.map(str::to_owned),
            kind: ServiceKind::ALL[kind],
            kind_said,
            description,
            odometer: meter.map(|(value, unit)| Meter { value, unit }),
            cost,
            shares: shares.into_iter().map(|(what, money)| CostShare { what, money }).collect(),
            tasks,
            parts: parts.into_iter().map(|(name, number, quantity)| Part { name, number, quantity }).collect(),
            fuel: fuel.map(|(quantity, unit, full, missed)| FuelFilled { quantity, unit, full, missed }),
            vendor,
            notes,
            tags,
            source_id,
            more,
        }
    })
}

fn judged() -> impl Strategy<Value = Option<Judgement>> {
    proptest::option::of(prop_oneof![
        Just(Judgement::Accept),
        Just(Judgement::LeaveOut),
        unit().prop_map(|unit| Judgement::Unit { unit })
    ])
}

proptest! {
    #[test]
    fn what_is_written_reads_back(records in proptest::collection::vec((fields(), judged()), 1..8)) {
        let text = own::write(records.iter().map(|(f, judged)| (f, *judged, None)));
        let got = read(text.as_bytes(), &HistoryAnswers::default());
        prop_assert_eq!(&got.report.explained, &vec![], "{}", text);
        let back: Vec<(ServiceFields, Option<Judgement>)> =
            got.records.into_iter().map(|r| (r.fields, r.judged)).collect();
        prop_assert_eq!(back, records, "{}", text);
        prop_assert!(is_history(&text));
    }
}

#[test]
fn a_cell_that_a_person_changed_for_nonsense_is_told() {
    let record = ServiceFields { day: "2024-03-05".into(), description: "Oil".into(), ..ServiceFields::default() };
    let text = own::write([(&record, None, None)]);
    for (from, to) in [("other", "wonder"), (",other,", ",fuel,,,much,furlong,")] {
        let spoilt = text.replacen(from, to, 1);
        let got = read(spoilt.as_bytes(), &HistoryAnswers::default());
        assert_eq!((got.report.rows, got.report.records), (1, 0), "{spoilt}");
    }
    let formula = ServiceFields { description: "=1+1".into(), ..record };
    assert!(own::write([(&formula, None, None)]).contains(",'=1+1,"), "because a spreadsheet would run it");
}
