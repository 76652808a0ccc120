//! Service records in words.

use crate::locale;
use roadworthy_api::service::{FuelUnit, Judgement, Meter, MeterUnit, Money, OdometerDoubt, ServiceFields};

/// A reading as it was stated.
pub(crate) fn meter(meter: &Meter) -> String {
    format!("{} {}", locale::number(meter.value, 1), meter.unit.word())
}

/// An amount as it was stated.
pub(crate) fn money(money: &Money) -> String {
    let amount = locale::fixed(money.amount, 2);
    match &money.currency {
        Some(currency) => format!("{amount} {currency}"),
        None => format!("{amount}, currency not stated"),
    }
}

fn fuel_unit(unit: Option<FuelUnit>) -> &'static str {
    match unit {
        Some(FuelUnit::L) => "l",
        Some(FuelUnit::UsGal) => "US gal",
        Some(FuelUnit::UkGal) => "UK gal",
        Some(FuelUnit::Kwh) => "kWh",
        None => "of a unit that is not stated",
    }
}

/// What a record is called: what was done, else its tasks, else its kind.
pub(crate) fn service_title(fields: &ServiceFields) -> String {
    match (fields.description.trim(), fields.tasks.as_slice()) {
        ("", []) => fields.kind.label().into(),
        ("", tasks) => tasks.join(", "),
        (text, _) => text.to_owned(),
    }
}

/// Kind, odometer, cost, fuel and who did it, on one line.
pub(crate) fn service_facts(fields: &ServiceFields) -> String {
    let kind = Some(fields.kind.label().to_owned());
    let figures = [kind, fields.odometer.as_ref().map(meter), fields.cost.as_ref().map(money)];
    figures.into_iter().flatten().chain(extras(fields)).collect::<Vec<_>>().join(" · ")
}

/// Fuel, parts, who did it: what few records have.
pub(crate) fn extras(fields: &ServiceFields) -> Vec<String> {
    let fuel = fields.fuel.map(|f| format!("{} {}", locale::number(f.quantity, 2), fuel_unit(f.unit)));
    let vendor = (!fields.vendor.is_empty()).then(|| fields.vendor.clone());
    let parts = (!fields.parts.is_empty()).then(|| super::count(fields.parts.len() as u64, "part"));
    [fuel, parts, vendor].into_iter().flatten().collect()
}

/// What is wrong with an odometer reading, in a few words.
pub(crate) fn doubt(what: OdometerDoubt) -> &'static str {
    match what {
        OdometerDoubt::Below => "Below an earlier reading",
        OdometerDoubt::Above => "Above a later reading",
        OdometerDoubt::Jump => "Too far in that time",
        OdometerDoubt::Unit => "Fits in the other unit",
        OdometerDoubt::ExtraDigit => "A digit too many",
        OdometerDoubt::MissingDigit => "A digit too few",
        OdometerDoubt::Replaced => "Begins anew",
        OdometerDoubt::Future => "Not yet",
        OdometerDoubt::Contradicts => "Contradicts another",
    }
}

/// What was said of a reading.
pub(crate) fn judgement(judged: Judgement) -> String {
    match judged {
        Judgement::Accept => "Said to be right: it counts.".into(),
        Judgement::LeaveOut => "Left out: it does not count.".into(),
        Judgement::Unit { unit } => format!("Said to be in {}: it counts so.", unit.word()),
    }
}

/// The unit that a reading could have been meant in instead.
pub(crate) fn other_unit(meter: &Meter) -> Option<MeterUnit> {
    match meter.unit {
        MeterUnit::Km => Some(MeterUnit::Mi),
        MeterUnit::Mi => Some(MeterUnit::Km),
        MeterUnit::H => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use roadworthy_api::service::ServiceKind;

    #[test]
    fn a_record_is_called_by_what_was_done() {
        let fields = |description: &str, tasks: &[&str]| ServiceFields {
            kind: ServiceKind::Repair,
            description: description.into(),
            tasks: tasks.iter().map(|t| (*t).to_owned()).collect(),
            ..ServiceFields::default()
        };
        for (fields, expect) in [
            (fields("Front pads", &["Brakes"]), "Front pads"),
            (fields(" ", &["Brakes", "Oil"]), "Brakes, Oil"),
            (fields("", &[]), "Repair"),
        ] {
            assert_eq!(service_title(&fields), expect);
        }
    }

    #[test]
    fn amounts_say_when_nobody_stated_their_currency() {
        for (currency, expect) in [(Some("EUR"), "12.50 EUR"), (None, "12.50, currency not stated")] {
            assert_eq!(money(&Money { amount: 12.5, currency: currency.map(str::to_owned) }), expect);
        }
    }
}
