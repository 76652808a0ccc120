//! Each layout with rows that were made up for it.

use super::*;
use roadworthy_api::{
    history::HistoryLayout,
    import::{Confidence, DateOrder},
    service::{FuelUnit, Meter, MeterUnit, Money, ServiceKind},
};

fn km() -> HistoryAnswers {
    HistoryAnswers { distance: Some(MeterUnit::Km), ..HistoryAnswers::default() }
}

fn money(amount: f64, currency: &str) -> Option<Money> {
    Some(Money { amount, currency: (!currency.is_empty()).then(|| currency.to_owned()) })
}

const RECORDS: &str = "Date,Description,Cost,Notes,Odometer,Tags,extrafield_Grade\r\n\
    3/14/2023,Oil and filter,\"$1,089.50\",\"Drained warm\nThree litres\",45100,oil filter,5W-30\r\n\
    4/2/2024,Brake pads,$120.00,,0,,\r\n";

#[test]
fn lubelogger_records() {
    let looked = look(RECORDS.as_bytes(), &HistoryAnswers::default()).unwrap();
    assert_eq!((looked.mapping.history, looked.confidence), (HistoryLayout::LubeloggerRecords, Confidence::Certain));
    let asked: Vec<&str> = looked.questions.iter().map(|q| q.what.as_str()).collect();
    assert_eq!(asked, ["distance", "currency", "kind"], "because 3/14 tells the order of dates");
    let answers = HistoryAnswers {
        kind: Some(ServiceKind::Repair),
        currency: Some("usd".into()),
        distance: Some(MeterUnit::Mi),
        ..HistoryAnswers::default()
    };
    let read = read(RECORDS.as_bytes(), &answers);
    let [one, two] = read.records.as_slice() else { panic!("{read:#?}") };
    assert_eq!((one.line, two.line), (2, 4));
    let f = &one.fields;
    assert_eq!((f.day.as_str(), f.time.as_deref(), f.kind), ("2023-03-14", None, ServiceKind::Repair));
    assert_eq!((f.description.as_str(), f.notes.as_str()), ("Oil and filter", "Drained warm\nThree litres"));
    assert_eq!(f.odometer, Some(Meter { value: 45100.0, unit: MeterUnit::Mi }));
    assert_eq!(f.cost, money(1089.5, "USD"));
    assert_eq!(f.tags, ["oil", "filter"]);
    assert_eq!(f.more, [("extrafield_Grade".to_owned(), "5W-30".to_owned())]);
    assert_eq!(two.fields.odometer, None, "because this program writes 0 where there is none");
    let unknown = HistoryAnswers { currency: Some("unknown".into()), ..answers };
    assert_eq!(super::read(RECORDS.as_bytes(), &unknown).records[1].fields.cost, money(120.0, "$"));
}

#[test]
fn lubelogger_fuel_odometer_tax_plan_supply() {
    let fuel = "Date,Odometer,FuelConsumed,Cost,FuelEconomy,IsFillToFull,MissedFuelUp,Notes,Tags\n\
        2024-01-05,45100,42.5,\"61,20 €\",6.1,True,False,,\n2024-01-25,45800,\"40,1\",\"55,00 €\",,False,True,,\n";
    let got = read(fuel.as_bytes(), &km());
    let f = &got.records[0].fields;
    assert_eq!((f.kind, f.cost.clone()), (ServiceKind::Fuel, money(61.2, "EUR")));
    let filled = f.fuel.unwrap();
    assert_eq!((filled.quantity, filled.unit, filled.full, filled.missed), (42.5, None, Some(true), Some(false)));
    assert_eq!(got.records[1].fields.fuel.unwrap().quantity, 40.1);
    assert_eq!(f.more, [("FuelEconomy".to_owned(), "6.1".to_owned())]);
    let litres = HistoryAnswers { fuel_unit: Some(FuelUnit::L), ..km() };
    assert_eq!(read(fuel.as_bytes(), &litres).records[0].fields.fuel.unwrap().unit, Some(FuelUnit::L));

    let odometer = "Date,InitialOdometer,Odometer,Notes,Tags\n2024-01-05,45000,45100,,\n";
    let got = read(odometer.as_bytes(), &km());
    let f = &got.records[0].fields;
    assert_eq!((f.kind, f.odometer.map(|m| m.value)), (ServiceKind::Odometer, Some(45100.0)));
    assert_eq!(f.more, [("InitialOdometer".to_owned(), "45000".to_owned())]);

    let tax = "Date,Description,Cost,Notes,Tags\n2024-01-05,Road tax,£180.00,,\n";
    let got = read(tax.as_bytes(), &HistoryAnswers::default());
    assert_eq!(
        (got.records[0].fields.kind, got.records[0].fields.cost.clone()),
        (ServiceKind::Tax, money(180.0, "GBP"))
    );

    let plan = "DateCreated,DateModified,Description,Notes,Type,Priority,Progress,Cost\n\
        2024-01-05 10:00:00,2024-01-06 10:00:00,Timing belt,,RepairRecord,Normal,Backlog,€300.00\n";
    let got = read(plan.as_bytes(), &HistoryAnswers::default());
    let f = &got.records[0].fields;
    assert_eq!((f.kind, f.kind_said.as_str(), f.time.as_deref()), (ServiceKind::Plan, "RepairRecord", Some("10:00")));
    assert_eq!(f.more.len(), 3, "{:?}", f.more);

    let supply = "Date,PartNumber,PartSupplier,PartQuantity,Description,Cost,Notes,Tags\n\
        2024-01-05,RW-100,Parts counter,1.5,Oil,€30.00,,\n";
    let got = read(supply.as_bytes(), &HistoryAnswers::default());
    let f = &got.records[0].fields;
    assert_eq!(
        (f.vendor.as_str(), f.parts[0].number.as_str(), f.parts[0].quantity),
        ("Parts counter", "RW-100", Some(1.5))
    );
}

