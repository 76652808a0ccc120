//! Which field a column of a history is, by its name alone, and which layout a header is.

use super::own;
use crate::import::known;
use HistoryField as F;
use roadworthy_api::{
    history::{HistoryField, HistoryLayout},
    import::Confidence,
    service::{FuelUnit, MeterUnit, ServiceKind},
};

/// Names by field, in the form of [`known::words`]: letters without their signs, words apart by one blank.
const NAMES: &[(F, &[&str])] = &[
    (
        F::Day,
        &[
            "date",
            "day",
            "service date",
            "date of service",
            "completed at",
            "completed on",
            "completed",
            "completion date",
            "performed on",
            "datum",
            "tag",
            "fecha",
            "datecreated",
            "date created",
            "meter date",
            "fuelup date",
            "transaction date",
        ],
    ),
    (F::Time, &["time", "uhrzeit", "time of day"]),
    (F::Kind, &["type", "kind", "category", "record type", "service type", "art", "kategorie"]),
    (
        F::Description,
        &[
            "description",
            "service",
            "work",
            "work done",
            "work performed",
            "service performed",
            "details",
            "title",
            "what",
            "beschreibung",
            "arbeit",
            "arbeiten",
            "leistung",
        ],
    ),
    (
        F::Odometer,
        &[
            "odometer",
            "odo",
            "odometer reading",
            "odometer km",
            "odometer mi",
            "odometer miles",
            "mileage",
            "mileage km",
            "mileage mi",
            "km",
            "kms",
            "miles",
            "kilometers",
            "kilometres",
            "kilometerstand",
            "km stand",
            "kmstand",
            "tachostand",
            "laufleistung",
            "kilometrage",
            "meter",
            "meter value",
            "meter entry value",
            "meter reading",
            "primary meter",
            "primary meter value",
            "hour meter",
            "engine hours",
        ],
    ),
    (F::OdometerUnit, &["odometer unit", "meter unit", "primary meter unit", "distance unit"]),
    (
        F::Cost,
        &[
            "cost",
            "costs",
            "total cost",
            "totalcost",
            "total",
            "total price",
            "total amount",
            "amount",
            "price",
            "kosten",
            "gesamtkosten",
            "betrag",
            "preis",
            "gesamt",
            "coste",
            "costo",
            "prix",
        ],
    ),
    (F::Currency, &["currency", "wahrung", "devise", "moneda", "valuta"]),
    (
        F::Share,
        &[
            "labor",
            "labour",
            "labor cost",
            "labour cost",
            "labor subtotal",
            "labour subtotal",
            "parts cost",
            "parts subtotal",
            "discount",
            "tax",
            "tax1",
            "tax2",
            "tax 1",
            "tax 2",
            "fees",
        ],
    ),
    (
        F::Tasks,
        &[
            "tasks",
            "task",
            "service tasks",
            "service task names",
            "service task name",
            "line items",
            "components",
            "component",
            "items",
        ],
    ),
    (F::Part, &["part", "parts used", "part name", "teil", "teile"]),
    (F::PartNumber, &["part number", "partnumber", "part no", "teilenummer"]),
    (F::PartQuantity, &["part quantity", "partquantity", "parts quantity"]),
    (
        F::FuelQuantity,
        &[
            "fuelconsumed",
            "fuel consumed",
            "gallons",
            "us gallons",
            "uk gallons",
            "liters",
            "litres",
            "liter",
            "volume",
            "fuel volume",
            "fuel quantity",
            "kwh",
        ],
    ),
    (F::FuelFull, &["isfilltofull", "filled up", "full tank", "full"]),
    (F::FuelPartial, &["partial", "partial fuelup", "partial tank", "partial fill"]),
    (F::FuelMissed, &["missedfuelup", "missed fuelup", "missed fill up"]),
    (
        F::Vendor,
        &[
            "vendor",
            "vendor name",
            "shop",
            "workshop",
            "garage",
            "mechanic",
            "serviced by",
            "service provider",
            "provider",
            "station",
            "partsupplier",
            "part supplier",
            "werkstatt",
            "lieferant",
        ],
    ),
    (F::Notes, &["notes", "note", "comments", "comment", "remarks", "bemerkung", "bemerkungen", "notiz", "notizen"]),
    (F::Tags, &["tags", "labels"]),
    (
        F::SourceId,
        &["id", "record id", "service entry id", "fuel entry id", "meter entry id", "entry id", "fleetio id"],
    ),
    (
        F::Vehicle,
        &[
            "vehicle",
            "vehicle name",
            "vehicle vin",
            "vin",
            "plate",
            "license plate",
            "licence plate",
            "fahrzeug",
            "kennzeichen",
        ],
    ),
];

/// The field of a column; [`F::More`] for what is not known.
pub(super) fn field(name: &str) -> F {
    let (bare, _) = known::header(name);
    let (words, bare) = (known::words(name), known::words(&bare));
    let of = |words: &str| NAMES.iter().find(|(_, names)| names.contains(&words)).map(|(field, _)| *field);
    of(&words).or_else(|| of(&bare)).unwrap_or(F::More)
}

/// The unit that a name says of an odometer.
pub(super) fn distance(name: &str) -> Option<MeterUnit> {
    let words = known::words(name);
    words.split(' ').find_map(|word| match word {
        "km" | "kms" | "kilometers" | "kilometres" | "kilometerstand" | "kmstand" | "kilometrage" => {
            Some(MeterUnit::Km)
        }
        "mi" | "miles" => Some(MeterUnit::Mi),
        "hour" | "hours" | "h" => Some(MeterUnit::H),
        _ => None,
    })
}