#[test]
fn fleetio_service_fuel_and_meter() {
    let service = "Vehicle Name,Completed At,Meter Value,Vendor Name,Service Task Names,Labor,Parts,Tax1,Total Amount,Reference,Comments,Labels\n\
        Van 1,2024-03-05 14:30:00 +0000,45100 km,North garage,\"Oil change, Filter\",80.00,45.50,9.50,135.00,INV-7,,\"yearly, oil\"\n\
        Van 2,2024-03-06 09:00:00 +0000,1200 km,North garage,Tyres,0,400.00,0,400.00,INV-8,,\n";
    assert_eq!(asked(service, &HistoryAnswers::default()), ["only"]);
    let answers = HistoryAnswers { only: Some("van 1".into()), ..HistoryAnswers::default() };
    let got = read(service.as_bytes(), &answers);
    assert_eq!((got.report.rows, got.report.records), (2, 1), "because the other row is about another vehicle");
    let f = &got.records[0].fields;
    assert_eq!((f.day.as_str(), f.time.as_deref()), ("2024-03-05", Some("14:30:00+00:00")));
    assert_eq!((f.kind, f.vendor.as_str()), (ServiceKind::Service, "North garage"));
    assert_eq!(f.tasks, ["Oil change", "Filter"]);
    assert_eq!(f.cost, money(135.0, ""), "because no currency is stated");
    let shares: Vec<(&str, f64)> = f.shares.iter().map(|s| (s.what.as_str(), s.money.amount)).collect();
    assert_eq!(shares, [("Labor", 80.0), ("Parts", 45.5), ("Tax1", 9.5)]);
    assert_eq!(f.tags, ["yearly", "oil"]);
    assert!(f.more.contains(&("Reference".to_owned(), "INV-7".to_owned())));

    let fuel = "vehicle_name,date,meter_value,us_gallons,price_per_volume_unit,vendor_name,partial\n\
        Van 1,2024-03-05,28000,12.5,3.99,Station,true\n";
    assert_eq!(asked(fuel, &HistoryAnswers::default()), ["distance"]);
    let miles = HistoryAnswers { distance: Some(MeterUnit::Mi), ..HistoryAnswers::default() };
    let got = read(fuel.as_bytes(), &miles);
    let filled = got.records[0].fields.fuel.unwrap();
    assert_eq!((filled.unit, filled.full), (Some(FuelUnit::UsGal), Some(false)));

    let meter = "vehicle_name,date,value,meter_type,void\nVan 1,2024-03-05,28000,,false\n";
    let got = read(meter.as_bytes(), &miles);
    assert_eq!(got.records[0].fields.kind, ServiceKind::Odometer);
    assert_eq!(got.records[0].fields.odometer, Some(Meter { value: 28000.0, unit: MeterUnit::Mi }));
}

#[test]
fn any_table_with_days() {
    let german = "Datum;Km-Stand;Arbeit;Werkstatt;Kosten;Bemerkung\n\
        05.03.2024;45.100;Ölwechsel;Werkstatt Nord;1.234,56 €;\n17.06.2024;51.020;Bremsen vorn;;89,00 €;\"zwei Zeilen\nNotiz\"\n";
    assert!(is_history(german));
    let looked = look(german.as_bytes(), &km()).unwrap();
    assert_eq!((looked.mapping.history, looked.confidence), (HistoryLayout::Table, Confidence::Likely));
    assert_eq!(looked.mapping.date_order, Some(DateOrder::Dmy));
    assert_eq!(looked.mapping.distance, Some(MeterUnit::Km), "because the name of the column says it");
    let got = read(german.as_bytes(), &HistoryAnswers::default());
    let f = &got.records[0].fields;
    assert_eq!((f.day.as_str(), f.odometer.map(|m| m.value)), ("2024-03-05", Some(45_100.0)));
    assert_eq!((f.cost.clone(), f.vendor.as_str()), (money(1234.56, "EUR"), "Werkstatt Nord"));
    assert_eq!((f.kind, f.description.as_str()), (ServiceKind::Other, "Ölwechsel"), "because nothing says the kind");
    assert_eq!(got.records[1].fields.notes, "zwei Zeilen\nNotiz");
}

#[test]
fn a_log_is_no_history_and_a_history_no_log() {
    for history in [RECORDS, "Date,Service,Mileage,Cost\n2024-01-01,Oil,100 mi,5\n"] {
        assert!(is_history(history), "{history}");
    }
    for log in [
        "timestamp;Engine RPM (rpm);Boost [bar]\n1700000000000;800;0,5\n",
        "time,ecu,pid,name,label,value,unit,note\n2024-01-01T00:00:00Z,,0C,engine_rpm,Engine speed,1,rpm,\n",
        "GPS Time,Device Time,Longitude,Latitude,Engine RPM(rpm)\nx,y,0,0,1\n",
        "Time,Odometer,Vehicle speed (km/h)\n10:00:00,100,5\n",
        "date,time,speed,odometer\n2024-01-01,10:00,5,100\n",
        "(1700000000.000000) can0 7E8#0441050000000000\n",
        "",
    ] {
        assert!(!is_history(log), "{log}");
    }
}