/// The unit that a name says of fuel.
pub(super) fn fuel(name: &str) -> Option<FuelUnit> {
    let words = known::words(name);
    Some(match words.as_str() {
        "liters" | "litres" | "liter" => FuelUnit::L,
        "us gallons" => FuelUnit::UsGal,
        "uk gallons" => FuelUnit::UkGal,
        "kwh" => FuelUnit::Kwh,
        _ => return None,
    })
}

/// What a cell of kinds is for certain.
pub(super) fn kind(cell: &str) -> ServiceKind {
    match known::words(cell).as_str() {
        "service" | "maintenance" | "servicerecord" | "wartung" => ServiceKind::Service,
        "repair" | "repairs" | "repairrecord" | "reparatur" => ServiceKind::Repair,
        "upgrade" | "upgrades" | "upgraderecord" => ServiceKind::Upgrade,
        "inspection" | "state inspection" | "mot" | "hu" | "hauptuntersuchung" => ServiceKind::Inspection,
        "tyre" | "tyres" | "tire" | "tires" | "reifen" => ServiceKind::Tyre,
        "fuel" | "refuel" | "fill up" | "gasrecord" | "tanken" => ServiceKind::Fuel,
        "odometer" | "odometerrecord" | "mileage" => ServiceKind::Odometer,
        "tax" | "taxrecord" | "insurance" | "registration" | "versicherung" | "steuer" => ServiceKind::Tax,
        "plan" | "planned" | "planrecord" => ServiceKind::Plan,
        _ => ServiceKind::Other,
    }
}

/// The layout of a header, and how sure it is.
pub(super) fn layout(names: &[String]) -> (HistoryLayout, Confidence) {
    use HistoryLayout as L;
    let exact = |name: &str| names.iter().any(|n| n.trim() == name);
    let words: Vec<String> = names.iter().map(|n| known::words(n)).collect();
    let has = |name: &str| words.iter().any(|w| w == name);
    let all = |these: &[&str]| these.iter().all(|n| exact(n));
    // LubeLogger lets people add fields of their own.
    let only = |these: &[&str]| {
        all(these) && names.iter().all(|n| these.contains(&n.trim()) || n.to_lowercase().starts_with("extrafield_"))
    };
    if own::HEADER.iter().all(|name| exact(name)) {
        return (L::Roadworthy, Confidence::Certain);
    }
    if all(&["Date", "FuelConsumed", "IsFillToFull"]) {
        return (L::LubeloggerFuel, Confidence::Certain);
    }
    if all(&["Date", "InitialOdometer", "Odometer"]) {
        return (L::LubeloggerOdometer, Confidence::Certain);
    }
    if all(&["DateCreated", "Progress", "Priority", "Description"]) {
        return (L::LubeloggerPlan, Confidence::Certain);
    }
    if all(&["Date", "PartNumber", "PartSupplier", "PartQuantity"]) {
        return (L::LubeloggerSupply, Confidence::Certain);
    }
    if only(&["Date", "Description", "Cost", "Notes", "Odometer", "Tags"]) {
        return (L::LubeloggerRecords, Confidence::Certain);
    }
    if only(&["Date", "Description", "Cost", "Notes", "Tags"]) {
        return (L::LubeloggerTax, Confidence::Certain);
    }
    let vehicle = has("vehicle name") || has("vehicle") || has("vehicle vin");
    let meter = words.iter().any(|w| field(w) == F::Odometer);
    if vehicle && has("completed at") {
        return (L::FleetioService, Confidence::Certain);
    }
    if vehicle
        && (has("us gallons") || has("uk gallons") || has("liters") || has("price per volume unit"))
        && (meter || has("partial"))
    {
        return (L::FleetioFuel, Confidence::Certain);
    }
    let value = has("value") || has("meter value") || has("meter entry value");
    if vehicle && value && (has("meter type") || has("void") || has("meter date")) {
        return (L::FleetioMeter, Confidence::Certain);
    }
    let fields: Vec<F> = names.iter().map(|n| field(n)).collect();
    let known_fields = fields.iter().filter(|f| !matches!(f, F::More | F::Time)).count();
    let says_what = fields.iter().any(|f| matches!(f, F::Description | F::Cost | F::Tasks | F::Vendor | F::Notes));
    if fields.contains(&F::Day) && says_what && known_fields >= 3 {
        return (L::Table, Confidence::Likely);
    }
    (L::Table, Confidence::Guess)
}

/// What every record of a layout is about, where that is certain.
pub(super) fn kind_of(layout: HistoryLayout) -> Option<ServiceKind> {
    use HistoryLayout as L;
    match layout {
        L::LubeloggerFuel | L::FleetioFuel => Some(ServiceKind::Fuel),
        L::LubeloggerOdometer | L::FleetioMeter => Some(ServiceKind::Odometer),
        L::LubeloggerTax => Some(ServiceKind::Tax),
        L::LubeloggerPlan => Some(ServiceKind::Plan),
        L::FleetioService => Some(ServiceKind::Service),
        L::Roadworthy | L::LubeloggerRecords | L::LubeloggerSupply | L::Table => None,
    }
}

/// Whether it is one of LubeLogger's.
pub(super) fn is_lubelogger(layout: HistoryLayout) -> bool {
    use HistoryLayout as L;
    matches!(
        layout,
        L::LubeloggerRecords
            | L::LubeloggerFuel
            | L::LubeloggerOdometer
            | L::LubeloggerTax
            | L::LubeloggerPlan
            | L::LubeloggerSupply
    )
}
